import type { NonceStore } from "../adapters/http-signatures/ports.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import { answerOf, type ContractCheck, check, expectEqual, type MakeFresh } from "./contract.ts";
import { ODD_IDS } from "./odd-ids.ts";

/** A check of a store of nonces. */
export type NonceStoreCheck = ContractCheck<MakeFresh<NonceStore>>;

const nonceStoreCheck: typeof check<NonceStore> = check;

/** 2026-03-01T12:00:00Z, the present of every check. Other instants are written as milliseconds after it. */
const NOW = 1_772_366_400_000;
const after = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

const SERVER = "server-1";
const NONCE = "nonce-0123456789";

/** Remembers a nonce until this long after the present of the checks, and returns whether it was new. */
function remember(
  store: NonceStore,
  { nonce = NONCE, installation = SERVER, until = 1_000, at = 0 } = {},
): Promise<boolean> {
  const use = { installation: installation as InstallationId, nonce, until: after(until), at: after(at) };
  return answerOf(store.remember(use));
}

/** Nonces that a careless store confuses or cannot keep: each of printable ASCII, 16 to 128 characters. */
const ODD_NONCES: readonly string[] = [
  "nonce-0123456789",
  "NONCE-0123456789",
  "nonce-0123456789 ",
  "nonce-012345678",
  "nonce-0123456789:server-1",
  "' OR 1=1; -- \"%_\\",
  "0000000000000000",
  "00000000000000000",
  "n".repeat(127),
  "n".repeat(128),
].map((nonce) => nonce.padEnd(16, "~"));

/**
 * The rules of every `NonceStore`, under the numbers NS1 and NS2 of its doc comments. Each check needs an empty one.
 */
export const nonceStoreContract: readonly NonceStoreCheck[] = [
  nonceStoreCheck("NS1", "a nonce is new once, and known from then on", async (store) => {
    const uses = [await remember(store), await remember(store), await remember(store, { at: 1 })];

    expectEqual("whether it was new", uses, [true, false, false]);
  }),

  nonceStoreCheck("NS1", "of many uses at once one is new", async (store) => {
    const uses = await Promise.all(Array.from({ length: 20 }, () => remember(store)));

    expectEqual("how many were new", uses.filter(Boolean).length, 1);
  }),

  nonceStoreCheck("NS1", "nonces are told apart to the last character", async (store) => {
    const once: boolean[] = [];
    for (const nonce of ODD_NONCES) once.push(await remember(store, { nonce }));
    const again: boolean[] = [];
    for (const nonce of ODD_NONCES) again.push(await remember(store, { nonce }));

    expectEqual("whether each was new", once, Array(ODD_NONCES.length).fill(true));
    expectEqual("whether each was new again", again, Array(ODD_NONCES.length).fill(false));
  }),

  nonceStoreCheck("NS1", "a nonce of one installation is new for every other", async (store) => {
    const uses: boolean[] = [];
    for (const installation of ODD_IDS) uses.push(await remember(store, { installation }));

    expectEqual("whether it was new", uses, Array(ODD_IDS.length).fill(true));
  }),

  nonceStoreCheck("NS2", "a nonce is known until its time has come", async (store) => {
    await remember(store, { until: 1_000 });

    expectEqual("whether it was new", await remember(store, { until: 2_000, at: 999 }), false);
  }),

  nonceStoreCheck(
    "NS2",
    "that others expire, were used again or came later forgets nothing",
    async (store) => {
      await remember(store, { nonce: "nonce-of-one-hour", until: 3_600_000 });
      for (let second = 0; second < 50; second++) {
        const nonce = `nonce-of-second-${second}`;
        await remember(store, { nonce, until: second * 1_000 + 500, at: second * 1_000 });
      }
      await remember(store, { nonce: "nonce-of-one-hour", until: 60_000, at: 50_000 });

      const isNew = await remember(store, { nonce: "nonce-of-one-hour", until: 3_600_000, at: 3_599_999 });
      expectEqual("whether it was new", isNew, false);
    },
  ),
];
