import * as postgres from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { isPartitionCount } from "../../../../src/adapters/postgres/partitioned-links.ts";

const client = { query: () => Promise.resolve({ rows: [], rowCount: 0 }) };
const [RECEIVER] = postgres.migrations.receiver as [postgres.Migration];

/** Every factory of a part that keeps its tables in PostgreSQL. */
const FACTORIES = [
  postgres.createPostgresSenderStore,
  postgres.createPostgresSenderReader,
  postgres.createPostgresReceiverStore,
  postgres.createPostgresReceiverReader,
  postgres.createPostgresLedger,
  postgres.createPostgresKeyDirectory,
  postgres.createPostgresNonceStore,
].map((make) => ({ name: make.name, make: make as (options: unknown) => unknown }));

describe.each(FACTORIES)("$name", ({ name, make }) => {
  it.each([
    [undefined],
    [null],
    [{}],
    [{ client: null }],
    [{ client: {} }],
    [{ client: { query: "SELECT 1" } }],
  ])("needs a client, and %j has none", (options) => {
    expect(() => make(options)).toThrow(
      new TypeError(`${name}: client needs a query method: give a pool or a client of pg.`),
    );
  });

  it("takes a whole number of milliseconds for slow statements, from 1 to 2,147,483,647", () => {
    for (const slowStatementMs of [1, 2_147_483_647])
      expect(() => make({ client, slowStatementMs })).not.toThrow();
    for (const slowStatementMs of [0, 1.5, 2_147_483_648, "1", null])
      expect(() => make({ client, slowStatementMs })).toThrow(
        new TypeError(`${name}: slowStatementMs has to be a whole number from 1 to 2,147,483,647.`),
      );
  });

  it("names itself where the name of a schema cannot be one", () => {
    expect(() => make({ client, schema: "pg_own" })).toThrow(new RegExp(`^${name}: schema has to be`));
  });
});

describe("the name of a schema", () => {
  it.each<[name: string, use: (schema: string) => unknown]>([
    ["checkPostgresSchema", (schema) => postgres.checkPostgresSchema({ client, parts: [], schema })],
    ["migratePostgresSchema", (schema) => postgres.migratePostgresSchema({ client, parts: [], schema })],
    ["migrationSql", (schema) => postgres.migrationSql("receiver", RECEIVER, schema)],
    ["planMigrations", (schema) => postgres.planMigrations([], schema)],
  ])("is refused in the name of %s", (name, use) => {
    expect(() => use("No")).toThrow(new RegExp(`^${name}: schema has to be`));
    expect(() => use("")).toThrow(TypeError);
  });
});

describe("a number of partitions", () => {
  it.each([0, 2, 3, 256])("may be %i", (count) => {
    expect(isPartitionCount(count)).toBe(true);
  });

  it.each([1, 257, -2, 2.5, "2", null, Number.NaN])("may not be %s", (count) => {
    expect(isPartitionCount(count)).toBe(false);
    expect(() => postgres.migrationSql("receiver", RECEIVER, "s", count as number)).toThrow(
      new TypeError("migrationSql: partitions has to be 0, or 2 to 256."),
    );
  });

  it("is refused in the name of the function that was called", () => {
    expect(() => postgres.migratePostgresSchema({ client, parts: [], partitions: 1 })).toThrow(
      new TypeError("migratePostgresSchema: partitions has to be 0, or 2 to 256."),
    );
  });
});
