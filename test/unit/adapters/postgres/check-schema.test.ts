import type pg from "pg";
import {
  checkPostgresSchema,
  migratePostgresSchema,
  migrations,
} from "unified-contributions/adapters/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SchemaPart } from "../../../../src/adapters/postgres/migrations.ts";
import { openPglite } from "../../../support/postgres/pglite.ts";
import { ALL_PARTS, freshSchema, type TestDatabase } from "../../../support/postgres/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

/** What the check says of a schema: the reason it refuses it and why, or "fits". */
async function checked(schema: string, parts: readonly SchemaPart[] = ALL_PARTS): Promise<string> {
  const result = await checkPostgresSchema({ client: database.client, schema, parts });
  return result.match(
    () => "fits",
    (problem) => `${problem.type === "schema-problem" ? problem.reason : problem.type}: ${problem.message}`,
  );
}

const sql = (text: string) => database.client.query(text, []);

describe("the check of a schema", () => {
  it("takes what the migrations have made, all parts in one schema or one alone", async () => {
    const all = await freshSchema(database, ...ALL_PARTS);
    const one = await freshSchema(database, "ledger");

    expect(await checked(all)).toBe("fits");
    expect(await checked(all, ["receiver"])).toBe("fits");
    expect(await checked(one, ["ledger"])).toBe("fits");
  });

  it("finds no schema, and no tables of a part", async () => {
    const schema = await freshSchema(database, "receiver");
    const empty = await freshSchema(database);

    expect(await checked("nowhere")).toMatch(/^no-schema: .*check its name/);
    expect(await checked(empty)).toBe(
      "no-tables: The tables of sender, receiver, ledger, nonces, keys are not there: run unified-contributions migrate.",
    );
    expect(await checked(schema, ["receiver", "ledger"])).toMatch(/^no-tables: The tables of ledger /);
  });

  it("refuses tables older than this release", async () => {
    const schema = await freshSchema(database, "receiver");
    await sql(`UPDATE ${schema}.migrations SET version = 0`);

    expect(await checked(schema, ["receiver"])).toMatch(/^older: .*run unified-contributions migrate/);
  });

  it("takes tables of a later release that says so, and refuses those of one that does not", async () => {
    const schema = await freshSchema(database, "receiver");
    const newest = migrations.receiver.at(-1)?.version ?? 0;

    await sql(`INSERT INTO ${schema}.migrations VALUES ('receiver', ${newest + 1}, ${newest})`);
    const expanded = await checked(schema, ["receiver"]);
    await sql(`INSERT INTO ${schema}.migrations VALUES ('receiver', ${newest + 2}, ${newest + 1})`);
    const contracted = await checked(schema, ["receiver"]);

    expect(expanded).toBe("fits");
    expect(contracted).toMatch(/^newer: .*upgrade this package/);
  });

  it("names a column, a type and an index that are not what the migrations made", async () => {
    const schema = await freshSchema(database, "receiver");
    await sql(`ALTER TABLE ${schema}.links DROP COLUMN received_at`);
    await sql(`ALTER TABLE ${schema}.links ALTER COLUMN epoch TYPE int8`);
    await sql(`DROP INDEX ${schema}.links_account`);

    expect(await checked(schema, ["receiver"])).toMatch(
      /^different: .*links: epoch integer, links: received_at bigint, links: links_account/,
    );
  });

  it("names the privileges that the role lacks", async () => {
    const schema = await freshSchema(database, "ledger");
    const role = `${schema}_role`;
    await sql(`CREATE ROLE ${role}`);

    await sql(`SET ROLE ${role}`);
    const nothing = await checked(schema, ["ledger"]);
    await sql(`RESET ROLE; GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}; SET ROLE ${role}`);
    const reads = await checked(schema, ["ledger"]);
    await sql(`RESET ROLE; GRANT INSERT, UPDATE ON ${schema}.ledger_heads TO ${role};
      GRANT INSERT, DELETE ON ${schema}.ledger_entries TO ${role}; SET ROLE ${role}`);
    const writes = await checked(schema, ["ledger"]);
    await sql("RESET ROLE");

    expect(nothing).toMatch(/^no-privilege: .*GRANT USAGE/);
    expect(reads).toBe(
      "no-privilege: The role has to be granted: ledger_heads: INSERT, ledger_heads: UPDATE, ledger_entries: INSERT, ledger_entries: DELETE.",
    );
    expect(writes).toBe("fits");
  });

  it("takes right tables in a session that quotes every name", async () => {
    const schema = await freshSchema(database, ...ALL_PARTS);

    await sql("SET quote_all_identifiers = on");
    const quoted = await checked(schema);
    await sql("RESET quote_all_identifiers");

    expect(quoted).toBe("fits");
  });

  it("refuses a session whose literals Citus would change, and takes it on a server without Citus", async () => {
    const schema = await freshSchema(database, "receiver");

    await sql("SET standard_conforming_strings = off; SET escape_string_warning = off");
    const plain = await checked(schema, ["receiver"]);
    await sql("SET citus.version = '13.2.2'");
    const citus = await checked(schema, ["receiver"]);
    await sql("SET standard_conforming_strings = on");
    const right = await checked(schema, ["receiver"]);
    await sql("RESET ALL");

    expect([plain, right]).toEqual(["fits", "fits"]);
    expect(citus).toMatch(/^unsuitable-client: .*standard_conforming_strings = off/);
  });

  it("names a column whose type has a length, or is another of the same name", async () => {
    const schema = await freshSchema(database, "receiver");
    await sql(`ALTER TABLE ${schema}.registrations ALTER COLUMN connection TYPE varchar(9)`);
    await sql(`CREATE DOMAIN ${schema}.int4 AS pg_catalog.int4`);
    await sql(`ALTER TABLE ${schema}.links ALTER COLUMN epoch TYPE ${schema}.int4`);

    expect(await checked(schema, ["receiver"])).toMatch(
      /^different: .*missing: registrations: connection text, links: epoch integer\./,
    );
  });

  it("names triggers and rules, but those that are disabled", async () => {
    const schema = await freshSchema(database, "receiver");
    await sql(
      `CREATE FUNCTION ${schema}.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    await sql(`CREATE TRIGGER copies AFTER INSERT ON ${schema}.links EXECUTE FUNCTION ${schema}.nothing()`);
    await sql(`CREATE RULE keeps AS ON DELETE TO ${schema}.registrations DO INSTEAD NOTHING`);

    const both = await checked(schema, ["receiver"]);
    await sql(
      `DROP RULE keeps ON ${schema}.registrations; ALTER TABLE ${schema}.links DISABLE TRIGGER copies`,
    );
    const disabled = await checked(schema, ["receiver"]);

    expect(both).toMatch(
      /^obstructed: .*: registrations: rule keeps, links: trigger copies\. Disable them there\./,
    );
    expect(disabled).toBe("fits");
  });

  it.each([
    ["answers text in capitals", (row: object) => capitals(row), /text_1, text_3/],
    ["leaves a column out", ({ nothing: _, ...row }: Record<string, unknown>) => row, /\(nothing\)/],
    ["parses a number", (row: object) => ({ ...row, big: 1 }), /\(big\)/],
    [
      "speaks another encoding",
      (row: object) => ({ ...row, encoding: "LATIN1" }),
      /client_encoding is not UTF8/,
    ],
  ])("refuses a client that %s", async (_, change, says) => {
    const client = {
      query: async (text: string, values: unknown[]) => {
        const { rows, rowCount } = (await database.client.query(text, values)) as pg.QueryResult;
        return { rows: rows.map(change), rowCount };
      },
    };

    const problem = (
      await checkPostgresSchema({ client, schema: "nowhere", parts: ALL_PARTS })
    )._unsafeUnwrapErr();

    expect(problem).toMatchObject({ reason: "unsuitable-client", message: expect.stringMatching(says) });
  });

  it("runs no DDL and writes nothing", async () => {
    const schema = await freshSchema(database, ...ALL_PARTS);

    await sql("SET default_transaction_read_only = on");
    const onReadOnly = await checked(schema);
    await sql("SET default_transaction_read_only = off");

    expect(onReadOnly).toBe("fits");
  });

  it.each(["", "Public", "1st", "pg_mine", 'a"b', "a.b", "a; DROP TABLE x", "x".repeat(64)])(
    "is not asked about a schema named %j",
    (schema) => {
      const query = { client: database.client, schema, parts: ALL_PARTS };

      expect(() => checkPostgresSchema(query)).toThrow(TypeError);
      expect(() => migratePostgresSchema(query)).toThrow(TypeError);
    },
  );
});

function capitals(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      column === "encoding" ? value : value?.toUpperCase(),
    ]),
  );
}

describe("migrating", () => {
  it("makes the schema and runs each migration once", async () => {
    const query = { client: database.client, schema: "migrated", parts: ALL_PARTS };

    const first = (await migratePostgresSchema(query))._unsafeUnwrap();
    const second = (await migratePostgresSchema(query))._unsafeUnwrap();

    expect(first.map(({ part, version }) => `${part} ${version}`)).toEqual([
      "sender 1",
      "receiver 1",
      "ledger 1",
      "nonces 1",
      "keys 1",
    ]);
    expect(second).toEqual([]);
    expect(await checked("migrated")).toBe("fits");
  });

  it("refuses a schema that a later release has changed for itself, and changes nothing", async () => {
    const schema = await freshSchema(database, "ledger");
    await sql(`INSERT INTO ${schema}.migrations VALUES ('ledger', 9, 9)`);

    const refused = await migratePostgresSchema({ client: database.client, schema, parts: ALL_PARTS });

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "schema-problem", reason: "newer" });
    expect(await checked(schema, ["sender"])).toMatch(/^no-tables/);
  });

  it("leaves nothing behind of a migration that fails", async () => {
    const schema = await freshSchema(database);
    await sql(`CREATE TABLE ${schema}.links ()`);

    const failed = await migratePostgresSchema({ client: database.client, schema, parts: ["receiver"] });

    expect(failed._unsafeUnwrapErr()).toMatchObject({ type: "schema-problem", reason: "different" });
    expect(await checked(schema, ["receiver"])).toMatch(/^no-tables/);
    await sql(`DROP TABLE ${schema}.links`);
    const again = await migratePostgresSchema({ client: database.client, schema, parts: ["receiver"] });
    expect(again.isOk()).toBe(true);
  });

  it("ends at once when its signal speaks, keeps what is finished, and goes on when it is run again", async () => {
    const schema = await freshSchema(database);
    const stop = new AbortController();
    let begun = 0;
    // The third migration waits for a lock that never comes.
    const query = (text: string, values: unknown[]) => {
      if (!text.includes("INSERT INTO")) return database.client.query(text, values);
      if (++begun < 3) return database.client.query(text, values);
      stop.abort();
      return new Promise(() => undefined);
    };
    const migration = { client: { query }, schema, parts: ALL_PARTS, signal: stop.signal };

    const ended = await migratePostgresSchema(migration);
    const refused = await migratePostgresSchema(migration);
    const again = await migratePostgresSchema({ client: database.client, schema, parts: ALL_PARTS });

    for (const result of [ended, refused])
      expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "aborted" });
    expect(begun).toBe(3);
    expect(again._unsafeUnwrap().map(({ part }) => part)).toEqual(["ledger", "nonces", "keys"]);
    expect(await checked(schema)).toBe("fits");
  });

  it("refuses a signal that is none", () => {
    const query = { client: database.client, parts: ALL_PARTS, signal: {} as AbortSignal };

    expect(() => migratePostgresSchema(query)).toThrow("`signal` has to be an AbortSignal");
  });

  it("numbers the migrations of a part 1, 2, 3 …, none of which shuts out the releases before it unsaid", () => {
    for (const part of ALL_PARTS) {
      expect(migrations[part].map(({ version }) => version)).toEqual(migrations[part].map((_, at) => at + 1));
      for (const { version, compatibleFrom } of migrations[part]) {
        expect(compatibleFrom).toBeGreaterThanOrEqual(1);
        expect(compatibleFrom).toBeLessThanOrEqual(version);
      }
    }
  });
});
