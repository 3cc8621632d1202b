const SECONDS = /^\d{1,9}$/;

/**
 * Returns how long `Retry-After` asks to wait, in milliseconds, or null if it makes no sense.
 *
 * A date is counted from the answer's own `Date`, because the two clocks need not agree.
 */
export function retryAfterMs(headers: { get(name: string): string | null }): number | null {
  const asked = headers.get("retry-after");
  if (asked === null) return null;
  if (SECONDS.test(asked)) return Number(asked) * 1_000;
  const wait = Date.parse(asked) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
