import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { AccountId, BrowserId, CalendarDate, InstallationId, StorageFault } from "unified-contributions";
import {
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
} from "unified-contributions/adapters/memory";
import {
  createReceiver,
  type LedgerCursor,
  type Receiver,
  type ShownWindow,
} from "unified-contributions/ghec";
import type { DeletionLedger } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import type { SweepQuery } from "../../../src/ghec/ports.ts";
import { createGhec, report, withdraw } from "../../support/ghec-cloud.ts";
import { HOSTILE, hostileBut } from "../../support/ghec-hostile.ts";
import {
  attemptId,
  consentCode,
  day,
  FIRST_CONNECTION,
  HQ,
  instant,
  LAB,
  MONA_ACCOUNT,
  OCTO_ACCOUNT,
  requestId,
  SECOND_CONNECTION,
} from "../../support/values.ts";

// cspell:ignore auditdays

const NOON = instant("2026-03-01T12:00:00Z");
const REQUEST = { attempt: attemptId(1), browser: "browser_0123456789" as BrowserId };
const CONSENT = { ...REQUEST, account: OCTO_ACCOUNT };
const PUSH = { version: 1, requestId: requestId(900), type: "push", attempt: attemptId(1) };
const REDEEM = { ...PUSH, type: "redeem", code: consentCode(1) };
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const THREW = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message:
    "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
};

function boom(): never {
  throw new Error("secret");
}

function invalid(kind: string): object {
  const isOpaque = kind === "attempt" || kind === "browser";
  const rule = isOpaque
    ? "16 to 64 characters of A–Z a–z 0–9 _ -"
    : "1 to 255 characters without control characters";
  return { type: "invalid-identifier", kind, message: `Not a valid ${kind}: give ${rule}.` };
}

/** What no host's own id can be. */
const NO_ID = hostileBut("a number as text", "a page", "a day that does not exist");

describe("making a receiver", () => {
  const { options } = createGhec();

  test.each([
    ["no options", undefined, "createReceiver: `store` has to have the method `loadRegistration`."],
    [
      "a store that cannot sweep",
      { ...options, store: { ...options.store, sweep: undefined } },
      "createReceiver: `store` has to have the method `sweep`.",
    ],
    ["no ledger", { ...options, ledger: null }, "createReceiver: `ledger` has to have the method `append`."],
    [
      "a ledger that cannot be read",
      { ...options, ledger: { append: () => okAsync(undefined) } },
      "createReceiver: `ledger` has to have the method `read`.",
    ],
    [
      "a clock that cannot wait",
      { ...options, clock: { now: () => NOON } },
      "createReceiver: `clock` has to have the method `wait`.",
    ],
    ["no clock", { ...options, clock: NOON }, "createReceiver: `clock` has to have the method `now`."],
    [
      "an audit log that is kept for no day",
      { ...options, auditDays: 0 },
      "createReceiver: `auditDays` has to be a whole number from 1 on.",
    ],
    [
      "an audit log that is kept for half a day",
      { ...options, auditDays: 0.5 },
      "createReceiver: `auditDays` has to be a whole number from 1 on.",
    ],
    [
      "a deadline below a second",
      { ...options, callDeadlineMs: 999 },
      "createReceiver: `callDeadlineMs` has to be a whole number from 1000 to 86400000.",
    ],
    [
      "a mistyped option",
      { ...options, auditdays: 30 },
      "createReceiver: there is no option `auditdays`. The options are store, ledger, clock, random, receiptSigner, onEvent, auditDays, callDeadlineMs.",
    ],
    ["no random", { ...options, random: {} }, "createReceiver: `random` has to have the method `id`."],
  ])("throws for %s, which is a mistake in the program", (_, wrong, message) => {
    expect(() => createReceiver(wrong as never)).toThrow(new TypeError(message));
  });

  test.each(Object.keys(options.store))(
    "demands %s of a store, unless it is only of the memory",
    (method) => {
      const create = () => createReceiver({ ...options, store: { ...options.store, [method]: 1 } });

      if (method === "snapshot") expect(create).not.toThrow();
      else expect(create).toThrow(`\`store\` has to have the method \`${method}\``);
    },
  );
});

test.each(["append", "read", "loadHeads", "loadDigest", "prune"])("a ledger has to have %s", (method) => {
  const { options } = createGhec();

  expect(() => createReceiver({ ...options, ledger: { ...options.ledger, [method]: null } })).toThrow(
    `createReceiver: \`ledger\` has to have the method \`${method}\`.`,
  );
});

describe("what is no id is refused by name, and nothing is changed:", () => {
  const ENTRIES: readonly (readonly [
    method: string,
    kind: string,
    call: (receiver: Receiver, id: never) => ResultAsync<unknown, unknown>,
  ])[] = [
    ["handle", "installation", ({ handle }, id) => handle(id, { type: "enable" })],
    ["connectInstallation", "installation", ({ connectInstallation }, id) => connectInstallation(id)],
    [
      "disconnectInstallation",
      "installation",
      ({ disconnectInstallation }, id) => disconnectInstallation(id),
    ],
    [
      "offerConsent of an attempt",
      "attempt",
      ({ offerConsent }, id) => offerConsent({ ...REQUEST, attempt: id }),
    ],
    [
      "offerConsent in a browser",
      "browser",
      ({ offerConsent }, id) => offerConsent({ ...REQUEST, browser: id }),
    ],
    [
      "giveConsent to an attempt",
      "attempt",
      ({ giveConsent }, id) => giveConsent({ ...CONSENT, attempt: id }),
    ],
    [
      "giveConsent in a browser",
      "browser",
      ({ giveConsent }, id) => giveConsent({ ...CONSENT, browser: id }),
    ],
    [
      "giveConsent of an account",
      "account",
      ({ giveConsent }, id) => giveConsent({ ...CONSENT, account: id }),
    ],
    [
      "revokeAuthorization of an installation",
      "installation",
      ({ revokeAuthorization }, id) => revokeAuthorization(id, OCTO_ACCOUNT),
    ],
    [
      "revokeAuthorization of an account",
      "account",
      ({ revokeAuthorization }, id) => revokeAuthorization(HQ, id),
    ],
    ["deleteAccount", "account", ({ deleteAccount }, id) => deleteAccount(id)],
    ["shownCounts", "account", ({ shownCounts }, id) => shownCounts(id)],
  ];

  test.each(ENTRIES)("%s", async (_, kind, call) => {
    const { receiver, startSending, open, store, recorded } = createGhec();
    await startSending();
    await open();
    const before = store.snapshot();

    for (const [name, value] of NO_ID) {
      const result = await call(receiver, value as never);

      expect(result._unsafeUnwrapErr(), name).toEqual(invalid(kind));
    }
    expect(store.snapshot()).toEqual(before);
    expect(await recorded()).toEqual([]);
  });

  test("a connection that is no id", async () => {
    const { receiver, store } = createGhec();

    for (const [name, value] of NO_ID.filter(([, wrong]) => wrong !== undefined)) {
      const connected = await receiver.connectInstallation(HQ, value as never);
      const disconnected = await receiver.disconnectInstallation(HQ, value as never);

      expect(connected._unsafeUnwrapErr(), name).toEqual(invalid("connection"));
      expect(disconnected._unsafeUnwrapErr(), name).toEqual(invalid("connection"));
    }
    expect(store.snapshot().registrations).toEqual([]);
  });

  test.each(HOSTILE)("a consent that is %s", async (_, request) => {
    const { receiver } = createGhec();

    const offered = await receiver.offerConsent(request as never);
    const given = await receiver.giveConsent(request as never);

    expect(offered._unsafeUnwrapErr()).toEqual(invalid("attempt"));
    expect(given._unsafeUnwrapErr()).toEqual(invalid("attempt"));
  });

  test.each(hostileBut("undefined"))("shownCounts until %s", async (_, today) => {
    const { receiver } = createGhec();

    expect((await receiver.shownCounts(OCTO_ACCOUNT, today as CalendarDate))._unsafeUnwrapErr()).toEqual({
      type: "invalid-calendar-date",
      message: "Not a calendar date: give a day that exists as YYYY-MM-DD.",
    });
  });

  test.each<readonly [string, unknown]>([["zero", 0], ...hostileBut("undefined")])(
    "sweep of %s",
    async (_, limit) => {
      const { receiver } = createGhec({ broken: { sweep: boom } });

      expect((await receiver.sweep({ limit: limit as number }))._unsafeUnwrapErr()).toEqual({
        type: "invalid-options",
        field: "limit",
        message: "`limit` has to be a whole number from 1 on, or be left out.",
      });
    },
  );

  test.each(hostileBut("undefined"))("sweep and reconcile with a signal of %s", async (_, signal) => {
    const { receiver } = createGhec({ broken: { loadSweepClock: boom, loadLedgerStanding: boom } });

    for (const call of [receiver.sweep, receiver.reconcile])
      expect((await call({ signal: signal as AbortSignal }))._unsafeUnwrapErr()).toEqual({
        type: "invalid-options",
        field: "signal",
        message: "`signal` has to be an AbortSignal, or be left out.",
      });
  });

  test.each([null, 7, "signal"])("sweep and reconcile with options of %s", async (options) => {
    const { receiver } = createGhec({ broken: { loadSweepClock: boom, loadLedgerStanding: boom } });

    for (const call of [receiver.sweep, receiver.reconcile])
      expect((await call(options as never))._unsafeUnwrapErr()).toMatchObject({
        type: "invalid-options",
        field: "options",
      });
  });
});

test("a message is answered in the name of who is authenticated, whatever it says", async () => {
  const { receiver, startSending, store } = createGhec();
  await startSending();

  const answer = await receiver.handle(LAB, {
    version: 1,
    type: "disable",
    requestId: requestId(9),
    epoch: 1,
  });

  expect(answer._unsafeUnwrap()).toMatchObject({ type: "disabled" });
  expect(
    store.snapshot().registrations.map(({ value }) => [value.installation, value.featureSwitch]),
  ).toEqual([
    [HQ, { epoch: 1, status: "on" }],
    [LAB, { epoch: 1, status: "off" }],
  ]);
});

test("an installation is connected by its connection, and disconnected", async () => {
  const { receiver } = createGhec();

  const named = (await receiver.connectInstallation(HQ, FIRST_CONNECTION))._unsafeUnwrap();
  const unnamed = (await receiver.connectInstallation(LAB))._unsafeUnwrap();
  const other = (await receiver.disconnectInstallation(HQ, SECOND_CONNECTION))._unsafeUnwrap();
  const ended = (await receiver.disconnectInstallation(HQ, FIRST_CONNECTION))._unsafeUnwrap();

  expect(named).toMatchObject({ installation: HQ, connectionId: FIRST_CONNECTION, isConnected: true });
  expect(unnamed).toMatchObject({ installation: LAB, connectionId: null, isConnected: true });
  expect(other).toEqual(named);
  expect(ended).toMatchObject({ installation: HQ, isConnected: false });
});

test("a consent goes from its offer to a link, and is void in the next epoch", async () => {
  const { receiver, startSending, say } = createGhec();
  await startSending();
  const { attempt } = REQUEST;
  await say({ type: "push", attempt });

  const offered = await receiver.offerConsent(REQUEST);
  const { code } = (await receiver.giveConsent(CONSENT))._unsafeUnwrap();
  const opened = await say({ type: "redeem", attempt, code });
  await say({ type: "push", attempt: attemptId(2) });
  await say({ type: "disable", epoch: 1 });
  await say({ type: "enable", after: 1 });
  const outdated = await receiver.giveConsent({ ...CONSENT, attempt: attemptId(2) });

  expect(offered._unsafeUnwrap()).toEqual({ installation: HQ, expiresAt: NOON + 600_000 });
  expect(opened).toMatchObject({ type: "redeemed", linkId: expect.stringMatching(/^minted-/), epoch: 1 });
  expect(outdated._unsafeUnwrapErr()).toMatchObject({ type: "no-such-attempt" });
});

describe("the audit log of an installation", () => {
  test("has each change under the name of whoever made it, with the change", async () => {
    const { receiver, startSending, say, store, ledger } = createGhec();
    await startSending();
    const backup = store.snapshot();
    await say({ type: "disable", epoch: 1 });
    await say({ type: "enable", after: 1 });
    await say({ type: "disable", epoch: 2 });
    (await receiver.disconnectInstallation(HQ))._unsafeUnwrap();
    const forgetful = createGhec({ store: createMemoryReceiverStore(backup), ledger });
    (await forgetful.receiver.reconcile())._unsafeUnwrap();

    const entries = (audit: MemoryReceiverSnapshot["audit"]) =>
      audit.map(({ entry }) => [entry.actor, entry.action, entry.epoch]);
    expect(entries(store.snapshot().audit)).toEqual([
      ["host", "enterprise_installation.create", 0],
      ["server", "unified_contributions.enable", 1],
      ["server", "unified_contributions_session.create", 1],
      ["server", "unified_contributions.disable", 1],
      ["server", "unified_contributions.enable", 2],
      ["server", "unified_contributions.disable", 2],
      ["host", "enterprise_installation.destroy", 2],
    ]);
    expect(entries(forgetful.store.snapshot().audit).at(-1)).toEqual([
      "ledger",
      "unified_contributions.disable",
      1,
    ]);
  });
});

describe("the account's owner", () => {
  const receipt = { deletedAt: NOON, removed: null };

  test("revokes one installation's authorization", async () => {
    const { receiver, startSending, open, recorded } = createGhec();
    await startSending();
    const linkId = await open();

    const deleted = (await receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();

    expect(deleted).toEqual([
      {
        status: "deleted",
        linkId,
        installation: HQ,
        openedAt: NOON,
        cause: "authorization-revoked",
        receipt,
        isRecorded: true,
        account: null,
      },
    ]);
    expect(await recorded()).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId, choice: null, receipt }] },
    ]);
  });

  test("deletes the account", async () => {
    const { receiver, startSending, open, recorded, store } = createGhec();
    await startSending();
    const linkId = await open();
    const other = await open(MONA_ACCOUNT);

    const deleted = (await receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();

    expect(deleted).toEqual([
      {
        status: "deleted",
        linkId,
        installation: HQ,
        openedAt: NOON,
        cause: "account-deleted",
        receipt,
        isRecorded: true,
        account: null,
      },
    ]);
    expect(await recorded()).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId, choice: null, receipt }] },
    ]);
    expect(store.snapshot().links).toMatchObject([
      { linkId, status: "deleted" },
      { linkId: other, status: "live" },
    ]);
  });
});

describe("what is shown of an account", () => {
  async function shown(
    receiver: Receiver,
    account: AccountId,
    today?: string,
  ): Promise<readonly ShownWindow[]> {
    const windows = await receiver.shownCounts(account, today === undefined ? undefined : day(today));
    return windows._unsafeUnwrap();
  }

  test("are the windows of its servers, apart, and nobody else's", async () => {
    const { receiver, startSending, open, say } = createGhec();
    const lab = await startSending(LAB);
    const hq = await startSending(HQ);
    const links = [
      await open(OCTO_ACCOUNT, LAB),
      await open(OCTO_ACCOUNT, HQ),
      await open(MONA_ACCOUNT, HQ),
    ] as const;
    await say({ type: "deliver", sessionId: lab, records: [report(links[0], "2026-03-01", [1])] }, LAB);
    await say({
      type: "deliver",
      sessionId: hq,
      records: [report(links[1], "2026-02-28", [2, 3]), report(links[2], "2026-03-01", [4])],
    });

    expect(await shown(receiver, OCTO_ACCOUNT)).toEqual([
      { installation: HQ, window: { first: "2026-02-28", counts: [2, 3] }, receivedAt: NOON },
      { installation: LAB, window: { first: "2026-03-01", counts: [1] }, receivedAt: NOON },
    ]);
    expect(await shown(receiver, "nobody" as AccountId)).toEqual([]);
  });

  test("are only the 90 days that end on the viewer's today", async () => {
    const { receiver, startSending, open, say } = createGhec();
    const sessionId = await startSending();
    const linkId = await open();
    // 2 December 2025 to 1 March 2026.
    const counts = Array.from({ length: 90 }, (_, index) => index);
    await say({ type: "deliver", sessionId, records: [report(linkId, "2025-12-02", counts)] });
    const windowOf = async (today?: string) =>
      (await shown(receiver, OCTO_ACCOUNT, today)).map(({ window }) => window);

    expect(await windowOf()).toEqual([{ first: "2025-12-02", counts }]);
    expect(await windowOf("2026-03-01")).toEqual([{ first: "2025-12-02", counts }]);
    expect(await windowOf("2026-03-02")).toEqual([{ first: "2025-12-03", counts: counts.slice(1) }]);
    expect(await windowOf("2026-02-28")).toEqual([{ first: "2025-12-02", counts: counts.slice(0, 89) }]);
    expect(await windowOf("2026-05-29")).toEqual([{ first: "2026-03-01", counts: [89] }]);
    expect(await windowOf("2026-05-30")).toEqual([]);
    expect(await windowOf("1000-01-02")).toEqual([]);
  });

  test("ends with today in UTC if nothing is said", async () => {
    const { receiver, startSending, open, say, clock } = createGhec();
    const sessionId = await startSending();
    const linkId = await open();
    await say({ type: "deliver", sessionId, records: [report(linkId, "2026-03-01", [1, 2])] });
    const days = async () => (await shown(receiver, OCTO_ACCOUNT)).flatMap(({ window }) => window.counts);

    clock.set("2026-03-01T23:59:59.999Z");
    const before = await days();
    clock.set("2026-03-02T00:00:00.000Z");
    const after = await days();

    expect([before, after]).toEqual([[1], [1, 2]]);
  });
});

describe("what unread entries of the ledger name is not shown,", () => {
  /** Three links that are shown, their deletions, and a store that has forgotten those. */
  async function forgetful() {
    const cloud = createGhec();
    const hq = await cloud.startSending(HQ);
    const lab = await cloud.startSending(LAB);
    const [octo, mona, octoLab] = [
      await cloud.open(OCTO_ACCOUNT, HQ),
      await cloud.open(MONA_ACCOUNT, HQ),
      await cloud.open(OCTO_ACCOUNT, LAB),
    ];
    await cloud.say({ type: "deliver", sessionId: hq, records: [report(octo), report(mona)] });
    await cloud.say({ type: "deliver", sessionId: lab, records: [report(octoLab)] }, LAB);
    return { ...cloud, hq, octo, backup: cloud.store.snapshot() };
  }
  const installationsOf = async (receiver: Receiver, account: AccountId) =>
    (await receiver.shownCounts(account))._unsafeUnwrap().map(({ installation }) => installation);

  test("a link, by a process that writes nothing", async () => {
    const cloud = await forgetful();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const { receiver, store } = createGhec({
      store: createMemoryReceiverStore(cloud.backup),
      ledger: cloud.ledger,
    });
    const before = store.snapshot();

    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([LAB]);
    expect(await installationsOf(receiver, MONA_ACCOUNT)).toEqual([HQ]);
    expect(store.snapshot()).toEqual(before);
  });

  test("a choice, and no later one", async () => {
    const cloud = await forgetful();
    await cloud.say({ type: "deliver", sessionId: cloud.hq, records: [withdraw(cloud.octo, 1)] });
    const [earlier, later] = [1, 2].map((choice) =>
      createGhec({
        store: createMemoryReceiverStore({
          ...cloud.backup,
          links: cloud.backup.links.map((link) =>
            link.status === "live" && link.report ? { ...link, report: { ...link.report, choice } } : link,
          ),
        }),
        ledger: cloud.ledger,
      }),
    ) as [ReturnType<typeof createGhec>, ReturnType<typeof createGhec>];

    expect(await installationsOf(earlier.receiver, OCTO_ACCOUNT)).toEqual([LAB]);
    expect(await installationsOf(later.receiver, OCTO_ACCOUNT)).toEqual([HQ, LAB]);
  });

  test("an epoch, and no later one", async () => {
    const cloud = await forgetful();
    (await cloud.receiver.disconnectInstallation(HQ))._unsafeUnwrap();
    const { receiver } = createGhec({
      store: createMemoryReceiverStore(cloud.backup),
      ledger: cloud.ledger,
    });

    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([LAB]);
    expect(await installationsOf(receiver, MONA_ACCOUNT)).toEqual([]);

    const later = createGhec({ store: createMemoryReceiverStore(cloud.backup) });
    const entry = { type: "epochs-off", installation: HQ, epoch: 0, disabledAt: null } as const;
    (await later.ledger.append(entry, "an-entry-that-is-past"))._unsafeUnwrap();
    expect(await installationsOf(later.receiver, MONA_ACCOUNT)).toEqual([HQ]);
  });

  test("nor is anything where unread entries were pruned", async () => {
    const cloud = await forgetful();
    (await cloud.receiver.revokeAuthorization(HQ, MONA_ACCOUNT))._unsafeUnwrap();
    await cloud.say({ type: "disable", epoch: 0 });
    await cloud.say({ type: "disable", epoch: 1 });
    (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
    const { receiver } = createGhec({
      store: createMemoryReceiverStore(cloud.backup),
      ledger: cloud.ledger,
    });

    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([LAB]);
  });

  test("within a minute of the store's forgetting it, and of the ledger's return", async () => {
    const cloud = await forgetful();
    let store = createMemoryReceiverStore(cloud.backup);
    let isDown = false;
    const { receiver, clock } = createGhec({
      ledger: cloud.ledger,
      broken: {
        loadShown: (account) => store.loadShown(account),
        loadLedgerStanding: () => store.loadLedgerStanding(),
        loadCursors: (query) => store.loadCursors(query),
      },
      brokenLedger: { loadDigest: () => (isDown ? errAsync(FULL) : cloud.ledger.loadDigest()) },
    });
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    store = createMemoryReceiverStore(cloud.store.snapshot());
    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([LAB]);

    store = createMemoryReceiverStore(cloud.backup);
    isDown = true;
    clock.advance(60_000);
    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([HQ, LAB]);
    isDown = false;
    clock.advance(4_999);
    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([HQ, LAB]);
    clock.advance(1);
    expect(await installationsOf(receiver, OCTO_ACCOUNT)).toEqual([LAB]);
  });
});

describe("every method but shownCounts, reconcile and pruneLedger", () => {
  const CALLS: readonly (readonly [string, (receiver: Receiver) => ResultAsync<unknown, unknown>])[] = [
    ["handle", ({ handle }) => handle(LAB, null)],
    ["connectInstallation", ({ connectInstallation }) => connectInstallation(LAB)],
    ["disconnectInstallation", ({ disconnectInstallation }) => disconnectInstallation(LAB)],
    ["offerConsent", ({ offerConsent }) => offerConsent(REQUEST)],
    ["giveConsent", ({ giveConsent }) => giveConsent(CONSENT)],
    ["revokeAuthorization", ({ revokeAuthorization }) => revokeAuthorization(LAB, OCTO_ACCOUNT)],
    ["deleteAccount", ({ deleteAccount }) => deleteAccount("nobody" as AccountId)],
    ["sweep", ({ sweep }) => sweep()],
  ];

  test.each(CALLS)("reconciles where that is more than a minute ago: %s", async (_, call) => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(linkId)] });
    const backup = cloud.store.snapshot();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

    (await call(restored.receiver)).isOk();

    expect(restored.store.snapshot().links).toMatchObject([{ linkId, status: "deleted", isRecorded: true }]);
  });

  test("goes on where the ledger cannot be read", async () => {
    const { receiver } = createGhec({ brokenLedger: { loadDigest: () => errAsync(FULL) } });

    expect((await receiver.connectInstallation(HQ)).isOk()).toBe(true);
    expect((await receiver.sweep()).isOk()).toBe(true);
  });
});

test("a host can reconcile itself, and gets what that did", async () => {
  const cloud = createGhec();
  await cloud.startSending();
  const backup = cloud.store.snapshot();
  await cloud.say({ type: "disable", epoch: 1 });
  const { receiver } = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

  expect((await receiver.reconcile())._unsafeUnwrap()).toEqual({ entries: 1, recorded: 0, cutOff: [] });
  expect((await receiver.reconcile())._unsafeUnwrap()).toEqual({ entries: 0, recorded: 0, cutOff: [] });
});

test("a host that reconciles is told what another call has cut off, once", async () => {
  const cloud = createGhec();
  await cloud.startSending();
  const backup = cloud.store.snapshot();
  await cloud.say({ type: "disable", epoch: 1 });
  await cloud.say({ type: "enable", after: 1 });
  await cloud.say({ type: "disable", epoch: 2 });
  (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
  const { receiver } = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

  expect((await receiver.connectInstallation(HQ)).isOk()).toBe(true);

  expect((await receiver.reconcile())._unsafeUnwrap()).toMatchObject({ entries: 0, cutOff: [HQ] });
  expect((await receiver.reconcile())._unsafeUnwrap()).toMatchObject({ entries: 0, cutOff: [] });
});

describe("pruning the ledger", () => {
  /** A cloud with six entries of each server, and its cursors after the fourth. */
  async function recording() {
    const cloud = createGhec();
    let cursors: readonly LedgerCursor[] = [];
    await cloud.startSending(HQ);
    await cloud.startSending(LAB);
    for (let epoch = 1; epoch <= 6; epoch++) {
      for (const installation of [HQ, LAB]) {
        await cloud.say({ type: "disable", epoch }, installation);
        await cloud.say({ type: "enable", after: epoch }, installation);
      }
      if (epoch === 4) {
        cursors = (await cloud.store.loadCursors({ after: null, limit: 9 }))._unsafeUnwrap();
      }
    }
    const positions = async (installation: InstallationId) =>
      (await cloud.ledger.read({ installation, from: 1, limit: 9 }))
        ._unsafeUnwrap()
        .map(({ place }) => place.position);
    return { ...cloud, cursors, positions };
  }

  test("forgets what the oldest backup has read, except for its last entry", async () => {
    const { receiver, cursors, positions } = await recording();

    expect((await receiver.pruneLedger(cursors)).isOk()).toBe(true);

    expect([await positions(HQ), await positions(LAB)]).toEqual([
      [4, 5, 6],
      [4, 5, 6],
    ]);
    expect((await receiver.reconcile())._unsafeUnwrap()).toEqual({ entries: 0, recorded: 0, cutOff: [] });
  });

  test("forgets nothing of an installation that the backup does not have, or had read nothing of", async () => {
    const { receiver, positions } = await recording();

    expect((await receiver.pruneLedger([])).isOk()).toBe(true);
    expect((await receiver.pruneLedger([{ installation: HQ, readTo: null }])).isOk()).toBe(true);

    expect([await positions(HQ), await positions(LAB)]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  test("forgets nothing where the ledger has lost what the backup read, and has other entries since", async () => {
    const { receiver, cursors, positions } = await recording();
    const others = cursors.map(({ installation, readTo }) => ({
      installation,
      readTo: readTo && { ...readTo, entryId: "of-another-lineage" },
    }));
    const beyond = [{ installation: HQ, readTo: { position: 7, entryId: "never-seen-000001" } }];

    expect((await receiver.pruneLedger(others)).isOk()).toBe(true);
    expect((await receiver.pruneLedger(beyond)).isOk()).toBe(true);

    expect([await positions(HQ), await positions(LAB)]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  test.each<[string, Partial<DeletionLedger>]>([
    ["reading", { read: () => errAsync(FULL) }],
    ["forgetting", { prune: () => errAsync(FULL) }],
  ])("stops at the first fault of %s", async (_, brokenLedger) => {
    const { ledger, cursors, positions } = await recording();
    const { receiver } = createGhec({ ledger, brokenLedger });

    expect((await receiver.pruneLedger(cursors))._unsafeUnwrapErr()).toBe(FULL);
    expect(await positions(LAB)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("names the fault of a ledger that throws", async () => {
    const { ledger, cursors } = await recording();

    for (const brokenLedger of [{ read: boom }, { prune: boom }]) {
      const { receiver } = createGhec({ ledger, brokenLedger });

      expect((await receiver.pruneLedger(cursors))._unsafeUnwrapErr()).toEqual(THREW);
    }
  });
});

describe("sweeping", () => {
  /** A receiver over a store that notes what it is asked to sweep. */
  function noting() {
    const queries: SweepQuery[] = [];
    const { receiver, clock, store } = createGhec({
      broken: {
        sweep: (query) => {
          queries.push(query);
          return okAsync({ deleted: 1, trimmed: 2, forgotten: 3, isDone: false });
        },
      },
    });
    return { receiver, clock, store, queries };
  }

  /** Two sweeps, of which the second one is believed. */
  async function believed({ receiver, clock }: Pick<ReturnType<typeof noting>, "receiver" | "clock">) {
    (await receiver.sweep())._unsafeUnwrap();
    clock.advance(3_600_000);
    return (await receiver.sweep())._unsafeUnwrap();
  }

  test("asks for what is older than the 90 days that are shown, and hands on what was removed", async () => {
    const { receiver, clock, queries } = noting();
    clock.set("2026-03-01T11:00:00Z");
    (await receiver.sweep({ limit: 7 }))._unsafeUnwrap();
    clock.set("2026-03-01T12:00:00Z");

    const swept = await receiver.sweep({ limit: 7 });

    expect(swept._unsafeUnwrap()).toEqual({ deleted: 1, trimmed: 2, forgotten: 3, isDone: false });
    expect(queries).toEqual([
      { keep: null, limit: 7, at: instant("2026-03-01T11:00:00Z") },
      {
        keep: {
          counts: "2025-12-02",
          receipts: instant("2025-12-01T12:00:00Z"),
          audit: instant("2025-09-02T12:00:00Z"),
        },
        limit: 7,
        at: NOON,
      },
    ]);
  });

  test.each([
    ["a thousand links in one go if nothing is said", undefined, 1_000],
    ["a single link if told so", 1, 1],
  ])("looks at %s", async (_, limit, asked) => {
    const { receiver, queries } = noting();

    expect((await receiver.sweep({ limit })).isOk()).toBe(true);
    expect(queries.map((query) => query.limit)).toEqual([asked]);
  });

  test.each([
    ["nine days after the last", "2026-03-10T12:00:00.001Z"],
    ["two days before the last", "2026-02-27T12:00:00Z"],
  ])("ages nothing out %s, until another sweep agrees an hour later", async (_, now) => {
    const { receiver, clock, queries, store } = noting();
    clock.set("2026-03-01T11:00:00Z");
    await believed({ receiver, clock });

    clock.set(now);
    (await receiver.sweep())._unsafeUnwrap();
    (await receiver.sweep())._unsafeUnwrap();
    clock.advance(3_600_000);
    (await receiver.sweep())._unsafeUnwrap();

    expect(queries.map(({ keep }) => keep !== null)).toEqual([false, true, false, false, true]);
    expect(store.snapshot().sweepClock).toEqual({ lastAt: clock.now(), doubtedAt: null });
  });

  test("keeps entries of the audit log for as many days as the host says", async () => {
    const { options, clock } = createGhec();
    const queries: SweepQuery[] = [];
    const store: typeof options.store = {
      ...options.store,
      sweep: (query) => {
        queries.push(query);
        return options.store.sweep(query);
      },
    };
    const receiver = createReceiver({ ...options, store, auditDays: 7 });
    await believed({ receiver, clock });
    (await receiver.sweep())._unsafeUnwrap();

    expect(queries.at(-1)?.keep?.audit).toBe(clock.now() - 7 * 86_400_000);
  });

  test("ends what was cut off though its clock is in doubt", async () => {
    const { receiver, startSending, open, say, clock, store } = createGhec();
    await startSending();
    await open();
    (await receiver.sweep())._unsafeUnwrap();
    await say({ type: "disable", epoch: 1 });
    clock.set("2036-01-01T00:00:00Z");

    const swept = (await receiver.sweep())._unsafeUnwrap();

    expect(swept).toEqual({ deleted: 1, trimmed: 0, forgotten: 0, isDone: true });
    expect(store.snapshot().links).toEqual([]);
  });

  test("at the beginning of time keeps every receipt", async () => {
    const { receiver, clock, queries } = noting();
    clock.set("1970-01-01T00:00:00Z");

    await believed({ receiver, clock });

    expect(queries.at(-1)?.keep?.receipts).toBe(0);
  });

  test("is refused for a wrong limit before the clock is asked", async () => {
    const { receiver, store } = noting();

    expect((await receiver.sweep({ limit: 0 }))._unsafeUnwrapErr()).toMatchObject({ field: "limit" });
    expect(store.snapshot().sweepClock).toBeNull();
  });

  test("removes days that have aged out, links that were cut off, and receipts of old", async () => {
    const { receiver, startSending, open, say, clock, store } = createGhec();
    const sessionId = await startSending();
    const [linkId, withdrawn] = [await open(OCTO_ACCOUNT), await open(MONA_ACCOUNT)];
    await say({
      type: "deliver",
      sessionId,
      records: [report(linkId, "2026-02-28", [5, 6]), withdraw(withdrawn)],
    });

    clock.set("2026-05-30T12:00:00.001Z");
    const first = await believed({ receiver, clock });
    const again = (await receiver.sweep())._unsafeUnwrap();
    await say({ type: "disable", epoch: 1 });
    const last = (await receiver.sweep())._unsafeUnwrap();

    expect(first).toEqual({ deleted: 0, trimmed: 1, forgotten: 1, isDone: true });
    expect(again).toEqual({ deleted: 0, trimmed: 0, forgotten: 0, isDone: true });
    expect(last).toEqual({ deleted: 1, trimmed: 0, forgotten: 0, isDone: true });
    expect(store.snapshot().links).toEqual([]);
  });
});

describe("a fault of the storage", () => {
  const METHODS: readonly (readonly [
    string,
    string,
    (receiver: Receiver) => ResultAsync<unknown, unknown>,
  ])[] = [
    ["shownCounts", "loadShown", ({ shownCounts }) => shownCounts(OCTO_ACCOUNT)],
    ["sweep", "sweep", ({ sweep }) => sweep()],
    ["sweep", "loadSweepClock", ({ sweep }) => sweep()],
    ["sweep", "saveSweepClock", ({ sweep }) => sweep()],
    ["reconcile", "loadLedgerStanding", ({ reconcile }) => reconcile()],
    ["offerConsent", "answerAttempt", ({ offerConsent }) => offerConsent(REQUEST)],
    ["giveConsent", "answerAttempt", ({ giveConsent }) => giveConsent(CONSENT)],
    ["handle", "pushAttempt", ({ handle }) => handle(HQ, PUSH)],
    ["handle", "openLink", ({ handle }) => handle(HQ, REDEEM)],
    [
      "revokeAuthorization",
      "deleteLinks",
      ({ revokeAuthorization }) => revokeAuthorization(HQ, OCTO_ACCOUNT),
    ],
    ["deleteAccount", "deleteLinks", ({ deleteAccount }) => deleteAccount(OCTO_ACCOUNT)],
    ["connectInstallation", "loadRegistration", ({ connectInstallation }) => connectInstallation(HQ)],
    [
      "disconnectInstallation",
      "loadRegistration",
      ({ disconnectInstallation }) => disconnectInstallation(HQ),
    ],
    ["handle", "loadRegistration", ({ handle }) => handle(HQ, enableMessage())],
  ];

  test.each(METHODS)("is what %s answers, and the name of one that throws", async (_, method, call) => {
    const full = createGhec({ broken: { [method]: () => errAsync(FULL) } });
    const throwing = createGhec({ broken: { [method]: boom } });

    const results = await Promise.all([call(full.receiver), call(throwing.receiver)]);

    expect(results.map((result) => result._unsafeUnwrapErr())).toEqual([FULL, THREW]);
  });

  function enableMessage(): object {
    return { version: 1, type: "enable", requestId: requestId(1), after: 0 };
  }
});

test("an id of a host may be anything printable", async () => {
  const { receiver } = createGhec();
  const id = "https://ghes.example/日本 #1" as InstallationId;

  expect((await receiver.connectInstallation(id))._unsafeUnwrap().installation).toBe(id);
});

describe("cursors that are none", () => {
  const readTo = { position: 1, entryId: "entry" };

  test.each([
    ["no list", 1],
    ["nothing", undefined],
    ["a list of nothing", [null]],
    ["another installation's id", [{ installation: "", readTo }]],
    ["a place that is none", [{ installation: HQ, readTo: 1 }]],
    ["a position that is none", [{ installation: HQ, readTo: { ...readTo, position: -1 } }]],
    ["a position between two", [{ installation: HQ, readTo: { ...readTo, position: 1.5 } }]],
    ["an id that is none", [{ installation: HQ, readTo: { ...readTo, entryId: 7 } }]],
  ])("prune nothing, and are refused by name: %s", async (_, cursors) => {
    const { receiver } = createGhec();

    const refused = (await receiver.pruneLedger(cursors as never))._unsafeUnwrapErr();

    expect(refused).toMatchObject({ type: "invalid-cursors" });
  });
});
