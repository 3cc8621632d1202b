// The hourly round over memory parts, both sides and the serialized wire between them in one process. The yardstick is
// a first full sync of the same links in the same round. The cost of an hour has to depend on the changes, not on the
// number of links. An hour in which nothing is due is measured against the one query of the store that every sender
// needs.
//
// A link is also reported once per day though nothing changed, so one link in 24 falls due each hour. That is measured
// on its own. The other hours stand in the instant after the sync before them, when no such link is due yet.

import { type CalendarDate, okAsync, type UserId, windowEndingOn } from "unified-contributions";
import type { Contribution, ContributionSource, SyncReport } from "unified-contributions/ghes";
import { addDays } from "../../src/domain/calendar-date.ts";
import { linkContextOf } from "../../src/ghes/server-state.ts";
import { below, occurredAt } from "./activity.ts";
import {
  atMost,
  collectGarbage,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  timed,
  WrongResult,
  warmUpRounds,
} from "./measure.ts";
import { type Backup, createWorld, enable, valueFrom, type World, withSending } from "./world.ts";

const START = "2026-03-01T12:00:00Z";
const TODAY = "2026-03-01" as CalendarDate;
const HOUR_MS = 3_600_000;
const CONTRIBUTIONS_A_USER = 30;
const CHANGED_OF_HUNDRED = 3;
const QUIET_HOURS = 20;
const BUSY_HOURS = 5;

/** A first full sync takes seconds, so fewer rounds are enough. */
const MAX_ROUNDS = 5;

/** Runs the group. */
export async function hour({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const users = Array.from({ length: isQuick ? 2_000 : 100_000 }, (_, user) => `user-${user}` as UserId);
  const source = createSource(users);
  const start = createWorld(START, source);
  await enable(start);
  const backup = withSending(start, users);

  const measured: Hours[] = [];
  for (let round = -1; round < Math.min(rounds, MAX_ROUNDS); round++) {
    const hours = await hoursOf(users, source, backup);
    if (round >= 0) measured.push(hours);
  }
  const of = (name: keyof Hours): readonly number[] => measured.map((hours) => hours[name]);
  const links = `${users.length.toLocaleString("en")} links`;
  const against = (name: keyof Hours, yardstick: keyof Hours) => ({
    ratio: ratioOf(of(name), of(yardstick)),
    detail: `${perItem(median(of(name)), 1)} against ${perItem(median(of(yardstick)), 1)}`,
  });
  return [
    atMost(0.04, {
      id: "hour.changed",
      what: `an hour in which ${CHANGED_OF_HUNDRED} % changed, ${links}`,
      yardstick: "a first full sync of all",
      ...against("changed", "full"),
    }),
    atMost(2, {
      id: "hour.nothing-due",
      what: `an hour in which nothing is due, ${links}`,
      yardstick: "reading the due links' keys in one query of the store",
      ...against("nothing", "query"),
    }),
    atMost(0.06, {
      id: "hour.daily-refresh",
      what: `an hour in which nothing changed and one in 24 has its daily refresh, ${links}`,
      yardstick: "a first full sync of all",
      ...against("refresh", "full"),
    }),
    await midnight(users, source, backup),
    await listener(users.slice(0, isQuick ? 500 : 10_000), source, isQuick ? 5 : 30),
  ];
}

/** The times of the hours of one round, in milliseconds: the median of each kind. */
interface Hours {
  readonly full: number;
  readonly nothing: number;
  readonly query: number;
  readonly changed: number;
  readonly refresh: number;
}

async function hoursOf(users: readonly UserId[], source: Source, backup: Backup): Promise<Hours> {
  const world = createWorld(START, source, backup);
  source.moreOf.clear();
  // Not between the hours: the step after a collection pays for the memory that it gave back, more than an hour costs.
  collectGarbage();
  const full = await timedSync(world, {
    requests: Math.ceil(users.length / 1_000) + 1,
    kept: users.length,
  });

  const query: number[] = [];
  const nothing: number[] = [];
  for (let quiet = 0; quiet < QUIET_HOURS; quiet++) {
    query.push(await timed(() => dueKeys(world)));
    nothing.push(await timedSync(world, { requests: 1, kept: 0 }));
  }

  const changed: number[] = [];
  for (let from = 0; from < BUSY_HOURS * CHANGED_OF_HUNDRED; from += CHANGED_OF_HUNDRED) {
    const some = users.filter((_, user) => user % 100 >= from && user % 100 < from + CHANGED_OF_HUNDRED);
    for (const user of some) source.moreOf.add(user);
    const told = await timed(() => valueFrom(world.sender.contributionsChanged(some)));
    changed.push(told + (await timedSync(world, { kept: some.length, unchanged: 0 })));
  }

  const refresh: number[] = [];
  for (let later = 0; later < BUSY_HOURS; later++) {
    world.clock.advance(HOUR_MS);
    refresh.push(await timedSync(world, { kept: dueForRefresh(world), unchanged: 0 }));
  }
  return {
    full,
    query: median(query),
    nothing: median(nothing),
    changed: median(changed),
    refresh: median(refresh),
  };
}

async function timedSync(world: World, expected: Partial<SyncReport>): Promise<number> {
  let report: SyncReport | null = null;
  const took = await timed(async () => {
    report = await valueFrom(world.sender.sync());
  });
  check(report, expected);
  return took;
}

function check(report: SyncReport | null, expected: Partial<SyncReport>): void {
  for (const [name, value] of Object.entries({ outcome: "completed", ...expected })) {
    const got = report?.[name as keyof SyncReport];
    demand(got === value, `${name} of the sync is ${value} and not ${got}`);
  }
}

/** The query that the sender asks the store in every round. */
async function dueKeys({ senderStore, clock }: World): Promise<unknown> {
  const { value: server } = await valueFrom(senderStore.loadServer());
  const { connectionOrdinal, epoch } = linkContextOf(server);
  if (server.session.status !== "attached" || connectionOrdinal === null || epoch === null)
    throw new WrongResult("the server is attached");
  const scope = { connectionOrdinal, epoch, sessionId: server.session.sessionId, now: clock.now() };
  return await valueFrom(senderStore.dueLinks({ ...scope, after: null, limit: 1_000 }));
}

function dueForRefresh({ senderStore, clock }: World): number {
  const now = clock.now();
  return senderStore.snapshot().links.filter(({ value }) => (value.reported?.refreshAt ?? 0) <= now).length;
}

/**
 * All windows move on at midnight, and a careful host says that all users have changed.
 *
 * A window that says the same day by day must not be sent again. The only exceptions are the few links whose daily
 * refresh falls into these two seconds.
 */
async function midnight(users: readonly UserId[], source: Source, backup: Backup): Promise<Finding> {
  const world = createWorld(START, source, backup);
  source.moreOf.clear();
  await valueFrom(world.sender.sync());
  world.clock.set("2026-03-01T23:59:59Z");
  await valueFrom(world.sender.sync());
  await valueFrom(world.sender.contributionsChanged(users));
  world.clock.set("2026-03-02T00:00:01Z");
  const refreshed = dueForRefresh(world);
  const { kept, unchanged } = await valueFrom(world.sender.sync());
  const resent = kept - refreshed;
  demand(
    resent === 0 && unchanged === users.length - refreshed,
    `no window is sent again, and not ${resent}`,
  );
  return atMost(0, {
    id: "hour.midnight",
    what: "windows sent again at midnight though nothing changed",
    yardstick: "none: windows",
    ratio: resent,
    detail: `${unchanged} windows moved on by a day, were read again and not sent; ${refreshed} had their daily refresh`,
  });
}

/** The factor between the mean and the one-sided upper 95 % bound, in standard errors of 30 pairs (Student's t). */
const T_95 = 1.699;

/**
 * A first full sync with a listener on both sides, against one without, in pairs. The ratio is the upper 95 % bound of the
 * mean ratio, so that a noisy machine makes the row worse and never better.
 */
async function listener(users: readonly UserId[], source: Source, pairs: number): Promise<Finding> {
  const start = createWorld(START, source);
  await enable(start);
  const backup = withSending(start, users);
  source.moreOf.clear();
  let events = 0;
  const onEvent = (): void => {
    events++;
  };
  const full = { kept: users.length };
  const fullSync = async (told: { readonly onEvent?: () => void }): Promise<number> => {
    const world = createWorld(START, source, backup, told);
    collectGarbage();
    return await timedSync(world, full);
  };
  const logs: number[] = [];
  for (let pair = -warmUpRounds(pairs); pair < pairs; pair++) {
    // The one that begins changes from pair to pair: the heap of the second is another.
    const isListenedFirst = pair % 2 === 0;
    const first = await fullSync(isListenedFirst ? { onEvent } : {});
    const second = await fullSync(isListenedFirst ? {} : { onEvent });
    if (pair >= 0) logs.push(Math.log(isListenedFirst ? first / second : second / first));
  }
  demand(events > 0, "the listener is told of something");
  const mean = logs.reduce((sum, log) => sum + log, 0) / pairs;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (pairs - 1);
  return atMost(1.02, {
    id: "hour.listener",
    what: `a first full sync with a listener on both sides, upper 95 % bound, ${users.length.toLocaleString("en")} links`,
    yardstick: "the same without a listener",
    ratio: Math.exp(mean + T_95 * Math.sqrt(variance / pairs)),
    detail: `mean ${Math.exp(mean).toFixed(4)} of ${pairs} pairs`,
  });
}

/** A source whose users contribute one more today if asked to. */
interface Source extends ContributionSource {
  readonly moreOf: Set<UserId>;
}

function createSource(users: readonly UserId[]): Source {
  const { first } = windowEndingOn(TODAY);
  // Users share instants. There are many of these, and only their text is ever read.
  const instants = Array.from(
    { length: 90 * 40 },
    (_, index): Contribution => ({
      occurredAt: occurredAt(addDays(first, index % 90)),
    }),
  );
  const of = new Map(
    users.map((user) => [
      user,
      Array.from({ length: CONTRIBUTIONS_A_USER }, () => instants[below(instants.length)] as Contribution),
    ]),
  );
  const more: Contribution = { occurredAt: START };
  const moreOf = new Set<UserId>();
  return {
    moreOf,
    read: (request) =>
      okAsync(
        new Map(
          request.users.map((user) => {
            const known = of.get(user) ?? [];
            const contributions = moreOf.has(user) ? [...known, more] : known;
            return [user, { type: "contributions" as const, contributions }];
          }),
        ),
      ),
  };
}
