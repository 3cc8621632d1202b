import {
  type AccountId,
  type CalendarDate,
  type ConnectionId,
  type InstallationId,
  type Instant,
  type LinkId,
  parseCalendarDate,
} from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { LiveLink } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";

export const HQ = "hq" as InstallationId;
export const LAB = "lab" as InstallationId;
export const FIRST_CONNECTION = "connection-1" as ConnectionId;
export const SECOND_CONNECTION = "connection-2" as ConnectionId;
export const OCTO = "octo" as AccountId;
export const MONA = "mona" as AccountId;

export function day(text: string): CalendarDate {
  return parseCalendarDate(text)._unsafeUnwrap();
}

export function instant(text: string): Instant {
  return Date.parse(text) as Instant;
}

export function linkId(n: number): LinkId {
  return `link-${String(n).padStart(12, "0")}` as LinkId;
}

export function sessionId(n: number): SessionId {
  return `session-${String(n).padStart(12, "0")}` as SessionId;
}

export function requestId(n: number): RequestId {
  return `request-${String(n).padStart(12, "0")}` as RequestId;
}

/** A server that sends: connected, on in epoch 2, in its third session, in which request 5 was the last that was admitted. */
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
};

/** A link of {@link SENDING} that was opened in its session, and not reported yet. */
export const LIVE: LiveLink = {
  status: "live",
  linkId: linkId(1),
  installation: HQ,
  account: OCTO,
  epoch: 2,
  openedIn: 3,
  openedAt: instant("2026-02-01T12:00:00Z"),
  report: null,
};
