import fc from "fast-check";
import { type CalendarDate, dateOfInstant, type Instant } from "unified-contributions";
import { describe, expect, it } from "vitest";
import {
  dateOfDay,
  dayOf,
  numberArray,
  packCounts,
  textArray,
  unpackWindow,
  WINDOW_BYTES,
} from "../../../../src/adapters/postgres/pack.ts";

const day = fc.integer({ min: -300_000, max: 2_900_000 });
const counts = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 90 });

describe("an array of numbers", () => {
  it("has NULL for a missing number", () => {
    expect(numberArray([1, null, -2])).toBe("{1,NULL,-2}");
    expect(numberArray([])).toBe("{}");
  });
});

describe("packed counts", () => {
  it("come back as they were, each window in its place", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ first: day, counts }), { maxLength: 5 }), (windows) => {
        const packed = packCounts(windows.map((window) => ({ ...window, first: dateOfDay(window.first) })));

        const unpacked = windows.map((window, place) => {
          const start = place * WINDOW_BYTES;
          return unpackWindow(window.first, hexOf(packed.subarray(start, start + window.counts.length * 2)));
        });

        expect(unpacked).toEqual(windows.map((window) => ({ ...window, first: dateOfDay(window.first) })));
      }),
    );
  });

  it("have the high byte first", () => {
    const packed = packCounts([{ first: "2026-03-01" as CalendarDate, counts: [1, 258] }]);

    expect([...packed.subarray(0, 4)]).toEqual([0, 1, 1, 2]);
    expect(packed).toHaveLength(180);
  });
});

describe("packed counts that are damaged", () => {
  it.each(["", "0", "000", "00zz", "0001000", "0001".repeat(91), " 001", "-001", "٠٠٠٠", "ffff\n"])(
    "are not read: %j",
    (digits) => {
      expect(() => unpackWindow(20_513, digits)).toThrow(TypeError);
    },
  );

  it.each([2_147_483_647, -2_147_483_648, 2_932_897, -354_286, -719_528])("have no day %i", (day) => {
    expect(() => unpackWindow(day, "0001")).toThrow(RangeError);
  });
});

/** Bytes as `encode(…, 'hex')` has them. */
function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("a day's number", () => {
  it("is the days since 1970, and leads back to the day", () => {
    expect(dayOf("1970-01-01" as CalendarDate)).toBe(0);
    expect(dayOf("2026-03-01" as CalendarDate)).toBe(20_513);
    expect([-354_285, 2_932_896].map(dateOfDay)).toEqual(["1000-01-01", "9999-12-31"]);
    fc.assert(
      fc.property(day, (number) => {
        expect(dayOf(dateOfDay(number))).toBe(number);
        expect(dateOfDay(number)).toBe(dateOfInstant((number * 86_400_000) as Instant));
      }),
    );
  });
});

describe("an array of text", () => {
  it.each([
    [[], "{}"],
    [[""], '{""}'],
    [["a", "NULL", "b,c"], '{"a","NULL","b,c"}'],
    [['"', "\\", "{}"], '{"\\"","\\\\","{}"}'],
  ])("of %j is %s", (texts, literal) => {
    expect(textArray(texts)).toBe(literal);
  });
});
