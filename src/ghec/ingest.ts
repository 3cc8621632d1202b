import type { RecordOutcome, RecordRefusal } from "../domain/answer.ts";
import { addDays, dateOfInstant, dayNumberAt, FURTHEST_OFFSET_MINUTES } from "../domain/calendar-date.ts";
import type { Instant, LinkId } from "../domain/identifiers.ts";
import type { ReportRecord } from "../domain/message.ts";
import { parseRecord } from "../domain/parse-message.ts";
import type { DeliveredReport, DeliveryResult } from "./ports.ts";

/** The records of a request after reading: what can be applied, and what became of the others. */
export interface Ingested {
  readonly reports: readonly DeliveredReport[];
  readonly withdrawals: readonly LinkId[];
  /** Where the outcome of each record is found, in the order of the records. */
  readonly places: readonly Place[];
}

/** Where the outcome of a record is found. */
export type Place =
  | { readonly in: "reports"; readonly at: number }
  | { readonly in: "withdrawals"; readonly at: number }
  | { readonly in: "refused"; readonly reason: RecordRefusal };

/** Reads untrusted records one by one: each is taken or refused by name, and one bad record sinks no other (R13). */
export function ingest(records: readonly unknown[], now: Instant): Ingested {
  const lastDayAllowed = dayNumberAt(addDays(dateOfInstant(now, FURTHEST_OFFSET_MINUTES), 1));
  const reports: DeliveredReport[] = [];
  const withdrawals: LinkId[] = [];
  const places: Place[] = [];
  const reported = new Set<LinkId>();
  for (const input of records) {
    const parsed = parseRecord(input);
    if (parsed.isErr()) {
      places.push({ in: "refused", reason: parsed.error });
      continue;
    }
    const record = parsed.value;
    if (record.type === "withdraw") {
      places.push({ in: "withdrawals", at: withdrawals.push(record.link) - 1 });
    } else if (isAhead(record, lastDayAllowed)) {
      places.push({ in: "refused", reason: "clock-ahead" });
    } else if (reported.has(record.link)) {
      places.push({ in: "refused", reason: "duplicate-link" });
    } else {
      reported.add(record.link);
      const window = { first: record.first, counts: record.counts };
      places.push({ in: "reports", at: reports.push({ link: record.link, window }) - 1 });
    }
  }
  return { reports, withdrawals, places };
}

/** The outcomes in the order of the records. */
export function outcomesOf(places: readonly Place[], result: DeliveryResult): readonly RecordOutcome[] {
  return places.map((place) =>
    place.in === "refused"
      ? { type: "refused", reason: place.reason }
      : (result[place.in][place.at] as RecordOutcome),
  );
}

/** R12: a window that ends more than a day after today in the furthest zone comes from a wrong clock. */
function isAhead(record: ReportRecord, lastDayAllowed: number): boolean {
  return dayNumberAt(record.first) + record.counts.length - 1 > lastDayAllowed;
}
