import type { AttemptId, CalendarDate, Instant, LinkId, UserId } from "unified-contributions";
import type { LinkRecord, Reported } from "unified-contributions/storage";
import type { SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { createDueIndex } from "../../../../src/adapters/memory/due-index.ts";
import type { DuePlace, DueQuery } from "../../../../src/ghes/ports.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const DAY_MS = 86_400_000;
const SESSION = "session_0123456789" as SessionId;
const QUERY: DueQuery = {
  connectionOrdinal: 1,
  epoch: 1,
  sessionId: SESSION,
  now: NOW as Instant,
  after: null,
  limit: 1_000,
};

function linkOf(number: number): LinkId {
  return `link_${String(number).padStart(12, "0")}` as LinkId;
}

function placeOf(number: number): DuePlace {
  return { answeredIn: null, dueFrom: 0 as Instant, linkId: linkOf(number) };
}

/** Counts how often what is known of a link is looked at. */
function countingReported(number: number, refreshAt: number, looks: { count: number }): Reported {
  const reported: Reported = {
    type: "kept",
    linkId: linkOf(number),
    choice: 1,
    sessionId: SESSION,
    changes: 0,
    window: { first: "2026-03-01" as CalendarDate, counts: [1] },
    reportedAt: NOW as Instant,
    refreshAt: refreshAt as Instant,
  };
  return new Proxy(reported, {
    get: (target, key) => {
      looks.count++;
      return Reflect.get(target, key);
    },
  });
}

function recordOf(number: number, reported: Reported | null, changes = 0): LinkRecord {
  return {
    user: `user-${number}` as UserId,
    link: {
      status: "sending",
      connectionOrdinal: 1,
      attempt: `attempt-${number}` as AttemptId,
      connectedAt: NOW as Instant,
      consent: { linkId: linkOf(number), epoch: 1 },
      choice: 1,
      sendingAt: NOW as Instant,
    },
    changes,
    reported,
    deletion: null,
  };
}

describe("the index of due links", () => {
  it.each([1_000, 10_000])("looks at none of %d links that are not due", (size) => {
    const looks = { count: 0 };
    // Each is due again within a day, from an hour on, as the sender spreads them.
    const records = Array.from({ length: size }, (_, number) =>
      recordOf(
        number,
        countingReported(number, NOW + 3_600_000 + (number * (DAY_MS - 3_600_000)) / size, looks),
      ),
    );
    const index = createDueIndex(() => records);
    index.page(QUERY);
    looks.count = 0;

    const pages = [index.page(QUERY), index.page({ ...QUERY, after: placeOf(5) })];

    expect(pages).toEqual([[], []]);
    expect(looks.count).toBe(0);
  });

  it("looks at what changed alone, however many there are", () => {
    const looks = { count: 0 };
    const records = Array.from({ length: 10_000 }, (_, number) =>
      recordOf(number, countingReported(number, NOW + DAY_MS, looks)),
    );
    let reads = 0;
    const index = createDueIndex(function* () {
      for (const record of records) {
        reads++;
        yield record;
      }
    });
    index.page(QUERY);
    looks.count = 0;
    reads = 0;

    for (const number of [7, 4_711, 9_999]) {
      index.update(recordOf(number, countingReported(number, NOW + DAY_MS, looks), 1));
    }
    const page = index.page(QUERY);

    expect(page.map(({ linkId }) => linkId)).toEqual([linkOf(7), linkOf(4_711), linkOf(9_999)]);
    expect(looks.count).toBeLessThanOrEqual(3 * 6);
    expect(reads).toBe(0);
  });

  it("looks at a minute's share of the links that become due, not at a day's", () => {
    const looks = { count: 0 };
    const size = 14_400;
    const records = Array.from({ length: size }, (_, number) =>
      recordOf(number, countingReported(number, NOW + 1 + (number * DAY_MS) / size, looks)),
    );
    const index = createDueIndex(() => records);
    index.page(QUERY);
    looks.count = 0;

    const page = index.page({ ...QUERY, now: (NOW + 60_000) as Instant });

    expect(page).toHaveLength(10);
    expect(looks.count).toBeLessThanOrEqual(100);
  });

  it("reads all records again only for another connection, epoch or session, or an earlier now", () => {
    let reads = 0;
    const index = createDueIndex(() => {
      reads++;
      return [recordOf(1, null)];
    });

    index.page(QUERY);
    index.page({ ...QUERY, now: (NOW + DAY_MS) as Instant });
    index.page({ ...QUERY, now: (NOW + DAY_MS) as Instant, after: placeOf(1), limit: 1 });
    expect(reads).toBe(1);

    const other = { connectionOrdinal: 2, epoch: 2, sessionId: "session_9876543210" as SessionId };
    index.page({ ...QUERY, now: (NOW + DAY_MS - 1) as Instant });
    expect(reads).toBe(2);
    for (const scope of [{ sessionId: other.sessionId }, { epoch: 2 }, { connectionOrdinal: 2 }]) {
      reads = 0;
      index.page(QUERY);
      index.page({ ...QUERY, ...scope });
      index.page(QUERY);
      expect(reads, JSON.stringify(scope)).toBeGreaterThanOrEqual(2);
    }
  });

  it("leaves a link out of a page once it was reported, while others are still due", () => {
    const index = createDueIndex(() => [1, 2, 3].map((number) => recordOf(number, null)));
    index.page(QUERY);

    index.update(recordOf(2, countingReported(2, NOW + DAY_MS, { count: 0 })));

    expect(index.page(QUERY).map(({ linkId }) => linkId)).toEqual([linkOf(1), linkOf(3)]);
  });
});
