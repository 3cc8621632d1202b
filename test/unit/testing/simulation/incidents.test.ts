import { describe, expect, it } from "vitest";
import { createDice } from "../../../../src/testing/simulation/dice.ts";
import { createIncidents, type Incidents } from "../../../../src/testing/simulation/incidents.ts";

const SEED = 5;

function incidentsWithout(...without: readonly string[]): Incidents {
  return createIncidents({ dice: createDice(SEED), without: new Set(without), onIncident: () => undefined });
}

function liveThrough(incidents: Incidents): readonly string[] {
  for (let hour = 0; hour < 200; hour++) {
    incidents.happens("message-lost", 0.1, hour);
    incidents.happens("storage-slow", 0.1, hour);
    incidents.happens("opt-out", 0.1, hour);
  }
  return incidents.names;
}

describe("incidents", () => {
  it("stay where they were when another is left out, so that histories can shrink", () => {
    const all = liveThrough(incidentsWithout());
    const left = all[Math.floor(all.length / 2)] as string;

    expect(all.length).toBeGreaterThan(20);
    expect(liveThrough(incidentsWithout(left))).toEqual(all.filter((name) => name !== left));
  });

  it("are counted by kind, with the incidents that follow from them", () => {
    const incidents = incidentsWithout();
    const names = liveThrough(incidents);
    incidents.follows("message-overtaken");

    const slow = names.filter((name) => name.startsWith("storage-slow@")).length;
    expect(incidents.counts.get("storage-slow")).toBe(slow);
    expect(incidents.counts.get("message-overtaken")).toBe(1);
    expect(incidents.counts.get("server-copied")).toBe(0);
  });

  it("of some kinds are unknown in a world, and others more frequent than in the next", () => {
    const met = Array.from({ length: 40 }, (_, seed) => {
      const incidents = createIncidents({
        dice: createDice(seed),
        without: new Set(),
        onIncident: () => undefined,
      });
      return liveThrough(incidents).filter((name) => name.startsWith("opt-out@")).length;
    });

    expect(met).toContain(0);
    expect(Math.max(...met)).toBeGreaterThan(60);
  });
});
