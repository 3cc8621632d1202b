import type { SignatureAlgorithm } from "../adapters/http-signatures/algorithm.ts";
import { generateKeyPair, importSigningKey, keyThumbprint } from "../adapters/http-signatures/import-key.ts";
import type { KeyRegistry, ProvenKey, SigningKey } from "../adapters/http-signatures/ports.ts";
import type { ConnectionId, InstallationId, Instant } from "../domain/identifiers.ts";
import {
  answerOf,
  type ContractCheck,
  check,
  expectEqual,
  expectFault,
  type MakeFresh,
  winnersOf,
} from "./contract.ts";
import { ODD_IDS } from "./odd-ids.ts";

/** A check of a key directory that stores the keys itself. */
export type KeyDirectoryCheck = ContractCheck<MakeFresh<KeyRegistry>>;

const keyCheck: typeof check<KeyRegistry> = check;

/** 2026-03-01T12:00:00Z, the present of every check. Other instants are written as milliseconds after it. */
const NOW = 1_772_366_400_000;
const after = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

const ONE = "server-1" as InstallationId;
const TWO = "server-2" as InstallationId;
const BYTES = new TextEncoder().encode("what a request signs");

/** Key ids that a careless store confuses or cannot keep: each of printable ASCII, 1 to 255 characters. */
const ODD_KEY_IDS: readonly string[] = [
  ...["k", "K", "k ", " k", "0", "00", "__proto__", "constructor", "' OR 1=1; -- \"%_\\", "NULL"],
  ...["k".repeat(254), "k".repeat(255)],
];

/** A new key of a server, with the data that a directory gets. */
interface NewKey {
  readonly signing: SigningKey;
  readonly proven: ProvenKey;
}

/** The one pair of RSA: to make it takes longer than all checks. */
let rsaPair: ReturnType<typeof generateKeyPair> | undefined;

function pairFor(algorithm: SignatureAlgorithm): ReturnType<typeof generateKeyPair> {
  if (algorithm !== "rsa-pss-sha512") return generateKeyPair(algorithm);
  rsaPair ??= generateKeyPair(algorithm);
  return rsaPair;
}

async function newKey(parts: Partial<ProvenKey> = {}): Promise<NewKey> {
  const algorithm = parts.algorithm ?? "ed25519";
  const { privateKey, publicKey } = await answerOf(pairFor(algorithm));
  const thumbprint = await answerOf(keyThumbprint({ algorithm, jwk: publicKey }));
  const signing = await answerOf(importSigningKey({ algorithm, jwk: privateKey }));
  const proven = {
    ...{ keyId: thumbprint, thumbprint, installation: ONE, algorithm, jwk: publicMembers(publicKey) },
    ...{ challenge: "challenge-0123456789", at: after(0) },
    ...parts,
  };
  return { signing, proven };
}

/** Returns a JWK without the members that say how it may be used. */
function publicMembers({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): ProvenKey["jwk"] {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members);
}

/** Offers the challenge that a key has signed, for a minute. */
async function offer(registry: KeyRegistry, { installation, challenge }: ProvenKey): Promise<void> {
  await answerOf(registry.offer({ installation, challenge, until: after(60_000) }));
}

/** Offers a key's challenge and registers the key. */
async function enrol(registry: KeyRegistry, key: ProvenKey): Promise<void> {
  await offer(registry, key);
  await answerOf(registry.register(key));
}

/** Returns the owner of the key that is found under an id, or null. */
async function ownerOf(registry: KeyRegistry, keyId: string): Promise<string | null> {
  return (await answerOf(registry.find(keyId)))?.installation ?? null;
}

/**
 * The rules of every `KeyRegistry`, under the numbers KD1 to KD7 of its doc comments. Each check needs an empty one.
 */
export const keyDirectoryContract: readonly KeyDirectoryCheck[] = [
  keyCheck("KD1", "a key is found under its id, and verifies what it has signed", async (registry) => {
    for (const algorithm of ["ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"] as const) {
      const { signing, proven } = await newKey({ algorithm });
      await enrol(registry, proven);

      const found = await answerOf(registry.find(proven.keyId));
      const signature = await signing.sign(BYTES);
      expectEqual("whose it is", found?.installation, ONE);
      expectEqual("its algorithm", found?.algorithm, algorithm);
      expectEqual("whether it verifies", await found?.verify(BYTES, signature), true);
      expectEqual("whether it verifies other bytes", await found?.verify(signature, signature), false);
    }
  }),

  keyCheck("KD1", "no key is found under an id that none has", async (registry) => {
    await enrol(registry, (await newKey({ keyId: "key-1" })).proven);

    expectEqual("the key", await answerOf(registry.find("key-2")), null);
  }),

  keyCheck("KD1", "a key is found with its connection, or without one", async (registry) => {
    const connections = [undefined, ...ODD_IDS.map((id) => id as ConnectionId)];
    const keys: ProvenKey[] = [];
    for (const connectionId of connections) keys.push((await newKey({ connectionId })).proven);
    for (const key of keys) await enrol(registry, key);

    const found: (ConnectionId | null)[] = [];
    for (const { keyId } of keys) {
      found.push((await answerOf(registry.find(keyId)))?.connectionId ?? null);
    }
    expectEqual(
      "the connections",
      found,
      connections.map((connectionId) => connectionId ?? null),
    );
  }),

  keyCheck("KD1", "ids of keys are told apart to the last character", async (registry) => {
    for (const [index, keyId] of ODD_KEY_IDS.entries()) {
      expectEqual("the key before it is registered", await ownerOf(registry, keyId), null);
      await enrol(
        registry,
        (await newKey({ keyId, installation: `server-${index}` as InstallationId })).proven,
      );
    }

    const owners: (string | null)[] = [];
    for (const keyId of ODD_KEY_IDS) owners.push(await ownerOf(registry, keyId));
    expectEqual(
      "whose they are",
      owners,
      ODD_KEY_IDS.map((_, index) => `server-${index}`),
    );
  }),

  keyCheck("KD2", "a later challenge takes the place of an earlier one", async (registry) => {
    const { proven } = await newKey();
    await offer(registry, proven);
    await offer(registry, { ...proven, challenge: "challenge-of-another-tab" });

    await expectFault("`register` with an earlier challenge", registry.register(proven), "unknown-challenge");
    await answerOf(registry.register({ ...proven, challenge: "challenge-of-another-tab" }));
  }),

  keyCheck("KD2", "a challenge of one installation leaves those of others as they are", async (registry) => {
    const keys: ProvenKey[] = [];
    for (const id of ODD_IDS) keys.push((await newKey({ installation: id as InstallationId })).proven);
    for (const key of keys) await offer(registry, key);
    for (const key of keys) await answerOf(registry.register(key));

    const owners: (string | null)[] = [];
    for (const { keyId } of keys) owners.push(await ownerOf(registry, keyId));
    expectEqual("whose they are", owners, ODD_IDS);
  }),

  keyCheck("KD3", "a key without a challenge, or with another one's, is refused", async (registry) => {
    const { proven } = await newKey();
    await expectFault("`register` without a challenge", registry.register(proven), "unknown-challenge");
    await offer(registry, proven);

    const another = { ...proven, challenge: "CHALLENGE-0123456789" };
    const foreign = { ...proven, installation: TWO };
    await expectFault("`register` with another challenge", registry.register(another), "unknown-challenge");
    await expectFault("`register` for another installation", registry.register(foreign), "unknown-challenge");
    expectEqual("the key", await ownerOf(registry, proven.keyId), null);
  }),

  keyCheck("KD3", "a challenge registers one key, also of many at once", async (registry) => {
    const keys: ProvenKey[] = [];
    for (let index = 0; index < 5; index++) keys.push((await newKey()).proven);
    await offer(registry, { ...(keys[0] as ProvenKey) });

    const winners = await winnersOf(
      keys.map((key) => registry.register(key)),
      "unknown-challenge",
    );
    expectEqual("how many were registered", winners.length, 1);
    await expectFault(
      "`register` of one more",
      registry.register((await newKey()).proven),
      "unknown-challenge",
    );
  }),

  keyCheck("KD3", "a challenge is good before its end and not at it", async (registry) => {
    const late = (await newKey({ at: after(60_000) })).proven;
    await offer(registry, late);
    await expectFault("`register` at the end of the challenge", registry.register(late), "unknown-challenge");
    expectEqual("the key", await ownerOf(registry, late.keyId), null);

    await enrol(registry, (await newKey({ at: after(59_999) })).proven);
  }),

  keyCheck("KD4", "an id that a key had is refused, whether the key is live or revoked", async (registry) => {
    const keyId = "key-1";
    await enrol(registry, (await newKey({ keyId })).proven);

    for (const installation of [ONE, TWO]) {
      const { proven } = await newKey({ keyId, installation });
      await offer(registry, proven);
      await expectFault("`register` under an id that is taken", registry.register(proven), "reused-key-id");
      await answerOf(registry.revoke(keyId, after(1)));
    }
  }),

  keyCheck("KD5", "a key belongs to one installation, and comes back under no id", async (registry) => {
    const { proven } = await newKey({ keyId: "key-1" });
    await enrol(registry, proven);

    for (const installation of [TWO, ONE]) {
      const again = { ...proven, keyId: `key-of-${installation}`, installation };
      await offer(registry, again);
      await expectFault("`register` of a key that is taken", registry.register(again), "reused-key");
      await answerOf(registry.revoke("key-1", after(1)));
    }
  }),

  keyCheck("KD5", "a key that comes back under its own id is refused as the key", async (registry) => {
    const { proven } = await newKey();
    await enrol(registry, proven);

    for (const instant of [1, 2]) {
      await offer(registry, proven);
      await expectFault("`register` of the same key", registry.register(proven), "reused-key");
      await answerOf(registry.revoke(proven.keyId, after(instant)));
    }
  }),

  keyCheck("KD5", "of two installations that claim one key at once only one gets it", async (registry) => {
    const { proven } = await newKey();
    const claims = [ONE, TWO].map((installation) => ({
      ...proven,
      installation,
      keyId: `key-of-${installation}`,
    }));
    for (const claim of claims) await offer(registry, claim);

    const winners = await winnersOf(
      claims.map((claim) => registry.register(claim)),
      "reused-key",
    );

    expectEqual("how many got it", winners.length, 1);
    const owners = [await ownerOf(registry, "key-of-server-1"), await ownerOf(registry, "key-of-server-2")];
    expectEqual("how many keys are found", owners.filter((owner) => owner !== null).length, 1);
  }),

  keyCheck("KD6", "a revoked key is found no more, and no other is gone", async (registry) => {
    await enrol(registry, (await newKey({ keyId: "key-1" })).proven);
    await enrol(registry, (await newKey({ keyId: "key-2" })).proven);
    expectEqual("the key before", await ownerOf(registry, "key-1"), ONE);

    await answerOf(registry.revoke("key-1", after(1)));
    await answerOf(registry.revoke("key-1", after(2)));
    await answerOf(registry.revoke("key-of-nobody", after(3)));

    expectEqual("the revoked key", await ownerOf(registry, "key-1"), null);
    expectEqual("the other key", await ownerOf(registry, "key-2"), ONE);
  }),

  keyCheck("KD7", "all keys of an installation end at once, and no other's", async (registry) => {
    const ids = ODD_IDS.map((id) => id as InstallationId);
    const keys: ProvenKey[] = [];
    for (const installation of [...ids, ...ids]) keys.push((await newKey({ installation })).proven);
    for (const key of keys) await enrol(registry, key);

    for (const [index, installation] of ids.entries()) {
      await answerOf(registry.revokeAll(installation, after(1)));
      const owners = new Set<string | null>();
      for (const { keyId } of keys) owners.add(await ownerOf(registry, keyId));
      owners.delete(null);
      expectEqual("whose keys are left", [...owners], ids.slice(index + 1));
    }
  }),

  keyCheck("KD7", "a challenge that waits is void, and no other's", async (registry) => {
    const [own, other] = [(await newKey()).proven, (await newKey({ installation: TWO })).proven];
    await offer(registry, own);
    await offer(registry, other);

    await answerOf(registry.revokeAll(ONE, after(1)));

    await expectFault("`register` after `revokeAll`", registry.register(own), "unknown-challenge");
    await answerOf(registry.register(other));
  }),
];
