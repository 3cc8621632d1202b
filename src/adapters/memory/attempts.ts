import type { AccountId, AttemptId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import {
  answeredAttempt,
  type BroughtAttempt,
  isPending,
  type OpenAttempt,
  type PushedAttempt,
  type PushResult,
  pushedAttempt,
  redeemedAttempt,
  type StoredAttempt,
} from "../../ghec/attempt.ts";
import type { Registration } from "../../ghec/registration.ts";

/** The attempts to connect that a store in memory holds. */
interface Attempts {
  all(): readonly StoredAttempt[];
  get(attempt: AttemptId): StoredAttempt | undefined;
  /** Returns an attempt that may still be answered or redeemed, or null. */
  pending(attempt: AttemptId, at: Instant): StoredAttempt | null;
  push(pushed: PushedAttempt): PushResult;
  answer(brought: BroughtAttempt): OpenAttempt | null;
  /** Notes that the attempt opened its link, and removes all that was stored of the consent. */
  redeem(attempt: StoredAttempt): void;
  /** Removes the attempt of a link that is no longer stored. */
  forget(linkId: LinkId): void;
  /** Removes an installation's attempts whose links have ended, unless they opened them. */
  voidEnded(installation: InstallationId, ended: readonly EndedLink[]): void;
  /**
   * Removes the attempts that an account consented to, and returns them: those of one installation, or all if it is
   * null.
   */
  voidConsents(account: AccountId, installation: InstallationId | null): readonly StoredAttempt[];
  /** Removes expired attempts, at most `limit` of them. `isDone` says whether none is left. */
  forgetExpired(at: Instant, limit: number): { readonly forgotten: number; readonly isDone: boolean };
}

/** Returns the attempts, filled from a backup. `registered` finds the registration of an installation. */
export function createAttempts(
  backup: readonly StoredAttempt[],
  registered: (installation: InstallationId) => Registration | undefined,
): Attempts {
  const attempts = new Map<AttemptId, StoredAttempt>();
  const attemptOf = new Map<LinkId, AttemptId>();
  for (const attempt of backup) put(attempt);

  function put(attempt: StoredAttempt): void {
    attempts.set(attempt.attempt, attempt);
    attemptOf.set(attempt.linkId, attempt.attempt);
  }

  function forget(linkId: LinkId): void {
    const attempt = attemptOf.get(linkId);
    if (attempt !== undefined) attempts.delete(attempt);
    attemptOf.delete(linkId);
  }

  function pending(id: AttemptId, at: Instant): StoredAttempt | null {
    const attempt = attempts.get(id);
    const registration = attempt && registered(attempt.installation);
    return registration && isPending(attempt, registration, at) ? attempt : null;
  }

  return {
    all: () => [...attempts.values()],
    get: (attempt) => attempts.get(attempt),
    pending,

    push: (pushed) => {
      const { installation, attempt, limit, at } = pushed;
      const registration = registered(installation);
      if (!registration?.isConnected || registration.featureSwitch.status === "off") return "disabled";
      if (attempts.has(attempt)) return "pushed";
      const others = [...attempts.values()].filter(
        (each) => each.installation === installation && !each.isRedeemed && each.expiresAt > at,
      );
      if (others.length >= limit) return "too-many-attempts";
      put(pushedAttempt(pushed, registration));
      return "pushed";
    },

    answer: (brought) => {
      const attempt = pending(brought.attempt, brought.at);
      const answered = attempt && answeredAttempt(attempt, brought);
      if (!answered) return null;
      put(answered);
      return { installation: answered.installation, expiresAt: answered.expiresAt };
    },

    redeem: (attempt) => put(redeemedAttempt(attempt)),

    forget,

    voidEnded: (installation, ended) => {
      for (const { linkId, choice } of ended) {
        const attempt = attempts.get(attemptOf.get(linkId) as AttemptId);
        if (attempt?.installation === installation && choice === null && !attempt.isRedeemed) forget(linkId);
      }
    },

    voidConsents: (account, installation) => {
      const voided = [...attempts.values()].filter(
        (attempt) =>
          attempt.account === account && (installation === null || attempt.installation === installation),
      );
      for (const { linkId } of voided) forget(linkId);
      return voided;
    },

    forgetExpired: (at, limit) => {
      const expired = [...attempts.values()].filter(
        ({ isRedeemed, expiresAt }) => !isRedeemed && expiresAt <= at,
      );
      for (const { linkId } of expired.slice(0, limit)) forget(linkId);
      return { forgotten: Math.min(limit, expired.length), isDone: expired.length <= limit };
    },
  };
}
