import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type {
  AccountId,
  CalendarDate,
  InstallationId,
  Instant,
  LinkId,
  StorageFault,
} from "unified-contributions";
import { createReceiver, type Receiver, type ShownWindow } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import type { SweepQuery } from "../../../src/ghec/ports.ts";
import { createGhec, report } from "../../support/ghec-cloud.ts";
import { HOSTILE, hostileBut } from "../../support/ghec-hostile.ts";
import {
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

const NOON = instant("2026-03-01T12:00:00Z");
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const THREW = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The adapter threw instead of answering: run it through its contract in `testing`.",
};

function boom(): never {
  throw new Error("secret");
}

function invalid(kind: string): object {
  return {
    type: "invalid-identifier",
    kind,
    message: `Not a valid ${kind}: give 1 to 255 characters without control characters.`,
  };
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
      "createReceiver: `ledger` has to have the method `entriesSince`.",
    ],
    ["no clock", { ...options, clock: NOON }, "createReceiver: `clock` has to have the method `now`."],
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
    ["offerConsent", "installation", ({ offerConsent }, id) => offerConsent(id)],
    [
      "openLink of an installation",
      "installation",
      ({ openLink }, id) => openLink({ installation: id, account: OCTO_ACCOUNT, epoch: 1 }),
    ],
    [
      "openLink of an account",
      "account",
      ({ openLink }, id) => openLink({ installation: HQ, account: id, epoch: 1 }),
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
    const { receiver, startSending, open, store, ledger } = createGhec();
    await startSending();
    await open();
    const before = store.snapshot();

    for (const [name, value] of NO_ID) {
      const result = await call(receiver, value as never);

      expect(result._unsafeUnwrapErr(), name).toEqual(invalid(kind));
    }
    expect(store.snapshot()).toEqual(before);
    expect((await ledger.entriesSince(0 as Instant))._unsafeUnwrap()).toEqual([]);
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

  test.each(HOSTILE)("openLink of %s", async (_, request) => {
    const { receiver } = createGhec();

    const refused = await receiver.openLink(request as never);

    expect(refused._unsafeUnwrapErr()).toEqual(invalid("installation"));
  });

  test.each(HOSTILE)("recover since %s", async (_, at) => {
    const { receiver } = createGhec();

    expect((await receiver.recover(at as Instant))._unsafeUnwrapErr()).toEqual({
      type: "invalid-identifier",
      kind: "instant",
      message: "Not a valid instant: give whole milliseconds since 1970-01-01T00:00:00Z.",
    });
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

      expect((await receiver.sweep(limit as number))._unsafeUnwrapErr()).toEqual({
        type: "invalid-limit",
        message: "The limit has to be a whole number from 1 on.",
      });
    },
  );
});

test("a message is answered in the name of who is authenticated, whatever it says", async () => {
  const { receiver, startSending } = createGhec();
  await startSending();

  const answer = await receiver.handle(LAB, {
    version: 1,
    type: "enable",
    requestId: requestId(9),
    after: 1,
  });

  expect(answer._unsafeUnwrap()).toMatchObject({ type: "rejected", reason: "unknown-installation" });
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

test("a consent goes from its offer to a link, and is outdated in the next epoch", async () => {
  const { receiver, startSending, say } = createGhec();
  await startSending();

  const { epoch } = (await receiver.offerConsent(HQ))._unsafeUnwrap();
  const opened = await receiver.openLink({ installation: HQ, account: OCTO_ACCOUNT, epoch });
  await say({ type: "disable", epoch: 1 });
  await say({ type: "enable", after: 1 });
  const outdated = await receiver.openLink({ installation: HQ, account: OCTO_ACCOUNT, epoch });

  expect(opened._unsafeUnwrap()).toEqual({ linkId: expect.stringMatching(/^minted-/), epoch: 1 });
  expect(outdated._unsafeUnwrapErr()).toMatchObject({ type: "outdated-consent" });
});

describe("the account's owner", () => {
  test("revokes one installation's authorization", async () => {
    const { receiver, startSending, open, ledger } = createGhec();
    await startSending();
    const linkId = await open();

    const killed = (await receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();

    expect(killed).toEqual([
      { status: "deleted", linkId, installation: HQ, receipt: { deletedAt: NOON, removed: null } },
    ]);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([
      { type: "authorization-revoked", installation: HQ, account: OCTO_ACCOUNT, at: NOON },
    ]);
  });

  test("deletes the account", async () => {
    const { receiver, startSending, open, ledger } = createGhec();
    await startSending();
    const linkId = await open();
    await open(MONA_ACCOUNT);

    const killed = (await receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();

    expect(killed).toEqual([
      { status: "deleted", linkId, installation: HQ, receipt: { deletedAt: NOON, removed: null } },
    ]);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([
      { type: "account-deleted", account: OCTO_ACCOUNT, at: NOON },
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

describe("sweeping", () => {
  /** A receiver over a store that notes what it is asked to sweep. */
  function noting() {
    const queries: SweepQuery[] = [];
    const { receiver } = createGhec({
      broken: {
        sweep: (query) => {
          queries.push(query);
          return okAsync({ deleted: 1, trimmed: 2, forgotten: 3, isDone: false });
        },
      },
    });
    return { receiver, queries };
  }

  test("asks for what is older than the 90 days that are shown, and hands on what was removed", async () => {
    const { receiver, queries } = noting();

    const swept = await receiver.sweep(7);

    expect(swept._unsafeUnwrap()).toEqual({ deleted: 1, trimmed: 2, forgotten: 3, isDone: false });
    expect(queries).toEqual([
      {
        keepFrom: "2025-12-02",
        keepReceiptsFrom: instant("2025-12-01T12:00:00Z"),
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

    expect((await receiver.sweep(limit)).isOk()).toBe(true);
    expect(queries.map((query) => query.limit)).toEqual([asked]);
  });

  test("removes days that have aged out, links that were cut off, and receipts of old", async () => {
    const { receiver, startSending, open, say, clock, store } = createGhec();
    const sessionId = await startSending();
    const [linkId, withdrawn] = [await open(OCTO_ACCOUNT), await open(MONA_ACCOUNT)];
    await say({
      type: "deliver",
      sessionId,
      records: [report(linkId, "2026-02-28", [5, 6]), { type: "withdraw", linkId: withdrawn }],
    });

    clock.set("2026-05-30T12:00:00.001Z");
    const first = (await receiver.sweep())._unsafeUnwrap();
    const again = (await receiver.sweep())._unsafeUnwrap();
    await say({ type: "disable", epoch: 1 });
    const last = (await receiver.sweep())._unsafeUnwrap();

    expect(first).toEqual({ deleted: 0, trimmed: 1, forgotten: 1, isDone: true });
    expect(again).toEqual({ deleted: 0, trimmed: 0, forgotten: 0, isDone: true });
    expect(last).toEqual({ deleted: 1, trimmed: 0, forgotten: 0, isDone: true });
    expect(store.snapshot().links).toEqual([
      {
        status: "deleted",
        linkId: linkId satisfies LinkId,
        installation: HQ,
        receipt: { deletedAt: instant("2026-05-30T12:00:00.001Z"), removed: null },
      },
    ]);
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
    ["offerConsent", "loadRegistration", ({ offerConsent }) => offerConsent(HQ)],
    [
      "openLink",
      "openLink",
      ({ openLink }) => openLink({ installation: HQ, account: OCTO_ACCOUNT, epoch: 1 }),
    ],
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
    ["recover", "recover", ({ recover }) => recover(NOON)],
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

test("recovering drops what was kept", async () => {
  const { receiver, startSending, open, say } = createGhec();
  const sessionId = await startSending();
  const linkId = await open();
  await say({ type: "deliver", sessionId, records: [report(linkId)] });

  const restored = await receiver.recover(NOON);

  expect(restored._unsafeUnwrap()).toEqual({ installations: 1, links: 1 });
  expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
});

test("an id of a host may be anything printable", async () => {
  const { receiver } = createGhec();
  const id = "https://ghes.example/日本 #1" as InstallationId;

  expect((await receiver.connectInstallation(id))._unsafeUnwrap().installation).toBe(id);
});
