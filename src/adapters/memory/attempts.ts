import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
} from "../../domain/identifiers.ts";
import type { BroughtAttempt, OpenAttempt, PushedAttempt, PushResult } from "../../ghec/ports.ts";
import { isOpen, type Registration } from "../../ghec/registration.ts";

/** An attempt to connect. Once it is redeemed, its outcome stays as long as the link is stored. */
export interface MemoryAttempt {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  readonly epoch: number;
  readonly expiresAt: Instant;
  /** The browser that brought the attempt, or null if none has yet. */
  readonly browser: BrowserId | null;
  /** The account that consented, or null. */
  readonly account: AccountId | null;
  readonly code: ConsentCode | null;
  /** The link that was opened for it, or null. */
  readonly linkId: LinkId | null;
}

/** The attempts to connect that a store in memory holds. */
interface Attempts {
  all(): readonly MemoryAttempt[];
  get(attempt: AttemptId): MemoryAttempt | undefined;
  /** Returns an attempt that may still be answered or redeemed, or null. */
  pending(attempt: AttemptId, at: Instant): MemoryAttempt | null;
  push(pushed: PushedAttempt): PushResult;
  answer(brought: BroughtAttempt): OpenAttempt | null;
  /** Notes that the attempt opened a link, and removes all that was stored of the consent. */
  redeem(attempt: MemoryAttempt, linkId: LinkId): void;
  /** Removes the attempt of a link that is no longer stored. */
  forget(linkId: LinkId): void;
  /** Removes the attempts that an account consented to: those of one installation, or all if it is null. */
  voidConsents(account: AccountId, installation: InstallationId | null): void;
  /** Removes expired attempts, at most `limit` of them. `isDone` says whether none is left. */
  forgetExpired(at: Instant, limit: number): { readonly forgotten: number; readonly isDone: boolean };
}

/** Returns the attempts, filled from a backup. `registered` finds the registration of an installation. */
export function createAttempts(
  backup: readonly MemoryAttempt[],
  registered: (installation: InstallationId) => Registration | undefined,
): Attempts {
  const attempts = new Map<AttemptId, MemoryAttempt>();
  const attemptOf = new Map<LinkId, AttemptId>();
  for (const attempt of backup) put(attempt);

  function put(attempt: MemoryAttempt): void {
    attempts.set(attempt.attempt, attempt);
    if (attempt.linkId !== null) attemptOf.set(attempt.linkId, attempt.attempt);
  }

  function pending(id: AttemptId, at: Instant): MemoryAttempt | null {
    const attempt = attempts.get(id);
    if (!attempt || attempt.linkId !== null || attempt.expiresAt <= at) return null;
    const registration = registered(attempt.installation);
    return registration && isOpen(registration, attempt.epoch) ? attempt : null;
  }

  return {
    all: () => [...attempts.values()],
    get: (attempt) => attempts.get(attempt),
    pending,

    push: ({ installation, attempt, expiresAt, limit, at }) => {
      const registration = registered(installation);
      if (!registration?.isConnected || registration.featureSwitch.status === "off") return "disabled";
      if (attempts.has(attempt)) return "pushed";
      const others = [...attempts.values()].filter(
        (each) => each.installation === installation && each.linkId === null && each.expiresAt > at,
      );
      if (others.length >= limit) return "too-many-attempts";
      const { epoch } = registration.featureSwitch;
      const unanswered = { browser: null, account: null, code: null, linkId: null };
      put({ installation, attempt, epoch, expiresAt, ...unanswered });
      return "pushed";
    },

    answer: ({ attempt: id, browser, consent, at }) => {
      const attempt = pending(id, at);
      if (!attempt || (attempt.browser !== null && attempt.browser !== browser)) return null;
      if (consent && attempt.account !== null && attempt.account !== consent.account) return null;
      const answered = { ...attempt, browser, ...consent };
      put(answered);
      return { installation: answered.installation, expiresAt: answered.expiresAt };
    },

    redeem: (attempt, linkId) => put({ ...attempt, browser: null, account: null, code: null, linkId }),

    forget: (linkId) => {
      const attempt = attemptOf.get(linkId);
      if (attempt !== undefined) attempts.delete(attempt);
      attemptOf.delete(linkId);
    },

    voidConsents: (account, installation) => {
      for (const [id, attempt] of attempts) {
        const isSelected = installation === null || attempt.installation === installation;
        if (attempt.account === account && isSelected) attempts.delete(id);
      }
    },

    forgetExpired: (at, limit) => {
      const expired = [...attempts.values()].filter(
        ({ linkId, expiresAt }) => linkId === null && expiresAt <= at,
      );
      for (const { attempt } of expired.slice(0, limit)) attempts.delete(attempt);
      return { forgotten: Math.min(limit, expired.length), isDone: expired.length <= limit };
    },
  };
}
