import { err, errAsync, type Result, ResultAsync } from "neverthrow";

/**
 * The storage did not do what one call asked for. Earlier calls of the same use case stay applied. Both sides load again
 * before they write again, so every outcome is safe.
 */
export interface StorageFault {
  readonly type: "storage-fault";
  /**
   * The reason. Nothing was applied if the storage cannot be used now (`unavailable`), takes no writes (`read-only`),
   * or gave up on a lock, for example (`timed-out`).
   *
   * `outcome-unknown`: it gave no answer, and the call may have been applied or may still be. `corrupt`: its rows or
   * its answers make no sense, and a write whose answer cannot be read may have been applied. `aborted`: the caller's
   * signal ended the call. Its finished steps stay, and a step that hung may still be applied.
   */
  readonly reason: "unavailable" | "read-only" | "timed-out" | "corrupt" | "outcome-unknown" | "aborted";
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
}

/** Another writer committed first, and nothing was applied. Load again, decide again and commit again. */
export interface VersionConflict {
  readonly type: "version-conflict";
}

/** A message did not get an answer. Whether the other side took it is unknown. */
export interface TransportFault {
  readonly type: "transport-fault";
  readonly reason: TransportFaultReason;
  /** How long the receiver asks the sender to wait (`Retry-After`), in milliseconds, or null if it did not say. */
  readonly retryAfterMs: number | null;
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
}

/**
 * The reason why a message got no answer. None of them changes a user's state, and the next attempt is planned (S8).
 */
export type TransportFaultReason =
  /** There is no connection: no such name, no listener, or it was cut before an answer began. */
  | "unreachable"
  /**
   * The other end's certificate is not trusted, the ends could not agree on TLS, or the answer lacks the cloud's
   * signature.
   */
  | "untrusted"
  | "timed-out"
  /** The signal ended the request. */
  | "aborted"
  /** The receiver asks the sender to come later. */
  | "busy"
  /** The receiver took the message, and cannot say whether it was applied. */
  | "outcome-unknown"
  /** The receiver does not accept the identity that this server claims. */
  | "unauthenticated"
  /** The request was signed too long ago or in the future: one of the two clocks is wrong. */
  | "clock-skewed"
  /** The receiver does not know the key that signed the request. */
  | "unknown-key"
  /** The request was signed for an address that the receiver does not know as its own. */
  | "wrong-audience"
  /** The receiver, or something before it, refuses requests like this one. Repeating it will not help. */
  | "refused"
  /** The answer began and did not end. */
  | "incomplete-answer"
  /** The answer makes no sense, or came from something that is not the receiver. */
  | "malformed-answer";

const BROKEN_ADAPTER =
  "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.";

/** The fault of a storage that threw. */
export const STORAGE_THREW: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message: BROKEN_ADAPTER,
};

/** The fault of a storage that has not answered in time. */
export const STORAGE_LATE: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message:
    "The storage did not answer within `callDeadlineMs`. Whether the call was applied is unknown, so load before trying again: look for locks, and give its client shorter time limits.",
};

/** The fault of a call that was ended by its signal. */
export const STORAGE_ABORTED: StorageFault = {
  type: "storage-fault",
  reason: "aborted",
  message:
    "The signal ended the call. Its finished steps stay, and a step that hung may still be applied: call it again to go on.",
};

/** The fault of a transport that threw. */
export const TRANSPORT_THREW: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: BROKEN_ADAPTER,
};

/** The fault of a transport that has not answered in time. */
export const TRANSPORT_LATE: TransportFault = {
  type: "transport-fault",
  reason: "timed-out",
  retryAfterMs: null,
  message: "The transport did not answer within `callDeadlineMs`: give it a shorter time limit of its own.",
};

/**
 * Calls a port and returns its answer. A port that throws, rejects or returns anything but a Result has answered with
 * `threw`.
 *
 * @param onThrow gets the value that was thrown. It may hold anything and goes only to the host's own listener.
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

/** Whether a port answered with a Result. Judged by its shape, because a port may bring its own copy of neverthrow. */
export function isResult(answer: unknown): answer is Result<unknown, unknown> {
  return typeof answer === "object" && answer !== null && "isOk" in answer && "isErr" in answer;
}
