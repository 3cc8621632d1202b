import { addDays, type CalendarDate, type DayRange, dayNumberAt } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";

/** Sums contributions by day over a range of days. Days outside of the range are left out. */
export class DailyTally {
  /** One sum for each day of the range, in order. */
  readonly counts: number[];
  private readonly days: DayRange;
  private readonly start: number;

  constructor(days: DayRange) {
    this.days = days;
    this.start = dayNumberAt(days.first);
    this.counts = new Array<number>(dayNumberAt(days.last) - this.start + 1).fill(0);
  }

  /** Adds contributions of one day. */
  add(date: CalendarDate, count: number): void {
    this.addAt(dayNumberAt(date) - this.start, count);
  }

  /** Adds the counts of a window. */
  addWindow(window: ContributionWindow): void {
    const from = dayNumberAt(window.first) - this.start;
    for (const [day, count] of window.counts.entries()) this.addAt(from + day, count);
  }

  /** The sum over all days. */
  get total(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }

  /** The first and the last day with contributions, or null if there are none. */
  get contributingDays(): DayRange | null {
    const first = this.counts.findIndex((count) => count > 0);
    if (first < 0) return null;
    const last = this.counts.findLastIndex((count) => count > 0);
    return { first: addDays(this.days.first, first), last: addDays(this.days.first, last) };
  }

  private addAt(day: number, count: number): void {
    const before = this.counts[day];
    if (before !== undefined) this.counts[day] = before + count;
  }
}
