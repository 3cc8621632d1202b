import type { InstallationId, Instant } from "unified-contributions";
import { createMemoryNonceStore, type NonceStore } from "unified-contributions/adapters/http-signatures";
import { nonceStoreContract } from "unified-contributions/testing";
import { describe, expect, it, test } from "vitest";

const ONE = "server-1" as InstallationId;
const TWO = "server-2" as InstallationId;

/** Whether a nonce is new, or the type of the fault. */
async function remember(store: NonceStore, nonce: string, until: number, at: number, installation = ONE) {
  const use = { installation, nonce, until: until as Instant, at: at as Instant };
  return (await store.remember(use)).match(
    (isNew) => isNew,
    ({ type }) => type,
  );
}

describe("the memory nonce store", () => {
  test.each(nonceStoreContract)("$rule $title", ({ run }) => run(() => createMemoryNonceStore()));

  it("NS2: forgets expired nonces and no others, whatever the order", async () => {
    const store = createMemoryNonceStore({ limit: 3 });
    await remember(store, "early", 10, 0);
    await remember(store, "late", 30, 0);
    await remember(store, "middle", 20, 0);

    expect(await remember(store, "early", 40, 9)).toBe(false);
    expect(await remember(store, "early", 40, 10)).toBe(true);
    expect(await remember(store, "late", 40, 29)).toBe(false);
    expect(await remember(store, "middle", 40, 30)).toBe(true);
  });

  it("NS2: a full store accepts no more until a nonce has expired, and still knows those it has", async () => {
    const store = createMemoryNonceStore({ limit: 1 });
    await remember(store, "a", 10, 0);

    expect(await remember(store, "b", 20, 9, TWO)).toBe("storage-fault");
    expect(await remember(store, "a", 20, 9)).toBe(false);
    expect(await remember(store, "b", 20, 10, TWO)).toBe(true);
  });

  it("NS2: one installation cannot fill it for the others", async () => {
    const store = createMemoryNonceStore({ limitPerInstallation: 2 });
    await remember(store, "a", 10, 0);
    await remember(store, "b", 10, 0);

    expect(await remember(store, "c", 10, 0)).toBe("storage-fault");
    expect(await remember(store, "c", 10, 0, TWO)).toBe(true);
    expect(await remember(store, "c", 20, 10)).toBe(true);
    expect(await remember(store, "d", 20, 10)).toBe(true);
    expect(await remember(store, "e", 20, 10)).toBe("storage-fault");
  });

  it("NS2: counts only the nonces of an installation that have not expired", async () => {
    const store = createMemoryNonceStore({ limitPerInstallation: 2 });
    await remember(store, "a", 10, 0);
    await remember(store, "b", 20, 0);

    expect(await remember(store, "c", 20, 10)).toBe(true);
    expect(await remember(store, "d", 20, 10)).toBe("storage-fault");
  });

  it("accepts 100,000 nonces, and at most 2,000 per installation, by default", async () => {
    const store = createMemoryNonceStore();
    let taken = 0;

    for (let server = 0; server <= 50; server++) {
      for (let nonce = 0; nonce < 2_001; nonce++) {
        if ((await remember(store, `${nonce}`, 10, 0, `server-${server}` as InstallationId)) === true)
          taken++;
      }
      if (server === 0) expect(taken).toBe(2_000);
    }

    expect(taken).toBe(100_000);
  });

  it.each([{ limit: 0 }, { limit: Number.NaN }, { limitPerInstallation: 1.5 }])(
    "refuses the limit %j",
    (options) => {
      expect(() => createMemoryNonceStore(options)).toThrow(
        /^createMemoryNonceStore: the limits have to be whole/,
      );
    },
  );
});
