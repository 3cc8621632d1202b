import type pg from "pg";
import postgres from "postgres";
import {
  checkPostgresSchema,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  migratePostgresSchema,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import {
  accountOf,
  deliveryOf,
  NOW,
  openLinks,
  registerServer,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ } from "../../support/values.ts";
import { OCTO } from "../../support/world.ts";

const PARTS: readonly SchemaPart[] = ["sender", "receiver", "ledger"];

let schema: string;

beforeEach(async () => {
  schema = await freshSchema(await projectDatabase(), ...PARTS);
});

describe("postgres.js, through the lines of docs/postgres.md", () => {
  function open(options: postgres.Options<Record<string, postgres.PostgresType>> = {}): PostgresClient {
    const { host, user } = serverConnection();
    const sql = postgres({
      path: `${host}/.s.PGSQL.5432`,
      user: `${user}`,
      database: "postgres",
      onnotice: () => undefined,
      ...options,
    });
    onTestFinished(() => sql.end());
    const answerOf = (rows: postgres.RowList<postgres.Row[]>) => ({ rows, rowCount: rows.count });
    return {
      query: async (text, values) => {
        const answer = await sql.unsafe(text, values as never[]);
        return Array.isArray(answer[0])
          ? (answer as unknown as (typeof answer)[]).map(answerOf)
          : answerOf(answer);
      },
    };
  }

  it("passes the whole story, and the check finds no fault", async () => {
    const client = open();

    expect(await tellStory(client, schema)).toEqual(RIGHT);
    expect((await checkPostgresSchema({ client, schema, parts: PARTS }))._unsafeUnwrap()).toBeUndefined();
  });

  it("does so without prepared statements and in camel case, or names the problem", async () => {
    expect(await tellStory(open({ prepare: false }), schema)).toEqual(RIGHT);
    const camel = open({ transform: postgres.camel });
    await expect(tellStory(camel, schema)).rejects.toMatchObject({
      type: "storage-fault",
      reason: "corrupt",
    });
  });

  it("migrates a schema", async () => {
    const client = open();
    const query = { client, schema: `${schema}_own`, parts: PARTS };

    expect((await migratePostgresSchema(query))._unsafeUnwrap()).toHaveLength(3);
    expect(await tellStory(client, `${schema}_own`)).toEqual(RIGHT);
  });
});

describe("a client of the shape of Neon's serverless driver, which answers the rows themselves", () => {
  /** Runs what it is given, and answers as `neon(…).query` does. */
  function rowsAlone(pool: pg.Pool): PostgresClient {
    return { query: async (text, values) => (await pool.query(text, values)).rows };
  }

  it("is a fault by name for reads, and never an empty answer", async () => {
    const pool = poolOfTest();
    const store = createPostgresReceiverStore({ client: pool, schema });
    await registerServer(store);
    const links = await openLinks(store, [1]);
    await valueFrom(store.applyDelivery(deliveryOf(6, links)));
    const client = rowsAlone(pool);
    const odd = createPostgresReceiverStore({ client, schema });
    const sender = createPostgresSenderStore({ client, schema });

    const faults = [
      await odd.loadShown(accountOf(1)),
      await odd.loadRegistration(HQ),
      await odd.applyDelivery(deliveryOf(7, links)),
      await odd.deleteLinks({ account: accountOf(1), installation: null }, NOW),
      await sender.loadLink(OCTO),
      await sender.loadServer(),
      await checkPostgresSchema({ client, schema, parts: PARTS }),
    ].map((result) => result._unsafeUnwrapErr());

    for (const fault of faults) {
      expect(fault).toMatchObject({
        type: "storage-fault",
        reason: "corrupt",
        message: expect.stringMatching(/^The client does not answer as pg does/),
      });
    }
  });

  it("is right once a line of the host's returns rows and rowCount", async () => {
    const { query } = rowsAlone(poolOfTest());
    const client: PostgresClient = {
      query: async (text, values) => {
        const rows = (await query(text, values)) as readonly unknown[];
        return { rows, rowCount: rows.length };
      },
    };

    const store = createPostgresReceiverStore({ client, schema });
    await registerServer(store);
    expect(await openLinks(store, [1])).toHaveLength(1);
    expect((await store.loadShown(accountOf(1)))._unsafeUnwrap()).toEqual([]);
  });
});
