import { describe, expect, test } from "vitest";
import { requirePorts } from "../../../src/domain/require-ports.ts";

const METHODS = { store: ["load", "save"], clock: ["now"] };
const method = (): number => 0;
const STORE = { load: method, save: method };
const CLOCK = { now: method };

describe("plugs", () => {
  test.each([
    ["objects with these methods", { store: STORE, clock: CLOCK }],
    ["objects with more", { store: { ...STORE, close: method }, clock: CLOCK, log: null }],
    [
      "instances whose class has them",
      {
        store: STORE,
        clock: new (class {
          now() {}
        })(),
      },
    ],
  ])("can be %s", (_, options) => {
    expect(() => requirePorts("createX", options, METHODS)).not.toThrow();
  });

  test.each([
    ["nothing at all", undefined, "createX: `store` has to have the method `load`."],
    ["null", null, "createX: `store` has to have the method `load`."],
    ["a text", "store", "createX: `store` has to have the method `load`."],
    ["no store", { clock: CLOCK }, "createX: `store` has to have the method `load`."],
    ["null for a store", { store: null, clock: CLOCK }, "createX: `store` has to have the method `load`."],
    [
      "a store without a method",
      { store: { load: method }, clock: CLOCK },
      "createX: `store` has to have the method `save`.",
    ],
    [
      "a value for a method",
      { store: STORE, clock: { now: 0 } },
      "createX: `clock` has to have the method `now`.",
    ],
    ["no clock", { store: STORE }, "createX: `clock` has to have the method `now`."],
  ])("cannot be %s: the first that is missing is named", (_, options, message) => {
    expect(() => requirePorts("createX", options, METHODS)).toThrow(new TypeError(message));
  });
});
