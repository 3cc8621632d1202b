import { err, ok, type Result } from "neverthrow";
import { STORAGE_ABORTED } from "../domain/fault.ts";
import { isSignalOption, untilAbortedPort } from "../domain/in-time.ts";
import type { ReceiverOptions } from "./ports.ts";
import { LEDGER_METHODS, RECEIVER_STORE_METHODS } from "./telling.ts";

/** The options of a sweep or of a reconciliation are malformed, and nothing was done. */
export interface InvalidOptions {
  readonly type: "invalid-options";
  readonly field: "options" | "limit" | "signal";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** The options of a call that can take long. */
interface LongRun {
  /** How many links a sweep looks at, from 1 on. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Checks the options of a sweep or of a reconciliation. Hosts in plain JavaScript can give anything. */
export function parseLongRun(options: LongRun): Result<LongRun, InvalidOptions> {
  if (typeof options !== "object" || options === null) return invalid("options", "an object");
  const { limit, signal } = options;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    return invalid("limit", "a whole number from 1 on");
  }
  if (!isSignalOption(signal)) return invalid("signal", "an AbortSignal");
  return ok({ limit, signal });
}

function invalid(field: InvalidOptions["field"], rule: string): Result<never, InvalidOptions> {
  return err({ type: "invalid-options", field, message: `\`${field}\` has to be ${rule}, or be left out.` });
}

/**
 * Returns the options for a call that its signal ends. Once the signal has spoken, the call begins no step in the store
 * or the ledger. A step that hangs is given up 30 seconds later.
 */
export function untilAborted<Options extends ReceiverOptions>(
  options: Options,
  signal: AbortSignal | undefined,
): Options {
  if (signal === undefined) return options;
  const { store, ledger, clock } = options;
  const limit = { clock, signal, fault: STORAGE_ABORTED };
  return {
    ...options,
    store: untilAbortedPort(store, RECEIVER_STORE_METHODS, limit),
    ledger: untilAbortedPort(ledger, LEDGER_METHODS, limit),
  };
}
