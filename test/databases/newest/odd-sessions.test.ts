import pg from "pg";
import { checkPostgresSchema } from "unified-contributions/adapters/postgres";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { HARMLESS_PARSERS, TEXT_PARSERS } from "../../support/postgres/odd-parsers.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { shadowCatalog } from "../../support/postgres/shadow-catalog.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";

const PARTS: readonly SchemaPart[] = ["sender", "receiver", "ledger"];
const SHADOWS = "shadows";

/** Settings of a session, one or a few at a time, as far as they can be from what one takes for granted. */
const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  { TimeZone: "Pacific/Apia" },
  { TimeZone: "America/St_Johns" },
  { DateStyle: "SQL,DMY" },
  { DateStyle: "German" },
  { DateStyle: "Postgres,MDY" },
  { IntervalStyle: "iso_8601" },
  { bytea_output: "escape" },
  { extra_float_digits: "-15" },
  { standard_conforming_strings: "off", escape_string_warning: "off" },
  { backslash_quote: "off" },
  { quote_all_identifiers: "on" },
  { array_nulls: "off" },
  { transform_null_equals: "on" },
  { search_path: "pg_catalog" },
  { search_path: "nowhere" },
  { search_path: "''" },
  { search_path: `${SHADOWS},pg_catalog` },
  { default_transaction_isolation: "serializable" },
  { default_transaction_isolation: "repeatable\\ read" },
  { default_transaction_isolation: "read\\ uncommitted" },
  { default_transaction_deferrable: "on" },
  { lc_messages: "C", lc_monetary: "C", lc_numeric: "C", lc_time: "C" },
  { row_security: "off" },
  { session_replication_role: "replica" },
  { statement_timeout: "60s", lock_timeout: "60s", idle_in_transaction_session_timeout: "60s" },
  { plan_cache_mode: "force_generic_plan" },
  { plan_cache_mode: "force_custom_plan" },
  { enable_indexscan: "off", enable_bitmapscan: "off", enable_indexonlyscan: "off" },
  { enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off" },
  { jit: "on", jit_above_cost: "0", jit_inline_above_cost: "0" },
  { debug_parallel_query: "on" },
  { work_mem: "64kB" },
  { synchronous_commit: "off" },
  { client_min_messages: "debug1" },
  { xmloption: "document", bytea_output: "escape", DateStyle: "SQL,DMY", TimeZone: "Asia/Tokyo" },
  { role: "postgres" },
];

/** The name of one that only newer releases have, and that they had under another. */
const RENAMED: Readonly<Record<string, string>> = { debug_parallel_query: "force_parallel_mode" };

let schema: string;

beforeAll(async () => {
  const { client } = await projectDatabase();
  await shadowCatalog(client, SHADOWS);
});

async function poolWith(config: pg.PoolConfig): Promise<pg.Pool> {
  schema = await freshSchema(await projectDatabase(), ...PARTS);
  const pool = new pg.Pool({ ...serverConnection(), ...config });
  pool.on("error", () => {});
  onTestFinished(() => pool.end());
  return pool;
}

async function poolWithSettings(settings: Readonly<Record<string, string>>): Promise<pg.Pool> {
  const { rows } = (await (
    await projectDatabase()
  ).client.query("SELECT name FROM pg_settings", [])) as pg.QueryResult;
  const known = new Set(rows.map(({ name }) => name));
  const options = Object.entries(settings).map(([name, value]) => {
    const other = RENAMED[name];
    return `-c ${other !== undefined && !known.has(name) ? other : name}=${value}`;
  });
  return await poolWith({ options: options.join(" ") });
}

describe("the whole story in a session", () => {
  it.each(SETTINGS.map((settings) => [JSON.stringify(settings), settings] as const))(
    "with %s is right, and the check finds no fault",
    async (_, settings) => {
      const pool = await poolWithSettings(settings);

      expect(await tellStory(pool, schema)).toEqual(RIGHT);
      expect(
        (await checkPostgresSchema({ client: pool, schema, parts: PARTS }))._unsafeUnwrap(),
      ).toBeUndefined();
    },
  );

  it("with another client encoding is right as well, and the check names it", async () => {
    const client = await (await poolWith({})).connect();
    onTestFinished(() => client.release());
    await client.query("SET client_encoding TO 'LATIN1'");

    expect(await tellStory(client, schema)).toEqual(RIGHT);
    const problem = (await checkPostgresSchema({ client, schema, parts: PARTS }))._unsafeUnwrapErr();
    expect(problem).toMatchObject({
      reason: "unsuitable-client",
      message: expect.stringMatching(/client_encoding/),
    });
  });

  it("that is read-only, or whose statements time out, is a fault by name", async () => {
    const readOnly = await poolWithSettings({ default_transaction_read_only: "on" });
    await expect(tellStory(readOnly, schema)).rejects.toMatchObject({ reason: "read-only" });
  });
});

describe("the whole story through type parsers", () => {
  it.each(HARMLESS_PARSERS)("with %s is right, and the check finds no fault", async (_, types) => {
    const pool = await poolWith({ types });

    expect(await tellStory(pool, schema)).toEqual(RIGHT);
    expect(
      (await checkPostgresSchema({ client: pool, schema, parts: PARTS }))._unsafeUnwrap(),
    ).toBeUndefined();
  });

  it.each(TEXT_PARSERS)("with %s is right or a fault by name, and the check refuses it", async (_, types) => {
    const pool = await poolWith({ types });

    const told = await tellStory(pool, schema).catch((fault) => fault);

    if (told.type === "storage-fault")
      expect(told.reason).toMatch(/^(?:corrupt|unavailable|outcome-unknown)$/);
    else expect(told).toEqual(RIGHT);
    const problem = (await checkPostgresSchema({ client: pool, schema, parts: PARTS }))._unsafeUnwrapErr();
    expect(problem.reason).toMatch(/^(?:unsuitable-client|corrupt|unavailable|outcome-unknown)$/);
  });

  it("that a library of the host's sets for the whole process is right", async () => {
    const own = pg.types.getTypeParser(pg.types.builtins.BOOL);
    onTestFinished(() => pg.types.setTypeParser(pg.types.builtins.BOOL, own));
    pg.types.setTypeParser(pg.types.builtins.BOOL, (text) => (text === "t" ? 1 : 0));

    expect(await tellStory(await poolWith({}), schema)).toEqual(RIGHT);
  });
});
