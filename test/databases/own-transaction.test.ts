import type pg from "pg";
import type { Instant, UserId } from "unified-contributions";
import { createPostgresSenderStore } from "unified-contributions/adapters/postgres";
import type { LinkCommit, SenderStore } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const OCTO = "octo" as UserId;
const OPT_OUT: LinkCommit = {
  expectedVersion: 0,
  user: OCTO,
  link: { status: "opted-out", optedOutAt: NOW },
  withdraw: null,
  audit: null,
};

/** Runs something inside a transaction that the host has begun beside a table of its own. */
async function insideTransaction(
  end: "COMMIT" | "ROLLBACK",
  body: (store: SenderStore, client: pg.PoolClient, table: string) => Promise<void>,
) {
  const database = await projectDatabase();
  const schema = await freshSchema(database, "sender");
  const table = `${schema}.hosts_own`;
  await database.client.query(`CREATE TABLE ${table} (name text)`, []);
  const client = await (database.client as pg.Pool).connect();
  try {
    await client.query("BEGIN");
    await body(createPostgresSenderStore({ client, schema }), client, table);
    await client.query(end);
  } finally {
    client.release();
  }
  const { rows } = await (database.client as pg.Pool).query(`SELECT name FROM ${table}`);
  const store = createPostgresSenderStore({ client: database.client, schema });
  return { rows, isWritten: (await store.loadLink(OCTO))._unsafeUnwrap().version !== 0 };
}

describe("a store over a client inside the host's own transaction", () => {
  it("commits with the host's own rows", async () => {
    const after = await insideTransaction("COMMIT", async (store, client, table) => {
      await client.query(`INSERT INTO ${table} VALUES ('octo opted out')`);
      (await store.commitLink(OPT_OUT))._unsafeUnwrap();
    });

    expect(after).toEqual({ rows: [{ name: "octo opted out" }], isWritten: true });
  });

  it("is undone with the host's own rows", async () => {
    const after = await insideTransaction("ROLLBACK", async (store, client, table) => {
      await client.query(`INSERT INTO ${table} VALUES ('octo opted out')`);
      (await store.commitLink(OPT_OUT))._unsafeUnwrap();
      expect((await store.loadLink(OCTO))._unsafeUnwrap().version).not.toBe(0);
    });

    expect(after).toEqual({ rows: [], isWritten: false });
  });

  it("keeps the transaction alive through a version conflict", async () => {
    const after = await insideTransaction("COMMIT", async (store, client, table) => {
      const conflict = (await store.commitLink({ ...OPT_OUT, expectedVersion: 7 }))._unsafeUnwrapErr();
      expect(conflict).toEqual({ type: "version-conflict" });
      await client.query(`INSERT INTO ${table} VALUES ('octo stays')`);
    });

    expect(after).toEqual({ rows: [{ name: "octo stays" }], isWritten: false });
  });

  it("asks for a rollback if the host's transaction has failed before", async () => {
    const after = await insideTransaction("ROLLBACK", async (store, client) => {
      await client.query("SELECT 1 / 0").catch(() => undefined);
      const fault = (await store.commitLink(OPT_OUT))._unsafeUnwrapErr();
      expect(fault).toMatchObject({ type: "storage-fault", reason: "unavailable" });
      expect(fault).toHaveProperty("message", expect.stringMatching(/roll it back and run it again/));
    });

    expect(after.isWritten).toBe(false);
  });
});
