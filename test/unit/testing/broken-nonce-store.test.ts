import { type Instant, ResultAsync } from "unified-contributions";
import { createMemoryNonceStore, type NonceStore } from "unified-contributions/adapters/http-signatures";
import { nonceStoreContract } from "unified-contributions/testing";
import type { NonceUse } from "../../../src/adapters/http-signatures/ports.ts";
import { type Broken, testBroken } from "./break-adapter.ts";

function broken(
  rule: string,
  mistake: string,
  breakIt: (sound: NonceStore) => NonceStore["remember"],
): Broken<() => NonceStore> {
  return { rule, mistake, make: () => ({ remember: breakIt(createMemoryNonceStore()) }) };
}

/** A use is remembered as another than it is. */
function changing(rule: string, mistake: string, change: (use: NonceUse) => Partial<NonceUse>) {
  return broken(rule, mistake, (sound) => (use) => sound.remember({ ...use, ...change(use) }));
}

testBroken(nonceStoreContract, [
  broken("NS1", "forgives a second use in the same millisecond", (sound) => {
    let lastAt = -1;
    return (use) => {
      const isSameTime = use.at === lastAt;
      lastAt = use.at;
      return sound.remember(use).map((isNew) => isNew || isSameTime);
    };
  }),
  broken("NS1", "looks and then writes, so that two at once are both new", (sound) => {
    const known = new Set<string>();
    return (use) => {
      const isKnown = known.has(`${use.nonce}\n${use.installation}`);
      return ResultAsync.fromSafePromise(Promise.resolve()).andThen(() => {
        known.add(`${use.nonce}\n${use.installation}`);
        return sound.remember(use).map((isNew) => isNew || !isKnown);
      });
    };
  }),
  changing("NS1", "takes upper case for lower case", ({ nonce }) => ({ nonce: nonce.toLowerCase() })),
  changing("NS1", "keeps 127 characters", ({ nonce }) => ({ nonce: nonce.slice(0, 127) })),
  changing("NS1", "takes one installation for another", () => ({
    installation: "any" as NonceUse["installation"],
  })),
  changing("NS2", "forgets a millisecond too early", ({ until }) => ({ until: (until - 1) as Instant })),
  broken("NS2", "forgets with the oldest all that are there", (sound) => {
    let present = sound;
    let firstUntil = Number.POSITIVE_INFINITY;
    return (use) => {
      if (use.at >= firstUntil) {
        present = createMemoryNonceStore();
        firstUntil = Number.POSITIVE_INFINITY;
      }
      firstUntil = Math.min(firstUntil, use.until);
      return present.remember(use);
    };
  }),
]);
