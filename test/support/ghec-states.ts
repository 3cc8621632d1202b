import type { Registration } from "unified-contributions/ghec";
import type { LiveLink } from "unified-contributions/storage";
import {
  EARLIER,
  entryId,
  FIRST_CONNECTION,
  HQ,
  linkId,
  OCTO_ACCOUNT,
  requestId,
  sessionId,
} from "./values.ts";

/**
 * A server that sends: connected, on in epoch 2, in its third session, in which request 5 was the last that was admitted.
 * The ledger has four entries of it, the end of epoch 1 among them, and all are read.
 */
export const SENDING: Registration = {
  installation: HQ,
  isConnected: true,
  connectionId: FIRST_CONNECTION,
  featureSwitch: { epoch: 2, status: "on" },
  disabledAt: null,
  session: {
    id: sessionId(3),
    ordinal: 3,
    attachedBy: requestId(1),
    lastRequestId: requestId(5),
    isCompleted: false,
  },
  readTo: { position: 4, entryId: entryId(4) },
  recordedOff: 1,
};

/** A link of {@link SENDING} that was opened in its session, and not reported yet. */
export const LIVE: LiveLink = {
  status: "live",
  linkId: linkId(1),
  installation: HQ,
  account: OCTO_ACCOUNT,
  epoch: 2,
  openedAt: EARLIER,
  report: null,
  withdrawn: null,
};
