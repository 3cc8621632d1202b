// A real history the whole way: the text of `git log` → contributions → payload → wire → receiver → calendar, exact for
// each of its days. The yardstick is `git fast-import` of as many empty commits with the same dates. It is the least
// cost of the tools that publish a history as made-up commits. All authors count as one user. A server's counts are
// shown for 90 days, so the clock goes from window to window, with a sync and a calendar in each. Windows without
// commits are skipped. Both begin with their input as text in memory, and fast-import in an empty repository that is
// there already.
import {
  type AccountId,
  type CalendarDate,
  type DayRange,
  okAsync,
  type UserId,
} from "unified-contributions";
import { contributionsCollection } from "unified-contributions/ghec";
import type { Contribution, ContributionSource } from "unified-contributions/ghes";
import { addDays } from "../../src/domain/calendar-date.ts";
import {
  discard,
  emptyRepository,
  fastImport,
  fastImportStream,
  type GitHistory,
  linesOf,
  readHistory,
} from "./git.ts";
import { atLeast, collectGarbage, demand, type Finding, median, perItem, ratioOf, timed } from "./measure.ts";
import type { Options } from "./options.ts";
import { createWorld, enable, optIn, valueFrom } from "./world.ts";

const USER = "octo" as UserId;
const ACCOUNT = "octo-cloud" as AccountId;

/** A round is few calls of much code, which takes a while to be compiled. */
const WARM_UP_ROUNDS = 20;

/** With fewer commits, the start of a process takes longer than its work. */
const FEW_COMMITS = 1_000;

/** Runs the group. */
export async function history({ git, rounds, isQuick }: Options): Promise<readonly Finding[]> {
  const read = await readHistory(git);
  const windows = windowsOf(read);
  const stream = fastImportStream(read);
  collectGarbage();
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = isQuick ? 0 : -WARM_UP_ROUNDS; round < rounds; round++) {
    let shown = new Map<string, number>();
    const took = await timed(async () => {
      shown = await throughBothSides(read.log, windows);
    });
    demand(isSame(shown, read.countOf), "the calendar shows of each day what git counts");
    if (round < 0) continue;
    const folder = await emptyRepository();
    theirs.push(await timed(() => fastImport(folder, stream)));
    await discard(folder, read.commits);
    ours.push(took);
  }
  const perSecond = Math.round(read.commits / (median(ours) / 1_000)).toLocaleString("en");
  const leftOut = read.leftOut > 0 ? `, ${read.leftOut} without a readable date left out` : "";
  const few = read.commits < FEW_COMMITS ? "; so few that the start is all that is measured" : "";
  const size = `${read.commits.toLocaleString("en")} commits on ${read.countOf.size.toLocaleString("en")} days`;
  return [
    atLeast(50, {
      id: "history.in-to-out",
      what: "git log to calendar, in → out, with aggregation, both sides and calendars, exact by day; times as fast",
      yardstick: "git fast-import of as many empty commits",
      ratio: ratioOf(theirs, ours),
      detail: `${perItem(median(ours), 1)} against ${perItem(median(theirs), 1)}, ${perSecond} contributions/s, ${size}${leftOut}${few}`,
    }),
  ];
}

/** Returns the windows that hold the days with commits, from the first day on. */
function windowsOf({ countOf }: GitHistory): readonly DayRange[] {
  const windows: DayRange[] = [];
  for (const day of [...countOf.keys()].sort()) {
    const covered = windows.at(-1)?.last;
    const first = day as CalendarDate;
    if (covered === undefined || day > covered) windows.push({ first, last: addDays(first, 89) });
  }
  return windows;
}

/** Takes a history through both sides, and returns what the calendars show of each day with contributions. */
async function throughBothSides(log: string, windows: readonly DayRange[]): Promise<Map<string, number>> {
  const world = createWorld(`${windows[0]?.last}T12:00:00Z`, sourceOf(log));
  await enable(world);
  await optIn(world, USER, ACCOUNT);
  const shown = new Map<string, number>();
  for (const days of windows) {
    world.clock.set(`${days.last}T12:00:00Z`);
    await valueFrom(world.sender.contributionsChanged([USER]));
    await valueFrom(world.sender.sync());
    const servers = await valueFrom(world.receiver.shownCounts(ACCOUNT, days.last));
    const today = days.last;
    const request = {
      days,
      today,
      contributions: [],
      restrictedContributions: [],
      servers,
      showsPrivateContributions: true,
    };
    const { contributionCalendar } = await valueFrom(contributionsCollection(request));
    for (const { contributionDays } of contributionCalendar.weeks) {
      for (const { date, contributionCount } of contributionDays) {
        if (contributionCount > 0) shown.set(date, contributionCount);
      }
    }
  }
  return shown;
}

/** Returns a source as a host has one: an index by month, which answers with the months that a window touches. */
function sourceOf(log: string): ContributionSource {
  const byMonth = new Map<string, Contribution[]>();
  for (const occurredAt of linesOf(log)) {
    const month = occurredAt.slice(0, 7);
    const known = byMonth.get(month);
    if (known) known.push({ occurredAt });
    else byMonth.set(month, [{ occurredAt }]);
  }
  return {
    read: ({ days }) => {
      const [from, to] = [days.first.slice(0, 7), days.last.slice(0, 7)];
      const months = [...byMonth].filter(([month]) => month >= from && month <= to);
      const contributions = ([] as Contribution[]).concat(...months.map(([, ofMonth]) => ofMonth));
      return okAsync(new Map([[USER, { type: "contributions" as const, contributions }]]));
    },
  };
}

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([day, count]) => b.get(day) === count);
}
