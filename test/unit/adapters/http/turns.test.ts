import { expect, it } from "vitest";
import { createTurns } from "../../../../src/adapters/http/turns.ts";

/** The turns that were asked for, in the order in which they were given or refused. */
function asking(places: number, line: number) {
  const turns = createTurns(places, line);
  const told: string[] = [];
  const ask = (name: string): void => {
    void turns.take().then((isTaken) => told.push(isTaken ? name : `not ${name}`));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { turns, told, ask, settled };
}

it("gives turns up to the limit, lets some wait, and refuses the next at once", async () => {
  const { told, ask, settled } = asking(2, 1);

  for (const name of ["a", "b", "c", "d"]) ask(name);
  await settled();

  expect(told).toEqual(["a", "b", "not d"]);
});

it("gives each turn that ends to one that waits, in their order", async () => {
  const { turns, told, ask, settled } = asking(1, 2);
  for (const name of ["a", "b", "c"]) ask(name);

  turns.end();
  await settled();
  expect(told).toEqual(["a", "b"]);

  ask("d");
  turns.end();
  await settled();
  expect(told).toEqual(["a", "b", "c"]);
});

it("has a place again for each turn that nobody waited for, and no more", async () => {
  const { turns, told, ask, settled } = asking(2, 0);
  ask("a");
  ask("b");
  turns.end();

  for (const name of ["c", "d"]) ask(name);
  await settled();

  expect(told).toEqual(["a", "b", "c", "not d"]);
});
