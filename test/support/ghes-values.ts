import type { CalendarDate, Instant, LinkId, UserId } from "unified-contributions";
import type { Connected, Disabled, Enabled, LinkContext, Sending } from "unified-contributions/ghes";
import type { ServerState } from "unified-contributions/storage";
import { NEW_SERVER } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";

/** The instant that a UTC text such as `2026-03-01T12:00:00Z` names. */
export function instant(text: string): Instant {
  return Date.parse(text) as Instant;
}

export const day = (text: string): CalendarDate => text as CalendarDate;
export const linkId = (name: string): LinkId => name.padEnd(16, "_") as LinkId;
export const sessionId = (name: string): SessionId => name.padEnd(16, "_") as SessionId;
export const request = (name: string): RequestId => name.padEnd(16, "_") as RequestId;
export const user = (name: string): UserId => name as UserId;

export const NOW = instant("2026-03-01T12:00:00Z");
export const EARLIER = instant("2026-02-01T12:00:00Z");
export const OCTO = user("octo");
export const MONA = user("mona");
export const OWNER = user("owner");

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
  session: { status: "attached", sessionId: sessionId("own"), follows: [request("request-0")] },
};

/** Connection 1 and epoch 2, as seen by octo's link. */
export const CONTEXT: LinkContext = { user: OCTO, connectionOrdinal: 1, epoch: 2 };

export const CONNECTED: Connected = {
  status: "connected",
  connectionOrdinal: 1,
  attempt: "attempt-1",
  connectedAt: EARLIER,
};

export const SENDING: Sending = {
  ...CONNECTED,
  status: "sending",
  consent: { linkId: linkId("link-1"), epoch: 2 },
  sendingAt: EARLIER,
};
