import { errAsync, type Instant, okAsync, type StorageFault } from "unified-contributions";
import { runSender, type SenderRun, type ServerStatus, type SyncReport } from "unified-contributions/ghes";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";

const FAULT: StorageFault = { type: "storage-fault", reason: "unavailable", message: "down" };
type Parts = Parameters<typeof runSender>[0];

function statusWith(nextSyncAt: number | null): ReturnType<Parts["status"]> {
  return okAsync({ nextSyncAt: nextSyncAt as Instant | null } as ServerStatus);
}

/** Runs the loop until it has told so much; answers that, in seconds since its start. */
async function runFor(runs: number, make: (now: () => number) => Parts) {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const start = clock.now();
  const stop = new AbortController();
  const told: string[] = [];
  const onRun = (run: SenderRun): void => {
    told.push(`${(clock.now() - start) / 1_000}: ${run.type === "failed" ? `${run.task} failed` : run.type}`);
    if (told.length === runs) stop.abort();
  };
  await runSender(make(clock.now), { clock, signal: stop.signal, onRun });
  return told;
}

describe("the loop of a sender", () => {
  it("syncs when that is due, and not before", async () => {
    const told = await runFor(3, (now) => {
      let next = now() + 25_000;
      return {
        status: () => statusWith(next),
        sync: () => {
          next = now() + 3_600_000;
          return okAsync({ nextSyncAt: next } as unknown as SyncReport);
        },
      };
    });

    expect(told).toEqual(["30: synced", "3630: synced", "7230: synced"]);
  });

  it("waits while GitHub Connect is off", async () => {
    let looks = 0;
    const told = await runFor(1, (now) => ({
      status: () => statusWith(++looks < 4 ? null : now()),
      sync: () => okAsync({} as SyncReport),
    }));

    expect(told).toEqual(["30: synced"]);
  });

  it("tells of every fault, and goes on", async () => {
    let looks = 0;
    const told = await runFor(3, (now) => ({
      status: () => (++looks === 1 ? errAsync(FAULT) : statusWith(now())),
      sync: () => errAsync(FAULT),
    }));

    expect(told).toEqual(["0: status failed", "10: sync failed", "20: sync failed"]);
  });

  it("does not begin where the signal has spoken, and needs no listener", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    await runSender(
      { status: () => errAsync(FAULT), sync: () => errAsync(FAULT) },
      { clock, signal: AbortSignal.abort() },
    );

    expect(clock.now()).toBe(Date.parse("2026-03-01T12:00:00Z"));
  });

  it("goes on where its listener throws", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    let syncs = 0;
    const parts: Parts = {
      status: () => statusWith(0),
      sync: () => {
        if (++syncs % 3 === 0) stop.abort();
        return okAsync({} as SyncReport);
      },
    };
    const onRun = (): void => {
      throw new Error("the host's");
    };
    await runSender(parts, { clock, signal: stop.signal, onRun });
    expect(syncs).toBe(3);
  });

  it("needs no listener", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    const sync = () => {
      stop.abort();
      return okAsync({} as SyncReport);
    };
    await runSender({ status: () => statusWith(0), sync }, { clock, signal: stop.signal });

    expect(clock.now()).toBe(Date.parse("2026-03-01T12:00:00Z"));
  });
});

it("the loop names a part that is missing, and starts nothing", async () => {
  const sender: Parts = { status: () => statusWith(null), sync: () => errAsync(FAULT) };
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const { signal } = new AbortController();

  await expect(runSender(sender, { clock } as never)).rejects.toThrow(
    new TypeError("runSender: `signal` has to have the method `addEventListener`."),
  );
  await expect(runSender(sender, { signal } as never)).rejects.toThrow(
    /`clock` has to have the method `now`/,
  );
  await expect(runSender({} as never, { clock, signal })).rejects.toThrow(
    /`sender` has to have the method `status`/,
  );
  await expect(runSender(sender, undefined as never)).rejects.toThrow(TypeError);
});
