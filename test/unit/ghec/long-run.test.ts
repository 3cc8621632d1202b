import { okAsync } from "neverthrow";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver, type ReceiverEvent } from "unified-contributions/ghec";
import type { DeletionLedger, ReceiverStore } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import { createGhec } from "../../support/ghec-cloud.ts";
import { HQ, LAB, MONA_ACCOUNT, OCTO_ACCOUNT } from "../../support/values.ts";

const ABORTED = {
  type: "storage-fault",
  reason: "aborted",
  message:
    "The signal ended the call. Its finished steps stay, and a step that hung may still be applied: call it again to go on.",
};

type Methods = ReceiverStore & DeletionLedger;

/** A receiver that calls its parts in the given way, and the calls that reach them. */
function watching(
  { options }: ReturnType<typeof createGhec>,
  onCall: (method: keyof Methods, calls: readonly string[]) => void = () => undefined,
) {
  const calls: string[] = [];
  const events: ReceiverEvent[] = [];
  const noted = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...given: unknown[]) => {
          calls.push(name);
          onCall(name as keyof Methods, calls);
          return (method as (...given: unknown[]) => unknown)(...given);
        },
      ]),
    ) as Port;
  const receiver = createReceiver({
    ...options,
    store: noted(options.store),
    ledger: noted(options.ledger),
    onEvent: (event) => events.push(event),
  });
  return { receiver, calls, events };
}

describe.each(["sweep", "reconcile"] as const)("%s with a signal", (method) => {
  test("that has spoken does nothing", async () => {
    const { receiver, calls } = watching(createGhec());

    expect((await receiver[method]({ signal: AbortSignal.abort() }))._unsafeUnwrapErr()).toEqual(ABORTED);
    expect(calls).toEqual([]);
  });

  test("that does not speak does all of it", async () => {
    const { receiver } = watching(createGhec());

    expect((await receiver[method]({ signal: new AbortController().signal })).isOk()).toBe(true);
  });
});

describe("a sweep under way", () => {
  test("begins no further step once its signal speaks", async () => {
    const stop = new AbortController();
    const { receiver, calls } = watching(createGhec(), (called) => {
      if (called === "saveSweepClock") stop.abort();
    });

    expect((await receiver.sweep({ signal: stop.signal }))._unsafeUnwrapErr()).toEqual(ABORTED);
    expect(calls.at(-1)).toBe("saveSweepClock");
  });

  test.each([
    ["fails if the signal kept it from its end, and tells what it did", false],
    ["answers if it has come to its end all the same", true],
  ])("%s", async (_, isDone) => {
    const stop = new AbortController();
    const result = { deleted: 1, trimmed: 2, forgotten: 3, isDone };
    const cloud = createGhec({
      broken: {
        sweep: ({ signal }) => {
          expect(signal).toBe(stop.signal);
          stop.abort();
          return okAsync(result);
        },
      },
    });
    const { receiver, events } = watching(cloud);
    const swept = await receiver.sweep({ signal: stop.signal });

    expect(swept.isErr() ? swept.error : swept.value).toEqual(isDone ? result : ABORTED);
    expect(events).toContainEqual({ type: "swept", durationMs: 0, ...result });
  });
});

test("a reconciliation keeps what it has read when its signal speaks, and the next one goes on", async () => {
  const cloud = createGhec();
  for (const installation of [HQ, LAB]) await cloud.startSending(installation);
  await cloud.open(OCTO_ACCOUNT, HQ);
  await cloud.open(MONA_ACCOUNT, LAB);
  const backup = cloud.store.snapshot();
  for (const account of [OCTO_ACCOUNT, MONA_ACCOUNT])
    (await cloud.receiver.deleteAccount(account))._unsafeUnwrap();
  const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger: cloud.ledger });

  const stop = new AbortController();
  const first = watching(restored, (called) => {
    if (called === "commitRegistration") stop.abort();
  });
  const ended = await first.receiver.reconcile({ signal: stop.signal });
  const next = await watching(restored).receiver.reconcile();

  expect(ended._unsafeUnwrapErr()).toEqual(ABORTED);
  expect(first.calls.filter((call) => call === "commitRegistration")).toHaveLength(1);
  expect(first.events.at(-1)).toMatchObject({ type: "reconciliation-failed", fault: { reason: "aborted" } });
  expect(next._unsafeUnwrap()).toEqual({ entries: 1, recorded: 0, cutOff: [] });
});
