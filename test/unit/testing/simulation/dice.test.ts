import { describe, expect, it } from "vitest";
import { createDice } from "../../../../src/testing/simulation/dice.ts";

describe("dice", () => {
  it("give the same at the same place, whatever was thrown before", () => {
    const dice = createDice(7);
    const alone = createDice(7).fraction(3, 1, 4);

    dice.fraction(1);
    dice.fraction(2, 7);

    expect(dice.fraction(3, 1, 4)).toBe(alone);
  });

  it("give other values for another seed, another place, and a place with the same beginning", () => {
    const throws = [
      createDice(7).fraction(3, 1),
      createDice(8).fraction(3, 1),
      createDice(7).fraction(1, 3),
      createDice(7).fraction(3, 1, 0),
      createDice(2 ** 40 + 7).fraction(3, 1),
    ];

    expect(new Set(throws).size).toBe(throws.length);
  });

  it("are fair: each tenth of the range from 0 to 1 is equally frequent", () => {
    const dice = createDice(1);
    const tenths = new Array<number>(10).fill(0);

    for (let place = 0; place < 100_000; place++) {
      const tenth = Math.floor(dice.fraction(5, place) * 10);
      tenths[tenth] = (tenths[tenth] as number) + 1;
    }

    for (const times of tenths) expect(Math.abs(times - 10_000)).toBeLessThan(500);
  });

  it("pick each of several", () => {
    const dice = createDice(1);

    const picked = Array.from({ length: 100 }, (_, place) => dice.pick(["a", "b", "c"], place));

    expect([...new Set(picked)].sort()).toEqual(["a", "b", "c"]);
  });
});
