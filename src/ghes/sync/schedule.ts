import { CONTRIBUTION_WINDOW_DAYS } from "../../domain/contribution-window.ts";
import type { InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import { offsetMinutesAt } from "../../domain/time-zone.ts";
import { MAX_WAIT_MS } from "../server-state.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** One day, in milliseconds. */
const DAY_MS: number = 24 * HOUR_MS;

/** After this time without a word of a link, the receiver shows nothing of it: every day of it has aged out. */
const MAX_UNKNOWN_MS = CONTRIBUTION_WINDOW_DAYS * DAY_MS;

/** The first wait after a failure, in milliseconds, before jitter. */
const MIN_WAIT_MS = 30_000;

/** The longest wait that a receiver can ask for, in milliseconds, so that no answer can silence a server. */
const MAX_RETRY_AFTER_MS = DAY_MS;

/**
 * Returns when an installation's next hourly sync begins: after `now`, at most an hour later, at a minute and second
 * of its own. The phase is a hash of the id, stable for ever. So twenty thousand installations do not all send at
 * :00.
 */
export function nextHourlySyncAt(installation: InstallationId, now: Instant): Instant {
  return nextPhase(phaseOf(installation, HOUR_MS), HOUR_MS, now);
}

/**
 * Returns when a link is reported again even if nothing changes: within a day of `now`, at a time of its own (S7).
 * Without that, a server would believe for ever in a link that the receiver has deleted.
 */
export function nextRefreshAt(linkId: LinkId, now: Instant): Instant {
  return nextPhase(phaseOf(linkId, DAY_MS), DAY_MS, now);
}

/** Returns when the sender asks again for an unknown link, or for a receipt that has come: a day later. */
export function nextAskAt(now: Instant): Instant {
  return (now + DAY_MS) as Instant;
}

/** Whether a link has been unknown for 90 days, so that the sender does not ask for it again. */
export function isGivenUpOn(since: Instant, now: Instant): boolean {
  return now - since >= MAX_UNKNOWN_MS;
}

/**
 * Returns when the next day begins in a zone. If the clocks are turned between now and then, the later offset counts.
 * If they are turned at midnight itself, the result may be an hour off, and the next sync makes that good.
 */
export function nextDayAt(now: Instant, timeZone: string): Instant {
  const offsetMinutes = offsetMinutesAt(timeZone, now);
  const midnight = nextPhase((DAY_MS - offsetMinutes * MINUTE_MS) % DAY_MS, DAY_MS, now);
  return (midnight + (offsetMinutes - offsetMinutesAt(timeZone, midnight)) * MINUTE_MS) as Instant;
}

/**
 * Returns when to try again after this many failures in a row (1 for the first).
 *
 * The wait doubles from 30 seconds to an hour. A random part of its second half is then taken off, so that
 * installations that failed together do not return together. If the receiver asked for a longer wait, that counts, up
 * to a day (S8).
 *
 * @param retryAfterMs the wait that the receiver asked for, or null
 * @param random from 0 (included) to 1 (excluded)
 */
export function nextAttemptAt(
  failures: number,
  retryAfterMs: number | null,
  random: number,
  now: Instant,
): Instant {
  const wait = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** Math.max(0, failures - 1));
  const jittered = Math.round(wait * (0.5 + random / 2));
  // A transport may pass on anything that it was told. Only a number asks for a wait.
  const asked = retryAfterMs !== null && retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : 0;
  return (now + Math.ceil(Math.max(jittered, asked))) as Instant;
}

function nextPhase(phase: number, period: number, now: Instant): Instant {
  const next = now - (now % period) + phase;
  return (next > now ? next : next + period) as Instant;
}

/** Returns a number from 0 (included) to `period` (excluded) that depends on the text alone: FNV-1a, then mixed. */
function phaseOf(text: string, period: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) % period;
}
