import { ResultAsync } from "unified-contributions";
import type { SyncReport, Transport } from "unified-contributions/ghes";
import type { TestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, type Server } from "../../support/journey.ts";

/** How long a sync that says nothing more keeps other processes away. */
const LEASE_MS = 60_000;

/** A server whose user sends three contributions. */
async function sendingServer() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

/** Another process of a server, over the same storage. */
function processOf(
  { cloud, server }: Awaited<ReturnType<typeof sendingServer>>,
  through: object = {},
): Server {
  return createServer(cloud, { source: server.source, senderStore: server.senderStore, ...through });
}

/** Does something once, after the next message has arrived and before its answer is back. */
function once(act: () => Promise<void>): (transport: Transport) => Transport {
  let isFirst = true;
  return (transport) => ({
    send: (message, signal) => {
      const sent = transport.send(message, signal);
      if (!isFirst) return sent;
      isFirst = false;
      return sent.andThen((answer) => ResultAsync.fromSafePromise(act().then(() => answer)));
    },
  });
}

/** A clock that wakes no timer that runs beside a call, as that of a process that is gone. */
function stopped(clock: TestClock): TestClock {
  const never = (signal: AbortSignal): Promise<void> =>
    new Promise((aborted) => signal.addEventListener("abort", () => aborted()));
  return {
    ...clock,
    wait: (milliseconds, signal, isBeside) =>
      isBeside ? never(signal) : clock.wait(milliseconds, signal, isBeside),
  };
}

describe("a process that asks for a sync while another one of its server runs it", () => {
  it("is told that it is busy, and sends nothing", async () => {
    const world = await sendingServer();
    const other = processOf(world);
    const reports: SyncReport[] = [];
    const running = processOf(world, {
      wireThrough: once(async () => {
        reports.push(await other.sync());
      }),
    });

    expect((await running.sync()).outcome).toBe("completed");

    expect(reports).toMatchObject([{ outcome: "busy", requests: 0, fault: null }]);
    expect(other.sent).toEqual([]);
    expect((await other.sync()).outcome).toBe("completed");
  });

  it("leaves it the user's opt-out, which it sends after the last request that it had planned", async () => {
    const world = await sendingServer();
    const other = processOf(world);
    const reports: SyncReport[] = [];
    const running = processOf(world, {
      wireThrough: once(async () => {
        await other.optOut();
        reports.push(await other.sync("deletions"));
      }),
    });

    // Nothing is due, so its first request is the `complete` that would be its last.
    const report = await running.sync();

    expect(reports).toMatchObject([{ outcome: "busy", receipts: [] }]);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1 });
    expect(running.sent.map((text) => JSON.parse(text).type)).toEqual(["complete", "deliver"]);
    expect((await other.sharing()).deletion.status).toBe("deleted");
    expect(await world.cloud.shown()).toEqual([]);
  });
});

describe("a process that is killed while it waits for an answer", () => {
  it("keeps an opt-out waiting for as long as its lease, and no longer", async () => {
    const world = await sendingServer();
    const { cloud, server } = world;
    const asked = new Promise<void>((resolve) => {
      const killed = processOf(world, {
        clock: stopped(cloud.clock),
        wireThrough: (): Transport => ({
          send: () => {
            resolve();
            return new ResultAsync(new Promise<never>(() => undefined));
          },
        }),
      });
      killed.sync().catch(() => undefined);
    });
    await asked;
    await server.optOut();

    const busy = await server.sync("deletions");
    expect(busy).toMatchObject({ outcome: "busy", nextSyncAt: cloud.clock.now() + LEASE_MS });
    cloud.clock.advance(LEASE_MS - 1);
    expect((await server.sync("deletions")).outcome).toBe("busy");
    expect(await cloud.shown()).toEqual([3]);
    cloud.clock.advance(1);

    expect(await server.sync("deletions")).toMatchObject({ outcome: "completed", withdrawn: 1 });
    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([]);
    expect((await server.sync()).outcome).toBe("completed");
  });
});
