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

/** An attempt to connect, until it is redeemed, and then what became of it for as long as the link is stored. */
export interface MemoryAttempt {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  readonly epoch: number;
  readonly expiresAt: Instant;
  /** Whose it is, or null until a browser has brought it. */
  readonly browser: BrowserId | null;
  /** Who has consented, or null. */
  readonly account: AccountId | null;
  readonly code: ConsentCode | null;
  /** The link that was opened for it, or null. */
  readonly linkId: LinkId | null;
}

/** The attempts to connect of a store in memory. */
interface Attempts {
  all(): readonly MemoryAttempt[];
  get(attempt: AttemptId): MemoryAttempt | undefined;
  /** One that may still be answered or redeemed, or null. */
  pending(attempt: AttemptId, at: Instant): MemoryAttempt | null;
  push(pushed: PushedAttempt): PushResult;
  answer(brought: BroughtAttempt): OpenAttempt | null;
  /** A link was opened for it: of the consent nothing stays. */
  redeem(attempt: MemoryAttempt, linkId: LinkId): void;
  /** The link is stored no more. */
  forget(linkId: LinkId): void;
  /** Takes back what an account has consented to, of one installation or of all. */
  voidConsents(account: AccountId, installation: InstallationId | null): void;
  /** Forgets so many at most that have expired; says whether there were no more. */
  forgetExpired(at: Instant, limit: number): { readonly forgotten: number; readonly isDone: boolean };
}

/** Keeps attempts, these at first; `registered` finds an installation's registration. */
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
