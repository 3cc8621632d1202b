import type { InstallationId, Instant } from "unified-contributions";
import { createPostgresNonceStore } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

const SERVER = "server-1" as InstallationId;
const NOW = 1_772_366_400_000;
const HOUR = 3_600_000;

async function createStore() {
  const database = await projectDatabase();
  const { client } = database;
  const schema = await freshSchema(database, "nonces");
  const store = createPostgresNonceStore({ client, schema });
  return {
    /** Whether a nonce is new; instants are milliseconds after the present. */
    remember: async (nonce: string, until: number, at: number): Promise<boolean> => {
      const use = { installation: SERVER, nonce, until: (NOW + until) as Instant, at: (NOW + at) as Instant };
      return (await store.remember(use))._unsafeUnwrap();
    },
    /** The nonces that the table holds. */
    held: async (): Promise<readonly string[]> => {
      const answer = await client.query(`SELECT nonce FROM ${schema}.nonces ORDER BY nonce`, []);
      return (answer as { readonly rows: readonly { nonce: string }[] }).rows.map(({ nonce }) => nonce);
    },
  };
}

describe("a nonce whose time has come", () => {
  it("is new again from that instant on, and known from then on until its new end", async () => {
    const { remember } = await createStore();
    await remember("nonce-0123456789", 1_000, 0);

    expect(await remember("nonce-0123456789", 2_000, 999)).toBe(false);
    expect(await remember("nonce-0123456789", 2_000, 1_000)).toBe(true);
    expect(await remember("nonce-0123456789", 3_000, 1_999)).toBe(false);
  });

  it("is kept for an hour, for processes whose clocks are behind, and is then removed by the next use", async () => {
    const { remember, held } = await createStore();
    await remember("nonce-of-old-0000", 1_000, 0);

    await remember("nonce-of-new-0000", 9 * HOUR, HOUR + 999);
    expect(await held()).toEqual(["nonce-of-new-0000", "nonce-of-old-0000"]);
    await remember("nonce-of-new-0001", 9 * HOUR, HOUR + 1_000);
    expect(await held()).toEqual(["nonce-of-new-0000", "nonce-of-new-0001"]);
  });

  it("leaves with up to seven others, so that the table shrinks after a rush", async () => {
    const { remember, held } = await createStore();
    for (let index = 10; index < 30; index++) await remember(`nonce-of-rush-${index}`, index, 0);

    await remember("nonce-of-now-0000", 9 * HOUR, 2 * HOUR);

    expect(await held()).toEqual([
      "nonce-of-now-0000",
      ...Array.from({ length: 12 }, (_, index) => `nonce-of-rush-${index + 18}`),
    ]);
  });

  it("that comes again much later is one row, and is not removed by its own use", async () => {
    const { remember, held } = await createStore();
    await remember("nonce-0123456789", 1_000, 0);

    expect(await remember("nonce-0123456789", 9 * HOUR, 2 * HOUR)).toBe(true);

    expect(await held()).toEqual(["nonce-0123456789"]);
    expect(await remember("nonce-0123456789", 9 * HOUR, 2 * HOUR)).toBe(false);
  });
});
