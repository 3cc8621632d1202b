import type { Connected, Disabled, Enabled, LinkContext, Sending } from "unified-contributions/ghes";
import { NEW_SERVER, type ServerState } from "unified-contributions/storage";
import { attemptId, EARLIER, linkId, OCTO, OWNER, requestId, sessionId } from "./values.ts";

export const DISABLED: Disabled = {
  status: "disabled",
  connectionOrdinal: 1,
  platform: { type: "github.com" },
  disabled: null,
};

/** On, and confirmed as epoch 2. */
export const ENABLED: Enabled = {
  status: "enabled",
  connectionOrdinal: 1,
  platform: { type: "github.com" },
  enabledAt: EARLIER,
  enabledBy: OWNER,
  askedAfter: 1,
  epoch: 2,
};

/** A server that reports: on, in epoch 2, with the session "own". */
export const REPORTING: ServerState = {
  ...NEW_SERVER,
  settings: ENABLED,
  featureSwitch: { epoch: 2, status: "on" },
  session: {
    status: "attached",
    sessionId: sessionId("own"),
    follows: [requestId("request-0")],
    isCompleted: true,
  },
  knownSessions: [sessionId("own")],
};

/** Connection 1 and epoch 2, as seen by octo's link. */
export const CONTEXT: LinkContext = { user: OCTO, connectionOrdinal: 1, epoch: 2 };

export const CONNECTED: Connected = {
  status: "connected",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  connectedAt: EARLIER,
  consent: { linkId: linkId("link-1"), epoch: 2 },
};

export const SENDING: Sending = {
  ...CONNECTED,
  status: "sending",
  sendingAt: EARLIER,
};
