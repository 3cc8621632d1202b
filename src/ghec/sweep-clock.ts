import type { Instant } from "../domain/identifiers.ts";

/** The times of the sweeps so far. */
export interface SweepClock {
  /** When the last sweep ran whose clock was not in doubt. */
  readonly lastAt: Instant;
  /** When the first sweep ran that has told another time since then, or null if there is none. */
  readonly doubtedAt: Instant | null;
}

/** The {@link SweepClock} after a sweep, and whether the sweep may remove data for its age. */
export interface SweepTime {
  readonly clock: SweepClock;
  readonly isTrusted: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The bounds of the time between two sweeps, in milliseconds: how far it may go on, and how far back, without doubt.
 */
const MAX_FORWARD_MS = 8 * DAY_MS;
const MAX_BACK_MS = DAY_MS;

/** The clock before the first sweep. That sweep has no other to agree with, so its clock is in doubt, too. */
const NEVER: SweepClock = { lastAt: 0 as Instant, doubtedAt: null };

/**
 * Returns whether a sweep may trust its clock, and the times to store. Pure.
 *
 * A sweep more than eight days after the last one, or more than a day before it, waits for a second one. That has to
 * run at least an hour later and agree. One wrong clock must not remove counts that every viewer sees.
 */
export function sweepTimeAt(before: SweepClock | null, now: Instant): SweepTime {
  const { lastAt, doubtedAt } = before ?? NEVER;
  if (isNear(lastAt, now)) return { clock: { lastAt: now, doubtedAt: null }, isTrusted: true };
  if (doubtedAt === null || !isNear(doubtedAt, now) || now < doubtedAt) {
    return { clock: { lastAt, doubtedAt: now }, isTrusted: false };
  }
  return now - doubtedAt < HOUR_MS
    ? { clock: { lastAt, doubtedAt }, isTrusted: false }
    : { clock: { lastAt: now, doubtedAt: null }, isTrusted: true };
}

/**
 * Whether a sweep that is in doubt contradicts an earlier one. The first sweeps of a store have none to contradict, so
 * their doubt means nothing. Pure.
 */
export function contradictsEarlier(before: SweepClock | null, after: SweepClock): boolean {
  return before !== null && (after.lastAt > 0 || after.doubtedAt !== before.doubtedAt);
}

function isNear(then: Instant, now: Instant): boolean {
  return now - then <= MAX_FORWARD_MS && then - now <= MAX_BACK_MS;
}
