import { describe, expect, it } from "vitest";
import {
  type AdmissionBounds,
  createAdmission,
  type Place,
} from "../../../../src/adapters/http/admission.ts";

const BOUNDS: AdmissionBounds = { places: 3, placesEach: 2, perSecond: 1_000, burst: 1_000 };

function admission(bounds: Partial<AdmissionBounds> = {}) {
  const { enter } = createAdmission({ ...BOUNDS, ...bounds });
  const laneOf = (place: Place | null) => place && (place.isForDeletions ? "deletions" : "any");
  return {
    enter,
    reports: (installation: string) => laneOf(enter(installation, false)),
    deletes: (installation: string) => laneOf(enter(installation, true)),
  };
}

describe("a request", () => {
  it("finds a place up to the bound of its installation, and of all", () => {
    const { reports } = admission();

    expect(["a", "a", "a", "b", "b", "c"].map(reports)).toEqual(["any", "any", null, "any", null, null]);
  });

  it("finds a place again for each that was given back, and no more for one that was given back twice", () => {
    const { enter, reports } = admission();
    const places = [enter("a", false), enter("a", false), enter("b", false)];

    places[0]?.leave();
    places[0]?.leave();

    expect(["b", "a"].map(reports)).toEqual(["any", null]);
    places[1]?.leave();
    expect(["a", "b"].map(reports)).toEqual(["any", null]);
  });

  it("of an installation that has left one of two places finds one, not two", () => {
    const { enter, reports } = admission();
    enter("a", false);
    enter("a", false)?.leave();

    expect(["a", "a", "b"].map(reports)).toEqual(["any", null, "any"]);
  });

  it("may not come more often than the rate, though there are places", () => {
    const { enter, reports } = admission({ burst: 2, perSecond: 0.001 });

    enter("a", false)?.leave();
    enter("a", false)?.leave();

    expect(["a", "b"].map(reports)).toEqual([null, "any"]);
  });
});

describe("a deletion", () => {
  it("takes a place of any request, and one of its own where there is none", () => {
    const { reports, deletes } = admission();

    expect(["a", "a", "a", "a", "a"].map(deletes)).toEqual(["any", "any", "deletions", "deletions", null]);
    expect(reports("b")).toBe("any");
    expect(deletes("c")).toBe("deletions");
    expect(deletes("d")).toBe(null);
  });

  it("is let in though reports have spent the rate, and gives its place back", () => {
    const { enter, reports, deletes } = admission({ burst: 2, perSecond: 0.001 });
    enter("a", false)?.leave();
    enter("a", false)?.leave();

    expect(reports("a")).toBe(null);
    enter("a", true)?.leave();
    expect(["a", "a"].map(deletes)).toEqual(["deletions", null]);
  });
});
