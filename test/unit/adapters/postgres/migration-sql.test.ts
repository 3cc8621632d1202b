import { parse } from "pgsql-parser";
import {
  type Migration,
  migrationSql,
  migrations,
  planMigrations,
} from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { oneByOne } from "../../../../src/adapters/postgres/migration-sql.ts";
import { ALL_PARTS } from "../../../support/postgres/test-database.ts";

/** How many statements PostgreSQL's parser finds in a text. */
async function statementsIn(sql: string): Promise<number> {
  return ((await parse(sql)) as { readonly stmts: readonly unknown[] }).stmts.length;
}

const [RECEIVER] = migrations.receiver as [Migration];

describe("a migration that is run statement by statement", () => {
  const all = ALL_PARTS.flatMap((part) => migrations[part].map((migration) => [part, migration] as const));

  it.each(all)("has every statement of %s, each of them once", async (part, migration) => {
    for (const partitions of [0, 3]) {
      const whole = migrationSql(part, migration, "s", partitions);
      const each = [...oneByOne(whole).matchAll(/EXECUTE \$statement\$([\s\S]*?)\$statement\$;/g)].map(
        ([, statement = ""]) => statement,
      );

      expect(each).toHaveLength(await statementsIn(whole));
      for (const statement of each) expect(await statementsIn(statement)).toBe(1);
      expect(await statementsIn(oneByOne(whole))).toBe(1);
    }
  });
});

describe("a migration with partitions", () => {
  it("makes that many of the links, which keep the table's free space, and changes nothing else", () => {
    const sql = migrationSql("receiver", RECEIVER, "s", 16);

    expect(sql.match(/PARTITION OF "s"\.links\n {2}FOR VALUES .*WITH \(fillfactor = 90\);/g)).toHaveLength(
      16,
    );
    expect(sql).toMatch(/\n\) PARTITION BY HASH \(installation\);/);
    expect(sql).toMatch(/MODULUS 16, REMAINDER 15/);
    expect(sql.match(/PARTITION BY/g)).toHaveLength(1);
    for (const part of ["sender", "ledger"] as const) {
      expect(planMigrations([part], "s", 0, 16)).toBe(planMigrations([part], "s"));
    }
  });

  it.each([1, -2, 2.5, 257, Number.NaN])("cannot have %s of them", (partitions) => {
    expect(() => migrationSql("receiver", RECEIVER, "s", partitions)).toThrow(TypeError);
    expect(() => planMigrations(["receiver"], "s", 0, partitions)).toThrow(TypeError);
  });
});
