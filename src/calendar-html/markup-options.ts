import type { CalendarDate, Weekday } from "../domain/calendar-date.ts";
import type { ContributionCalendar } from "../ghec/calendar.ts";
import { type CalendarWording, ENGLISH_WORDING } from "./wording.ts";

/** A `ContributionsCollection`. Only its calendar is read and drawn. */
export interface DrawnCollection {
  readonly contributionCalendar: ContributionCalendar;
}

/** Whether colours follow the reader's system, or fit a light or a dark page. */
type ColorScheme = "auto" | "light" | "dark";

/** The options of a drawn calendar. Each has a default. */
export interface MarkupOptions {
  /**
   * The language in which `Intl` writes dates and numbers, as a BCP 47 tag; `en-GB` by default.
   *
   * It also decides the direction of the calendar. The words around them come from {@link MarkupOptions.wording}.
   */
  readonly locale?: string;
  /** The words, in the language of {@link MarkupOptions.locale}; English by default. */
  readonly wording?: CalendarWording;
  /** The weekday in the first row; 0, Sunday, by default, as on GitHub. */
  readonly weekStart?: Weekday;
  /** The colours to use; `auto` by default. A page with one appearance for all readers should name it. */
  readonly colorScheme?: ColorScheme;
  /**
   * The beginning of every id in the markup; `contribution-calendar` by default. Two calendars on one page need two.
   *
   * It is a letter, then up to 99 letters, digits, hyphens and underscores.
   */
  readonly id?: string;
  /**
   * The contributions per day on GitHub Enterprise Server, **on the owner's own page alone**; none by default.
   *
   * `serverContributionsForOwner` returns them. Each day's sentence then says how many there are.
   */
  readonly serverContributions?: readonly {
    readonly date: CalendarDate;
    readonly contributionCount: number;
  }[];
}

/** The options with every default in its place. */
export type CompleteMarkupOptions = Required<MarkupOptions>;

/** Returns the options, with the default of each that is missing. */
export function withDefaults(options: MarkupOptions): CompleteMarkupOptions {
  return {
    locale: options.locale ?? "en-GB",
    wording: options.wording ?? ENGLISH_WORDING,
    weekStart: options.weekStart ?? 0,
    colorScheme: options.colorScheme ?? "auto",
    id: options.id ?? "contribution-calendar",
    serverContributions: options.serverContributions ?? [],
  };
}
