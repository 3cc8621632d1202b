// A realistic `deliver`: the batch that is validated and whose bytes are weighed.
import { type CalendarDate, CONTRIBUTION_SOURCE, type LinkId, windowEndingOn } from "unified-contributions";
import { PROTOCOL_VERSION, type RequestId, type SessionId } from "unified-contributions/wire";
import type { DeliverMessage } from "../../src/domain/message.ts";
import { dailyCounts, uuid } from "./activity.ts";

/** Returns a `deliver` that reports 90 counts for each of this many links. */
export function deliverOf(links: number, today: CalendarDate): DeliverMessage {
  const { first } = windowEndingOn(today);
  return {
    version: PROTOCOL_VERSION,
    requestId: uuid() as RequestId,
    type: "deliver",
    sessionId: uuid() as SessionId,
    follows: [uuid() as RequestId],
    records: Array.from({ length: links }, () => ({
      type: "report",
      linkId: uuid() as LinkId,
      choice: 1,
      source: CONTRIBUTION_SOURCE,
      first,
      counts: dailyCounts(first),
    })),
  };
}
