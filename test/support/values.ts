// One set of ids and instants for all tests. An id made of a number or a name is the same wherever it is made.
import type {
  AccountId,
  AttemptId,
  CalendarDate,
  ConnectionId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
  UserId,
} from "unified-contributions";
import type { RequestId, SessionId } from "unified-contributions/wire";

/** The instant that a UTC text such as `2026-03-01T12:00:00Z` names. */
export function instant(text: string): Instant {
  return Date.parse(text) as Instant;
}

/** The day that a text such as `2026-03-01` names. A text that is not a day stays what it is, for tests of refusals. */
export function day(text: string): CalendarDate {
  return text as CalendarDate;
}

export const linkId = (of: number | string): LinkId => wireId("link", of) as LinkId;
export const sessionId = (of: number | string): SessionId => wireId("session", of) as SessionId;
export const requestId = (of: number | string): RequestId => wireId("request", of) as RequestId;
export const attemptId = (of: number | string): AttemptId => wireId("attempt", of) as AttemptId;
export const consentCode = (of: number | string): ConsentCode => wireId("code", of) as ConsentCode;
/** The id of an entry in the ledger. */
export const entryId = (of: number | string): string => wireId("entry", of);
export const user = (name: string): UserId => name as UserId;

/** A name is filled up to the 16 characters that an id has at least; a number stands behind the kind of the id. */
function wireId(kind: string, of: number | string): string {
  return typeof of === "string" ? of.padEnd(16, "_") : `${kind}-${String(of).padStart(12, "0")}`;
}

export const NOW = instant("2026-03-01T12:00:00Z");
export const EARLIER = instant("2026-02-01T12:00:00Z");

export const OCTO = user("octo");
export const MONA = user("mona");
export const OWNER = user("owner");

export const OCTO_ACCOUNT = "octo" as AccountId;
export const MONA_ACCOUNT = "mona" as AccountId;
export const HQ = "hq" as InstallationId;
export const LAB = "lab" as InstallationId;
export const FIRST_CONNECTION = "connection-1" as ConnectionId;
export const SECOND_CONNECTION = "connection-2" as ConnectionId;
