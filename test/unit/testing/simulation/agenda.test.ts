import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAgenda } from "../../../../src/testing/simulation/agenda.ts";

const nothing = (): void => undefined;

describe("an agenda", () => {
  it("returns its events in the order of their instants, and of one instant in the order of adding", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (instants) => {
        const agenda = createAgenda();
        const added = instants.map((at) => ({ at, what: () => undefined }));
        for (const { at, what } of added) agenda.add(at, what);

        const taken = added.map(() => agenda.next());

        const inOrder = [...added].sort((one, other) => one.at - other.at);
        expect(taken.map((each) => each?.what)).toEqual(inOrder.map(({ what }) => what));
        expect(agenda.next()).toBeNull();
      }),
    );
  });

  it("accepts more events while it is worked off", () => {
    const agenda = createAgenda();
    agenda.add(10, nothing);
    agenda.add(30, nothing);

    const first = agenda.next();
    agenda.add(20, nothing);

    expect([first?.at, agenda.next()?.at, agenda.next()?.at]).toEqual([10, 20, 30]);
  });
});
