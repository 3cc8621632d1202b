import pg from "pg";
import type { StorageFault } from "unified-contributions";
import {
  checkPostgresSchema,
  createPostgresReceiverStore,
  prepareStatements,
} from "unified-contributions/adapters/postgres";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { NO_PGBOUNCER, startPooler } from "../../support/postgres/pooler.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ } from "../../support/values.ts";

const PARTS: readonly SchemaPart[] = ["sender", "receiver", "ledger"];

let schema: string;

beforeEach(async ({ skip }) => {
  if (NO_PGBOUNCER !== null) skip(NO_PGBOUNCER);
  schema = await freshSchema(await projectDatabase(), ...PARTS);
});

async function poolOver(
  settings: Readonly<Record<string, string>>,
  config: pg.PoolConfig = {},
): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...(await startPooler(settings)), ...config });
  pool.on("error", () => {});
  onTestFinished(() => pool.end());
  return pool;
}

describe("PgBouncer, which hands out connections by transaction", () => {
  it("passes the whole story, and the check finds no fault", async () => {
    const client = await poolOver({ default_pool_size: "2" });

    expect(await tellStory(client, schema)).toEqual(RIGHT);
    expect((await checkPostgresSchema({ client, schema, parts: PARTS }))._unsafeUnwrap()).toBeUndefined();
  });

  it("and prepared statements are right, or a fault that says what to leave out", async () => {
    const pool = await poolOver({ default_pool_size: "2" });
    const store = createPostgresReceiverStore({ client: prepareStatements(pool), schema });

    const results = await Promise.all(Array.from({ length: 40 }, () => store.loadRegistration(HQ)));

    for (const result of results) {
      if (result.isOk()) expect(result.value).toBeNull();
      else expect(result.error.message).toMatch(/without prepareStatements/);
    }
  });

  it("that is full is named, and neither a lost connection nor damaged data", async () => {
    const pool = await poolOver({ max_client_conn: "1" }, { max: 2 });
    const held = await pool.connect();
    onTestFinished(() => held.release());
    const store = createPostgresReceiverStore({ client: pool, schema });

    const fault: StorageFault = (await store.loadRegistration(HQ))._unsafeUnwrapErr();

    expect(fault.reason).toMatch(/^(?:unavailable|outcome-unknown)$/);
    expect(fault.message).toMatch(/pooler on the way|no connection left/);
  });
});
