import { CONTRIBUTION_WINDOW_DAYS } from "../../domain/contribution-window.ts";
import type { InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import { offsetMinutesAt } from "../../domain/time-zone.ts";
import { MAX_WAIT_MS } from "../server-state.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** In milliseconds. */
const DAY_MS: number = 24 * HOUR_MS;

/** After so many milliseconds without a word of a link nothing of it is shown any more: every day of it has aged out. */
const MAX_UNKNOWN_MS = CONTRIBUTION_WINDOW_DAYS * DAY_MS;

/** The first wait after a failure, in milliseconds, before jitter. */
const MIN_WAIT_MS = 30_000;

/** The longest wait that a receiver is obeyed in, in milliseconds, so that no answer can silence a server. */
const MAX_RETRY_AFTER_MS = DAY_MS;

/**
 * When an installation's next hourly sync begins: after `now`, at most an hour later, at a minute and second of its
 * own. The phase is a hash of the id, stable for ever, so that twenty thousand installations do not all fire at :00.
 */
export function nextHourlySyncAt(installation: InstallationId, now: Instant): Instant {
  return nextPhase(phaseOf(installation, HOUR_MS), HOUR_MS, now);
}

/**
 * When a link is reported again even if nothing changes: within a day of `now`, at a time of its own (S7). Without it a
 * link that the receiver has deleted would be believed in here for ever.
 */
export function nextRefreshAt(linkId: LinkId, now: Instant): Instant {
  return nextPhase(phaseOf(linkId, DAY_MS), DAY_MS, now);
}

/** When a link that the receiver does not know, or a receipt that has come, is asked for again: a day later. */
export function nextAskAt(now: Instant): Instant {
  return (now + DAY_MS) as Instant;
}

/** Whether a link has been unknown for so long that it is not asked for again: 90 days. */
export function isGivenUpOn(since: Instant, now: Instant): boolean {
  return now - since >= MAX_UNKNOWN_MS;
}

/**
 * When the next day begins in a zone. Where the clocks are turned between now and then, the zone's offset of then counts;
 * where they are turned at midnight itself, it may be an hour off, which the next sync makes good.
 */
export function nextDayAt(now: Instant, timeZone: string): Instant {
  const offsetMinutes = offsetMinutesAt(timeZone, now);
  const midnight = nextPhase((DAY_MS - offsetMinutes * MINUTE_MS) % DAY_MS, DAY_MS, now);
  return (midnight + (offsetMinutes - offsetMinutesAt(timeZone, midnight)) * MINUTE_MS) as Instant;
}

/**
 * When to try again after so many failures in a row (1 for the first).
 *
 * Doubles from 30 seconds to an hour, then takes a random part of the second half off, so that installations that
 * failed together do not return together; a receiver that asked for longer gets what it asked for, up to a day (S8).
 *
 * @param retryAfterMs what the receiver asked for, or null
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
  // A transport may hand on whatever it was told: anything but a number asks for nothing.
  const asked = retryAfterMs !== null && retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : 0;
  return (now + Math.ceil(Math.max(jittered, asked))) as Instant;
}

function nextPhase(phase: number, period: number, now: Instant): Instant {
  const next = now - (now % period) + phase;
  return (next > now ? next : next + period) as Instant;
}

/** A number from 0 (included) to `period` (excluded) that depends on the text alone: FNV-1a, then mixed. */
function phaseOf(text: string, period: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) % period;
}
