// The wire: the bytes per link in a `deliver` of 1,000 links of realistic work, as JSON through gzip at its default
// level. There is no yardstick: 16 of the bytes are the randomness of the link's id.
import { gzipSync } from "node:zlib";
import type { CalendarDate } from "unified-contributions";
import { deliverOf } from "./batch.ts";
import { atMost, demand, type Effort, type Finding } from "./measure.ts";

const LINKS = 1_000;

/** Runs the group. It takes no time, so there is nothing to repeat. */
export function wire(_effort: Effort): readonly Finding[] {
  const message = deliverOf(LINKS, "2026-03-01" as CalendarDate);
  const json = JSON.stringify(message);
  const counted = message.records.flatMap((record) => (record.type === "report" ? record.counts : []));
  const total = counted.reduce((sum, count) => sum + count, 0);
  demand(counted.length === LINKS * 90, "each link carries 90 counts");
  return [
    atMost(65, {
      id: "wire.bytes",
      what: "bytes a link, gzipped",
      yardstick: "none: bytes",
      ratio: gzipSync(json).byteLength / LINKS,
      detail: `${(json.length / LINKS).toFixed(0)} bytes before gzip, ${(total / LINKS).toFixed(0)} contributions a link`,
    }),
  ];
}
