import { describe, expect, it } from "vitest";
import { createHistory } from "../../../../src/testing/simulation/history.ts";

const NOON = Date.parse("2028-02-29T12:00:00Z");

describe("a history", () => {
  it("keeps a line for each event, with its instant", () => {
    const history = createHistory(() => NOON, true);

    history.add("a server is restored");

    expect(history.lines).toEqual(["2028-02-29T12:00:00Z a server is restored"]);
  });

  it("has the same fingerprint whether its lines are kept or not", () => {
    const [kept, forgotten] = [true, false].map((isKept) => createHistory(() => NOON, isKept));
    for (const history of [kept, forgotten]) {
      history?.add("a server is restored");
      history?.imprint("a message");
    }

    expect(forgotten?.lines).toEqual([]);
    expect(forgotten?.fingerprint()).toMatch(/^[0-9a-f]{16}$/);
    expect(forgotten?.fingerprint()).toBe(kept?.fingerprint());
  });

  it("has another fingerprint if a byte, an instant or an order differs", () => {
    const told = (now: number, ...lines: readonly string[]): string => {
      const history = createHistory(() => now, false);
      for (const line of lines) history.add(line);
      return history.fingerprint();
    };

    const fingerprints = [
      told(NOON, "a", "b"),
      told(NOON, "b", "a"),
      told(NOON, "a", "c"),
      told(NOON + 1, "a", "b"),
      told(NOON),
    ];

    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});
