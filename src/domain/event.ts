import type {
  Answer,
  PushRefusal,
  RecordOutcome,
  RecordRefusal,
  RedemptionRefusal,
  RejectionReason,
} from "./answer.ts";

/** A part that a host plugs in. */
export type PortName = "store" | "source" | "ledger" | "receipt-signer";

/** A part of the host's threw, or answered with a fault. */
interface PortFailed {
  readonly type: "port-failed";
  /** The part that was called. */
  readonly port: PortName;
  /** The method that was called, or `iterate` while one user's contributions were read. */
  readonly method: string;
  /** How long the call took, in milliseconds. */
  readonly durationMs: number;
  /** The fault of the answer, or the one that stands for a throw: a type, a reason in a word, and what to do. */
  readonly fault: PortFault;
  /**
   * The value that was thrown; left out if nothing was. It may hold anything, such as rows of a database.
   *
   * It goes to the host's own listener alone, so log it only where such data may be.
   */
  readonly cause?: unknown;
}

/** The fault with which a part answered, or the one that stands for a throw. */
export interface PortFault {
  readonly type: string;
  /** The reason in a word, such as `unavailable`, or null if the fault has none. */
  readonly reason: string | null;
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
}

/** A part of the host's takes long. It is told once while the call lasts, and once more when the call is over. */
interface PortSlow {
  readonly type: "port-slow";
  /** The part that was called. */
  readonly port: PortName;
  /** The method that was called. */
  readonly method: string;
  /** How long the call has taken so far, in milliseconds. */
  readonly durationMs: number;
  /** Whether the call is over. If no event ever says so, the call hangs. */
  readonly isOver: boolean;
}

/** Another writer came first, so a change was decided again. One now and then is usual; many of them are a storm. */
interface VersionConflicted {
  readonly type: "version-conflict";
  /** The part that was called. */
  readonly port: PortName;
  /** The method that was called. */
  readonly method: string;
  /** How long the refused commit took, in milliseconds. */
  readonly durationMs: number;
}

/** The events about a part of the host's. */
export type PortEvent = PortFailed | PortSlow | VersionConflicted;

/** The contents of an answer in numbers and names. It says nothing of any single record. */
export interface AnswerSummary {
  /** The type of the answer. */
  readonly answer: Answer["type"];
  /** The reason why the message was rejected as a whole, or the attempt or its code refused; else null. */
  readonly reason: RejectionReason | PushRefusal | RedemptionRefusal | null;
  /** How many records had each outcome. Outcomes that no record had are left out. */
  readonly outcomes: { readonly [Outcome in RecordOutcome["type"]]?: number };
  /** How many records were refused for each reason. */
  readonly refusals: { readonly [Refusal in RecordRefusal]?: number };
}

/** Returns the contents of an answer in numbers and names. */
export function summaryOf(answer: Answer): AnswerSummary {
  const outcomes: { [Outcome in RecordOutcome["type"]]?: number } = {};
  const refusals: { [Refusal in RecordRefusal]?: number } = {};
  for (const outcome of "outcomes" in answer ? answer.outcomes : []) {
    outcomes[outcome.type] = (outcomes[outcome.type] ?? 0) + 1;
    if (outcome.type === "refused") refusals[outcome.reason] = (refusals[outcome.reason] ?? 0) + 1;
  }
  return {
    answer: answer.type,
    reason: "reason" in answer ? answer.reason : null,
    outcomes,
    refusals,
  };
}
