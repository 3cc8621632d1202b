import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
} from "../domain/identifiers.ts";
import { isOpen, type Registration } from "./registration.ts";

/** A server announces that it sends a user to the cloud. */
export interface PushedAttempt {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  /** The id of the link that its consent may open. */
  readonly linkId: LinkId;
  /** The instant from which on it no longer counts, that instant included. */
  readonly expiresAt: Instant;
  /** How many attempts of the installation may be under way at once. */
  readonly limit: number;
  readonly at: Instant;
}

/** Whether an attempt was taken. */
export type PushResult =
  | "pushed"
  /** The installation is not registered, not connected or switched off. */
  | "disabled"
  | "too-many-attempts";

/** A browser has brought an attempt. */
export interface BroughtAttempt {
  readonly attempt: AttemptId;
  readonly browser: BrowserId;
  /** The account owner's consent, or null if the page is only shown. */
  readonly consent: GivenConsent | null;
  readonly at: Instant;
}

/** An account's owner has consented. */
export interface GivenConsent {
  readonly account: AccountId;
  readonly code: ConsentCode;
  /** The instant from which on the code and the attempt no longer count, that instant included. */
  readonly expiresAt: Instant;
}

/** An attempt that this browser may answer. */
export interface OpenAttempt {
  readonly installation: InstallationId;
  readonly expiresAt: Instant;
}

/** An attempt to connect, as the cloud stores it. Once it has opened a link, it stays for as long as the link does. */
export interface StoredAttempt {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  readonly epoch: number;
  readonly expiresAt: Instant;
  /** The browser that brought the attempt, or null if none has yet. */
  readonly browser: BrowserId | null;
  /** The account that consented, or null. */
  readonly account: AccountId | null;
  readonly code: ConsentCode | null;
  /** The link that its consent may open, or has opened. */
  readonly linkId: LinkId;
  /** Whether it has opened its link. */
  readonly isRedeemed: boolean;
}

/** Returns an attempt that was pushed under the registration's epoch (RS14). Pure. */
export function pushedAttempt(
  { installation, attempt, linkId, expiresAt }: PushedAttempt,
  { featureSwitch: { epoch } }: Registration,
): StoredAttempt {
  const unanswered = { browser: null, account: null, code: null };
  return { installation, attempt, linkId, epoch, expiresAt, ...unanswered, isRedeemed: false };
}

/** Whether an attempt of this installation may still be answered or redeemed (RS15, RS5). Pure. */
export function isPending(attempt: StoredAttempt, registration: Registration, at: Instant): boolean {
  return !attempt.isRedeemed && attempt.expiresAt > at && isOpen(registration, attempt.epoch);
}

/** Returns a pending attempt that this browser has answered, or null if another browser or account has it (RS15). Pure. */
export function answeredAttempt(
  attempt: StoredAttempt,
  { browser, consent }: BroughtAttempt,
): StoredAttempt | null {
  if (attempt.browser !== null && attempt.browser !== browser) return null;
  if (consent && attempt.account !== null && attempt.account !== consent.account) return null;
  return { ...attempt, browser, ...consent };
}

/** Returns an attempt that has opened its link, without all that was stored of the consent (RS5). Pure. */
export function redeemedAttempt(attempt: StoredAttempt): StoredAttempt {
  return { ...attempt, browser: null, account: null, code: null, isRedeemed: true };
}
