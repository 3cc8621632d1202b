import { describe, expect, it } from "vitest";
import { Mistake, readOptions } from "../../../scripts/bench/options.ts";

const GROUPS = ["aggregate", "wire"];
const USAGE = "Usage: npm run bench -- [aggregate | wire] [--json] [--quick] [--rounds N] [--git <path>]";

describe("the options of the benchmark", () => {
  it("ask by default for all groups, for people, with the history of the repository around it", () => {
    expect(readOptions([], GROUPS)).toEqual({
      group: null,
      rounds: 11,
      isQuick: false,
      isJson: false,
      git: ".",
    });
  });

  it("are taken in any order", () => {
    const args = ["--git", "../vite", "--json", "wire", "--rounds", "3", "--quick"];

    const options = readOptions(args, GROUPS);

    expect(options).toEqual({ group: "wire", rounds: 3, isQuick: true, isJson: true, git: "../vite" });
  });

  it("make one round if it has to be quick", () => {
    expect(readOptions(["--quick"], GROUPS).rounds).toBe(1);
  });

  it.each([
    [["--bogus"], "Unknown option '--bogus'."],
    [["--rounds"], "Option '--rounds <value>' argument missing."],
    [["--json=yes"], "Option '--json' does not take an argument."],
    [["--rounds", "0"], "--rounds takes a whole number from 1 to 1000."],
    [["--rounds", "1001"], "--rounds takes a whole number from 1 to 1000."],
    [["--rounds", "2.5"], "--rounds takes a whole number from 1 to 1000."],
    [["--rounds", "many"], "--rounds takes a whole number from 1 to 1000."],
    [["speed"], 'There is no group "speed".'],
    [["wire", "aggregate"], "Only one group can be named."],
  ])("%j are refused with one sentence and the usage", (args, sentence) => {
    expect(() => readOptions(args, GROUPS)).toThrow(new Mistake(`${sentence} ${USAGE}`));
  });
});
