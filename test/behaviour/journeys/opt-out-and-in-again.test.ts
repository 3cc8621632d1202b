import {
  type CalendarDate,
  errAsync,
  type LinkId,
  okAsync,
  ResultAsync,
  restoredDays,
} from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import type { Transport } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import {
  createCloud,
  createServer,
  OCTO,
  OCTO_CLOUD,
  SERVER,
  type Server,
  type ServerParts,
} from "../../support/journey.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const DAY_MS = 86_400_000;
const REMOVED = { first: "2025-12-02", last: "2026-03-01" };
const RECEIPT = { deletedAt: NOON, removed: REMOVED };

/** Octo sends two contributions, of which the cloud has heard. */
async function oneSendingUser(parts: ServerParts = {}) {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud, parts);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2025-12-04T10:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  server.sent.length = 0;
  return { cloud, server };
}

/** The user selects "Send my contribution counts" again: no browser, no other account. */
async function selectAgain(server: Server): Promise<void> {
  (await server.select())._unsafeUnwrap();
}

async function linkIdOf(server: Server): Promise<LinkId> {
  const { link } = await server.sharing();
  if (!("consent" in link)) throw new Error(`There is no link: ${link.status}.`);
  return link.consent.linkId;
}

/** What left of this kind, as `type choice`, oldest first. */
function recordsIn(sent: readonly string[]): readonly string[] {
  return sent.flatMap((text) => {
    const { records = [] } = JSON.parse(text) as { records?: readonly { type: string; choice: unknown }[] };
    return records.map(({ type, choice }) => `${type} ${choice}`);
  });
}

describe("a user who opts out and in again, without a browser", () => {
  it("sees the counts vanish with a receipt, and the past 90 days come back", async () => {
    const { cloud, server } = await oneSendingUser();
    expect(await cloud.shown()).toEqual([2]);

    await server.optOut();
    expect(await server.sharing()).toMatchObject({
      link: { status: "connected" },
      decision: { gate: "send-contribution-counts", reason: "opted-out" },
      deletion: { status: "pending", requestedAt: NOON },
    });
    await server.sync("deletions");
    expect((await server.sharing()).deletion).toEqual({ status: "deleted", receipt: RECEIPT });
    expect(await cloud.shown()).toEqual([]);

    cloud.clock.set("2026-03-05T12:00:00Z");
    await server.contribute(OCTO, "2026-03-03T12:00:00Z");
    await server.sync();
    expect(await cloud.shown()).toEqual([]);

    await selectAgain(server);
    await server.sync();
    const [shown] = (await cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();
    expect(shown?.window.first).toBe(restoredDays("2026-03-05" as CalendarDate).first);
    expect(await cloud.shown()).toEqual([2]);
    expect(await server.sharing()).toMatchObject({
      decision: { isAllowed: true },
      deletion: { status: "none" },
      earlierDeletion: { status: "deleted", receipt: RECEIPT },
    });
    expect(server.sent.filter((text) => /"type":"(push|redeem)"/.test(text))).toEqual([]);
  });

  it("can do so time and again, and each time the receipt is of that choice", async () => {
    const { cloud, server } = await oneSendingUser();

    for (let day = 1; day <= 5; day++) {
      await server.optOut();
      const { receipts } = await server.sync("deletions");
      expect(receipts.map(({ receipt }) => receipt.deletedAt)).toEqual([cloud.clock.now()]);
      expect(await cloud.shown()).toEqual([]);
      cloud.clock.advance(DAY_MS / 24);
      await selectAgain(server);
      await server.sync();
      expect(await cloud.shown()).toEqual([2]);
      cloud.clock.advance(DAY_MS / 24);
    }

    expect(recordsIn(server.sent).slice(-2)).toEqual(["withdraw 5", "report 6"]);
  });

  it("before any report of the first choice has only the counts of the second shown", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.optOut();
    await selectAgain(server);
    await server.optOut();
    await selectAgain(server);

    await server.sync();

    expect(recordsIn(server.sent)).toEqual(["withdraw 2", "report 3"]);
    expect((await server.sharing()).earlierDeletion).toEqual({ status: "deleted", receipt: RECEIPT });
    expect(await cloud.shown()).toEqual([2]);
  });
});

describe("the withdrawal of an earlier choice that comes late", () => {
  /** A wire that can be cut, on the way there or on the way back. */
  function troubledWire() {
    const state: { cut: "request" | "answer" | null } = { cut: null };
    const wireThrough = (transport: Transport): Transport => ({
      send: (message, signal) => {
        const away = () =>
          errAsync({
            ...({ type: "transport-fault", reason: "timed-out", retryAfterMs: null } as const),
            message: "Nothing came back in time.",
          });
        if (state.cut === "request") return away();
        return state.cut === "answer"
          ? transport.send(message, signal).andThen(away)
          : transport.send(message, signal);
      },
    });
    return { state, wireThrough };
  }

  it.each([
    ["request", RECEIPT.deletedAt + (2 * DAY_MS) / 24],
    ["answer", RECEIPT.deletedAt],
  ] as const)(
    "since the %s was lost deletes no new counts, and the receipt comes",
    async (cut, deletedAt) => {
      const { state, wireThrough } = troubledWire();
      const { cloud, server } = await oneSendingUser({ wireThrough });
      state.cut = cut;
      await server.optOut();
      expect((await server.sync("deletions")).outcome).toBe("failed");
      cloud.clock.advance(DAY_MS / 24);

      await selectAgain(server);
      expect((await server.sharing()).earlierDeletion).toEqual({ status: "pending", requestedAt: NOON });
      state.cut = null;
      cloud.clock.advance(DAY_MS / 24);
      await server.sync();

      expect(await cloud.shown()).toEqual([2]);
      expect(await server.sharing()).toMatchObject({
        link: { status: "sending" },
        deletion: { status: "none" },
        earlierDeletion: { status: "deleted", receipt: { deletedAt, removed: REMOVED } },
      });
      // A day later the sender asks for the receipt once more.
      cloud.clock.advance(DAY_MS);
      await server.sync();
      expect(recordsIn(server.sent).filter((record) => record === "withdraw 1").length).toBeGreaterThan(1);
      expect(await cloud.shown()).toEqual([2]);
    },
  );

  it("after the report of the later choice deletes nothing: it had been kept from the cloud", async () => {
    let isKept = true;
    const wireThrough = (transport: Transport): Transport => ({
      send: (message, signal) => {
        if (!isKept || !("records" in message) || message.records[0]?.type !== "withdraw")
          return transport.send(message, signal);
        const outcomes = message.records.map(() => ({ type: "refused", reason: "malformed-record" }));
        const answered = { version: 1, requestId: message.requestId, type: "delivered", outcomes };
        return okAsync({ ...answered, featureSwitch: { epoch: 1, status: "on" } });
      },
    });
    const { cloud, server } = await oneSendingUser({ wireThrough });
    await server.optOut();
    await selectAgain(server);
    await server.sync();
    expect(new Set(recordsIn(server.sent))).toEqual(new Set(["report 2"]));
    expect((await server.sharing()).earlierDeletion.status).toBe("pending");

    isKept = false;
    await server.sync("deletions");

    expect(recordsIn(server.sent).at(-1)).toBe("withdraw 1");
    expect((await server.sharing()).earlierDeletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([2]);
  });

  it("deletes nothing of the later choice, however late the network brings it", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.optOut();
    await server.sync("deletions");
    const late = server.sent.at(-1) ?? "";
    await selectAgain(server);
    await server.sync();

    cloud.clock.advance(DAY_MS);
    const answer = (await cloud.receiver.handle(SERVER, JSON.parse(late)))._unsafeUnwrap();

    expect(recordsIn([late])).toEqual(["withdraw 1"]);
    expect(answer).toMatchObject({ outcomes: [{ type: "withdrawn", receipt: RECEIPT }] });
    expect(await cloud.shown()).toEqual([2]);
  });
});

describe("a user who opts out and in again while their counts are read", () => {
  it("has nothing sent that was read under the first choice (S2)", async () => {
    const memory = createMemorySource();
    let meanwhile = async (): Promise<void> => undefined;
    const read: typeof memory.read = (request) =>
      memory.read(request).andThen((counts) =>
        ResultAsync.fromSafePromise(
          (async () => {
            await meanwhile();
            return counts;
          })(),
        ),
      );
    const { cloud, server } = await oneSendingUser({ source: { ...memory, read } });
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    meanwhile = async () => {
      meanwhile = async () => undefined;
      await server.optOut();
      memory.clear(OCTO);
      await server.contribute(OCTO, "2026-03-01T09:00:00Z");
      await selectAgain(server);
    };

    await server.sync();
    await server.sync();

    expect(recordsIn(server.sent).filter((record) => record === "report 1")).toEqual([]);
    expect(recordsIn(server.sent)).toContain("withdraw 1");
    expect(recordsIn(server.sent).at(-1)).toBe("report 2");
    expect(await cloud.shown()).toEqual([1]);
  });
});

describe("a server that was restored to before an opt-out", () => {
  async function restoredServer(since: (server: Server) => Promise<void>) {
    const { cloud, server } = await oneSendingUser();
    const senderStore = await server.senderStore.backUp();
    await server.optOut();
    await server.sync();
    await since(server);
    const restored = createServer(cloud, { source: server.source, senderStore });
    expect((await restored.sharing()).link.status).toBe("sending");
    return { cloud, restored };
  }

  it("learns that the choice has ended, shows the receipt, and its user can opt in again", async () => {
    const { cloud, restored } = await restoredServer(async () => undefined);

    expect(await restored.sync()).toMatchObject({ outcome: "completed", kept: 0, ended: 1 });
    expect(await restored.sharing()).toMatchObject({
      link: { status: "connected", choice: 1 },
      decision: { gate: "send-contribution-counts", reason: "opted-out" },
    });
    await restored.sync("deletions");
    expect((await restored.sharing()).deletion).toEqual({ status: "deleted", receipt: RECEIPT });
    expect(await cloud.shown()).toEqual([]);

    await selectAgain(restored);
    await restored.sync();
    expect(await cloud.shown()).toEqual([2]);
    expect((await restored.sharing()).link).toMatchObject({ status: "sending", choice: 2 });
  });

  it("goes on after the last choice that has ended, of which it knows nothing", async () => {
    const { cloud, restored } = await restoredServer(async (server) => {
      for (let time = 0; time < 2; time++) {
        await selectAgain(server);
        await server.sync();
        await server.optOut();
        await server.sync();
      }
    });

    await restored.sync();
    await selectAgain(restored);
    await restored.sync();

    expect((await restored.sharing()).link).toMatchObject({ status: "sending", choice: 4 });
    expect(await cloud.shown()).toEqual([2]);
  });

  it("and an opting in again leaves no counts behind that its user does not know of", async () => {
    const { cloud, restored } = await restoredServer(async (server) => {
      await selectAgain(server);
      await server.sync();
    });
    expect(await cloud.shown()).toEqual([2]);

    await restored.sync();

    expect((await restored.sharing()).link).toMatchObject({ status: "connected", choice: 1 });
    expect(await cloud.shown()).toEqual([]);
    await selectAgain(restored);
    await restored.sync();
    expect(await cloud.shown()).toEqual([2]);
  });
});

describe("a user who has opted out and is still connected", () => {
  it("is told that the link has ended, if the authorization is revoked on the cloud", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.optOut();
    await server.sync();
    cloud.clock.advance(DAY_MS / 24);
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    expect(await server.sync()).toMatchObject({ outcome: "completed", ended: 1 });

    expect(await server.sharing()).toMatchObject({
      link: { status: "ended", reason: "link-ended" },
      decision: { gate: "connected-account", reason: "link-ended" },
      deletion: { status: "by-cloud", receipt: { deletedAt: NOON + DAY_MS / 24, removed: null } },
      earlierDeletion: { status: "deleted", receipt: RECEIPT },
    });
    expect((await server.select())._unsafeUnwrapErr().type).toBe("reconnect-required");
  });

  it("withdraws the link itself by disconnecting, and the cloud lets nothing come under it any more", async () => {
    const { cloud, server } = await oneSendingUser();
    const linkId = await linkIdOf(server);
    await server.optOut();
    await server.sync();
    const senderStore = await server.senderStore.backUp();
    await server.disconnect();
    expect((await server.sharing()).deletion.status).toBe("pending");

    await server.sync();

    expect(recordsIn(server.sent)).toEqual(["withdraw 1", "withdraw null"]);
    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect((await server.select())._unsafeUnwrapErr().type).toBe("not-connected");
    // Another server that still believes in the link, in the place of this one.
    const restored = createServer(cloud, { source: server.source, senderStore });
    await selectAgain(restored);
    expect(await linkIdOf(restored)).toBe(linkId);
    expect(await restored.sync()).toMatchObject({ kept: 0, ended: 1 });
    expect((await restored.sharing()).link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect(await cloud.shown()).toEqual([]);
  });

  it("keeps the receipt in sight, whatever the owner turns off later", async () => {
    const { server } = await oneSendingUser();
    await server.optOut();
    await server.sync();

    await server.disable();
    await server.sync();
    expect(await server.sharing()).toMatchObject({
      link: { status: "suspended" },
      deletion: { status: "deleted", receipt: RECEIPT },
    });
    await server.disconnectEnterprise();
    expect((await server.sharing()).deletion).toEqual({ status: "deleted", receipt: RECEIPT });
  });
});
