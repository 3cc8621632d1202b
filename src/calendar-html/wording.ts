/** A number of contributions, as a number and in the form that `Intl` writes. */
export interface WordedCount {
  /** A whole number from 0 on. */
  readonly value: number;
  /** The same in the digits of the language: `1,234`. */
  readonly text: string;
}

/** The parts of one day's sentence. */
interface WordedDay {
  readonly contributions: WordedCount;
  /** The day with its weekday, as `Intl` writes it: `Sunday, 1 March 2026`. */
  readonly date: string;
  /** How many of them the owner made on GitHub Enterprise Server; null if none, or if the page is not the owner's. */
  readonly onServer: WordedCount | null;
}

/** The parts of the sentence over the calendar. */
interface WordedCalendar {
  readonly contributions: WordedCount;
  /** The first day, as `Intl` writes it: `2 March 2025`. */
  readonly first: string;
  /** The last day, in the same way. */
  readonly last: string;
}

/**
 * The words of a calendar in one language. `Intl` writes dates and numbers, and these functions make sentences of them.
 *
 * They return text, which is escaped before it becomes markup. Their exceptions are not caught.
 */
export interface CalendarWording {
  /** The sentence over the calendar. */
  readonly caption: (calendar: WordedCalendar) => string;
  /** The sentence of one day. It has to name its date. */
  readonly day: (day: WordedDay) => string;
  /** The name of the column of weekdays. */
  readonly weekdays: string;
  /** The word before the lightest square of the legend. */
  readonly less: string;
  /** The word after the darkest square of the legend. */
  readonly more: string;
  /** The meaning of each square of the legend, from none to most. */
  readonly levels: readonly [string, string, string, string, string];
}

/** The English words: the default, and a base from which to change single sentences. */
export const ENGLISH_WORDING: CalendarWording = {
  caption: ({ contributions, first, last }) => `${counted(contributions)} from ${first} to ${last}`,
  day: ({ contributions, date, onServer }) => {
    const sentence = `${counted(contributions)} on ${date}`;
    return onServer ? `${sentence}; ${counted(onServer)} on GitHub Enterprise Server` : sentence;
  },
  weekdays: "Day of the week",
  less: "Less",
  more: "More",
  levels: [
    "No contributions",
    "Few contributions",
    "Some contributions",
    "Many contributions",
    "Most contributions",
  ],
};

function counted({ value, text }: WordedCount): string {
  if (value === 0) return "No contributions";
  return value === 1 ? `${text} contribution` : `${text} contributions`;
}
