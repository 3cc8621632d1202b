import { errAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { ReceiverStore } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import { offerConsent, openLink } from "../../../src/ghec/consent.ts";
import { createGhec, minted } from "../../support/ghec-cloud.ts";
import { hostileBut } from "../../support/ghec-hostile.ts";
import { HQ, instant, MONA_ACCOUNT, OCTO_ACCOUNT } from "../../support/values.ts";

const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const DISABLED = {
  type: "unified-contributions-disabled",
  message: "Unified contributions is off for this installation: its enterprise owner has to enable it.",
};
const OUTDATED = {
  type: "outdated-consent",
  message: "The feature was disabled and enabled since the consent began: ask for the consent again.",
};

/** The ways in which an installation is not switched on. */
const SWITCHED_OFF: readonly (readonly [
  string,
  (cloud: ReturnType<typeof createGhec>) => Promise<unknown>,
])[] = [
  ["was never registered", async () => {}],
  ["was never enabled", async ({ receiver }) => (await receiver.connectInstallation(HQ))._unsafeUnwrap()],
  [
    "was disabled",
    async ({ startSending, say }) => {
      await startSending();
      await say({ type: "disable", epoch: 1 });
    },
  ],
  [
    "is not connected any more",
    async ({ startSending, receiver }) => {
      await startSending();
      return (await receiver.disconnectInstallation(HQ))._unsafeUnwrap();
    },
  ],
];

describe("offering a consent", () => {
  test("says the epoch under which it begins", async () => {
    const { options, startSending, say } = createGhec();
    await startSending();
    await say({ type: "disable", epoch: 1 });
    await say({ type: "enable", after: 1 });

    expect((await offerConsent(options, HQ))._unsafeUnwrap()).toEqual({ epoch: 2 });
  });

  test.each(SWITCHED_OFF)("is refused where the installation %s", async (_, arrange) => {
    const cloud = createGhec();
    await arrange(cloud);

    expect((await offerConsent(cloud.options, HQ))._unsafeUnwrapErr()).toEqual(DISABLED);
  });

  test("hands on the fault of a storage, and names that of one that throws", async () => {
    const full = createGhec({ broken: { loadRegistration: () => errAsync(FULL) } });
    const throwing = createGhec({ broken: { loadRegistration: boom } });

    expect((await offerConsent(full.options, HQ))._unsafeUnwrapErr()).toBe(FULL);
    expect((await offerConsent(throwing.options, HQ))._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
      reason: "unavailable",
    });
  });
});

describe("opening a link", () => {
  const consent = { installation: HQ, account: OCTO_ACCOUNT, epoch: 1 };

  test("mints one, which nothing was reported of yet", async () => {
    const { options, startSending, store } = createGhec();
    await startSending();

    const opened = (await openLink(options, consent))._unsafeUnwrap();

    expect(opened).toEqual({ linkId: expect.stringMatching(/^minted-\d{12}$/), epoch: 1 });
    expect(store.snapshot().links).toEqual([
      {
        status: "live",
        linkId: opened.linkId,
        installation: HQ,
        account: OCTO_ACCOUNT,
        epoch: 1,
        openedIn: 2,
        openedAt: instant("2026-03-01T12:00:00Z"),
        report: null,
      },
    ]);
  });

  test("ends the account's other link of the installation, and no other account's (R6)", async () => {
    const { options, startSending, store, open } = createGhec();
    await startSending();
    const replaced = await open(OCTO_ACCOUNT);
    const other = await open(MONA_ACCOUNT);

    const { linkId } = (await openLink(options, consent))._unsafeUnwrap();

    expect(store.snapshot().links.map(({ linkId: id, status }) => [id, status])).toEqual([
      [replaced, "deleted"],
      [other, "live"],
      [linkId, "live"],
    ]);
  });

  test("has the end of the other link in the ledger before it is answered, and ends nothing twice", async () => {
    const { options, startSending, open, recorded, store } = createGhec();
    await startSending();
    const [first, other] = [await open(OCTO_ACCOUNT), await open(MONA_ACCOUNT)];

    const second = (await openLink(options, consent))._unsafeUnwrap().linkId;
    (await openLink(options, consent))._unsafeUnwrap();

    const receipt = { deletedAt: instant("2026-03-01T12:00:00Z"), removed: null };
    expect(await recorded()).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId: first, receipt }] },
      { type: "links-ended", installation: HQ, links: [{ linkId: second, receipt }] },
    ]);
    expect(store.snapshot().links.find(({ linkId }) => linkId === other)?.status).toBe("live");
  });

  test("of an account that had none needs no word in the ledger", async () => {
    const { options, startSending, recorded } = createGhec({
      brokenLedger: { append: () => errAsync(FULL) },
    });
    await startSending();

    expect((await openLink(options, consent)).isOk()).toBe(true);
    expect(await recorded()).toEqual([]);
  });

  test("is not answered where the ledger fails, until it has the end of the other link", async () => {
    let isDown = true;
    const cloud = createGhec();
    await cloud.startSending();
    const first = await cloud.open();
    const broken = {
      ...cloud.options,
      ledger: {
        ...cloud.ledger,
        append: (...entry: Parameters<typeof cloud.ledger.append>) =>
          isDown ? errAsync(FULL) : cloud.ledger.append(...entry),
      },
    };

    const refused = [await openLink(broken, consent), await openLink(broken, consent)];
    isDown = false;
    const { linkId } = (await openLink(broken, consent))._unsafeUnwrap();

    expect(refused.map((answer) => answer._unsafeUnwrapErr())).toEqual([FULL, FULL]);
    const [entry] = await cloud.recorded();
    const dead = entry?.type === "links-ended" ? entry.links.map((link) => link.linkId) : [];
    expect(dead).toHaveLength(3);
    expect(dead).toContain(first);
    expect(dead).not.toContain(linkId);
  });

  test("reads the ledger first: nobody consents in an epoch that the store forgot is over", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    const backup = cloud.store.snapshot();
    await cloud.say({ type: "disable", epoch: 1 });
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

    expect((await openLink(restored.options, consent))._unsafeUnwrapErr()).toEqual(DISABLED);
  });

  test("is not answered where the ledger cannot be read", async () => {
    const { options, startSending, store } = createGhec();
    await startSending();
    const broken = { ...options, ledger: { ...options.ledger, read: () => errAsync(FULL) } };

    expect((await openLink(broken, consent))._unsafeUnwrapErr()).toBe(FULL);
    expect(store.snapshot().links).toEqual([]);
  });

  test("is at the instant at which the ledger was read, not before", async () => {
    const { options, startSending, store, clock } = createGhec();
    await startSending();
    const slow = {
      ...options,
      ledger: {
        ...options.ledger,
        read: (query: Parameters<typeof options.ledger.read>[0]) => {
          clock.advance(30_000);
          return options.ledger.read(query);
        },
      },
    };

    (await openLink(slow, consent))._unsafeUnwrap();

    expect(store.snapshot().links).toMatchObject([{ openedAt: instant("2026-03-01T12:00:30Z") }]);
  });

  test.each(SWITCHED_OFF)("is refused where the installation %s", async (_, arrange) => {
    const cloud = createGhec();
    await arrange(cloud);

    expect((await openLink(cloud.options, consent))._unsafeUnwrapErr()).toEqual(DISABLED);
    expect(cloud.store.snapshot().links).toEqual([]);
  });

  test.each([0, 2])(
    "is refused where the consent began under epoch %i, another than stands",
    async (epoch) => {
      const { options, startSending, store } = createGhec();
      await startSending();

      expect((await openLink(options, { ...consent, epoch }))._unsafeUnwrapErr()).toEqual(OUTDATED);
      expect(store.snapshot().links).toEqual([]);
    },
  );

  test.each(hostileBut("a negative number"))(
    "is refused for an epoch that is %s, before the storage sees it",
    async (_, epoch) => {
      const asked: unknown[] = [];
      const broken: Partial<ReceiverStore> = {
        openLink: (opening) => {
          asked.push(opening);
          return errAsync(FULL);
        },
      };
      const { options } = createGhec({ broken });

      const refused = await openLink(options, { ...consent, epoch: epoch as number });

      expect(refused._unsafeUnwrapErr()).toEqual(OUTDATED);
      expect(asked).toEqual([]);
    },
  );

  test("hands on the fault of a storage, and names that of one that throws", async () => {
    const full = createGhec({ broken: { openLink: () => errAsync(FULL) } });
    const throwing = createGhec({ broken: { openLink: boom } });

    expect((await openLink(full.options, consent))._unsafeUnwrapErr()).toBe(FULL);
    expect((await openLink(throwing.options, consent))._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
      reason: "unavailable",
    });
  });

  test("never repeats an id in silence", async () => {
    const { options, startSending } = createGhec();
    await startSending();
    const repeating = { ...options, random: { id: () => minted(1_000) } };
    (await openLink(repeating, consent))._unsafeUnwrap();

    expect(
      (await openLink(repeating, { ...consent, account: MONA_ACCOUNT }))._unsafeUnwrapErr(),
    ).toMatchObject({
      type: "storage-fault",
      reason: "corrupt",
    });
  });
});

function boom(): never {
  throw new Error("secret");
}
