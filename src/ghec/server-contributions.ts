import { err, ok, type Result } from "neverthrow";
import { addDays, type CalendarDate } from "../domain/calendar-date.ts";
import { CONTRIBUTION_SOURCE, type ContributionSourceName } from "../domain/contribution-payload.ts";
import { clipWindow, windowEndingOn } from "../domain/contribution-window.ts";
import {
  type CalendarRequest,
  checkCalendarRequest,
  type InvalidCalendarRequest,
} from "./calendar-request.ts";
import { DailyTally } from "./daily-tally.ts";

/** How many contributions the account's owner made on GitHub Enterprise Server on one day, over all servers. */
export interface ServerContributionDay {
  readonly date: CalendarDate;
  /** From 1 on. */
  readonly contributionCount: number;
  /** The same for every server, so that it names none. */
  readonly source: ContributionSourceName;
}

/**
 * Returns the days with contributions on GitHub Enterprise Server, in order, **for the account's owner alone**.
 *
 * A profile's details of private contributions say how many there were and that they were made on GitHub Enterprise
 * Server (Profile contributions reference). That only the owner sees this source is our reading. A host has to know
 * that the viewer is the owner before it shows any of this. For that reason it is not a part of
 * `ContributionsCollection`, which is made for every viewer. The owner sees it also while the profile hides private
 * contributions: hiding is for others. Only the 90 days that end today are in it. Pure.
 */
export function serverContributionsForOwner(
  request: Pick<CalendarRequest, "days" | "today" | "servers">,
): Result<readonly ServerContributionDay[], InvalidCalendarRequest> {
  const invalid = checkCalendarRequest(request, ["days", "today", "servers"]);
  if (invalid) return err(invalid);
  const { days, today, servers } = request;
  const tally = new DailyTally(days);
  for (const { window } of servers) {
    const shown = clipWindow(window, windowEndingOn(today));
    if (shown) tally.addWindow(shown);
  }
  return ok(
    tally.counts.flatMap((contributionCount, day) =>
      contributionCount > 0
        ? [{ date: addDays(days.first, day), contributionCount, source: CONTRIBUTION_SOURCE }]
        : [],
    ),
  );
}
