import { describe, expect, it } from "vitest";
import { contributionDayNumber } from "../../../src/ghes/payload.ts";

/** Days from 1970-01-01 to 2026-03-01. */
const FIRST_OF_MARCH = 20_513;

describe("the day of a contribution", () => {
  it.each([
    ["no offset", "2026-03-01T12:00:00"],
    ["Z", "2026-03-01T12:00:00Z"],
    ["the earliest second", "2026-03-01T00:00:00Z"],
    ["the latest second", "2026-03-01T23:59:59Z"],
    ["a leap second", "2026-03-01T23:59:60Z"],
    ["a fraction of one digit", "2026-03-01T12:00:00.0Z"],
    ["a fraction of nine digits and no offset", "2026-03-01T12:00:00.123456789"],
    ["a fraction before an offset", "2026-03-01T12:00:00.999+01:00"],
    ["the furthest offset behind", "2026-03-01T23:59:59-12:00"],
    ["the furthest offset ahead", "2026-03-01T00:00:00+14:00"],
    ["an offset of a quarter of an hour", "2026-03-01T00:00:00+05:45"],
    ["the largest offset that can be written", "2026-03-01T00:00:00+23:59"],
    ["the unknown offset", "2026-03-01T00:00:00-00:00"],
    ["64 characters", `2026-03-01T12:00:00.${"0".repeat(43)}Z`],
  ])("is the date as it is written: %s", (_, occurredAt) => {
    expect(contributionDayNumber(occurredAt)).toBe(FIRST_OF_MARCH);
  });

  it.each([
    ["1970-01-01T00:00:00Z", 0],
    ["1969-12-31T23:59:59Z", -1],
    ["2024-02-29T12:00:00Z", 19_782],
    ["2025-12-31T23:59:59Z", 20_453],
    ["2026-01-01T00:00:00Z", 20_454],
  ])("of %s is %i days after 1 January 1970", (occurredAt, days) => {
    expect(contributionDayNumber(occurredAt)).toBe(days);
  });
});

describe("no day has", () => {
  it.each([
    ["nothing", ""],
    ["a date alone", "2026-03-01"],
    ["a time without seconds", "2026-03-01T12:00Z"],
    ["a second of one digit", "2026-03-01T12:00:0"],
    ["a small t", "2026-03-01t12:00:00Z"],
    ["a small z", "2026-03-01T12:00:00z"],
    ["a space for the T", "2026-03-01 12:00:00Z"],
    ["another mark than a hyphen in its date", "2026/03/01T12:00:00Z"],
    ["another mark after its hour", "2026-03-01T12.00:00Z"],
    ["another mark after its minute", "2026-03-01T12:00.00Z"],
    ["month 0", "2026-00-01T12:00:00Z"],
    ["month 13", "2026-13-01T12:00:00Z"],
    ["day 0", "2026-03-00T12:00:00Z"],
    ["day 32", "2026-03-32T12:00:00Z"],
    ["29 February of a common year", "2026-02-29T12:00:00Z"],
    ["a year below 1000", "0999-03-01T12:00:00Z"],
    ["a year of five digits", "12026-03-01T12:00:00Z"],
    ["a signed year", "+2026-03-01T12:00:00Z"],
    ["hour 24", "2026-03-01T24:00:00Z"],
    ["minute 60", "2026-03-01T12:60:00Z"],
    ["second 61", "2026-03-01T12:00:61Z"],
    ["letters for an hour", "2026-03-01Txx:00:00Z"],
    ["letters for a minute", "2026-03-01T12:xx:00Z"],
    ["letters for a second", "2026-03-01T12:00:xxZ"],
    ["digits of another script", "2026-03-01T12:00:0٠Z"],
    ["a point without a fraction", "2026-03-01T12:00:00.Z"],
    ["a point at its end", "2026-03-01T12:00:00."],
    ["a comma for the point", "2026-03-01T12:00:00,5Z"],
    ["a slash in its fraction", "2026-03-01T12:00:00.5/Z"],
    ["a colon in its fraction", "2026-03-01T12:00:00.5:Z"],
    ["a letter other than Z at its end", "2026-03-01T12:00:00A"],
    ["a sign alone at its end", "2026-03-01T12:00:00+"],
    ["something after the Z", "2026-03-01T12:00:00Z "],
    ["a space before the date", " 2026-03-01T12:00:00Z"],
    ["an offset without a colon", "2026-03-01T12:00:00+0100"],
    ["an offset with another mark for its colon", "2026-03-01T12:00:00+01-00"],
    ["an offset of hours alone", "2026-03-01T12:00:00+01"],
    ["an offset with seconds", "2026-03-01T12:00:00+01:00:00"],
    ["an offset with a typographic minus", "2026-03-01T12:00:00−01:00"],
    ["an offset with another letter for its sign", "2026-03-01T12:00:00Z01:00"],
    ["an offset of 24 hours", "2026-03-01T12:00:00+24:00"],
    ["an offset of 60 minutes", "2026-03-01T12:00:00+01:60"],
    ["an offset of letters", "2026-03-01T12:00:00+xx:00"],
    ["a zone's name", "2026-03-01T12:00:00[Asia/Tokyo]"],
    ["65 characters", `2026-03-01T12:00:00.${"0".repeat(44)}Z`],
  ])("%s", (_, occurredAt) => {
    expect(contributionDayNumber(occurredAt)).toBeNaN();
  });
});
