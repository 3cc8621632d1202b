import type { RecordOutcome } from "unified-contributions/wire";
import { describe, expect, test } from "vitest";
import { outcomesOf, readRecords } from "../../../src/ghec/messages.ts";
import { HOSTILE } from "../../support/ghec-hostile.ts";
import { SENDING } from "../../support/ghec-states.ts";
import { instant, linkId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");

function report(link: number, first = "2026-03-01", counts: readonly number[] = [1]) {
  return {
    type: "report",
    linkId: linkId(link),
    choice: 1,
    source: "GitHub Enterprise Server",
    first,
    counts,
  };
}
function hold(link: number) {
  return { type: "hold", linkId: linkId(link), choice: 1 };
}
function withdraw(link: number, choice: number | null = null) {
  return { type: "withdraw", linkId: linkId(link), choice };
}

describe("reading records", () => {
  test("takes the good ones and names what is wrong with each of the others (R13)", () => {
    const records = [
      withdraw(1),
      report(2, "2026-02-28", [4, 5]),
      { ...report(3), login: "mona" },
      report(4),
      null,
      { type: "increment", linkId: linkId(5) },
      report(6, "2027-01-01"),
      withdraw(7, 3),
      report(4, "2026-03-01", [9]),
      { ...report(8), first: "2026-02-29" },
    ];

    expect(readRecords(records, NOON)).toEqual({
      reports: [
        { linkId: linkId(2), choice: 1, window: { first: "2026-02-28", counts: [4, 5] } },
        { linkId: linkId(4), choice: 1, window: { first: "2026-03-01", counts: [1] } },
      ],
      withdrawals: [
        { linkId: linkId(1), choice: null },
        { linkId: linkId(7), choice: 3 },
      ],
      places: [
        { in: "withdrawals", index: 0 },
        { in: "reports", index: 0 },
        { in: "refused", reason: "unexpected-key" },
        { in: "reports", index: 1 },
        { in: "refused", reason: "malformed-record" },
        { in: "refused", reason: "unknown-type" },
        { in: "refused", reason: "clock-ahead" },
        { in: "withdrawals", index: 1 },
        { in: "refused", reason: "duplicate-link" },
        { in: "refused", reason: "malformed-record" },
      ],
    });
  });

  test("of none gives nothing", () => {
    expect(readRecords([], NOON)).toEqual({ reports: [], withdrawals: [], places: [] });
  });

  test("takes withdrawals of one link, as often as they name it", () => {
    const { withdrawals, places } = readRecords([withdraw(1, 2), withdraw(1), withdraw(1, 2)], NOON);

    expect(withdrawals).toEqual([
      { linkId: linkId(1), choice: 2 },
      { linkId: linkId(1), choice: null },
      { linkId: linkId(1), choice: 2 },
    ]);
    expect(places).toEqual([0, 1, 2].map((index) => ({ in: "withdrawals", index })));
  });

  test.each([
    ["report", report(1)],
    ["hold", hold(1)],
  ])("refuses a %s of a link that a withdrawal names, whichever comes first", (_, record) => {
    const withdrawal = { in: "withdrawals", index: 0 };
    const refused = { in: "refused", reason: "duplicate-link" };

    expect(readRecords([record, withdraw(1, 1)], NOON).places).toEqual([refused, withdrawal]);
    expect(readRecords([withdraw(1), record], NOON).places).toEqual([withdrawal, refused]);
  });

  test("takes a report of a link whose withdrawal was refused", () => {
    const { places } = readRecords([{ ...withdraw(1), choice: 0 }, report(1)], NOON);

    expect(places).toEqual([
      { in: "refused", reason: "malformed-record" },
      { in: "reports", index: 0 },
    ]);
  });

  test("takes a hold as a report without counts", () => {
    expect(readRecords([hold(1), report(2), hold(3)], NOON)).toEqual({
      reports: [
        { linkId: linkId(1), choice: 1, window: null },
        { linkId: linkId(2), choice: 1, window: { first: "2026-03-01", counts: [1] } },
        { linkId: linkId(3), choice: 1, window: null },
      ],
      withdrawals: [],
      places: [0, 1, 2].map((index) => ({ in: "reports", index })),
    });
  });

  test.each([
    ["a report and a hold", report(1), hold(1)],
    ["a hold and a report", hold(1), report(1)],
    ["two holds", hold(1), hold(1)],
    ["two reports", report(1), report(1)],
  ])("refuses the second of %s of one link", (_, first, second) => {
    const { reports, places } = readRecords([first, second], NOON);

    expect(reports).toHaveLength(1);
    expect(places).toEqual([
      { in: "reports", index: 0 },
      { in: "refused", reason: "duplicate-link" },
    ]);
  });

  test("takes a hold of a link whose report was refused, so that no wrong clock hides it", () => {
    expect(readRecords([report(1, "2027-01-01"), hold(1)], NOON).places).toEqual([
      { in: "refused", reason: "clock-ahead" },
      { in: "reports", index: 0 },
    ]);
  });

  test("takes the later report of a link whose earlier one was refused", () => {
    const { places } = readRecords(
      [report(1, "2027-01-01"), { ...report(1), counts: [-1] }, report(1)],
      NOON,
    );

    expect(places).toEqual([
      { in: "refused", reason: "clock-ahead" },
      { in: "refused", reason: "malformed-record" },
      { in: "reports", index: 0 },
    ]);
  });

  test("refuses each hostile value by itself", () => {
    const { places } = readRecords([...HOSTILE.map(([, value]) => value), report(1)], NOON);

    expect(places).toEqual([
      ...HOSTILE.map(() => ({ in: "refused", reason: "malformed-record" })),
      { in: "reports", index: 0 },
    ]);
  });

  test("of 1,000 records with 90,000 wrong counts each ends in one refusal a record", () => {
    const hostile = { ...report(1), counts: new Array(90_000).fill(Number.NaN) };

    const { places } = readRecords(new Array(1_000).fill(hostile), NOON);

    expect(places).toEqual(new Array(1_000).fill({ in: "refused", reason: "malformed-record" }));
  });
});

describe("a clock that is ahead (R12)", () => {
  const taken = { in: "reports", index: 0 };
  const refused = { in: "refused", reason: "clock-ahead" };

  test.each([
    ["ends today", "2026-03-01T09:59:59.999Z", "2026-03-01", [1], taken],
    ["ends a day after today at +14:00", "2026-03-01T09:59:59.999Z", "2026-03-02", [1], taken],
    ["ends two days after it", "2026-03-01T09:59:59.999Z", "2026-03-03", [1], refused],
    [
      "ends a day after it, now that +14:00 has the next day",
      "2026-03-01T10:00:00Z",
      "2026-03-03",
      [1],
      taken,
    ],
    ["ends two days after that", "2026-03-01T10:00:00Z", "2026-03-04", [1], refused],
    ["begins today and ends a day too late", "2026-03-01T09:59:59.999Z", "2026-03-01", [0, 0, 0], refused],
    ["begins today and just ends in time", "2026-03-01T09:59:59.999Z", "2026-03-01", [0, 0], taken],
    ["ended years ago", "2026-03-01T12:00:00Z", "1000-01-01", [1], taken],
    ["ends with the calendar", "2026-03-01T12:00:00Z", "9999-12-31", [1], refused],
    ["ends after the calendar", "2026-03-01T12:00:00Z", "9999-12-31", new Array(90).fill(1), refused],
    ["ends after the calendar, on its last day", "9999-12-31T12:00:00Z", "9999-12-31", [1, 1], refused],
    ["ends with the calendar, on its last day", "9999-12-31T12:00:00Z", "9999-12-30", [1, 1], taken],
  ])("a window that %s", (_, now, first, counts, place) => {
    expect(readRecords([report(1, first, counts)], instant(now)).places).toEqual([place]);
  });
});

test("outcomes come back in the order of the records", () => {
  const { places } = readRecords([withdraw(1), report(2), null, report(3), withdraw(4)], NOON);
  const said = (name: string): RecordOutcome => ({ type: name }) as unknown as RecordOutcome;
  const result = {
    isDetached: false,
    registration: SENDING,
    reports: [said("report 2"), said("report 3")],
    withdrawals: [said("withdrawal 1"), said("withdrawal 4")],
    unrecorded: [],
  };

  expect(outcomesOf(places, result)).toEqual([
    { type: "withdrawal 1" },
    { type: "report 2" },
    { type: "refused", reason: "malformed-record" },
    { type: "report 3" },
    { type: "withdrawal 4" },
  ]);
});
