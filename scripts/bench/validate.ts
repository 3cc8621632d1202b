// Validation: an untrusted `deliver` of 1,000 records of 90 counts to typed records. The yardstick is `JSON.parse` of
// it, which every receiver pays first. Each turn validates the batch that the turn before has parsed, and every turn
// has another batch.
import type { CalendarDate } from "unified-contributions";
import { parseMessage, parseRecord } from "unified-contributions/wire";
import { deliverOf } from "./batch.ts";
import { atMost, demand, type Effort, type Finding, median, perItem, ratioOf, takeTurns } from "./measure.ts";

const RECORDS = 1_000;
const BATCHES = 8;

/** Runs the group. */
export async function validate({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const today = "2026-03-01" as CalendarDate;
  const batches = Array.from({ length: isQuick ? 1 : BATCHES }, () =>
    JSON.stringify(deliverOf(RECORDS, today)),
  );
  let parsed: readonly unknown[] = [];
  const times = await takeTurns(rounds, "collect", {
    parse: () => {
      parsed = batches.map((text): unknown => JSON.parse(text));
      return parsed.length;
    },
    validate: () => {
      const sound = parsed.reduce<number>((total, input) => total + soundRecords(input), 0);
      demand(sound === RECORDS * batches.length, "every record of a sound batch is taken");
      return sound;
    },
  });
  const records = RECORDS * batches.length;
  return [
    atMost(0.5, {
      id: "validate.batch",
      what: "parseMessage and parseRecord of 1,000 records of 90 counts",
      yardstick: "JSON.parse of the batch",
      ratio: ratioOf(times.validate, times.parse),
      detail: `${perItem(median(times.validate), records)} against ${perItem(median(times.parse), records)} a record`,
    }),
  ];
}

function soundRecords(input: unknown): number {
  const message = parseMessage(input);
  if (message.isErr() || message.value.type !== "deliver") return 0;
  let sound = 0;
  for (const record of message.value.records) {
    if (parseRecord(record).isOk()) sound++;
  }
  return sound;
}
