import {
  parseAccountId,
  parseConnectionId,
  parseInstallationId,
  parseInstant,
  parseLinkId,
  parseUserId,
} from "unified-contributions";
import { parseRequestId, parseSessionId } from "unified-contributions/wire";
import { describe, expect, test } from "vitest";
import { isHostId, isInstant, isOpaqueId } from "../../../src/domain/identifiers.ts";
import { hostileBut } from "../../support/ghec-hostile.ts";

// cspell:ignore nocto äaaaaaaaaaaaaaaaa

describe.each([
  ["link", parseLinkId],
  ["session", parseSessionId],
  ["request", parseRequestId],
] as const)("the id of a %s", (kind, parse) => {
  test.each([
    ["16 characters", "a".repeat(16)],
    ["64 characters", "a".repeat(64)],
    ["a random UUID", "3f333df6-90a4-4fda-8dd3-9485d27cee36"],
    ["every kind of character", "azAZ09_-azAZ09_-"],
  ])("can be %s", (_, value) => {
    expect(parse(value)._unsafeUnwrap()).toBe(value);
    expect(isOpaqueId(value)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([
    ["15 characters", "a".repeat(15)],
    ["65 characters", "a".repeat(65)],
    ["a dot", "aaaaaaaaaaaaaaaa.aaaa"],
    ["a dot before", ".aaaaaaaaaaaaaaaa"],
    ["a line after", "aaaaaaaaaaaaaaaa\n"],
    ["an umlaut", "äaaaaaaaaaaaaaaaa"],
    ["a list of an id", ["a".repeat(16)]],
    ...hostileBut(),
  ])("cannot be %s", (_, value) => {
    expect(isOpaqueId(value)).toBe(false);
    expect(parse(value)._unsafeUnwrapErr()).toEqual({
      type: "invalid-identifier",
      kind,
      message: `Not a valid ${kind}: give 16 to 64 characters of A–Z a–z 0–9 _ -.`,
    });
  });
});

describe.each([
  ["installation", parseInstallationId],
  ["connection", parseConnectionId],
  ["account", parseAccountId],
  ["user", parseUserId],
] as const)("the host's own id of what is named %s,", (kind, parse) => {
  test.each([
    ["one character", "1"],
    ["255 characters", "a".repeat(255)],
    ["anything printable", "Mona Lisa <mona@example.com> 日本 🐙"],
    ["the first and last printable characters", " ~"],
  ])("can be %s", (_, value) => {
    expect(parse(value)._unsafeUnwrap()).toBe(value);
    expect(isHostId(value)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([
    ["256 characters", "a".repeat(256)],
    ["128 characters of two code units", "🐙".repeat(128)],
    ["a line break after", "octo\n"],
    ["a line break before", "\nocto"],
    ["a NUL", "oc\u0000to"],
    ["a unit separator", "oc\u001fto"],
    ["a delete character", "oc\u007fto"],
    ["a C1 control character", "oc\u0085to"],
    ["half of a surrogate pair", "octo\ud83d"],
    ["a list of an id", ["octo"]],
    ...hostileBut("a number as text", "a page", "a day that does not exist"),
  ])("cannot be %s", (_, value) => {
    expect(isHostId(value)).toBe(false);
    expect(parse(value)._unsafeUnwrapErr()).toEqual({
      type: "invalid-identifier",
      kind,
      message: `Not a valid ${kind}: give 1 to 255 characters without control characters.`,
    });
  });
});

describe("an instant", () => {
  test.each([0, 1, Date.UTC(2026, 2, 1), 253_402_300_799_999])("can be %d", (value) => {
    expect(parseInstant(value)._unsafeUnwrap()).toBe(value);
    expect(isInstant(value)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([
    ["the year 10000", 253_402_300_800_000],
    ["a Date", new Date(0)],
    ["a text", "2026-03-01T00:00:00Z"],
    ...hostileBut(),
  ])("cannot be %s", (_, value) => {
    expect(isInstant(value)).toBe(false);
    expect(parseInstant(value)._unsafeUnwrapErr()).toEqual({
      type: "invalid-identifier",
      kind: "instant",
      message: "Not a valid instant: give whole milliseconds since 1970-01-01T00:00:00Z.",
    });
  });
});
