import { dayNumberAt, isCalendarDate } from "../domain/calendar-date.ts";
import type { ContributionCalendarDay, ContributionCalendarWeek } from "../ghec/calendar.ts";
import { MAX_CALENDAR_DAYS } from "../ghec/calendar-request.ts";
import { CONTRIBUTION_LEVELS } from "../ghec/contribution-level.ts";
import type { DrawnCollection, MarkupOptions } from "./markup-options.ts";

/** The reason why there is no markup. It does not repeat the input. */
export interface InvalidMarkupRequest {
  readonly type: "invalid-markup-request";
  /** The collection, the options as a whole, or the first wrong option. */
  readonly field: "collection" | "options" | keyof MarkupOptions;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const EXPECTED: Readonly<Record<InvalidMarkupRequest["field"], string>> = {
  collection:
    `The collection needs a \`contributionCalendar\` of 1 to ${MAX_CALENDAR_DAYS} consecutive days in weeks, ` +
    "as `contributionsCollection` returns it.",
  options: "The options have to be an object: see `MarkupOptions`.",
  locale: "`locale` has to be a BCP 47 language tag: en-GB, for example.",
  wording: "`wording` has to have all functions and texts of `CalendarWording`.",
  weekStart: "`weekStart` has to be a whole number from 0, Sunday, to 6, Saturday.",
  colorScheme: "`colorScheme` has to be auto, light or dark.",
  id: "`id` has to be a letter, then up to 99 letters, digits, hyphens and underscores.",
  serverContributions:
    "`serverContributions` has to be a list of { date, contributionCount } with whole numbers from 0 on.",
};

const CHECKS: Readonly<Record<keyof MarkupOptions, (value: unknown) => boolean>> = {
  locale: isLocale,
  wording: isWording,
  weekStart: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 6,
  colorScheme: (value) => value === "auto" || value === "light" || value === "dark",
  id: (value) => typeof value === "string" && /^[A-Za-z][\w-]{0,99}$/.test(value),
  serverContributions: (value) => isList(value, isDailyCount),
};

/** Returns the first fault of a collection or its options, or null if there is none. */
export function checkMarkup(
  collection: DrawnCollection,
  options: MarkupOptions,
): InvalidMarkupRequest | null {
  const field = wrongField(collection, options);
  return field && { type: "invalid-markup-request", field, message: EXPECTED[field] };
}

function wrongField(collection: unknown, options: unknown): InvalidMarkupRequest["field"] | null {
  if (!isCollection(collection)) return "collection";
  if (!isObject(options)) return "options";
  const fields = Object.keys(CHECKS) as (keyof MarkupOptions)[];
  return fields.find((name) => options[name] !== undefined && !CHECKS[name](options[name])) ?? null;
}

function isCollection(value: unknown): value is DrawnCollection {
  const calendar = isObject(value) ? value["contributionCalendar"] : undefined;
  if (!isObject(calendar) || !isCount(calendar["totalContributions"])) return false;
  return isList(calendar["weeks"], isWeek) && areConsecutive(calendar["weeks"]);
}

function isWeek(value: unknown): value is ContributionCalendarWeek {
  return isObject(value) && isList(value["contributionDays"], isDay);
}

function isDay(value: unknown): value is ContributionCalendarDay {
  return isDailyCount(value) && CONTRIBUTION_LEVELS.some((level) => level === value["contributionLevel"]);
}

function areConsecutive(weeks: readonly ContributionCalendarWeek[]): boolean {
  const days = weeks.flatMap(({ contributionDays }) => contributionDays.map(({ date }) => dayNumberAt(date)));
  const [first] = days;
  if (first === undefined || days.length > MAX_CALENDAR_DAYS) return false;
  return days.every((day, index) => day === first + index);
}

function isDailyCount(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && isCalendarDate(value["date"]) && isCount(value["contributionCount"]);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isLocale(value: unknown): boolean {
  // A tag is short, and `Intl` should not read megabytes.
  if (typeof value !== "string" || value.length > 100) return false;
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}

function isWording(value: unknown): boolean {
  if (!isObject(value)) return false;
  const isText = (text: unknown): text is string => typeof text === "string";
  const areFunctions = [value["caption"], value["day"]].every((write) => typeof write === "function");
  const areTexts = [value["weekdays"], value["less"], value["more"]].every(isText);
  const levels = value["levels"];
  return areFunctions && areTexts && isList(levels, isText) && levels.length === CONTRIBUTION_LEVELS.length;
}

function isList<Entry>(
  value: unknown,
  isEntry: (entry: unknown) => entry is Entry,
): value is readonly Entry[] {
  // `every` would skip the holes of a sparse list.
  return Array.isArray(value) && Array.from(value).every(isEntry);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
