import pg from "pg";
import type { AccountId } from "unified-contributions";
import { createPostgresReceiverStore, prepareStatements } from "unified-contributions/adapters/postgres";
import { describe, expect, it, vi } from "vitest";
import { describeContracts } from "../../support/postgres/contracts.ts";
import {
  accountOf,
  NOW,
  openLinks,
  registerServer,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ } from "../../support/values.ts";

const NOBODY = "nobody" as AccountId;

describe("over prepared statements", () => {
  describeContracts(async () => {
    const pool = new pg.Pool(serverConnection());
    return { name: "PostgreSQL", client: prepareStatements(pool), close: () => pool.end() };
  });
});

describe("a prepared statement", () => {
  it("is parsed once per connection, however often it is run", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const connection = await poolOfTest().connect();
    const store = createPostgresReceiverStore({ client: prepareStatements(connection), schema });

    for (let reads = 0; reads < 10; reads++) await valueFrom(store.loadShown(NOBODY));

    const { rows } = await connection.query(
      "SELECT (generic_plans + custom_plans)::int4 AS runs FROM pg_prepared_statements WHERE statement LIKE $1",
      [`%${schema}%`],
    );
    expect(rows).toEqual([{ runs: 10 }]);
    connection.release();
  });

  it("of one schema is not confused with that of another on the same connection", async () => {
    const database = await projectDatabase();
    const connection = await poolOfTest().connect();
    const storeOfItsOwn = async () => {
      const schema = await freshSchema(database, "receiver");
      return createPostgresReceiverStore({ client: prepareStatements(connection), schema });
    };
    const [one, other] = [await storeOfItsOwn(), await storeOfItsOwn()];
    await registerServer(one);
    await registerServer(other);
    await openLinks(one, [1]);

    const selection = { account: accountOf(1), installation: null } as const;
    expect(await valueFrom(other.deleteLinks(selection, NOW))).toEqual([]);
    expect(await valueFrom(one.deleteLinks(selection, NOW))).toHaveLength(1);
    connection.release();
  });

  it("still works after a later release has added a column to its table", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const connection = await poolOfTest().connect();
    const store = createPostgresReceiverStore({ client: prepareStatements(connection), schema });
    await registerServer(store);
    for (let opened = 0; opened < 10; opened++) await openLinks(store, [opened]);

    await connection.query(`ALTER TABLE ${schema}.links ADD COLUMN later text`);
    await connection.query(`ALTER TABLE ${schema}.registrations ADD COLUMN later text`);

    expect(await openLinks(store, [11])).toHaveLength(1);
    expect((await store.loadShown(accountOf(11))).isOk()).toBe(true);
    connection.release();
  });

  it("is not confused with that of another copy of the package on the same connection", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const connection = await poolOfTest().connect();
    // As a hot reload, or a second version in the host's dependencies, loads it.
    vi.resetModules();
    const copy = await import("unified-contributions/adapters/postgres");
    expect(copy.prepareStatements).not.toBe(prepareStatements);
    const one = createPostgresReceiverStore({ client: prepareStatements(connection), schema });
    const other = copy.createPostgresReceiverStore({ client: copy.prepareStatements(connection), schema });

    await valueFrom(one.loadShown(NOBODY));
    await valueFrom(other.loadRegistration(HQ));
    await valueFrom(other.loadShown(NOBODY));

    expect(await valueFrom(one.loadRegistration(HQ))).toBeNull();
    const { rows } = await connection.query(
      "SELECT name FROM pg_prepared_statements WHERE statement LIKE $1",
      [`%${schema}%`],
    );
    expect(rows.map(({ name }) => name.length)).toEqual([54, 54]);
    connection.release();
  });

  it("that a pooler has lost is a fault that says so", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const connection = await poolOfTest().connect();
    const store = createPostgresReceiverStore({ client: prepareStatements(connection), schema });
    await valueFrom(store.loadShown(NOBODY));

    await connection.query("DEALLOCATE ALL");

    expect((await store.loadShown(NOBODY))._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
      message: expect.stringMatching(/^A pooler on the way does not keep prepared statements/),
    });
    connection.release(true);
  });
});
