import type { Instant } from "unified-contributions";
import type {
  Connected,
  ConnectedAccount,
  Connecting,
  Disabled,
  Enabled,
  Ended,
  LinkContext,
  OptedOut,
  Redeeming,
  Sending,
  Suspended,
} from "unified-contributions/ghes";
import { NEW_SERVER, type ServerState } from "unified-contributions/storage";
import { attemptId, consentCode, EARLIER, linkId, NOW, OCTO, OWNER, requestId, sessionId } from "./values.ts";

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

const ACCOUNT: ConnectedAccount = {
  connectionOrdinal: 1,
  attempt: attemptId(1),
  connectedAt: EARLIER,
  consent: { linkId: linkId("link-1"), epoch: 2 },
};

/** Has not chosen to send yet. */
export const CONNECTED: Connected = { status: "connected", ...ACCOUNT, choice: 0, optedOutAt: null };

/** Sends by the first choice. */
export const SENDING: Sending = { status: "sending", ...ACCOUNT, choice: 1, sendingAt: EARLIER };

/** Has taken the first choice back, and is still connected. */
export const DESELECTED: Connected = { status: "connected", ...ACCOUNT, choice: 1, optedOutAt: EARLIER };

export const OPTED_OUT: OptedOut = { status: "opted-out", optedOutAt: EARLIER };

export const CONNECTING: Connecting = {
  status: "connecting",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  expiresAt: (NOW + 600_000) as Instant,
  before: OPTED_OUT,
};

export const REDEEMING: Redeeming = {
  status: "redeeming",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  code: consentCode(1),
  before: OPTED_OUT,
  instead: null,
};

export const SUSPENDED: Suspended = { status: "suspended", reason: "unified-contributions-disabled" };

export const ENDED: Ended = { status: "ended", reason: "account-deleted", endedAt: EARLIER, receipt: null };
