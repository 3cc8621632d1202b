const DAY_MS = 86_400_000;
const WINDOW_DAYS = 90;
const MAX_COUNT = 65_535;
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?$/;

/**
 * The days of a window that ends today, where the server is.
 *
 * @param {number} now
 * @param {string} timeZone
 * @returns {string[]} each as YYYY-MM-DD
 */
export function daysOfWindow(now, timeZone) {
  // The Swedes write dates as ISO 8601 does.
  const today = Date.parse(new Date(now).toLocaleDateString("sv-SE", { timeZone })) / DAY_MS;
  return Array.from({ length: WINDOW_DAYS }, (_, day) =>
    new Date((today - WINDOW_DAYS + 1 + day) * DAY_MS).toISOString().slice(0, 10),
  );
}

/**
 * The counts of these days, or null where what the source says cannot be read.
 *
 * @param {unknown} read
 * @param {readonly string[]} days
 * @returns {number[] | null}
 */
export function countsOf(read, days) {
  const entries = entriesOf(read);
  if (entries === null) return null;
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { date, count } of entries) sums.set(date, (sums.get(date) ?? 0) + count);
  return days.map((day) => Math.min(sums.get(day) ?? 0, MAX_COUNT));
}

/**
 * @param {unknown} read
 * @returns {{ date: string, count: number }[] | null}
 */
function entriesOf(read) {
  if (typeof read !== "object" || read === null || !("type" in read)) return null;
  if (read.type === "daily-counts" && "dailyCounts" in read && Array.isArray(read.dailyCounts))
    return sound(read.dailyCounts.map((day) => ({ date: day?.date, count: day?.contributionCount })));
  // The day of a contribution is the one that its own timestamp names.
  if (read.type === "contributions" && "contributions" in read && Array.isArray(read.contributions))
    return sound(
      read.contributions.map((each) => ({ date: INSTANT.exec(String(each?.occurredAt))?.[1], count: 1 })),
    );
  return null;
}

/**
 * @param {{ date: unknown, count: unknown }[]} entries
 * @returns {{ date: string, count: number }[] | null}
 */
function sound(entries) {
  const isSound = entries.every(
    ({ date, count }) => typeof date === "string" && Number.isSafeInteger(count) && Number(count) >= 0,
  );
  return isSound ? /** @type {{ date: string, count: number }[]} */ (entries) : null;
}
