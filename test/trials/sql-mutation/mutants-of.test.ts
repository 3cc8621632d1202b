import { beforeAll, describe, expect, it } from "vitest";
import { loadParser, mutantsOf, rewritten } from "./mutants-of.ts";

beforeAll(loadParser);

describe("the mutants of a statement", () => {
  it.each([
    ["SELECT a FROM t WHERE a < 1", ["SELECT a FROM t WHERE a <= 1", "SELECT a FROM t WHERE a >= 1"]],
    ["SELECT a FROM t WHERE a <> $1", ["SELECT a FROM t WHERE a = $1"]],
    ["SELECT a FROM t WHERE a IS NULL", ["SELECT a FROM t WHERE a IS NOT NULL"]],
    ["SELECT a FROM t WHERE a IS FALSE", ["SELECT a FROM t WHERE a IS TRUE"]],
    [
      "SELECT a FROM t WHERE a AND b",
      ["SELECT a FROM t WHERE (a OR true) AND b", "SELECT a FROM t WHERE a AND (b OR true)"],
    ],
    [
      "SELECT a FROM t WHERE a OR b",
      ["SELECT a FROM t WHERE (a AND false) OR b", "SELECT a FROM t WHERE a OR (b AND false)"],
    ],
    ["SELECT a FROM t WHERE NOT a", ["SELECT a FROM t WHERE a"]],
    [
      "SELECT CASE WHEN a THEN 1 ELSE 2 END",
      ["SELECT CASE WHEN a OR true THEN 1 ELSE 2 END", "SELECT CASE WHEN a AND false THEN 1 ELSE 2 END"],
    ],
    ["SELECT LEAST(a, 1)", ["SELECT GREATEST(a, 1)"]],
    ["SELECT a FROM t FOR SHARE", ["SELECT a FROM t"]],
    ["UPDATE t SET (a, b) = (SELECT 1, 2 WHERE c = 3)", ["UPDATE t SET (a, b) = (SELECT 1, 2 WHERE c <> 3)"]],
    ["SELECT a + 1 FROM t ORDER BY a", []],
  ])("of %s", (sql, expected) => {
    expect(mutantsOf(sql).map((mutant) => mutant.sql)).toEqual(expected.map(rewritten));
  });

  it("are made in every part of it", () => {
    const sql = "WITH f AS (UPDATE t SET a = CASE WHEN b THEN 1 END RETURNING a) SELECT a FROM f WHERE a = 1";
    const titles = mutantsOf(sql).map(({ title }) => title);
    expect(titles.sort()).toEqual(["<> in a = 1", "always WHEN b", "never WHEN b"]);
  });

  it("change a guard at each of its places at once", () => {
    const guard = "(1 / (NOT row_security_active('t'))::int4)::bool";
    const mutants = mutantsOf(`SELECT a FROM (SELECT a FROM t WHERE ${guard}) AS s WHERE ${guard}`);
    expect(mutants.map(({ title }) => title)).toEqual(["no NOT before row_security_active('t')"]);
    expect(mutants[0]?.sql.match(/NOT/g)).toBeNull();
  });

  it("stand in one place where statements share a query of their WITH", () => {
    const [first] = mutantsOf("WITH f AS (SELECT a FROM t WHERE a = 1) SELECT a FROM f");
    const [second] = mutantsOf("WITH g AS (SELECT 1), f AS (SELECT a FROM t WHERE a = 1) SELECT b FROM f");
    const [another] = mutantsOf("WITH g AS (SELECT a FROM t WHERE a = 1) SELECT a FROM g");
    expect(first?.place).toBe(second?.place);
    expect(first?.place).not.toBe(another?.place);
  });
});
