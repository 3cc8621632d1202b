import { describe, expect, it } from "vitest";
import { qualify } from "../../../../src/adapters/postgres/qualify.ts";
import { receiverReaderStatements } from "../../../../src/adapters/postgres/receiver-reader.ts";
import { receiverStatements } from "../../../../src/adapters/postgres/receiver-statements.ts";
import { senderReaderStatements } from "../../../../src/adapters/postgres/sender-reader.ts";
import { senderStatements } from "../../../../src/adapters/postgres/sender-statements.ts";

describe("a statement that names the schema of what it uses", () => {
  it.each([
    ["a = b", "a OPERATOR(pg_catalog.=) b"],
    ["a.x <= $1 AND 'a = b' <> c", "a.x OPERATOR(pg_catalog.<=) $1 AND 'a = b' OPERATOR(pg_catalog.<>) c"],
    ["x = ANY ($1::text[])", "x OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])"],
    ["(a, b) > (c, d)", "(a, b) OPERATOR(pg_catalog.>) (c, d)"],
    [
      "SET a = b = c, d = 1 WHERE e = f",
      "SET a = b OPERATOR(pg_catalog.=) c, d = 1 WHERE e OPERATOR(pg_catalog.=) f",
    ],
    [
      "SET (a, b) = (SELECT c WHERE (d, e) = (f, g)), (h, i) = (SELECT j)",
      "SET (a, b) = (SELECT c WHERE (d, e) OPERATOR(pg_catalog.=) (f, g)), (h, i) = (SELECT j)",
    ],
    ["SELECT count(*), r.*", "SELECT pg_catalog.count(*), r.*"],
    ["a * 2 - 1", "a OPERATOR(pg_catalog.*) 2 OPERATOR(pg_catalog.-) 1"],
    ["ELSE -1 END - 2", "ELSE -1 END OPERATOR(pg_catalog.-) 2"],
    ["max(day::int4)", "pg_catalog.max(day::pg_catalog.int4)"],
    ["substring(a FROM 1 FOR b)", "substring(a FROM 1 FOR b)"],
    ["pg_catalog.count(*)", "pg_catalog.count(*)"],
    ['FROM "s".links AS l', 'FROM "s".links AS l'],
    ["INSERT INTO t (a, b) SELECT 1", "INSERT INTO t (a, b) SELECT 1"],
    ["AS i (link, place)", "AS i (link, place)"],
  ])("%s", (sql, qualified) => {
    expect(qualify(sql)).toBe(qualified);
  });

  it("has none of the words that look an operator up unseen", () => {
    const statements = [
      ...[false, true].flatMap((isDistributed) =>
        [receiverStatements, receiverReaderStatements].map((write) => write('"s"', isDistributed)),
      ),
      ...[senderStatements, senderReaderStatements].map((write) => write('"s"')),
    ].flatMap((written) => Object.entries(written));

    for (const [name, sql] of statements) {
      expect(sql, name).not.toMatch(/\b(?:IN \(|BETWEEN|LIKE|NULLIF|DISTINCT FROM|USING \()/);
      expect(sql.replaceAll(/OPERATOR\(pg_catalog\.\S+?\)|SELECT \*/g, ""), name).not.toMatch(/ [<>+*/|-]+ /);
    }
  });
});
