import type { Instant } from "../domain/identifiers.ts";

/** What the sweeps so far say of the time. */
export interface SweepClock {
  /** When the last sweep ran whose clock was not in doubt. */
  readonly lastAt: Instant;
  /** When the first of those ran that since then have told another time, or null. */
  readonly doubtedAt: Instant | null;
}

/** What becomes of {@link SweepClock} at a sweep, and whether what has aged out may be removed. */
export interface SweepTime {
  readonly clock: SweepClock;
  readonly isTrusted: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far the time may go on between two sweeps, and how far back, before it is in doubt; in milliseconds. */
const MAX_FORWARD_MS = 8 * DAY_MS;
const MAX_BACK_MS = DAY_MS;

/** The first sweep has none to agree with, so that its clock is in doubt, too. */
const NEVER: SweepClock = { lastAt: 0 as Instant, doubtedAt: null };

/**
 * Whether a sweep may believe its clock. One that is more than eight days after the last sweep, or more than a day
 * before it, waits until a sweep at least an hour later agrees: one wrong clock must not age out what everybody sees.
 * Pure.
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

function isNear(then: Instant, now: Instant): boolean {
  return now - then <= MAX_FORWARD_MS && then - now <= MAX_BACK_MS;
}
