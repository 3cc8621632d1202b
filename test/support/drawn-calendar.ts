import type { CalendarDate, DayRange } from "unified-contributions";
import { type ContributionsCollection, contributionsCollection } from "unified-contributions/ghec";
import { addDays } from "../../src/domain/calendar-date.ts";

/** A collection of these days, with so many contributions on each of them from the first on. */
export function drawnCollection(
  first: string,
  last: string,
  counts: readonly number[] = [],
): ContributionsCollection {
  const days: DayRange = { first: first as CalendarDate, last: last as CalendarDate };
  return contributionsCollection({
    days,
    today: days.last,
    contributions: counts.map((contributionCount, day) => ({
      date: addDays(days.first, day),
      contributionCount,
    })),
    restrictedContributions: [],
    servers: [],
    showsPrivateContributions: true,
  })._unsafeUnwrap();
}

/** The tags of a markup that is well formed, in order: those that open and those that close. */
export function wellFormedTags(markup: string): readonly string[] {
  const open: string[] = [];
  const tags: string[] = [];
  for (const [, slash, name = "", rest = ""] of markup.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
    tags.push(slash + name);
    if (slash) {
      const opened = open.pop();
      if (opened !== name) throw new Error(`</${name}> closes <${opened}>`);
    } else if (!rest.endsWith("/")) open.push(name);
  }
  const text = markup.replace(/<[^<>]*>/g, "").replace(/&(?:amp|lt|gt|quot|#39);/g, "");
  if (open.length > 0 || /[<>&]/.test(text)) throw new Error(`never closed: ${open.join(", ")}`);
  return tags;
}
