import type { StorageFault } from "../../domain/fault.ts";
import { BY_STATE, type Reason } from "./fault-by-state.ts";

/** No answer came back from the server. The outcome of the statement is unknown. */
export const NO_ANSWER: StorageFault = fault(
  "outcome-unknown",
  "The server cannot be reached or its answer was lost, on the way or in the driver. Whether the last write was applied is unknown, so load before trying again.",
);

/** A row that this release cannot read. */
export const UNREADABLE_ROW: StorageFault = fault(
  "corrupt",
  "A row cannot be read: run unified-contributions migrate check, let no other program write to the tables, and let no type parser change text.",
);

/** Returns the fault of a refused statement. It repeats nothing of the server's error, which may hold data. */
export function storageFaultOf(error: unknown): StorageFault {
  const state = stateOf(error);
  if (!isState(state)) return NO_ANSWER;
  const known = BY_STATE[state] ?? BY_STATE[state.slice(0, 2)];
  return known
    ? fault(...known)
    : fault("unavailable", `The server refused the statement (SQLSTATE ${state}): look at its log.`);
}

/** Whether another transaction got in the way, so that the same statement may succeed now. */
export function isInTheWay(error: unknown): boolean {
  const state = stateOf(error);
  return state === "40001" || state === "40P01";
}

/**
 * Returns the name of the unique index that a row would have broken, or null if the error is another one.
 *
 * A node of Citus names it in the message alone, with its shard's number behind it. The message can be in any language,
 * but no other word of it has an underscore.
 */
export function brokenUniqueIndex(error: unknown): string | null {
  if (stateOf(error) !== "23505") return null;
  const { constraint, message } = error as { readonly constraint?: unknown; readonly message?: unknown };
  if (typeof constraint === "string") return constraint;
  return /[a-z][a-z0-9]*_[a-z0-9_]+/.exec(String(message))?.[0] ?? "";
}

/** Returns the SQLSTATE of an error, or Node's name of an error of the network; null if it has neither. */
export function codeOf(error: unknown): string | null {
  const code = stateOf(error);
  return isState(code) || /^[A-Z_]{3,64}$/.test(code) ? code : null;
}

function stateOf(error: unknown): string {
  const code =
    typeof error === "object" && error !== null ? (error as { readonly code?: unknown }).code : null;
  return typeof code === "string" ? code : "";
}

function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}

function fault(reason: Reason, message: string): StorageFault {
  return { type: "storage-fault", reason, message };
}
