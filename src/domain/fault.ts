import { err, errAsync, ResultAsync } from "neverthrow";

/** The storage did not do what it was asked to, and nothing of the operation was applied. */
export interface StorageFault {
  readonly type: "storage-fault";
  /** Why: it cannot be reached, refuses writes, took too long, or answered something that makes no sense. */
  readonly reason: "unavailable" | "read-only" | "timed-out" | "corrupt";
  /** What happened and what to do; never holds data. */
  readonly message: string;
}

/** Somebody else wrote first: load again, decide again, commit again. Nothing was applied. */
export interface VersionConflict {
  readonly type: "version-conflict";
}

/** A message did not get an answer. Whether the other side took it is unknown. */
export interface TransportFault {
  readonly type: "transport-fault";
  readonly reason: TransportFaultReason;
  /** How long the receiver asks to wait, in milliseconds, or null where it did not say (`Retry-After`). */
  readonly retryAfterMs: number | null;
  /** What happened and what to do; never holds data. */
  readonly message: string;
}

/** Why a message got no answer. Whatever it is, it changes no user's state, and the next attempt is planned (S8). */
export type TransportFaultReason =
  /** No connection: no such name, no listener, or it was cut before an answer began. */
  | "unreachable"
  /** The other end's certificate is not trusted, the two could not agree on TLS, or the answer lacks the cloud's signature. */
  | "untrusted"
  | "timed-out"
  /** The signal ended the request. */
  | "aborted"
  /** The receiver asks to come later. */
  | "busy"
  /** The receiver does not take this server for who it says it is. */
  | "unauthenticated"
  /** The request was signed too long ago or in the future: one of the two clocks is wrong. */
  | "clock-skewed"
  /** The receiver does not know the key that signed the request. */
  | "unknown-key"
  /** The request was signed for another address than the one the receiver knows as its own. */
  | "wrong-audience"
  /** The receiver, or something before it, refuses requests like this one: repeating it will not help. */
  | "refused"
  /** The answer began and did not end. */
  | "incomplete-answer"
  /** Something else answered, or something that makes no sense. */
  | "malformed-answer";

const BROKEN_ADAPTER = "The adapter threw instead of answering: run it through its contract in `testing`.";

/** The fault of a storage that threw. */
export const STORAGE_THREW: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: BROKEN_ADAPTER,
};

/** The fault of a transport that threw. */
export const TRANSPORT_THREW: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: BROKEN_ADAPTER,
};

/**
 * Calls a plug; one that throws, rejects or answers no Result, against its contract, has answered with `threw`.
 *
 * @param onThrow is given what was thrown, which may hold anything and goes nowhere but to the host's own listener
 */
export function callPort<Value, Fault>(
  call: () => ResultAsync<Value, Fault>,
  threw: Fault,
  onThrow?: (cause: unknown) => void,
): ResultAsync<Value, Fault> {
  const fail = (cause: unknown): Fault => {
    onThrow?.(cause);
    return threw;
  };
  try {
    return ResultAsync.fromPromise(Promise.resolve(call()), fail).andThen((answer) =>
      isResult(answer) ? answer : err(threw),
    );
  } catch (cause) {
    return errAsync(fail(cause));
  }
}

/** By its shape: a plug may bring a neverthrow of its own. */
function isResult(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "isOk" in answer && "isErr" in answer;
}
