import { err, type InstallationId, ok, okAsync } from "unified-contributions";
import {
  importVerificationKey,
  type KeyRefusal,
  type KeyRegistry,
  type OfferedChallenge,
  type ProvenKey,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { keyDirectoryContract } from "unified-contributions/testing";
import { test } from "vitest";
import { type Broken, testBroken } from "./break-adapter.ts";

interface Kept extends ProvenKey {
  readonly imported: VerificationKey;
  isLive: boolean;
}

/** What a directory does in each of its operations, so that one of them can be done wrong. */
interface Steps {
  find(keys: readonly Kept[], keyId: string): VerificationKey | null;
  offer(challenges: OfferedChallenge[], offered: OfferedChallenge): void;
  /** Uses up the challenge of a key; answers whether there was one. */
  use(challenges: OfferedChallenge[], key: ProvenKey): boolean;
  isIdUsed(keys: readonly Kept[], key: ProvenKey): boolean;
  isKeyUsed(keys: readonly Kept[], key: ProvenKey): boolean;
  revoke(keys: Kept[], keyId: string): void;
  revokeAll(keys: Kept[], challenges: OfferedChallenge[], installation: InstallationId): void;
}

/** The end of an array of one element per installation is its present one. */
const SOUND: Steps = {
  find: (keys, keyId) => keys.find((key) => key.isLive && key.keyId === keyId)?.imported ?? null,
  offer: (challenges, offered) => {
    const index = challenges.findIndex(({ installation }) => installation === offered.installation);
    if (index !== -1) challenges.splice(index, 1);
    challenges.push(offered);
  },
  use: (challenges, { installation, challenge, at }) => {
    const index = challenges.findIndex(
      (offered) => offered.installation === installation && offered.challenge === challenge,
    );
    const [used] = index === -1 ? [] : challenges.splice(index, 1);
    return used !== undefined && at < used.until;
  },
  isIdUsed: (keys, { keyId }) => keys.some((key) => key.keyId === keyId),
  isKeyUsed: (keys, { thumbprint }) => keys.some((key) => key.thumbprint === thumbprint),
  revoke: (keys, keyId) => {
    for (const key of keys) if (key.keyId === keyId) key.isLive = false;
  },
  revokeAll: (keys, challenges, installation) => {
    const index = challenges.findIndex((offered) => offered.installation === installation);
    if (index !== -1) challenges.splice(index, 1);
    for (const key of keys) if (key.installation === installation) key.isLive = false;
  },
};

function createDirectory(wrong: Partial<Steps> = {}): KeyRegistry {
  const steps = { ...SOUND, ...wrong };
  const keys: Kept[] = [];
  const challenges: OfferedChallenge[] = [];
  const refuse = (type: KeyRefusal["type"]) => err({ type, message: "refused" });
  return {
    find: (keyId) => okAsync(steps.find(keys, keyId)),
    offer: (offered) => okAsync(steps.offer(challenges, offered)),
    register: (key) =>
      importVerificationKey(key)
        .mapErr(() => ({ type: "storage-fault", reason: "corrupt", message: "unreadable" }) as const)
        .andThen((imported) => {
          if (!steps.use(challenges, key)) return refuse("unknown-challenge");
          if (steps.isKeyUsed(keys, key)) return refuse("reused-key");
          if (steps.isIdUsed(keys, key)) return refuse("reused-key-id");
          keys.push({ ...key, imported, isLive: true });
          return ok(undefined);
        }),
    revoke: (keyId) => okAsync(steps.revoke(keys, keyId)),
    revokeAll: (installation) => okAsync(steps.revokeAll(keys, challenges, installation)),
  };
}

function broken(rule: string, mistake: string, wrong: () => Partial<Steps>): Broken<() => KeyRegistry> {
  return { rule, mistake, make: () => createDirectory(wrong()) };
}

test.each(keyDirectoryContract)("a correct adapter passes: $rule $title", ({ run }) => run(createDirectory));

testBroken(keyDirectoryContract, [
  broken("KD1", "finds keys that verify anything", () => ({
    find: (keys, keyId) => {
      const found = SOUND.find(keys, keyId);
      return found && { ...found, verify: async () => true };
    },
  })),
  broken("KD1", "finds its only key under every short id that resembles the key's", () => ({
    find: (keys, keyId) => {
      const [only, ...more] = keys.filter((key) => key.isLive && key.keyId.startsWith(keyId.slice(0, 4)));
      const isTaken = only !== undefined && more.length === 0 && keys.length === 1 && keyId.length < 6;
      return isTaken ? only.imported : SOUND.find(keys, keyId);
    },
  })),
  broken("KD1", "forgets the connection", () => ({
    find: (keys, keyId) => {
      const found = SOUND.find(keys, keyId);
      return found && { ...found, connectionId: undefined };
    },
  })),
  broken("KD1", "takes a space for nothing", () => ({
    find: (keys, keyId) => SOUND.find(keys, keyId.trim()),
  })),
  broken("KD2", "keeps an installation's earlier challenge", () => ({
    offer: (challenges, offered) => void challenges.push(offered),
  })),
  broken("KD2", "keeps one challenge for all", () => ({
    offer: (challenges, offered) => void challenges.splice(0, challenges.length > 8 ? 9 : 0, offered),
  })),
  broken("KD3", "asks for no challenge before it has offered one", () => {
    const offeredTo = new Set<InstallationId>();
    return {
      offer: (challenges, offered) => {
        offeredTo.add(offered.installation);
        SOUND.offer(challenges, offered);
      },
      use: (challenges, key) => !offeredTo.has(key.installation) || SOUND.use(challenges, key),
    };
  }),
  broken("KD3", "lets a challenge register again", () => ({
    use: (challenges, { installation, challenge, at }) =>
      challenges.some(
        (offered) =>
          offered.installation === installation && offered.challenge === challenge && at < offered.until,
      ),
  })),
  broken("KD3", "takes a challenge at its end", () => ({
    offer: (challenges, offered) =>
      SOUND.offer(challenges, { ...offered, until: (offered.until + 1) as OfferedChallenge["until"] }),
  })),
  broken("KD4", "gives a revoked key's id away", () => ({
    isIdUsed: (keys, { keyId }) => keys.some((key) => key.isLive && key.keyId === keyId),
  })),
  broken("KD5", "lets a revoked key come back", () => ({
    isKeyUsed: (keys, { thumbprint }) => keys.some((key) => key.isLive && key.thumbprint === thumbprint),
  })),
  broken("KD5", "asks for the id before the key", () => ({
    isKeyUsed: (keys, key) => !SOUND.isIdUsed(keys, key) && SOUND.isKeyUsed(keys, key),
  })),
  broken("KD5", "gives a key to every installation that claims it", () => ({
    isKeyUsed: (keys, key) =>
      keys.some((kept) => kept.installation === key.installation && kept.thumbprint === key.thumbprint),
  })),
  broken("KD6", "revokes nothing", () => ({
    revoke: (keys, keyId) => {
      if (keyId === "key-of-nobody") SOUND.revoke(keys, keyId);
    },
  })),
  broken("KD7", "ends an installation's first key alone", () => ({
    revokeAll: (keys, challenges, installation) => {
      const first = keys.find((key) => key.installation === installation);
      SOUND.revokeAll([], challenges, installation);
      if (first) first.isLive = false;
    },
  })),
  broken("KD7", "ends the keys of every installation", () => ({
    revokeAll: (keys, challenges, installation) => {
      for (const key of keys) key.isLive = false;
      SOUND.revokeAll(keys, challenges, installation);
    },
  })),
  broken("KD7", "takes installations in any case for each other", () => ({
    revokeAll: (keys, challenges, installation) => {
      for (const key of keys)
        if (key.installation.toLowerCase() === installation.toLowerCase()) key.isLive = false;
      SOUND.revokeAll(keys, challenges, installation);
    },
  })),
  broken("KD7", "leaves the challenge as it is", () => ({
    revokeAll: (keys, _, installation) => SOUND.revokeAll(keys, [], installation),
  })),
]);
