import { err, errAsync, okAsync, ResultAsync, type StorageFault } from "unified-contributions";
import { type ReceiverRun, runReceiver } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { countedSignal } from "../../support/hung-parts.ts";

const NOTHING_NEW = { entries: 0, recorded: 0, cutOff: [] };
const SWEPT = { deleted: 0, trimmed: 0, forgotten: 0, isDone: true };
const FAULT: StorageFault = { type: "storage-fault", reason: "unavailable", message: "down" };
type Parts = Parameters<typeof runReceiver>[0];

/** Runs the loop until it has done so much, and answers what it has told, in minutes since its start. */
async function runFor(
  runs: number,
  parts: Partial<Parts> = {},
  clock = createTestClock("2026-03-01T12:00:00Z"),
) {
  const start = clock.now();
  const told: string[] = [];
  const stop = new AbortController();
  const receiver: Parts = { reconcile: () => okAsync(NOTHING_NEW), sweep: () => okAsync(SWEPT), ...parts };
  const onRun = (run: ReceiverRun): void => {
    const what = run.type === "failed" ? `${run.task} failed` : run.type;
    told.push(`${(clock.now() - start) / 60_000}: ${what}`);
    if (told.length === runs) stop.abort();
  };
  await runReceiver(receiver, { clock, signal: stop.signal, onRun });
  return told;
}

describe("the loop of a receiver", () => {
  it("reconciles every minute and sweeps every hour", async () => {
    const told = await runFor(63);

    expect(told.slice(0, 4)).toEqual(["0: reconciled", "0: swept", "1: reconciled", "2: reconciled"]);
    expect(told.filter((line) => line.endsWith("swept"))).toEqual(["0: swept", "60: swept"]);
  });

  it("sweeps until nothing is left", async () => {
    let left = 2;
    const sweep = () => okAsync({ ...SWEPT, isDone: left-- === 0 });

    expect(await runFor(5, { sweep })).toEqual([
      "0: reconciled",
      "0: swept",
      "0: swept",
      "0: swept",
      "1: reconciled",
    ]);
  });

  it("ends in the middle of a sweep that has not ended where the signal says so", async () => {
    const sweep = () => okAsync({ ...SWEPT, isDone: false });

    expect(await runFor(3, { sweep })).toEqual(["0: reconciled", "0: swept", "0: swept"]);
  });

  it("tells of every fault, and tries again a minute later", async () => {
    const told = await runFor(4, { reconcile: () => errAsync(FAULT), sweep: () => errAsync(FAULT) });

    expect(told).toEqual([
      "0: reconcile failed",
      "0: sweep failed",
      "1: reconcile failed",
      "1: sweep failed",
    ]);
  });

  it("tells nothing of options that were refused, which it never gives", async () => {
    const refused = { type: "invalid-options", field: "limit", message: "The limit is none." } as const;

    expect(await runFor(2, { sweep: () => errAsync(refused) })).toEqual(["0: reconciled", "1: reconciled"]);
  });

  it.each(["reconcile", "sweep"] as const)("ends a %s under way when its signal speaks", async (step) => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    const told: ReceiverRun[] = [];
    const ended: StorageFault = { type: "storage-fault", reason: "aborted", message: "ended" };
    const untilTold = ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) =>
      new ResultAsync<never, StorageFault>(
        new Promise((resolve) => {
          signal?.addEventListener("abort", () => resolve(err(ended)));
          stop.abort();
        }),
      );
    const receiver: Parts = { reconcile: () => okAsync(NOTHING_NEW), sweep: () => okAsync(SWEPT) };
    await runReceiver(
      { ...receiver, [step]: untilTold },
      { clock, signal: stop.signal, onRun: (run) => told.push(run) },
    );

    expect(told.at(-1)).toEqual({ type: "failed", task: step, fault: ended });
  });

  it.each([
    ["reconcile", ["5: reconcile failed", "5: swept", "11: reconcile failed", "17: reconcile failed"]],
    ["sweep", ["0: reconciled", "5: sweep failed", "6: reconciled", "11: sweep failed"]],
  ])(
    "waits five minutes for a %s that hangs, tells it to end, and begins it anew",
    async (step, expected) => {
      const clock = createTestClock("2026-03-01T12:00:00Z");
      const signals: AbortSignal[] = [];
      const hanging = ({ signal }: { readonly signal: AbortSignal }) => {
        expect(signals.every(({ aborted }) => aborted)).toBe(true);
        expect(signal.aborted).toBe(false);
        signals.push(signal);
        queueMicrotask(() => clock.advance(300_000));
        return ResultAsync.fromSafePromise<never>(new Promise(() => {}));
      };

      expect(await runFor(4, { [step]: hanging }, clock)).toEqual(expected);
      expect(signals.every(({ aborted }) => aborted)).toBe(true);
    },
  );

  it("keeps no listener on its signal once it has ended", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = countedSignal();
    let runs = 0;
    const onRun = (): void => {
      if (++runs === 9) stop.abort();
    };
    const receiver: Parts = { reconcile: () => okAsync(NOTHING_NEW), sweep: () => okAsync(SWEPT) };
    await runReceiver(receiver, { clock, signal: stop.signal, onRun });

    expect(stop.listeners()).toBe(0);
  });

  it("sweeps again where its clock went back", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    let sweeps = 0;
    const receiver: Parts = {
      reconcile: () => okAsync(NOTHING_NEW),
      sweep: () => {
        if (++sweeps === 2) stop.abort();
        clock.set("2026-03-01T11:00:00Z");
        return okAsync(SWEPT);
      },
    };
    await runReceiver(receiver, { clock, signal: stop.signal });

    expect(sweeps).toBe(2);
  });

  it("does not begin where the signal has spoken", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const receiver: Parts = { reconcile: () => errAsync(FAULT), sweep: () => errAsync(FAULT) };
    const told: ReceiverRun[] = [];
    await runReceiver(receiver, { clock, signal: AbortSignal.abort(), onRun: (run) => told.push(run) });

    expect(told).toEqual([]);
  });

  it("goes on where its listener throws", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    let reconciliations = 0;
    const reconcile = () => {
      if (++reconciliations === 3) stop.abort();
      return okAsync(NOTHING_NEW);
    };
    const onRun = (): void => {
      throw new Error("the host's");
    };
    await runReceiver({ reconcile, sweep: () => okAsync(SWEPT) }, { clock, signal: stop.signal, onRun });

    expect(reconciliations).toBe(3);
  });
});

it("the loop names a part that is missing, and starts nothing", async () => {
  const receiver: Parts = { reconcile: () => okAsync(NOTHING_NEW), sweep: () => okAsync(SWEPT) };
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const { signal } = new AbortController();

  await expect(runReceiver(receiver, { clock } as never)).rejects.toThrow(
    new TypeError("runReceiver: `signal` has to have the method `addEventListener`."),
  );
  await expect(runReceiver(receiver, { signal } as never)).rejects.toThrow(
    /`clock` has to have the method `now`/,
  );
  await expect(runReceiver({} as never, { clock, signal })).rejects.toThrow(
    /`receiver` has to have the method `reconcile`/,
  );
  await expect(runReceiver(receiver, undefined as never)).rejects.toThrow(TypeError);
});
