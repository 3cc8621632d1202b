import type { AccountId, ResultAsync } from "unified-contributions";
import { createReceiver, type Receiver, runReceiver } from "unified-contributions/ghec";
import { createSender, runSender, type Sender, type SenderRun } from "unified-contributions/ghes";
import type { SenderStore } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { createGhec, withdraw } from "../support/ghec-cloud.ts";
import { createSendingWorld } from "../support/ghes-world.ts";
import { never, soFar, turn, untilEnded } from "../support/hung-parts.ts";
import {
  attemptId,
  consentCode,
  HQ,
  MONA,
  NOW,
  OCTO,
  OCTO_ACCOUNT,
  OWNER,
  requestId,
} from "../support/values.ts";

const UNKNOWN = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message: expect.stringContaining("Whether the call was applied is unknown"),
};
const ABORTED = {
  type: "storage-fault",
  reason: "aborted",
  message: expect.stringContaining("Its finished steps stay"),
};
const BY_OWNER = { by: { userId: OWNER, isEnterpriseOwner: true }, at: NOW };

/** Each call of a host's own, and a method of the store that it cannot do without. */
const SENDER_CALLS: readonly [keyof SenderStore, (sender: Sender) => ResultAsync<unknown, unknown>][] = [
  ["loadServer", (sender) => sender.status()],
  ["loadServer", (sender) => sender.changeSettings({ type: "disable", ...BY_OWNER })],
  ["commitServer", (sender) => sender.changeSettings({ type: "disable", ...BY_OWNER })],
  ["loadLink", (sender) => sender.sharing(OCTO)],
  ["loadLink", (sender) => sender.preview(OCTO)],
  ["loadLink", (sender) => sender.connect(MONA)],
  [
    "userOf",
    (sender) => sender.redeem({ user: OCTO, attempt: attemptId("of-octo"), code: consentCode("of-octo") }),
  ],
  ["commitLink", (sender) => sender.changeLink(OCTO, { type: "opt-out", by: OCTO, at: NOW })],
  ["markChanged", (sender) => sender.contributionsChanged([OCTO])],
  ["commitLink", (sender) => sender.forgetUser(OCTO)],
  ["pruneAudit", (sender) => sender.pruneAudit(NOW)],
  ["loadServer", (sender) => sender.takeOver()],
];

describe("a sender whose store hangs", () => {
  it.each(SENDER_CALLS)("in %s gives a call of the host's up after two minutes: %s", async (method, call) => {
    const world = await createSendingWorld();
    world.store.on(method, never as never);
    const result = call(world.sender);
    await turn();

    world.clock.advance(119_999);
    expect(await soFar(result)).toBe("nothing yet");
    world.clock.advance(1);
    expect((await result)._unsafeUnwrapErr()).toEqual(UNKNOWN);
  });

  it("may have carried out what it never answered", async () => {
    const world = await createSendingWorld();
    world.store.on("commitLink", (proceed) => proceed().andThen(never) as never);
    const result = world.sender.changeLink(OCTO, { type: "opt-out", by: OCTO, at: NOW });
    await turn();
    world.clock.advance(120_000);

    expect((await result)._unsafeUnwrapErr()).toEqual(UNKNOWN);
    expect((await world.record()).link).toMatchObject({ status: "connected", choice: 1 });
    expect(await world.sync()).toMatchObject({ outcome: "completed", receipts: [{}] });
  });

  it.each(["loadServer", "commitServer", "dueLinks", "pendingWithdrawals", "pendingRedemptions"] as const)(
    "in %s ends a sync, and the next one does what that one left",
    async (method) => {
      const world = await createSendingWorld();
      await world.contribute(OCTO, 7);
      world.store.on(method, never as never);
      const { value } = await untilEnded(world.sender.sync(), world.clock, 120_000);

      const fault = value.isOk() ? value.value.fault : value.error;
      expect(fault).toEqual(UNKNOWN);
      world.clock.advance(120_000);
      expect(await world.sync()).toMatchObject({ outcome: "completed", fault: null });
      expect(await world.shown()).toBe(7);
    },
  );

  it("all the time, keeps no loop from telling it, from going on, and from ending", async () => {
    const world = await createSendingWorld();
    world.store.on("loadServer", never as never, never as never, never as never);
    const stop = new AbortController();
    const told: SenderRun[] = [];
    // This clock lets no time pass by itself, not even between two looks.
    const wait = (milliseconds: number, signal: AbortSignal) => world.clock.wait(milliseconds, signal, true);
    const clock = { now: world.clock.now, wait };
    const loop = runSender(world.sender, { clock, signal: stop.signal, onRun: (run) => told.push(run) });
    for (let step = 0; step < 3; step++) {
      await turn();
      world.clock.advance(120_000);
    }
    await turn();
    expect(told).toEqual([
      { type: "failed", task: "status", fault: UNKNOWN },
      { type: "failed", task: "status", fault: UNKNOWN },
    ]);

    stop.abort();
    await turn();
    world.clock.advance(30_000);
    expect(await soFar(loop)).toBeUndefined();
  });
});

describe("a transport that hangs", () => {
  const LATE = { type: "transport-fault", reason: "timed-out", retryAfterMs: null };

  it("fails the sync, and the next one repeats what may have arrived", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 7);
    world.wire.on("deliver", (proceed) => proceed().andThen(never));
    const { value } = await untilEnded(world.sender.sync(), world.clock, 120_000);

    expect(value._unsafeUnwrap()).toMatchObject({ outcome: "failed", kept: 0, fault: LATE });
    expect(await world.shown()).toBe(7);
    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("leaves a user's connecting to the next try", async () => {
    const world = await createSendingWorld();
    world.wire.on("push", never);
    const { value } = await untilEnded(world.sender.connect(MONA), world.clock, 120_000);

    expect(value._unsafeUnwrapErr()).toMatchObject(LATE);
    expect((await world.sender.connect(MONA)).isOk()).toBe(true);
  });

  it("is waited for as long as the host says", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", never);
    const sender = createSender({ ...world.options, callDeadlineMs: 600_000 });

    expect(await untilEnded(sender.sync(), world.clock, 60_000)).toMatchObject({ steps: 10 });
  });
});

/** Each call of a host's own on the cloud. */
const RECEIVER_CALLS: readonly [string, (receiver: Receiver) => ResultAsync<unknown, unknown>][] = [
  ["connectInstallation", (receiver) => receiver.connectInstallation(HQ)],
  ["disconnectInstallation", (receiver) => receiver.disconnectInstallation(HQ)],
  [
    "offerConsent",
    (receiver) => receiver.offerConsent({ attempt: attemptId(1), browser: "browser-of-a-user" as never }),
  ],
  [
    "giveConsent",
    (receiver) =>
      receiver.giveConsent({
        attempt: attemptId(1),
        browser: "browser-of-a-user" as never,
        account: OCTO_ACCOUNT,
      }),
  ],
  ["revokeAuthorization", (receiver) => receiver.revokeAuthorization(HQ, OCTO_ACCOUNT)],
  ["deleteAccount", (receiver) => receiver.deleteAccount(OCTO_ACCOUNT)],
  ["shownCounts", (receiver) => receiver.shownCounts(OCTO_ACCOUNT)],
];

/** A cloud whose store and ledger never answer from now on. */
function createHung() {
  const { options, clock } = createGhec();
  const hung = <Part extends object>(part: Part): Part => new Proxy(part, { get: () => never });
  return {
    clock,
    options,
    receiver: createReceiver({ ...options, store: hung(options.store), ledger: hung(options.ledger) }),
  };
}

describe("a receiver whose store and ledger hang", () => {
  it.each(RECEIVER_CALLS)("gives a call of the host's up after two minutes: %s", async (_, call) => {
    const { receiver, clock } = createHung();
    const result = call(receiver);

    expect((await untilEnded(result, clock, 61_000)).value._unsafeUnwrapErr()).toEqual(UNKNOWN);
  });

  it.each<[string, (receiver: Receiver, signal: AbortSignal) => ResultAsync<unknown, unknown>]>([
    ["sweep", (receiver, signal) => receiver.sweep({ signal })],
    ["reconcile", (receiver, signal) => receiver.reconcile({ signal })],
  ])("ends a %s 30 seconds after its signal, and not before", async (_, call) => {
    const { receiver, clock } = createHung();
    const stop = new AbortController();
    const result = call(receiver, stop.signal);
    for (let minute = 0; minute < 60; minute++) {
      await turn();
      clock.advance(60_000);
    }
    expect(await soFar(result)).toBe("nothing yet");
    stop.abort();
    await turn();

    clock.advance(29_999);
    expect(await soFar(result)).toBe("nothing yet");
    clock.advance(1);
    expect((await result)._unsafeUnwrapErr()).toEqual(ABORTED);
  });

  it("gives each call of a pruning up after two minutes", async () => {
    const { receiver, clock } = createHung();
    const cursor = { installation: HQ, readTo: { position: 1, entryId: "an-entry" } };
    const { value, steps } = await untilEnded(receiver.pruneLedger([cursor]), clock, 60_000);

    expect(value._unsafeUnwrapErr()).toEqual(UNKNOWN);
    expect(steps).toBe(2);
  });

  it("leaves a message to its handler, which counts the calls that hang", async () => {
    const { receiver, clock } = createHung();
    const answer = receiver.handle(HQ, { version: 1, requestId: requestId(1), type: "enable", after: 0 });
    for (let minute = 0; minute < 60; minute++) {
      await turn();
      clock.advance(60_000);
    }

    expect(await soFar(answer)).toBe("nothing yet");
  });

  it("keeps no loop from ending", async () => {
    const { receiver } = createHung();
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    const loop = runReceiver(receiver, { clock, signal: stop.signal });
    await turn();
    stop.abort();
    await turn();

    clock.advance(29_999);
    expect(await soFar(loop)).toBe("nothing yet");
    clock.advance(1);
    expect(await soFar(loop)).toBeUndefined();
  });
});

describe("a ledger that hangs while a server completes its report", () => {
  /** A server that has not heard of one deletion; the ledger hangs from now on, and is read so often. */
  async function unheard() {
    let isHung = false;
    const reads: unknown[] = [];
    const cloud = createGhec();
    const receiver = createReceiver({
      ...cloud.options,
      ledger: {
        ...cloud.ledger,
        read: (query) => {
          reads.push(query);
          return isHung ? never() : cloud.ledger.read(query);
        },
      },
    });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    expect((await receiver.shownCounts("nobody" as AccountId)).isOk()).toBe(true);
    // The requests that were said so far, any of which may be the last one.
    const follows = Array.from({ length: 20 }, (_, n) => requestId(n + 1));
    const complete = () => {
      const id = requestId(100 + follows.length);
      const message = { version: 1, requestId: id, type: "complete", sessionId, heardTo: null };
      const answer = receiver.handle(HQ, { ...message, follows: [...follows] });
      follows.push(id);
      return answer;
    };
    const hang = (now: boolean): void => {
      isHung = now;
      reads.length = 0;
    };
    return { ...cloud, receiver, link, complete, reads, hang };
  }

  const NOTHING = { type: "completed", ended: [], heardTo: null, hasMore: false };

  it("delays the answer by two seconds, which then names nothing, and the next answers not at all", async () => {
    const { complete, clock, reads, hang, link } = await unheard();
    hang(true);
    const first = complete();
    await turn();
    clock.advance(1_999);
    expect(await soFar(first)).toBe("nothing yet");
    clock.advance(1);

    expect((await first)._unsafeUnwrap()).toMatchObject(NOTHING);
    expect((await complete())._unsafeUnwrap()).toMatchObject(NOTHING);
    expect(reads).toHaveLength(1);

    hang(false);
    clock.advance(300_000);
    expect((await complete())._unsafeUnwrap()).toMatchObject({ ended: [{ linkId: link }] });
  });

  it("acknowledges no deletion meanwhile", async () => {
    const { receiver, open, clock, hang } = await unheard();
    const live = await open();
    hang(true);
    const deliver = { version: 1, requestId: requestId(200), type: "deliver", sessionId: null, follows: [] };
    const answer = receiver.handle(HQ, { ...deliver, records: [withdraw(live)] });
    for (let second = 0; second < 600; second++) {
      clock.advance(1_000);
      await turn();
    }

    expect(await soFar(answer)).toBe("nothing yet");
  });
});
