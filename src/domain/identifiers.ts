import { err, ok, type Result } from "neverthrow";

declare const brand: unique symbol;

/** A string or number that was checked once and says so in its type. */
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/**
 * The random id of one consent, minted by GitHub Enterprise Cloud. A message says nothing else about a person.
 *
 * It has 16 to 64 characters of `A–Z a–z 0–9 _ -`; a random UUID fits.
 */
export type LinkId = Branded<string, "LinkId">;

/** The random id of a session, minted by the receiver. Same form as a {@link LinkId}. */
export type SessionId = Branded<string, "SessionId">;

/** The random id of one request, minted by the sender. Same form as a {@link LinkId}. */
export type RequestId = Branded<string, "RequestId">;

/**
 * The random id of one attempt to connect an account, minted by the sender. Same form as a {@link LinkId}.
 *
 * The browser carries it to the cloud and back. It is worth nothing in another browser.
 */
export type AttemptId = Branded<string, "AttemptId">;

/** A random id in a cookie, by which the cloud's host recognizes a browser. Same form as a {@link LinkId}. */
export type BrowserId = Branded<string, "BrowserId">;

/**
 * The code that the browser brings back from the cloud. Same form as a {@link LinkId}.
 *
 * It can be redeemed once, within a minute.
 */
export type ConsentCode = Branded<string, "ConsentCode">;

/** The host's own id of a GitHub Enterprise Server installation: 1 to 255 characters, no control characters. */
export type InstallationId = Branded<string, "InstallationId">;

/** The host's own id of one connection of GitHub Connect, on the receiver. Same form as an {@link InstallationId}. */
export type ConnectionId = Branded<string, "ConnectionId">;

/**
 * The host's own id of an account on GitHub Enterprise Cloud. Same form as an {@link InstallationId}.
 *
 * It never leaves the receiver.
 */
export type AccountId = Branded<string, "AccountId">;

/**
 * The host's own id of a user on GitHub Enterprise Server. Same form as an {@link InstallationId}.
 *
 * It never leaves the sender.
 */
export type UserId = Branded<string, "UserId">;

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z, 0 to 253,402,300,799,999 (the end of the year 9999). */
export type Instant = Branded<number, "Instant">;

/**
 * The names in {@link InvalidIdentifier.kind}.
 *
 * @inline
 */
type IdentifierKind =
  | "link"
  | "session"
  | "request"
  | "attempt"
  | "browser"
  | "code"
  | "installation"
  | "connection"
  | "account"
  | "user"
  | "instant";

/** The error for a value that is not the expected identifier. It does not repeat the value. */
export interface InvalidIdentifier {
  readonly type: "invalid-identifier";
  /** The identifier that was expected. */
  readonly kind: IdentifierKind;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const OPAQUE = /^[\w-]{16,64}$/;
// No control characters, and no halves of a surrogate pair, because UTF-8 storage cannot tell these apart.
const HOST_ID = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
const LAST_INSTANT = 253_402_300_799_999;

/** Whether a value has the form of a {@link LinkId}, which all random ids of this package share. */
export function isOpaqueId(value: unknown): value is string {
  return typeof value === "string" && OPAQUE.test(value);
}

/** Whether a value has the form of a host's own id. */
export function isHostId(value: unknown): value is string {
  return typeof value === "string" && value.length <= 255 && HOST_ID.test(value);
}

/** Whether a value is an {@link Instant}. */
export function isInstant(value: unknown): value is Instant {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_INSTANT;
}

function opaque<Id extends string>(kind: IdentifierKind, value: unknown): Result<Id, InvalidIdentifier> {
  return isOpaqueId(value) ? ok(value as Id) : err(invalid(kind, "16 to 64 characters of A–Z a–z 0–9 _ -"));
}

function hosts<Id extends string>(kind: IdentifierKind, value: unknown): Result<Id, InvalidIdentifier> {
  return isHostId(value)
    ? ok(value as Id)
    : err(invalid(kind, "1 to 255 characters without control characters"));
}

function invalid(kind: IdentifierKind, rule: string): InvalidIdentifier {
  return { type: "invalid-identifier", kind, message: `Not a valid ${kind}: give ${rule}.` };
}

/** Returns a value as a {@link LinkId}. */
export function parseLinkId(value: unknown): Result<LinkId, InvalidIdentifier> {
  return opaque<LinkId>("link", value);
}

/** Returns a value as a {@link SessionId}. */
export function parseSessionId(value: unknown): Result<SessionId, InvalidIdentifier> {
  return opaque<SessionId>("session", value);
}

/** Returns a value as a {@link RequestId}. */
export function parseRequestId(value: unknown): Result<RequestId, InvalidIdentifier> {
  return opaque<RequestId>("request", value);
}

/** Returns a value as an {@link AttemptId}. */
export function parseAttemptId(value: unknown): Result<AttemptId, InvalidIdentifier> {
  return opaque<AttemptId>("attempt", value);
}

/** Returns a value as a {@link BrowserId}. */
export function parseBrowserId(value: unknown): Result<BrowserId, InvalidIdentifier> {
  return opaque<BrowserId>("browser", value);
}

/** Returns a value as a {@link ConsentCode}. */
export function parseConsentCode(value: unknown): Result<ConsentCode, InvalidIdentifier> {
  return opaque<ConsentCode>("code", value);
}

/** Returns a value as an {@link InstallationId}. */
export function parseInstallationId(value: unknown): Result<InstallationId, InvalidIdentifier> {
  return hosts<InstallationId>("installation", value);
}

/** Returns a value as a {@link ConnectionId}. */
export function parseConnectionId(value: unknown): Result<ConnectionId, InvalidIdentifier> {
  return hosts<ConnectionId>("connection", value);
}

/** Returns a value as an {@link AccountId}. */
export function parseAccountId(value: unknown): Result<AccountId, InvalidIdentifier> {
  return hosts<AccountId>("account", value);
}

/** Returns a value as a {@link UserId}. */
export function parseUserId(value: unknown): Result<UserId, InvalidIdentifier> {
  return hosts<UserId>("user", value);
}

/** Returns a value as an {@link Instant}: whole milliseconds since 1970 UTC, as `Date.now()` gives them. */
export function parseInstant(value: unknown): Result<Instant, InvalidIdentifier> {
  return isInstant(value)
    ? ok(value)
    : err(invalid("instant", "whole milliseconds since 1970-01-01T00:00:00Z"));
}
