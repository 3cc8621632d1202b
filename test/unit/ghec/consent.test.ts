import { errAsync } from "neverthrow";
import type { BrowserId, StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { ReceiverOptions } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { giveConsent, offerConsent, pushAttempt, redeem } from "../../../src/ghec/consent.ts";
import { createGhec, minted } from "../../support/ghec-cloud.ts";
import {
  attemptId,
  consentCode,
  HQ,
  instant,
  MONA_ACCOUNT,
  OCTO_ACCOUNT,
  requestId,
} from "../../support/values.ts";

const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const NOON = instant("2026-03-01T12:00:00Z");
const REQUEST = { attempt: attemptId(1), browser: "browser_0123456789" as BrowserId };
const CONSENT = { ...REQUEST, account: OCTO_ACCOUNT };
const ENVELOPE = { version: 1, requestId: requestId(1) } as const;
const NO_SUCH_ATTEMPT = {
  type: "no-such-attempt",
  message: "This attempt to connect cannot be answered here and now: start connecting again on the server.",
};

function push(options: ReceiverOptions, of: number | string = 1) {
  return pushAttempt(options, HQ, { ...ENVELOPE, type: "push", attempt: attemptId(of) });
}

function bring(
  options: ReceiverOptions,
  { attempt, code }: { attempt: typeof REQUEST.attempt; code: string },
) {
  return redeem(options, HQ, { ...ENVELOPE, type: "redeem", attempt, code: code as never });
}

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

describe("a push", () => {
  test("is taken for ten minutes", async () => {
    const { options, startSending, clock } = createGhec();
    await startSending();

    expect((await push(options))._unsafeUnwrap()).toEqual({ type: "pushed" });
    expect((await offerConsent(options, REQUEST))._unsafeUnwrap()).toEqual({
      installation: HQ,
      expiresAt: NOON + 600_000,
    });
    clock.advance(600_000);
    expect((await offerConsent(options, REQUEST))._unsafeUnwrapErr()).toEqual(NO_SUCH_ATTEMPT);
  });

  test.each(SWITCHED_OFF)("is refused where the installation %s", async (_, arrange) => {
    const cloud = createGhec();
    await arrange(cloud);

    expect((await push(cloud.options))._unsafeUnwrap()).toEqual({ type: "push-refused", reason: "disabled" });
  });

  test("is refused while ten thousand others are under way", async () => {
    const { options, startSending } = createGhec();
    await startSending();
    for (let of = 0; of < 10_000; of++) (await push(options, of))._unsafeUnwrap();

    expect((await push(options, 10_000))._unsafeUnwrap()).toEqual({
      type: "push-refused",
      reason: "too-many-attempts",
    });
  });
});

describe("a consent", () => {
  test("has a new code each time, of which the last counts, for a minute", async () => {
    const { options, startSending, clock } = createGhec();
    await startSending();
    (await push(options))._unsafeUnwrap();

    const first = (await giveConsent(options, CONSENT))._unsafeUnwrap();
    const second = (await giveConsent(options, CONSENT))._unsafeUnwrap();
    clock.advance(59_999);

    expect(first.code).not.toBe(second.code);
    expect((await bring(options, { ...REQUEST, ...first }))._unsafeUnwrap().type).toBe("redemption-refused");
    expect((await bring(options, { ...REQUEST, ...second }))._unsafeUnwrap().type).toBe("redeemed");
  });

  test("is refused to what was never pushed", async () => {
    const { options } = createGhec();

    expect((await giveConsent(options, CONSENT))._unsafeUnwrapErr()).toEqual(NO_SUCH_ATTEMPT);
  });
});

describe("a redemption", () => {
  async function consented() {
    const cloud = createGhec();
    await cloud.startSending();
    const consent = await cloud.consent(OCTO_ACCOUNT);
    return { ...cloud, consent };
  }

  test("mints a link, which nothing was reported of yet", async () => {
    const { options, store, consent } = await consented();

    const opened = (await bring(options, consent))._unsafeUnwrap();

    expect(opened).toEqual({
      type: "redeemed",
      linkId: expect.stringMatching(/^minted-\d{12}$/),
      epoch: 1,
    });
    expect(store.snapshot().links).toMatchObject([
      { status: "live", installation: HQ, account: OCTO_ACCOUNT, epoch: 1, openedAt: NOON },
    ]);
  });

  test("has the end of the account's other link in the ledger before it is answered (R6)", async () => {
    const { options, open, recorded, store, consent } = await consented();
    const [first, other] = [await open(OCTO_ACCOUNT), await open(MONA_ACCOUNT)];

    (await bring(options, consent))._unsafeUnwrap();
    (await bring(options, consent))._unsafeUnwrap();

    const receipt = { deletedAt: NOON, removed: null };
    expect(await recorded()).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId: first, choice: null, receipt }] },
    ]);
    expect(store.snapshot().links.find(({ linkId }) => linkId === other)?.status).toBe("live");
  });

  test("is not answered where the ledger fails; repeated, it gets its link", async () => {
    const { options, open, consent } = await consented();
    await open(OCTO_ACCOUNT);
    const broken = { ...options, ledger: { ...options.ledger, append: () => errAsync(FULL) } };

    for (const _ of [1, 2]) expect((await bring(broken, consent))._unsafeUnwrapErr()).toBe(FULL);
    expect((await bring(options, consent))._unsafeUnwrap()).toMatchObject({ type: "redeemed" });
  });

  test("reads the ledger first: nothing is opened in an epoch that the store forgot is over (R11)", async () => {
    const cloud = await consented();
    const backup = cloud.store.snapshot();
    await cloud.say({ type: "disable", epoch: 1 });
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

    expect(await restored.say({ type: "redeem", ...cloud.consent })).toMatchObject({
      type: "redemption-refused",
      reason: "no-such-consent",
      featureSwitch: { epoch: 1, status: "off" },
    });
  });

  test("of a link that was withdrawn says so, once the ledger has that", async () => {
    const { options, consent, recorded, say } = await consented();
    const { linkId } = (await bring(options, consent))._unsafeUnwrap() as { linkId: string };
    (await options.store.deleteLinks({ account: OCTO_ACCOUNT, installation: HQ }, NOON))._unsafeUnwrap();

    expect(await say({ type: "redeem", ...consent })).toMatchObject({ reason: "link-ended" });
    expect(await recorded()).toMatchObject([{ type: "links-ended", links: [{ linkId }] }]);
  });

  test("never repeats an id in silence", async () => {
    const { options, startSending } = createGhec();
    await startSending();
    const repeating = { ...options, random: { id: () => minted(1_000) } };
    const second = { ...CONSENT, attempt: attemptId(77), account: MONA_ACCOUNT };
    for (const of of [1, 77]) (await push(repeating, of))._unsafeUnwrap();
    const first = (await giveConsent(options, CONSENT))._unsafeUnwrap();
    (await bring(options, { ...CONSENT, ...first }))._unsafeUnwrap();
    const { code } = (await giveConsent(options, second))._unsafeUnwrap();

    expect((await bring(options, { ...second, code }))._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
      reason: "corrupt",
    });
  });
});

test("a storage that fails or throws is a named fault", async () => {
  const boom = (): never => {
    throw new Error("secret");
  };
  const full = createGhec({
    broken: {
      pushAttempt: () => errAsync(FULL),
      answerAttempt: () => errAsync(FULL),
      openLink: () => errAsync(FULL),
    },
  });
  const throwing = createGhec({ broken: { pushAttempt: boom, answerAttempt: boom, openLink: boom } });
  const calls = [
    ({ options }: typeof full) => push(options),
    ({ options }: typeof full) => giveConsent(options, CONSENT),
    ({ options }: typeof full) => bring(options, { ...REQUEST, code: consentCode(1) }),
  ];

  for (const call of calls) {
    expect((await call(full))._unsafeUnwrapErr()).toBe(FULL);
    expect((await call(throwing))._unsafeUnwrapErr()).toMatchObject({ reason: "outcome-unknown" });
  }
});
