import { deepEqual, equal } from "node:assert/strict";
import type { ConnectionId, InstallationId, Instant } from "unified-contributions";
import { generateKeyPair, keyThumbprint } from "unified-contributions/adapters/http-signatures";
import {
  createPostgresKeyDirectory,
  createPostgresNonceStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";

/** What becomes of rows that no answer tells of. */
export interface RowCheck {
  readonly title: string;
  readonly part: SchemaPart;
  /**
   * Rejects if a row is not as it has to be.
   *
   * @param client runs the statements of the adapter
   * @param schema holds the empty tables of the part
   * @param owner reads the tables
   */
  run(client: PostgresClient, schema: string, owner: PostgresClient): Promise<void>;
}

const SERVER = "server-1" as InstallationId;
const NOW = 1_772_366_400_000;
const HOUR = 3_600_000;

/** A store of nonces, with the nonces that its table holds. */
interface HeldNonces {
  /** Whether a nonce is new; instants are milliseconds after the present. */
  remember(nonce: string, until: number, at: number, installation?: string): Promise<boolean>;
  held(): Promise<readonly string[]>;
}

export const rowChecks: readonly RowCheck[] = [
  nonceCheck(
    "an expired nonce is new again from that instant on, until its new end",
    async ({ remember }) => {
      await remember("nonce-0123456789", 1_000, 0);

      equal(await remember("nonce-0123456789", 2_000, 999), false);
      equal(await remember("nonce-0123456789", 2_000, 1_000), true);
      equal(await remember("nonce-0123456789", 3_000, 1_999), false);
    },
  ),

  nonceCheck("it is kept for an hour, and then removed by the next use", async ({ remember, held }) => {
    await remember("nonce-of-old-0000", 1_000, 0);

    await remember("nonce-of-new-0000", 9 * HOUR, HOUR + 999);
    deepEqual(await held(), ["nonce-of-new-0000", "nonce-of-old-0000"]);
    await remember("nonce-of-new-0001", 9 * HOUR, HOUR + 1_000);
    deepEqual(await held(), ["nonce-of-new-0000", "nonce-of-new-0001"]);
  }),

  nonceCheck("up to eight leave with one use, the oldest first", async ({ remember, held }) => {
    for (let index = 10; index < 30; index++) await remember(`nonce-of-rush-${index}`, index, 0);

    await remember("nonce-of-now-0000", 9 * HOUR, 2 * HOUR);

    const left = Array.from({ length: 12 }, (_, index) => `nonce-of-rush-${index + 18}`);
    deepEqual(await held(), ["nonce-of-now-0000", ...left]);
  }),

  nonceCheck("one that comes again much later is not removed by its own use", async ({ remember, held }) => {
    await remember("nonce-0123456789", 1_000, 0);

    equal(await remember("nonce-0123456789", 9 * HOUR, 2 * HOUR), true);

    deepEqual(await held(), ["nonce-0123456789"]);
    equal(await remember("nonce-0123456789", 9 * HOUR, 2 * HOUR), false);
  }),

  nonceCheck("the same one of another installation is a row of its own", async ({ remember, held }) => {
    await remember("nonce-0123456789", 1_000, 0);
    await remember("nonce-0123456789", 9 * HOUR, 0, "server-2");
    deepEqual(await held(), ["nonce-0123456789", "nonce-0123456789"]);

    await remember("nonce-9876543210", 9 * HOUR, 2 * HOUR, "server-2");

    deepEqual(await held(), ["nonce-0123456789", "nonce-9876543210"]);
    equal(await remember("nonce-0123456789", 9 * HOUR, 2 * HOUR, "server-2"), false);
  }),

  {
    title: "a key that is revoked again keeps the time of the first revocation",
    part: "keys",
    run: async (client, schema, owner) => {
      const directory = createPostgresKeyDirectory({ client, schema });
      const algorithm = "ed25519";
      const { publicKey: jwk } = (await generateKeyPair(algorithm))._unsafeUnwrap();
      const thumbprint = (await keyThumbprint({ algorithm, jwk }))._unsafeUnwrap();
      const challenge = "challenge-0123456789";
      const owned = { installation: SERVER, connectionId: "connection-1" as ConnectionId };
      (await directory.offer({ installation: SERVER, challenge, until: at(1) }))._unsafeUnwrap();
      const key = { ...owned, keyId: "key-1", thumbprint, algorithm, jwk, challenge, at: at(0) } as const;
      (await directory.register(key))._unsafeUnwrap();
      (await directory.revoke("key-1", at(2)))._unsafeUnwrap();

      (await directory.revoke("key-1", at(3)))._unsafeUnwrap();
      (await directory.revokeAll(SERVER, at(4)))._unsafeUnwrap();

      deepEqual(await columnOf(owner, `SELECT revoked_at AS found FROM ${schema}.keys`), [`${at(2)}`]);
    },
  },
];

function at(milliseconds: number): Instant {
  return (NOW + milliseconds) as Instant;
}

function nonceCheck(title: string, run: (nonces: HeldNonces) => Promise<void>): RowCheck {
  return {
    title,
    part: "nonces",
    run: async (client, schema, owner) => {
      const store = createPostgresNonceStore({ client, schema });
      await run({
        remember: async (nonce, until, now, installation = SERVER) => {
          const use = { installation: installation as InstallationId, nonce, until: at(until), at: at(now) };
          return (await store.remember(use))._unsafeUnwrap();
        },
        held: () => columnOf(owner, `SELECT nonce AS found FROM ${schema}.nonces ORDER BY nonce`),
      });
    },
  };
}

/** Returns the texts of a column that is named `found`. */
export async function columnOf(owner: PostgresClient, sql: string): Promise<readonly string[]> {
  const { rows } = (await owner.query(sql, [])) as { readonly rows: readonly { found: string }[] };
  return rows.map(({ found }) => `${found}`);
}
