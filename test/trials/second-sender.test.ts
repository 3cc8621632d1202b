import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  type AccountId,
  type AttemptId,
  type BrowserId,
  err,
  type InstallationId,
  isCalendarDate,
  ok,
  type Result,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
} from "unified-contributions/adapters/memory";
import { createReceiver } from "unified-contributions/ghec";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { INCIDENT_KINDS } from "unified-contributions/testing/simulation";
import { describe, expect, it } from "vitest";
import { readAnswer } from "../support/second-sender/answer.js";
import { createMemoryDocumentStore } from "../support/second-sender/memory-store.js";
import { createSecondSender } from "../support/second-sender/second-sender.js";
import { makeSecondServer } from "../support/second-sender/simulated.ts";
import type { Message, SecondSender, TransportFault } from "../support/second-sender/types.d.ts";
import { type Patch, withPatched } from "./simulation/build-without.ts";

const START = "2026-03-01T12:00:00Z";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERVER = "server-1" as InstallationId;
const OCTO = "octo-cloud" as AccountId;
const OWNER = { userId: "owner", isEnterpriseOwner: true };
const LOST: TransportFault = {
  type: "transport-fault",
  reason: "timed-out",
  retryAfterMs: null,
  message: "",
};

/** A world of its own leaves out each kind of incident in two of seven cases. With this change, none is left out. */
const WITH_EVERY_KIND: Patch = {
  file: "src/testing/simulation/incidents.ts",
  from: "const FREQUENCIES = [0, 0, 0.5,",
  to: "const FREQUENCIES = [0.5, 0.5, 0.5,",
};

const schema = JSON.parse(readFileSync("wire/messages-1.schema.json", "utf8"));
const ajv = new Ajv2020({ formats: { date: isCalendarDate } });
ajv.addSchema(schema);
const isMessage = ajv.getSchema(`${schema.$id}#/$defs/Message`);

/** What becomes of one request: it is lost, its answer is, or it arrives now and once more when the test says so. */
type Fate = "arrives" | "is-lost" | "answer-is-lost" | "comes-late";

function createWorld() {
  const clock = createTestClock(START);
  const random = createTestRandom(1);
  const ledger = createMemoryLedger();
  let receiverStore = createMemoryReceiverStore();
  const receiverOver = (store: typeof receiverStore) => createReceiver({ store, ledger, clock, random });
  let receiver = receiverOver(receiverStore);
  const messages: Message[] = [];
  const late: Message[] = [];
  const truth = new Map<string, Map<string, number>>();
  const unreadable = new Set<string>();
  let fate: (message: Message) => Fate = () => "arrives";
  let beforeReading = async (): Promise<unknown> => undefined;

  const arrive = async (message: Message): Promise<Result<unknown, TransportFault>> => {
    const answer = await receiver.handle(SERVER, JSON.parse(JSON.stringify(message)));
    return answer.isOk() ? ok(JSON.parse(JSON.stringify(answer.value))) : err(LOST);
  };

  function createServer(backup?: string) {
    const store = createMemoryDocumentStore(backup);
    const sender = createSecondSender({
      installation: SERVER,
      store,
      clock,
      random,
      batchSize: 2,
      source: {
        read: async ({ users }) => {
          await beforeReading();
          return ok(
            new Map(
              users.map((user) => [
                user,
                unreadable.has(user)
                  ? { type: "unreadable" }
                  : {
                      type: "daily-counts",
                      dailyCounts: [...(truth.get(user) ?? [])].map(([date, contributionCount]) => ({
                        date,
                        contributionCount,
                      })),
                    },
              ]),
            ),
          );
        },
      },
      transport: {
        send: async (message) => {
          messages.push(message);
          expect(isMessage?.(message)).toBe(true);
          switch (fate(message)) {
            case "is-lost":
              return err(LOST);
            case "comes-late":
              late.push(message);
              return err(LOST);
            case "answer-is-lost":
              (await arrive(message)).isOk();
              return err(LOST);
            case "arrives":
              return arrive(message);
          }
        },
      },
    });
    return { store, sender };
  }

  const server = createServer();
  const { sender: own } = server;
  const world = {
    clock,
    messages,
    unreadable,
    createServer,
    ...server,
    setFate: (next: typeof fate) => {
      fate = next;
    },
    setBeforeReading: (next: typeof beforeReading) => {
      beforeReading = next;
    },
    arriveLate: async () => {
      for (const message of late.splice(0)) (await arrive(message)).isOk();
    },
    contribute: async (user: string, date: string, count: number) => {
      truth.set(user, (truth.get(user) ?? new Map()).set(date, count));
      (await own.contributionsChanged([user]))._unsafeUnwrap();
    },
    settings: async (type: string, sender = own) => {
      const changed = await sender.changeSettings({
        type,
        by: OWNER,
        at: clock.now(),
        isCloudOwner: true,
        terms: { isAccepted: true },
      });
      return changed._unsafeUnwrap();
    },
    link: async (user: string, type: string, more = {}) =>
      (await own.changeLink(user, { type, by: user, at: clock.now(), ...more }))._unsafeUnwrap(),
    sync: async (sender: SecondSender = own) => (await sender.sync())._unsafeUnwrap(),
    /** Lets an hour pass and syncs, so many times. */
    hours: async (count: number, sender = own) => {
      for (let hour = 0; hour < count; hour++) {
        clock.advance(HOUR_MS);
        await world.sync(sender);
      }
    },
    status: async (sender = own) => (await sender.status())._unsafeUnwrap(),
    sharing: async (user: string) => (await own.sharing(user))._unsafeUnwrap(),
    enable: async () => {
      await world.settings("connect");
      (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
      await world.settings("enable");
      await world.sync();
    },
    /** The user goes to the cloud, and comes back with a code. */
    consent: async (user: string, account = OCTO) => {
      const { attempt } = (await own.connect(user))._unsafeUnwrap();
      const request = { attempt: attempt as AttemptId, browser: random.id() as BrowserId };
      (await receiver.offerConsent(request))._unsafeUnwrap();
      const { code } = (await receiver.giveConsent({ ...request, account }))._unsafeUnwrap();
      return { user, attempt, code };
    },
    /** The user selects sending, and connects an account before if there is none. */
    optIn: async (user: string, account = OCTO) => {
      if (!("consent" in (await world.sharing(user)).link))
        (await own.redeem(await world.consent(user, account)))._unsafeUnwrap();
      await world.link(user, "opt-in");
      const { link } = await world.sharing(user);
      if (link.status !== "sending") throw new Error(`the user does not send: ${link.status}`);
      return { ...link.consent, choice: link.choice };
    },
    revoke: async () => (await receiver.revokeAuthorization(SERVER, OCTO))._unsafeUnwrap(),
    /** The sum of what is shown, or null where nothing is. */
    shown: async (account = OCTO) => {
      const [window] = (await receiver.shownCounts(account))._unsafeUnwrap();
      return window ? window.window.counts.reduce((sum, count) => sum + count, 0) : null;
    },
    cloudBackup: () => receiverStore.snapshot(),
    cloudGoesBack: (backup: MemoryReceiverSnapshot) => {
      receiverStore = createMemoryReceiverStore(backup);
      receiver = receiverOver(receiverStore);
    },
    types: () =>
      messages.flatMap((message) =>
        message.type === "deliver" ? message.records.map(({ type }) => type) : [message.type],
      ),
  };
  return world;
}

async function createSendingWorld() {
  const world = createWorld();
  await world.enable();
  await world.contribute("octo", "2026-02-27", 3);
  await world.contribute("octo", "2025-12-02", 4);
  await world.contribute("octo", "2025-12-01", 100);
  const { linkId } = await world.optIn("octo");
  await world.sync();
  return { ...world, linkId };
}

describe("a sender written from the documents", () => {
  it("reads every answer of the vectors", () => {
    const { steps } = JSON.parse(readFileSync("wire/vectors-1.json", "utf8"));
    const isAnswered = (step: { answer?: { status: number }; request?: { body: unknown } }) =>
      step.answer?.status === 200 && typeof step.request?.body === "string";
    for (const { title, request, answer } of steps.filter(isAnswered)) {
      const input = JSON.parse(answer.body);
      const sent = JSON.parse(request.body);
      const message = Array.isArray(sent) ? { type: "enable", requestId: "none" } : sent;
      const read = readAnswer(input, message);
      expect(read?.type, title).toBe(input.type);
    }
  });

  it("enables, reports, deletes with a receipt, and sends ninety days again", async () => {
    const world = await createSendingWorld();
    expect(await world.shown()).toBe(7);
    expect((await world.status()).settings).toMatchObject({ status: "enabled", epoch: 1 });

    await world.link("octo", "opt-out");
    expect((await world.sharing("octo")).deletion.status).toBe("pending");
    expect((await world.sync()).receipts).toHaveLength(1);
    expect(await world.shown()).toBe(null);
    expect((await world.sharing("octo")).deletion).toMatchObject({
      status: "deleted",
      receipt: { deletedAt: Date.parse(START) },
    });

    expect(await world.optIn("octo")).toMatchObject({ linkId: world.linkId, choice: 2 });
    await world.sync();
    expect(await world.shown()).toBe(7);
  });

  it("ends the link itself where a user disconnects, and not for an opt-out", async () => {
    const world = await createSendingWorld();
    const { linkId } = world;
    const withdrawn = () =>
      world.messages.flatMap((message) =>
        message.type === "deliver" ? message.records.filter(({ type }) => type === "withdraw") : [],
      );
    await world.link("octo", "opt-out");
    await world.sync();
    expect(withdrawn()).toEqual([{ type: "withdraw", linkId, choice: 1 }]);

    await world.optIn("octo");
    await world.link("octo", "disconnect");
    await world.sync();
    expect(withdrawn()).toEqual([
      { type: "withdraw", linkId, choice: 1 },
      { type: "withdraw", linkId, choice: null },
    ]);
    expect((await world.optIn("octo")).linkId).not.toBe(linkId);
  });

  it("leaves counts of the next choice where the withdrawal of the last one is late", async () => {
    const world = await createSendingWorld();
    world.setFate(() => "comes-late");
    await world.link("octo", "opt-out");
    await world.sync();
    world.setFate(() => "is-lost");
    await world.optIn("octo");
    await world.contribute("octo", "2026-03-01", 5);
    await world.sync();
    world.setFate(() => "arrives");
    await world.hours(1);
    expect(await world.shown()).toBe(12);
    await world.arriveLate();
    expect(await world.shown()).toBe(12);
  });

  it("counts on from the choice that has ended, after a restore of the server", async () => {
    const world = await createSendingWorld();
    const backup = world.store.snapshot();
    await world.link("octo", "opt-out");
    await world.sync();

    const { sender } = world.createServer(backup);
    const link = async () => (await sender.sharing("octo"))._unsafeUnwrap().link;
    await world.hours(2, sender);
    expect(await link()).toMatchObject({ status: "connected", choice: 1 });
    expect(await world.shown()).toBe(null);

    const command = { type: "opt-in", by: "octo", at: world.clock.now() };
    (await sender.changeLink("octo", command))._unsafeUnwrap();
    await world.hours(1, sender);
    expect(await link()).toMatchObject({ status: "sending", choice: 2 });
    expect(await world.shown()).toBe(7);
  });

  it("does not send under one choice what it read under another", async () => {
    const world = await createSendingWorld();
    await world.contribute("octo", "2026-03-01", 5);
    world.messages.length = 0;
    world.setBeforeReading(async () => {
      world.setBeforeReading(async () => undefined);
      await world.link("octo", "opt-out");
      await world.optIn("octo");
    });
    await world.sync();
    const records = world.messages.flatMap((message) => (message.type === "deliver" ? message.records : []));
    expect(records).toMatchObject([
      { type: "withdraw", choice: 1 },
      { type: "report", choice: 2 },
    ]);
  });

  it("requests a receipt once more a day later, and not again", async () => {
    const world = await createSendingWorld();
    await world.link("octo", "opt-out");
    await world.sync();
    const withdrawals = () => world.types().filter((type) => type === "withdraw").length;
    expect(withdrawals()).toBe(1);
    await world.hours(23);
    expect(withdrawals()).toBe(1);
    await world.hours(50);
    expect(withdrawals()).toBe(2);
  });

  it("reports each link once per day, and each change at once", async () => {
    const world = await createSendingWorld();
    const reports = () => world.types().filter((type) => type === "report").length;
    await world.hours(48);
    expect(reports()).toBe(3);
    await world.contribute("octo", "2026-03-03", 5);
    await world.sync();
    expect(await world.shown()).toBe(12 - 4);
  });

  it("disables with a receipt, and enables again", async () => {
    const world = await createSendingWorld();
    expect((await world.settings("disable")).isDeletionPending).toBe(true);
    (await world.sender.sync({ scope: "deletions" }))._unsafeUnwrap();
    expect(await world.shown()).toBe(null);
    expect((await world.status()).disabling).toMatchObject({ epoch: 1, receipt: { epoch: 1 } });
    await world.settings("enable");
    await world.sync();
    expect((await world.status()).settings).toMatchObject({ status: "enabled", epoch: 2 });
    expect((await world.sharing("octo")).decision).toEqual({
      isAllowed: false,
      gate: "send-contribution-counts",
    });
    await world.optIn("octo");
    await world.sync();
    expect(await world.shown()).toBe(7);
  });

  it("tells a user who does not send of no link any more, once its epoch is over", async () => {
    const world = await createSendingWorld();
    await world.link("octo", "opt-out");
    await world.sync();
    expect(await world.sharing("octo")).toMatchObject({
      link: { status: "connected", consent: { epoch: 1 } },
    });
    await world.settings("disable");
    expect((await world.sharing("octo")).link).toEqual({ status: "connected" });

    await world.settings("enable");
    await world.sync();

    expect((await world.sharing("octo")).link).toEqual({ status: "connected" });
    const { linkId } = await world.optIn("octo");
    expect(await world.sharing("octo")).toMatchObject({ link: { status: "sending", consent: { linkId } } });
  });

  it("tells an enabling off in advance that is still on its way", async () => {
    const world = createWorld();
    await world.settings("connect");
    await world.settings("enable");
    world.setFate(({ type }) => (type === "enable" ? "comes-late" : "arrives"));
    await world.sync();
    await world.settings("disable");
    await world.hours(1);
    await world.arriveLate();
    await world.hours(1);
    expect((await world.status()).featureSwitch).toEqual({ epoch: 1, status: "off" });
    world.setFate(() => "arrives");
    await world.settings("enable");
    await world.hours(1);
    expect((await world.status()).settings).toMatchObject({ status: "enabled", epoch: 2 });
  });

  it("hears that a link has ended", async () => {
    const world = await createSendingWorld();
    await world.revoke();
    await world.hours(25);
    expect((await world.sharing("octo")).link.status).toBe("ended");
    expect((await world.sharing("octo")).deletion.status).toBe("deleted");
  });

  it("holds a link with unreadable counts", async () => {
    const world = await createSendingWorld();
    world.unreadable.add("octo");
    const backup = world.cloudBackup();
    await world.hours(25);
    expect(world.types()).toContain("hold");
    world.cloudGoesBack(backup);
    await world.hours(25);
    expect(await world.shown()).not.toBe(null);
  });

  it("does not send the counts of a user who opts out while they are read", async () => {
    const world = await createSendingWorld();
    await world.contribute("octo", "2026-03-01", 5);
    world.messages.length = 0;
    world.setBeforeReading(async () => world.link("octo", "opt-out"));
    await world.sync();
    expect(world.types()).toEqual(["withdraw", "complete"]);
  });

  it("repeats lost messages, and goes on after thirty-two lost answers", async () => {
    const world = await createSendingWorld();
    world.setFate(({ type }) => (type === "complete" ? "answer-is-lost" : "arrives"));
    await world.hours(40);
    world.setFate(() => "is-lost");
    await world.contribute("octo", "2026-03-02", 5);
    await world.link("octo", "opt-out");
    await world.hours(40);
    expect((await world.sharing("octo")).deletion.status).toBe("pending");
    world.setFate(() => "arrives");
    await world.hours(2);
    expect(await world.shown()).toBe(null);
    expect((await world.sharing("octo")).deletion.status).toBe("deleted");
    expect(await world.status()).toMatchObject({ isContested: false, failures: 0 });
  });

  it("is right after requests that were lost, answered in vain or late", async () => {
    const world = await createSendingWorld();
    const fates: Fate[] = ["is-lost", "answer-is-lost", "comes-late", "arrives", "arrives"];
    const dice = createTestRandom(7);
    world.setFate(() => fates[Math.floor(dice.fraction() * fates.length)] as Fate);
    for (let round = 0; round < 60; round++) {
      await world.contribute("octo", "2026-03-02", round);
      if (round % 7 === 3) await world.link("octo", "opt-out");
      // Where the wire fails them on the way, the next try does.
      if (round % 7 === 5 && (await world.sharing("octo")).link.status !== "sending")
        await world.optIn("octo").catch(() => undefined);
      await world.hours(1);
      if (round % 5 === 0) await world.arriveLate();
    }
    world.setFate(() => "arrives");
    await world.hours(26);
    await world.arriveLate();
    await world.hours(1);
    const isSending = (await world.sharing("octo")).decision.isAllowed;
    expect(await world.shown()).toBe(isSending ? 62 : null);
    expect(await world.status()).toMatchObject({ isContested: false, pendingWithdrawals: 0 });
  });

  it("repairs a receiver that has gone back in time", async () => {
    const world = await createSendingWorld();
    const sending = world.cloudBackup();
    await world.link("octo", "opt-out");
    await world.sync();
    world.cloudGoesBack(sending);
    await world.hours(2);
    expect(await world.shown()).toBe(null);

    await world.optIn("octo");
    await world.sync();
    const before = world.cloudBackup();
    await world.contribute("octo", "2026-03-01", 5);
    await world.hours(1);
    expect(await world.shown()).toBe(12);
    world.cloudGoesBack(before);
    await world.hours(2);
    expect(await world.shown()).toBe(12);
    expect((await world.status()).isContested).toBe(false);
  });

  it("repairs a receiver that has forgotten the switch and the consent", async () => {
    const world = createWorld();
    await world.settings("connect");
    await world.settings("enable");
    const blank = world.cloudBackup();
    await world.sync();
    const { linkId } = await world.optIn("octo");
    await world.sync();
    world.cloudGoesBack(blank);
    await world.hours(2);
    expect((await world.status()).settings).toMatchObject({ status: "enabled", epoch: 1 });
    expect(await world.sharing("octo")).toMatchObject({
      link: { status: "sending", consent: { linkId, epoch: 1 } },
      attention: "link-not-found",
    });

    await world.link("octo", "opt-out");
    await world.sync();
    expect((await world.sharing("octo")).deletion.status).toBe("unknown");
    const asked = () => world.types().filter((type) => type === "withdraw").length;
    await world.hours(24);
    expect(asked()).toBe(2);
    for (let day = 0; day < 100; day++) {
      world.clock.advance(DAY_MS);
      await world.sync();
    }
    expect(asked()).toBe(90);
  });

  it("leaves the session of another copy alone until the operator decides", async () => {
    const world = await createSendingWorld();
    const copy = world.createServer(world.store.snapshot()).sender;
    world.clock.advance(HOUR_MS);
    await world.sync(copy);
    await world.sync();
    await world.sync(copy);
    const contested = (await world.status()).isContested;
    expect([contested, (await world.status(copy)).isContested]).toContain(true);
    const [loser, winner] = contested ? [world.sender, copy] : [copy, world.sender];
    expect((await world.sync(loser)).outcome).toBe("contested");
    expect((await world.sync(winner)).outcome).toBe("completed");

    (await loser.takeOver())._unsafeUnwrap();
    expect((await world.sync(loser)).outcome).toBe("completed");
    await world.sync(winner);
    expect((await world.status(winner)).isContested).toBe(true);
    expect(await world.shown()).toBe(7);
  });

  it("runs one sync at a time, and another one after an abandoned lease", async () => {
    const world = await createSendingWorld();
    await world.contribute("octo", "2026-03-01", 5);
    let other = "";
    world.setBeforeReading(async () => {
      other = (await world.sync()).outcome;
    });
    expect((await world.sync()).outcome).toBe("completed");
    expect(other).toBe("busy");

    await world.contribute("octo", "2026-03-01", 6);
    world.setBeforeReading(async () => {
      world.setBeforeReading(async () => undefined);
      world.clock.advance(HOUR_MS);
      other = (await world.sync()).outcome;
    });
    expect((await world.sync()).outcome).toBe("superseded");
    expect(other).toBe("completed");
    expect(await world.shown()).toBe(13);
  });

  it("backs off, and obeys the receiver for up to a day", async () => {
    const world = await createSendingWorld();
    world.setFate(() => "is-lost");
    for (let failures = 1; failures < 12; failures++) {
      const { outcome, nextSyncAt } = await world.sync();
      const wait = Number(nextSyncAt) - world.clock.now();
      const most = Math.min(60_000 * 2 ** (failures - 1), HOUR_MS);
      expect(outcome).toBe("failed");
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    // A clock that was ahead has planned for a day that nobody believes any more.
    world.clock.advance(-90 * DAY_MS);
    expect((await world.status()).nextSyncAt).toBe(world.clock.now());
  });

  it("keeps every promise in 20 worlds of the simulation, with every kind of incident in each", async () => {
    const happened = new Set<string>();
    await withPatched(WITH_EVERY_KIND, async ({ simulate }) => {
      for (let seed = 1; seed <= 20; seed++) {
        const { violation, counts } = await simulate({ seed, hours: 100, makeServer: makeSecondServer });
        expect([seed, violation]).toEqual([seed, null]);
        for (const [kind, count] of counts) if (count > 0) happened.add(kind);
      }
    });
    expect(INCIDENT_KINDS.filter((kind) => !happened.has(kind))).toEqual([]);
  });
});
