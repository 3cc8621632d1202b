import { errAsync, okAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { Answer } from "unified-contributions/wire";
import { describe, expect, test } from "vitest";
import {
  type AnsweringParts,
  answerMessage as answerWith,
  type Connection,
} from "../../../src/ghec/messages.ts";
import { createSpareRead } from "../../../src/ghec/spare-read.ts";
import { createGhec, hold, report, withdraw } from "../../support/ghec-cloud.ts";
import { HOSTILE } from "../../support/ghec-hostile.ts";
import {
  FIRST_CONNECTION,
  HQ,
  instant,
  LAB,
  linkId,
  MONA_ACCOUNT,
  OCTO_ACCOUNT,
  requestId,
  SECOND_CONNECTION,
  sessionId,
} from "../../support/values.ts";

/** A host that does not say which connection a message came over. */
const FROM_HQ = { installation: HQ, connectionId: null };
const NOON = instant("2026-03-01T12:00:00Z");
const ON = { epoch: 1, status: "on" } as const;
const NEVER = { epoch: 0, status: "off" } as const;
const NOTHING_ENDED = { ended: [], heardTo: null, hasMore: false };
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };

/** Answers a message, over parts that a receiver is made of. */
function answerMessage(parts: Omit<AnsweringParts, "spare">, from: Connection, input: unknown) {
  return answerWith({ ...parts, spare: createSpareRead(parts.clock) }, from, input);
}

function envelope(n: number) {
  return { version: 1, requestId: requestId(n) };
}

function rejection(reason: string, request: string | null): object {
  return { version: 1, type: "rejected", requestId: request, reason, supported: { first: 1, last: 1 } };
}

/** Every kind of message that the session of a server can carry, as its hundredth request. */
const EVERY_KIND = [
  { ...envelope(100), type: "attach", replaces: null, featureSwitch: NEVER },
  { ...envelope(100), type: "enable", after: 0 },
  { ...envelope(100), type: "disable", epoch: 1 },
  { ...envelope(100), type: "deliver", sessionId: null, follows: [], records: [withdraw(linkId(1))] },
  { ...envelope(100), type: "complete", sessionId: sessionId(1), follows: [], heardTo: null },
];

describe("a message that is not understood", () => {
  test.each(HOSTILE)("is rejected and changes nothing: %s", async (_, value) => {
    const { options, store } = createGhec();

    const answer = await answerMessage(options, FROM_HQ, value);

    expect(answer._unsafeUnwrap()).toEqual(rejection("malformed-message", null));
    expect(store.snapshot()).toEqual(createMemoryReceiverStore().snapshot());
  });

  test.each([
    ["unexpected-key", { ...EVERY_KIND[1], login: "mona" }],
    ["unsupported-version", { ...EVERY_KIND[1], version: 2 }],
    ["malformed-message", { ...EVERY_KIND[1], after: -1 }],
    ["too-many-records", { ...EVERY_KIND[3], records: new Array(1_001).fill(null) }],
  ])("is rejected by name, with the versions that are answered: %s", async (reason, message) => {
    const cloud = createGhec();
    await cloud.startSending();
    const before = cloud.store.snapshot();

    const answer = await answerMessage(cloud.options, FROM_HQ, message);

    expect(answer._unsafeUnwrap()).toEqual(rejection(reason, requestId(100)));
    expect(cloud.store.snapshot()).toEqual(before);
  });
});

describe.each(EVERY_KIND)("the message $type", (message) => {
  test("of an installation that was never registered registers it, switched off", async () => {
    const { options, store, recorded } = createGhec();

    const answer = (await answerMessage(options, FROM_HQ, message))._unsafeUnwrap();

    expect(answer).toMatchObject({ requestId: requestId(100), type: expect.not.stringMatching("rejected") });
    expect(store.snapshot()).toMatchObject({
      registrations: [
        {
          value: {
            installation: HQ,
            isConnected: true,
            connectionId: null,
            session: { ordinal: 1, attachedBy: null },
            featureSwitch: { status: message.type === "enable" ? "on" : "off" },
          },
        },
      ],
      links: [],
    });
    expect(await recorded()).toHaveLength(message.type === "disable" ? 1 : 0);
  });

  test("of an installation whose connection has ended registers it again, in an epoch that is off", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    const live = await cloud.open();
    (await cloud.receiver.disconnectInstallation(HQ))._unsafeUnwrap();

    const answer = (await answerMessage(cloud.options, FROM_HQ, message))._unsafeUnwrap();

    expect(answer).toMatchObject({ featureSwitch: { epoch: 2, status: "off" } });
    expect(cloud.store.snapshot()).toMatchObject({
      registrations: [
        {
          value: {
            isConnected: true,
            connectionId: null,
            session: { attachedBy: null },
            featureSwitch: { epoch: 2, status: "off" },
          },
        },
      ],
      links: [{ linkId: live, status: "live", epoch: 1 }],
    });
    expect(await cloud.recorded()).toHaveLength(1);
  });

  test("registers the connection that it came over, so that another one ends it", async () => {
    const cloud = createGhec();

    (
      await answerMessage(cloud.options, { ...FROM_HQ, connectionId: FIRST_CONNECTION }, message)
    )._unsafeUnwrap();

    const registrationNow = () => cloud.store.snapshot().registrations[0]?.value;
    expect(registrationNow()?.connectionId).toBe(FIRST_CONNECTION);
    (await cloud.receiver.connectInstallation(HQ, SECOND_CONNECTION))._unsafeUnwrap();
    expect(registrationNow()).toMatchObject({
      connectionId: SECOND_CONNECTION,
      featureSwitch: { status: "off" },
    });
  });

  test("leaves the connection that stands as it is, whichever it came over", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    (await cloud.receiver.connectInstallation(HQ, FIRST_CONNECTION))._unsafeUnwrap();

    await cloud.say(message);
    (
      await answerMessage(cloud.options, { ...FROM_HQ, connectionId: SECOND_CONNECTION }, message)
    )._unsafeUnwrap();

    expect(cloud.store.snapshot().registrations[0]?.value.connectionId).toBe(FIRST_CONNECTION);
  });

  test("hands on the fault of a storage", async () => {
    const { options } = createGhec({
      broken: { loadRegistration: () => errAsync(FULL), applyDelivery: () => errAsync(FULL) },
    });

    expect((await answerMessage(options, FROM_HQ, message))._unsafeUnwrapErr()).toBe(FULL);
  });

  test("names the fault of a storage that throws", async () => {
    const boom = (): never => {
      throw new Error("secret");
    };
    const { options } = createGhec({ broken: { loadRegistration: boom, applyDelivery: boom } });

    expect((await answerMessage(options, FROM_HQ, message))._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "outcome-unknown",
      message:
        "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
    });
  });
});

test("a value that throws when it is read is rejected, and its words are not repeated", async () => {
  const { options } = createGhec();
  const input = {
    version: 1,
    get type(): string {
      throw new Error("octo-secret");
    },
  };

  expect((await answerMessage(options, FROM_HQ, input))._unsafeUnwrap()).toEqual(
    rejection("malformed-message", null),
  );
});

describe("attach", () => {
  const attach = { ...envelope(50), type: "attach", featureSwitch: NEVER };

  test("is answered with the session that it got, again and again", async () => {
    const cloud = createGhec();
    const { session } = (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
    const message = { ...attach, replaces: session.id };

    const answer = await cloud.say(message);

    expect(answer).toEqual({
      ...envelope(50),
      type: "attached",
      sessionId: requestId(50),
      featureSwitch: NEVER,
    });
    expect(await cloud.say(message)).toEqual(answer);
    expect(cloud.store.snapshot().registrations[0]?.value.session).toMatchObject({
      id: (answer as { sessionId?: string }).sessionId,
      ordinal: 2,
      attachedBy: requestId(50),
    });
  });

  test("is refused with the session that stands, and says that nobody holds it", async () => {
    const cloud = createGhec();
    const { session } = (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
    const before = cloud.store.snapshot();

    expect(await cloud.say({ ...attach, replaces: null })).toEqual({
      ...envelope(50),
      type: "attach-refused",
      current: { id: session.id, isVacant: true },
      featureSwitch: NEVER,
    });
    expect(cloud.store.snapshot()).toEqual(before);
  });

  test("is refused with the session that another copy of the server holds", async () => {
    const cloud = createGhec();
    const held = await cloud.startSending();

    expect(await cloud.say({ ...attach, replaces: sessionId(9) })).toEqual({
      ...envelope(50),
      type: "attach-refused",
      current: { id: held, isVacant: false },
      featureSwitch: ON,
    });
  });

  test("brings the sender's switch to a receiver that has forgotten everything", async () => {
    const cloud = createGhec();
    const { session } = (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();

    const answer = await cloud.say({
      ...attach,
      replaces: session.id,
      featureSwitch: { epoch: 4, status: "on" },
    });

    expect(answer).toMatchObject({ type: "attached", featureSwitch: { epoch: 4, status: "on" } });
  });
});

describe("an attach whose epoch is too far", () => {
  const attach = { ...envelope(50), type: "attach", replaces: null };

  test.each([
    ["above 1,000 where none was ever enabled", 0, 1_001],
    ["two above the one that is known", 1, 3],
  ])("is rejected by that name: %s", async (_, known, epoch) => {
    const cloud = createGhec();
    if (known > 0) await cloud.startSending();
    else (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
    const before = cloud.store.snapshot();
    const replaces = before.registrations[0]?.value.session.id;

    for (const status of ["on", "off"]) {
      const answer = await cloud.say({ ...attach, replaces, featureSwitch: { epoch, status } });

      expect(answer).toEqual(rejection("epoch-too-far", requestId(50)));
    }
    expect(cloud.store.snapshot()).toEqual(before);
    expect(await cloud.recorded()).toEqual([]);
  });

  test("registers the installation nevertheless, and is told which session stands", async () => {
    const { say, store } = createGhec();

    const answer = await say({ ...attach, featureSwitch: { epoch: 1_001, status: "on" } });

    expect(answer).toMatchObject({ type: "attach-refused", current: { isVacant: true } });
    expect(store.snapshot().registrations).toMatchObject([
      { value: { isConnected: true, featureSwitch: { epoch: 0, status: "off" } } },
    ]);
  });

  test("is taken once the ledger has said what the store forgot", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    const backup = cloud.store.snapshot();
    for (const epoch of [1, 2, 3]) {
      await cloud.say({ type: "disable", epoch });
      await cloud.say({ type: "enable", after: epoch });
    }
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });
    const replaces = backup.registrations[0]?.value.session.id;
    const featureSwitch = { epoch: 4, status: "on" };

    expect(await restored.say({ ...attach, replaces, featureSwitch })).toMatchObject({
      type: "attached",
      featureSwitch,
    });
  });

  test("that is taken records every epoch that it passes", async () => {
    const { say, store, recorded } = createGhec();
    await say({ type: "complete", sessionId: sessionId(1) });
    const replaces = store.snapshot().registrations[0]?.value.session.id;

    await say({ ...attach, replaces, featureSwitch: { epoch: 1_000, status: "on" } });

    expect(await recorded()).toEqual([
      { type: "epochs-off", installation: HQ, epoch: 999, disabledAt: null },
    ]);
  });
});

describe("enable", () => {
  test("is answered with the switch, whether it took or not", async () => {
    const cloud = createGhec();
    (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
    const enable = { ...envelope(50), type: "enable", after: 0 };
    const switched = { ...envelope(50), type: "switched", featureSwitch: ON };

    expect(await cloud.say(enable)).toEqual(switched);
    expect(await cloud.say(enable)).toEqual(switched);
    expect(await cloud.say({ ...enable, after: 2 })).toEqual(switched);
  });
});

describe("an enable whose epoch is too far", () => {
  test.each([
    ["above 1,000 where none was ever enabled", 0, 1_001],
    ["two above the one that is known, and on", 1, 3],
  ])("is rejected by that name, and changes nothing: %s", async (_, known, after) => {
    const cloud = createGhec();
    if (known > 0) await cloud.startSending();
    else (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
    const before = cloud.store.snapshot();

    const answer = await cloud.say({ ...envelope(50), type: "enable", after });

    expect(answer).toEqual(rejection("epoch-too-far", requestId(50)));
    expect(cloud.store.snapshot()).toEqual(before);
  });
});

describe("disable", () => {
  test("is answered with the switch and its first receipt, and hides everything at once", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(live)] });
    const disable = { ...envelope(50), type: "disable", epoch: 1 };
    const disabled = {
      ...envelope(50),
      type: "disabled",
      featureSwitch: { epoch: 1, status: "off" },
      receipt: { epoch: 1, disabledAt: NOON },
    };

    expect(await cloud.say(disable)).toEqual(disabled);
    cloud.clock.advance(60_000);
    expect(await cloud.say(disable)).toEqual(disabled);
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });
});

describe("a disable that reaches too far", () => {
  test("is honoured for what can have been enabled", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(live)] });

    expect(await cloud.say({ ...envelope(50), type: "disable", epoch: 2_147_483_647 })).toEqual({
      ...envelope(50),
      type: "disabled",
      featureSwitch: { epoch: 2, status: "off" },
      receipt: { epoch: 2_147_483_647, disabledAt: NOON },
    });
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect(await cloud.recorded()).toEqual([
      { type: "epochs-off", installation: HQ, epoch: 2, disabledAt: NOON },
    ]);
  });

  test("and that comes every hour for a week writes one entry", async () => {
    const cloud = createGhec();
    await cloud.startSending();

    for (let hour = 0; hour < 24 * 7; hour++) {
      const answer = await cloud.say({ type: "disable", epoch: 1_000_000 });
      cloud.clock.advance(3_600_000);

      expect(answer).toMatchObject({ type: "disabled", featureSwitch: { epoch: 2, status: "off" } });
    }
    expect(await cloud.recorded()).toHaveLength(1);
  });
});

describe("deliver", () => {
  async function sending() {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    return { ...cloud, sessionId, live: await cloud.open() };
  }

  test("answers each record in its place, the good and the bad (R13)", async () => {
    const { say, sessionId, live, receiver, open } = await sending();
    const withdrawn = await open("hubot" as typeof OCTO_ACCOUNT);
    const records = [
      null,
      report(live, "2026-02-28", [3, 4]),
      withdraw(withdrawn),
      report(linkId(99)),
      { ...report(live), login: "mona" },
      report(live, "2026-03-01", [9]),
      report(live, "2026-03-04", [9]),
      withdraw(linkId(98)),
      { type: "increment" },
    ];

    expect(await say({ ...envelope(50), type: "deliver", sessionId, records })).toEqual({
      ...envelope(50),
      type: "delivered",
      featureSwitch: ON,
      outcomes: [
        { type: "refused", reason: "malformed-record" },
        { type: "kept" },
        { type: "withdrawn", receipt: { deletedAt: NOON, removed: null } },
        { type: "unknown" },
        { type: "refused", reason: "unexpected-key" },
        { type: "refused", reason: "duplicate-link" },
        { type: "refused", reason: "clock-ahead" },
        { type: "unknown" },
        { type: "refused", reason: "unknown-type" },
      ],
    });
    expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([
      { installation: HQ, window: { first: "2026-02-28", counts: [3, 4] }, receivedAt: NOON },
    ]);
  });

  test("repeated unchanged is answered as before (R8)", async () => {
    const { say, sessionId, live, store } = await sending();
    const message = {
      ...envelope(50),
      type: "deliver",
      sessionId,
      records: [report(live), withdraw(linkId(99))],
    };
    const answer = await say(message);
    const before = store.snapshot();

    expect(await say(message)).toEqual(answer);
    expect(store.snapshot()).toEqual(before);
  });

  test.each<[string, (session: string) => object]>([
    ["another life of the server", (sessionId) => ({ sessionId, follows: [requestId(1)] })],
    ["another session", () => ({ sessionId: `session-${"9".padStart(12, "0")}` })],
    ["no session", () => ({ sessionId: null, follows: [] })],
  ])("of %s is detached, and its withdrawals are applied (R3)", async (_, named) => {
    const { say, sessionId, live, receiver } = await sending();
    await say({ type: "deliver", sessionId, records: [report(live, "2026-03-01", [7])] });
    const records = [report(linkId(99), "2026-03-01", [8]), withdraw(live), null];

    expect(await say({ ...envelope(50), type: "deliver", records, ...named(sessionId) })).toEqual({
      ...envelope(50),
      type: "detached",
      featureSwitch: ON,
      current: { id: sessionId, isVacant: false },
      outcomes: [
        { type: "not-applied" },
        {
          type: "withdrawn",
          receipt: {
            deletedAt: NOON,
            removed: { first: "2026-03-01", last: "2026-03-01" },
          },
        },
        { type: "refused", reason: "malformed-record" },
      ],
    });
    expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("cannot reach the link of another installation", async () => {
    const cloud = await sending();
    const foreign = await cloud.startSending(LAB);
    await cloud.say({ type: "deliver", sessionId: cloud.sessionId, records: [report(cloud.live)] });
    const before = cloud.store.snapshot().links;

    const { live } = cloud;

    for (const record of [report(live, "2026-03-01", [0]), withdraw(live, 1), withdraw(live)]) {
      const answer = await cloud.say({ type: "deliver", sessionId: foreign, records: [record] }, LAB);

      expect(answer).toMatchObject({ type: "delivered", outcomes: [{ type: "unknown" }] });
    }
    expect(cloud.store.snapshot().links).toEqual(before);
  });

  test("of a hold keeps what was there, and nothing else changes", async () => {
    const { say, sessionId, live, receiver, clock } = await sending();
    await say({ type: "deliver", sessionId, records: [report(live, "2026-03-01", [7])] });
    clock.advance(1_000);

    expect(await say({ type: "deliver", sessionId, records: [hold(live), hold(linkId(99))] })).toMatchObject({
      type: "delivered",
      outcomes: [{ type: "kept" }, { type: "unknown" }],
    });
    expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([
      { installation: HQ, window: { first: "2026-03-01", counts: [7] }, receivedAt: NOON },
    ]);
  });

  test("while the switch is off applies no report and no hold, and ends nothing", async () => {
    const { say, sessionId, live, store } = await sending();
    await say({ ...envelope(50), type: "disable", epoch: 1 });
    const records = [report(live), hold(live)];

    for (const record of records) {
      expect(await say({ type: "deliver", sessionId, records: [record] })).toMatchObject({
        type: "delivered",
        featureSwitch: { epoch: 1, status: "off" },
        outcomes: [{ type: "not-applied" }],
      });
    }
    expect(store.snapshot().links).toMatchObject([{ linkId: live, status: "live", report: null }]);
  });

  test("of a link that was withdrawn says that it has ended, and when", async () => {
    const { say, sessionId, live } = await sending();
    const receipt = { deletedAt: NOON, removed: null };

    const both = await say({ type: "deliver", sessionId, records: [report(live), withdraw(live)] });
    const later = await say({ type: "deliver", sessionId, records: [hold(live), report(linkId(9))] });

    expect(both).toMatchObject({
      outcomes: [
        { type: "refused", reason: "duplicate-link" },
        { type: "withdrawn", receipt },
      ],
    });
    expect(later).toMatchObject({
      outcomes: [{ type: "ended", choice: null, receipt }, { type: "unknown" }],
    });
  });

  test("of a choice that was withdrawn says that it has ended, and a later one is kept", async () => {
    const cloud = await sending();
    const { say, sessionId, live, receiver } = cloud;
    const deliver = (record: object) => say({ type: "deliver", sessionId, records: [record] });
    await deliver(report(live, "2026-03-01", [7], 1));
    const receipt = { deletedAt: NOON, removed: { first: "2026-03-01", last: "2026-03-01" } };

    expect(await deliver(withdraw(live, 1))).toMatchObject({ outcomes: [{ type: "withdrawn", receipt }] });
    expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    for (const record of [report(live, "2026-03-01", [7], 1), hold(live, 1)]) {
      expect(await deliver(record)).toMatchObject({ outcomes: [{ type: "ended", choice: 1, receipt }] });
    }
    expect(await deliver(report(live, "2026-03-01", [8], 2))).toMatchObject({ outcomes: [{ type: "kept" }] });
    expect(await deliver(withdraw(live, 1))).toMatchObject({ outcomes: [{ type: "withdrawn", receipt }] });
    expect((await receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toMatchObject([
      { window: { counts: [8] } },
    ]);
    expect(await cloud.recorded()).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId: live, choice: 1, receipt }] },
    ]);
  });

  test("of no records is answered too", async () => {
    const { say, sessionId } = await sending();

    const answer = await say({ type: "deliver", sessionId, records: [] });

    expect(answer).toMatchObject({ type: "delivered", outcomes: [] });
  });
});

describe("complete", () => {
  test("hides what the session never reported, and spares what was opened since (R9)", async () => {
    const cloud = createGhec();
    const first = await cloud.startSending();
    const unknown = await cloud.open();
    await cloud.say({ type: "deliver", sessionId: first, records: [report(unknown)] });
    const session = await attachAgain(cloud, first);
    const fresh = await cloud.open("hubot" as typeof OCTO_ACCOUNT);

    const answer = await cloud.say({ ...envelope(50), type: "complete", sessionId: session });

    expect(answer).toEqual({ ...envelope(50), type: "completed", featureSwitch: ON, ...NOTHING_ENDED });
    expect(cloud.store.snapshot().links).toMatchObject([
      { status: "live", linkId: unknown, report: { window: null } },
      { status: "live", linkId: fresh, report: null },
    ]);
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect(await cloud.recorded()).toEqual([]);
  });

  test("shows what it hid once its server reports it, and hides nothing that is held", async () => {
    const cloud = createGhec();
    const first = await cloud.startSending();
    const [hidden, held] = [await cloud.open(OCTO_ACCOUNT), await cloud.open(MONA_ACCOUNT)];
    await cloud.say({ type: "deliver", sessionId: first, records: [report(hidden), report(held)] });
    const session = await attachAgain(cloud, first);
    const shown = async (account: typeof OCTO_ACCOUNT) =>
      (await cloud.receiver.shownCounts(account))._unsafeUnwrap().length;

    await cloud.say({ type: "deliver", sessionId: session, records: [hold(held)] });
    await cloud.say({ type: "complete", sessionId: session });
    const after = [await shown(OCTO_ACCOUNT), await shown(MONA_ACCOUNT)];
    await cloud.say({ type: "deliver", sessionId: session, records: [report(hidden)] });
    await cloud.say({ type: "complete", sessionId: session });

    expect(after).toEqual([0, 1]);
    expect([await shown(OCTO_ACCOUNT), await shown(MONA_ACCOUNT)]).toEqual([1, 1]);
  });

  test("is in one chain with the deliveries, and answered again for the same request", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const complete = { ...envelope(50), type: "complete", sessionId };
    const completed = { ...envelope(50), type: "completed", featureSwitch: ON, ...NOTHING_ENDED };
    const follow = (n: number) => ({ type: "deliver", sessionId, follows: [requestId(n)], records: [] });

    expect(await cloud.say(complete)).toEqual(completed);
    expect(await cloud.say(complete)).toEqual(completed);
    expect(await cloud.say({ ...envelope(51), ...follow(1) })).toMatchObject({ type: "detached" });
    expect(await cloud.say({ ...envelope(52), ...follow(50) })).toMatchObject({ type: "delivered" });
    expect(await cloud.say({ ...complete, ...envelope(53) })).toEqual({ ...completed, ...envelope(53) });
  });

  test("names the links that were deleted since the place that was heard, whatever the cause", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const [octo, mona, hubot] = [
      await cloud.open(OCTO_ACCOUNT),
      await cloud.open(MONA_ACCOUNT),
      await cloud.open("hubot" as typeof OCTO_ACCOUNT),
    ];
    const complete = { type: "complete", sessionId };
    const place = (position: number) => ({ position, entryId: expect.stringMatching(/^minted-/) });
    const receipt = { deletedAt: NOON, removed: null };

    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(mona)] });
    const first = await cloud.say(complete);
    if (first.type !== "completed") throw new Error("the request was not the next one");
    (await cloud.receiver.deleteAccount("hubot" as typeof OCTO_ACCOUNT))._unsafeUnwrap();
    const second = await cloud.say({ ...complete, heardTo: first.heardTo });

    expect(first).toMatchObject({
      ended: [
        { linkId: octo, receipt },
        { linkId: mona, receipt },
      ],
      heardTo: place(2),
      hasMore: false,
    });
    expect(second).toMatchObject({ ended: [{ linkId: hubot, receipt }], heardTo: place(3) });
  });

  test("reads no entry where everything was heard, and answers without the ledger that it cannot read", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    await cloud.open();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const complete = { type: "complete", sessionId };
    const heard = await cloud.say(complete);
    if (heard.type !== "completed") throw new Error("the request was not the next one");
    const reads: number[] = [];
    const read: typeof cloud.ledger.read = (query) => {
      reads.push(query.from);
      return errAsync(FULL);
    };
    const ledger = { ...cloud.ledger, read };
    const say = async (heardTo: unknown, n: number) => {
      const follows = [heard.requestId, requestId(n - 1)];
      const message = { ...envelope(n), ...complete, follows, heardTo };
      return (await answerMessage({ ...cloud.options, ledger }, FROM_HQ, message))._unsafeUnwrap();
    };

    const again = await say(heard.heardTo, 60);
    expect([again, reads]).toMatchObject([
      { type: "completed", ...NOTHING_ENDED, heardTo: heard.heardTo },
      [],
    ]);
    expect(await say(null, 61)).toMatchObject({ type: "completed", ...NOTHING_ENDED });
    expect(reads).toEqual([1]);
  });

  test("names everything anew to a server whose place the ledger has lost", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const lost = { position: 9, entryId: "entry-that-was-lost" };

    const answer = await cloud.say({ type: "complete", sessionId, heardTo: lost });

    expect(answer).toMatchObject({ ended: [{ linkId: link }], heardTo: { position: 1 }, hasMore: false });
  });

  test("of another session is detached, and ends nothing", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    await cloud.open();
    const before = cloud.store.snapshot();

    expect(
      await cloud.say({ ...envelope(50), type: "complete", sessionId: `session-${"9".padStart(12, "0")}` }),
    ).toEqual({
      ...envelope(50),
      type: "detached",
      featureSwitch: ON,
      current: { id: sessionId, isVacant: false },
      outcomes: [],
    });
    expect(cloud.store.snapshot()).toEqual(before);
  });

  async function attachAgain(cloud: ReturnType<typeof createGhec>, replaces: string): Promise<string> {
    const answer: Answer = await cloud.say({ type: "attach", replaces, featureSwitch: ON });
    return answer.type === "attached" ? answer.sessionId : answer.type;
  }
});

describe("a deletion that the server asks for", () => {
  const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };

  test("is in the ledger before it is acknowledged (R11), and nothing is that changes nothing", async () => {
    const cloud = createGhec();
    const foreign = await cloud.startSending(LAB);
    const others = await cloud.open(MONA_ACCOUNT, LAB);
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    const records = [withdraw(live), report(linkId(9)), withdraw(linkId(8)), withdraw(others)];

    for (let repeated = 0; repeated < 3; repeated++) {
      await cloud.say({ type: "deliver", sessionId, records });
      await cloud.say({ type: "deliver", sessionId: foreign, records });
      await cloud.say({ type: "disable", epoch: 1 });
    }

    expect(await cloud.recorded()).toEqual([
      {
        type: "links-ended",
        installation: HQ,
        links: [{ linkId: live, choice: null, receipt: { deletedAt: NOON, removed: null } }],
      },
      { type: "epochs-off", installation: HQ, epoch: 1, disabledAt: NOON },
    ]);
    expect(await cloud.recorded(LAB)).toEqual([]);
  });

  test("is not answered where the ledger fails, and is not shown either", async () => {
    const cloud = createGhec({ brokenLedger: { append: () => errAsync(LOST) } });
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(live)] });

    const withdrawn = await answerMessage(cloud.options, FROM_HQ, {
      ...envelope(61),
      type: "deliver",
      sessionId,
      follows: [requestId(3)],
      records: [report(linkId(9)), withdraw(live)],
    });
    const disabled = await answerMessage(cloud.options, FROM_HQ, {
      ...envelope(60),
      type: "disable",
      epoch: 1,
    });

    expect([withdrawn, disabled].map((answer) => answer._unsafeUnwrapErr())).toEqual([LOST, LOST]);
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("repeats the receipt that was acknowledged before the store lost it, to a report too", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const hubot = "hubot" as typeof OCTO_ACCOUNT;
    const [live, chosen, deleted] = [
      await cloud.open(),
      await cloud.open(MONA_ACCOUNT),
      await cloud.open(hubot),
    ];
    const backup = cloud.store.snapshot();
    const records = [withdraw(live), withdraw(chosen, 1), withdraw(deleted)];
    await cloud.say({ type: "deliver", sessionId, records });
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });
    restored.clock.advance(30_000);
    const receipt = { deletedAt: NOON, removed: null };
    const selection = { account: hubot, installation: null };
    (await restored.store.deleteLinks(selection, restored.clock.now()))._unsafeUnwrap();

    const again = await answerMessage(restored.options, FROM_HQ, {
      ...envelope(60),
      type: "deliver",
      sessionId,
      follows: [requestId(2)],
      records: [withdraw(linkId(7)), withdraw(live), withdraw(chosen, 1), report(deleted), report(linkId(8))],
    });

    expect(again._unsafeUnwrap()).toMatchObject({
      type: "delivered",
      outcomes: [
        { type: "unknown" },
        { type: "withdrawn", receipt },
        { type: "withdrawn", receipt },
        { type: "ended", choice: null, receipt },
        { type: "unknown" },
      ],
    });
  });

  test("is not answered where the store does not know in the end that the ledger has it", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    let isFirst = true;
    const forgetting = {
      ...cloud.options,
      store: {
        ...cloud.store,
        // Another process finds, just after it was recorded, that the ledger has lost it.
        applyDelivery: (delivery: Parameters<typeof cloud.store.applyDelivery>[0]) => {
          const taken = isFirst
            ? okAsync(undefined)
            : cloud.store.takeForUnrecorded({ installation: HQ, readTo: null });
          isFirst = false;
          return taken.andThen(() => cloud.store.applyDelivery(delivery));
        },
      },
    };

    const answer = await answerMessage(forgetting, FROM_HQ, {
      ...envelope(60),
      type: "deliver",
      sessionId,
      follows: [requestId(2)],
      records: [withdraw(live)],
    });

    expect(answer._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
  });

  test("and that names what is forgotten meanwhile keeps the outcome that it had", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const live = await cloud.open();
    let deliveries = 0;
    const forgetting = {
      ...cloud.options,
      store: {
        ...cloud.store,
        applyDelivery: (delivery: Parameters<typeof cloud.store.applyDelivery>[0]) =>
          cloud.store
            .applyDelivery(delivery)
            .map((result) =>
              result && ++deliveries === 2
                ? { ...result, withdrawals: result.withdrawals.map(() => ({ type: "unknown" as const })) }
                : result,
            ),
      },
    };

    const answer = await answerMessage(forgetting, FROM_HQ, {
      ...envelope(60),
      type: "deliver",
      sessionId,
      follows: [requestId(2)],
      records: [withdraw(live)],
    });

    expect(answer._unsafeUnwrap()).toMatchObject({
      outcomes: [{ type: "withdrawn", receipt: { deletedAt: NOON, removed: null } }],
    });
  });

  test("alone needs the ledger: reports and syncs go on without it", async () => {
    const cloud = createGhec({ brokenLedger: { append: () => errAsync(LOST) } });
    const sessionId = await cloud.startSending();
    const live = await cloud.open();

    expect(await cloud.say({ type: "deliver", sessionId, records: [report(live)] })).toMatchObject({
      type: "delivered",
      outcomes: [{ type: "kept" }],
    });
    expect(await cloud.say({ type: "complete", sessionId })).toMatchObject({ type: "completed" });
  });
});

describe("a delivery of an installation that the store has lost", () => {
  const message = {
    ...envelope(60),
    type: "deliver",
    sessionId: null,
    follows: [],
    records: [withdraw(linkId(1))],
  };

  test("hands on the fault of registering it, and of what comes then", async () => {
    const parts = [
      [{ broken: { commitRegistration: () => errAsync(FULL) } }, FULL],
      [{ brokenLedger: { read: () => errAsync(FULL) } }, FULL],
    ] as const;

    for (const [broken, fault] of parts) {
      const { options } = createGhec(broken);

      expect((await answerMessage(options, FROM_HQ, message))._unsafeUnwrapErr()).toBe(fault);
    }
  });

  test("is no endless matter where the store loses it at once", async () => {
    let deliveries = 0;
    const { options } = createGhec({
      broken: {
        applyDelivery: () => {
          deliveries++;
          return okAsync(null);
        },
      },
    });

    expect((await answerMessage(options, FROM_HQ, message))._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "corrupt",
      message:
        "An installation that was just registered is missing: let no other program write to the store.",
    });
    expect(deliveries).toBe(2);
  });
});

test("a conflict with another writer is decided anew", async () => {
  const store = createMemoryReceiverStore();
  let conflicts = 3;
  const cloud = createGhec({
    store,
    broken: {
      commitRegistration: (commit) =>
        conflicts-- > 0 ? errAsync({ type: "version-conflict" }) : store.commitRegistration(commit),
    },
  });

  const connected = await cloud.receiver.connectInstallation(HQ);

  expect(connected.isOk()).toBe(true);
  expect(conflicts).toBe(-1);
  expect(store.snapshot().registrations).toHaveLength(1);
});

test("a storage that answers no Result is named", async () => {
  const { options } = createGhec({
    broken: { loadRegistration: () => undefined as never },
  });

  const answer = await answerMessage(options, FROM_HQ, EVERY_KIND[1]);

  expect(answer._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
});
