// Aggregation: contributions with all their detail, as a host reads them, to 90 daily counts. The yardstick is
// `JSON.parse` of the same NDJSON, line by line from strings that are cut already. A host cannot have the contributions
// for less, so the ratio says what counting adds to reading. Each turn counts the objects that the turn before has
// parsed.

import { type CalendarDate, type Result, windowEndingOn } from "unified-contributions";
import {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  type Contribution,
} from "unified-contributions/ghes";
import { addDays } from "../../src/domain/calendar-date.ts";
import { below, occurredAt, uuid } from "./activity.ts";
import { atMost, demand, type Effort, type Finding, median, perItem, ratioOf, takeTurns } from "./measure.ts";

const TODAY = "2026-03-01" as CalendarDate;
const CHUNK = 500;
const A_USER = 30;
const KINDS = ["push", "pull_request", "issue", "pull_request_review"];

/** Runs the group. */
export async function aggregate({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const size = isQuick ? 3_000 : 60_000;
  const lines = Array.from({ length: size }, line);
  let parsed: readonly Contribution[] = [];
  const times = await takeTurns(rounds, "collect", {
    parse: () => {
      parsed = lines.map((text): Contribution => JSON.parse(text));
      return parsed.length;
    },
    array: () => check(buildPayload(parsed, TODAY), parsed),
    chunks: async () => check(await buildPayloadFromChunks(chunksOf(parsed), TODAY), parsed),
    users: () => {
      let total = 0;
      for (let index = 0; index < size; index += A_USER) {
        total += sum(buildPayload(parsed.slice(index, index + A_USER), TODAY));
      }
      return total;
    },
  });

  demand(matchesIndependentCount(lines, parsed), "buildPayload counts what a Map by date counts");
  const bytes = Math.round(lines.join("").length / size);
  const row = (id: "array" | "chunks" | "users", what: string): Finding =>
    atMost(0.2, {
      id: `aggregate.${id}`,
      what,
      yardstick: "JSON.parse of the same NDJSON",
      ratio: ratioOf(times[id], times.parse),
      detail: `${perItem(median(times[id]), size)} against ${perItem(median(times.parse), size)} a contribution of ${bytes} bytes`,
    });
  return [
    row("array", "contributions → 90 daily counts, one array"),
    row("chunks", `contributions → 90 daily counts, async chunks of ${CHUNK}`),
    row("users", `contributions → 90 daily counts, ${A_USER} a user`),
  ];
}

/** Returns one contribution as an event of a server. Its detail keeps `JSON.parse` busy, and must not leave. */
function line(): string {
  const day = addDays(windowEndingOn(TODAY).first, below(100) - 5);
  return JSON.stringify({
    id: uuid(),
    type: KINDS[below(KINDS.length)],
    actor: { id: below(100_000), login: `user-${below(100_000)}` },
    repository: { id: below(10_000), name: `group-${below(100)}/project-${below(1_000)}` },
    title: `Make part ${below(1_000)} a little better`,
    occurredAt: occurredAt(day),
  });
}

async function* chunksOf(contributions: readonly Contribution[]): AsyncIterable<readonly Contribution[]> {
  const read = (index: number): Promise<readonly Contribution[]> =>
    Promise.resolve(contributions.slice(index, index + CHUNK));
  for (let index = 0; index < contributions.length; index += CHUNK) yield await read(index);
}

function check<Refusal>(built: Result<BuiltPayload, Refusal>, contributions: readonly unknown[]): number {
  const total = sum(built);
  demand(
    total > contributions.length * 0.85 && total < contributions.length,
    "about 90 of 100 days are counted",
  );
  return total;
}

function sum<Refusal>(built: Result<BuiltPayload, Refusal>): number {
  demand(built.isOk(), "all contributions are well formed");
  return built.isOk() ? built.value.payload.counts.reduce((total, count) => total + count, 0) : 0;
}

/** The day is the first ten characters of the local time, found in the text of the line without our code. */
function matchesIndependentCount(lines: readonly string[], contributions: readonly Contribution[]): boolean {
  const byDate = new Map<string, number>();
  for (const text of lines) {
    const date = /"occurredAt":"(.{10})/.exec(text)?.[1] ?? "";
    byDate.set(date, (byDate.get(date) ?? 0) + 1);
  }
  const built = buildPayload(contributions, TODAY);
  if (built.isErr()) return false;
  const { first, counts } = built.value.payload;
  return counts.every((count, day) => count === (byDate.get(addDays(first, day)) ?? 0));
}
