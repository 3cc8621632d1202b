import { ok, type ResultAsync } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import { safeListener } from "../domain/call-listener.ts";
import { summaryOf } from "../domain/event.ts";
import { STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import { type InstallationId, type InvalidIdentifier, parseInstallationId } from "../domain/identifiers.ts";
import { startStopwatch } from "../domain/stopwatch.ts";
import { watchPort } from "../domain/watch-port.ts";
import type { DeletionLedger, LedgerEntry, ReceiverOptions, ReceiverStore } from "./ports.ts";
import { SIGNER_THREW } from "./receipts.ts";

/** The methods of the store that a receiver calls. */
export const RECEIVER_STORE_METHODS: readonly (keyof ReceiverStore)[] = [
  "loadRegistration",
  "commitRegistration",
  "applyDelivery",
  "pushAttempt",
  "answerAttempt",
  "openLink",
  "deleteLinks",
  "loadShown",
  "sweep",
  "loadSweepClock",
  "saveSweepClock",
  "loadLedgerStanding",
  "loadCursors",
  "loadUnrecorded",
  "takeForUnrecorded",
];

/** The methods of the ledger that a receiver calls. */
export const LEDGER_METHODS: readonly (keyof DeletionLedger)[] = [
  "append",
  "read",
  "loadHeads",
  "loadDigest",
  "prune",
];

/** From how many milliseconds on a call of a part is slow. */
const SLOW_MS = 1_000;

/** Returns the options, with parts that are watched if there is a listener. */
export function watched(options: ReceiverOptions): ReceiverOptions {
  const onEvent = safeListener("createReceiver", options.onEvent);
  if (!onEvent) return options;
  const { store, ledger, clock, receiptSigner } = options;
  const watch = { threw: STORAGE_THREW, slowMs: SLOW_MS, clock, onEvent };
  return {
    ...options,
    onEvent,
    store: watchPort(store, RECEIVER_STORE_METHODS, { ...watch, port: "store" }),
    ledger: watchPort(ledger, LEDGER_METHODS, { ...watch, port: "ledger" }),
    ...(receiptSigner && {
      receiptSigner: watchPort(receiptSigner, ["sign"], {
        ...watch,
        threw: SIGNER_THREW,
        port: "receipt-signer",
      }),
    }),
  };
}

/** Answers a message, and reports it to the listener. */
export function tellMessage(
  { onEvent, clock }: ReceiverOptions,
  installation: InstallationId,
  handle: () => ResultAsync<Answer, InvalidIdentifier | StorageFault>,
): ResultAsync<Answer, InvalidIdentifier | StorageFault> {
  if (!onEvent) return handle();
  const durationSoFar = startStopwatch(clock);
  return handle()
    .andThen((answer) => {
      const requestId = answer.type === "rejected" ? null : answer.requestId;
      const about = { installation, requestId, durationMs: durationSoFar() };
      onEvent({ type: "message-answered", ...about, ...summaryOf(answer) });
      return ok(answer);
    })
    .mapErr((fault) => {
      const known = parseInstallationId(installation).unwrapOr(null);
      onEvent({ type: "message-failed", installation: known, durationMs: durationSoFar(), fault });
      return fault;
    });
}

/** The parts of a reconciliation that its event counts. */
interface Reconciled {
  readonly entries: number;
  readonly recorded: number;
  readonly cutOff: readonly InstallationId[];
}

/** Makes store and ledger agree, and reports it to the listener. */
export function tellReconciliation<Told extends Reconciled>(
  { onEvent, clock }: ReceiverOptions,
  run: () => ResultAsync<Told, StorageFault>,
): ResultAsync<Told, StorageFault> {
  if (!onEvent) return run();
  const durationSoFar = startStopwatch(clock);
  return run()
    .map((reconciliation) => {
      const { entries, recorded, cutOff } = reconciliation;
      const durationMs = durationSoFar();
      onEvent({ type: "ledger-reconciled", durationMs, entries, recorded, cutOff: cutOff.length });
      return reconciliation;
    })
    .mapErr((fault) => {
      onEvent({ type: "reconciliation-failed", durationMs: durationSoFar(), fault });
      return fault;
    });
}

/** Records a deletion, and reports it to the listener. */
export function tellRecording(
  { onEvent, clock }: ReceiverOptions,
  entry: LedgerEntry,
  run: () => ResultAsync<void, StorageFault>,
): ResultAsync<void, StorageFault> {
  if (!onEvent) return run();
  const durationSoFar = startStopwatch(clock);
  return run().andThen(() => {
    const { installation } = entry;
    const durationMs = durationSoFar();
    const isOfLinks = entry.type === "links-ended";
    const what = { of: isOfLinks ? "links" : "epoch", links: isOfLinks ? entry.links.length : 0 } as const;
    onEvent({ type: "deletion-recorded", installation, ...what, durationMs });
    return ok();
  });
}
