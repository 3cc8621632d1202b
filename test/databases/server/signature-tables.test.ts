import type pg from "pg";
import type { InstallationId, Instant, ResultAsync } from "unified-contributions";
import {
  generateKeyPair,
  keyThumbprint,
  type ProvenKey,
} from "unified-contributions/adapters/http-signatures";
import {
  createPostgresKeyDirectory,
  createPostgresNonceStore,
} from "unified-contributions/adapters/postgres";
import { beforeEach, describe, expect, it } from "vitest";
import { grantedRole } from "../../support/postgres/granted-role.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";

const NOW = 1_772_366_400_000 as Instant;
const UNTIL = (NOW + 60_000) as Instant;
const SERVER = "server-1" as InstallationId;
const CHALLENGE = { installation: SERVER, challenge: "challenge-0123456789", until: UNTIL };

let schema: string;
/** Connections as the role that has the documented grants. */
let app: pg.Pool;
let key: ProvenKey;

beforeEach(async () => {
  const database = await projectDatabase();
  schema = await freshSchema(database, ...ALL_PARTS);
  app = poolOfTest({ role: await grantedRole(database.client, schema) });
  const algorithm = "ed25519";
  const { publicKey: jwk } = (await generateKeyPair(algorithm))._unsafeUnwrap();
  const thumbprint = (await keyThumbprint({ algorithm, jwk }))._unsafeUnwrap();
  key = { ...CHALLENGE, keyId: "key-1", thumbprint, algorithm, jwk, at: NOW };
});

async function asOwner(sql: string): Promise<readonly Record<string, unknown>[]> {
  const { client } = await projectDatabase();
  return ((await client.query(sql.replaceAll("{schema}", schema), [])) as pg.QueryResult).rows;
}

const remember = (nonce = "nonce-0123456789") =>
  createPostgresNonceStore({ client: app, schema }).remember({
    installation: SERVER,
    nonce,
    until: UNTIL,
    at: NOW,
  });
const keys = () => createPostgresKeyDirectory({ client: app, schema });

/** What each table is asked, beside what keeps it from obeying. */
const CALLS: readonly (readonly [table: string, string, () => ResultAsync<unknown, unknown>])[] = [
  ["nonces", "a nonce", () => remember()],
  ["keys", "a look-up", () => keys().find("key-1")],
  ["keys", "a registration", () => keys().register({ ...key, keyId: "key-2" })],
  ["keys", "a revocation", () => keys().revoke("key-1", NOW)],
  ["keys", "the revocation of all", () => keys().revokeAll(SERVER, NOW)],
  ["key_challenges", "the revocation of all", () => keys().revokeAll(SERVER, NOW)],
  ["key_challenges", "a challenge", () => keys().offer(CHALLENGE)],
  ["key_challenges", "a registration", () => keys().register({ ...key, keyId: "key-2" })],
];

/** The rows of a table that a call must not have changed. */
const rowsOf = (table: string) => asOwner(`SELECT * FROM {schema}.${table} ORDER BY 1, 2`);

describe("a role with the documented grants", () => {
  it("remembers nonces, and registers, finds and revokes keys", async () => {
    const directory = keys();

    expect((await remember())._unsafeUnwrap()).toBe(true);
    (await directory.offer(CHALLENGE))._unsafeUnwrap();
    (await directory.register(key))._unsafeUnwrap();
    expect((await directory.find("key-1"))._unsafeUnwrap()?.installation).toBe(SERVER);
    (await directory.revoke("key-1", NOW))._unsafeUnwrap();
    expect((await directory.find("key-1"))._unsafeUnwrap()).toBeNull();
  });
});

describe.each(CALLS)("an obstacle on the table %s makes %s a fault,", (table, _, call) => {
  it("and nothing is done: row-level security", async () => {
    await registered();
    await asOwner(`ALTER TABLE {schema}.${table} ENABLE ROW LEVEL SECURITY`);
    const before = await rowsOf(table);

    expect((await call())._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    expect(await rowsOf(table)).toEqual(before);
  });
});

describe.each(CALLS.filter(([, what]) => what !== "a look-up"))(
  "an obstacle on the table %s makes %s a fault,",
  (table, _, call) => {
    it("and nothing is done: a trigger that keeps rows as they are", async () => {
      await registered();
      await asOwner(`CREATE FUNCTION {schema}.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON {schema}.${table}
        FOR EACH ROW EXECUTE FUNCTION {schema}.never()`);
      const before = await rowsOf(table);

      expect((await call())._unsafeUnwrapErr()).toMatchObject({
        type: "storage-fault",
        reason: "unavailable",
      });
      expect(await rowsOf(table)).toEqual(before);
    });
  },
);

describe("a key row that another program changed", () => {
  it.each(["algorithm = 'none'", "jwk = '{}'", 'jwk = \'{"kty": "OKP", "crv": "Ed25519", "x": "AA"}\''])(
    "is a fault and opens nothing: %s",
    async (set) => {
      await registered();
      const directory = keys();
      (await directory.find("key-1"))._unsafeUnwrap();
      await asOwner(`UPDATE {schema}.keys SET ${set}`);

      expect((await directory.find("key-1"))._unsafeUnwrapErr()).toMatchObject({
        type: "storage-fault",
        reason: "corrupt",
      });
    },
  );
});

async function registered(): Promise<void> {
  (await keys().offer(CHALLENGE))._unsafeUnwrap();
  (await keys().register(key))._unsafeUnwrap();
  (await keys().offer(CHALLENGE))._unsafeUnwrap();
}
