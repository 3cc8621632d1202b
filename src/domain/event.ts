import type {
  Answer,
  PushRefusal,
  RecordOutcome,
  RecordRefusal,
  RedemptionRefusal,
  RejectionReason,
} from "./answer.ts";

/** A part that a host plugs in. */
export type PortName = "store" | "source" | "ledger";

/** A part of the host's threw, or answered with a fault. */
interface PortFailed {
  readonly type: "port-failed";
  /** Which part. */
  readonly port: PortName;
  /** The method that was called; `iterate` while one user's contributions were read. */
  readonly method: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What it answered, or what it is taken for if it threw: its type, why in a word, and what to do. */
  readonly fault: PortFault;
  /**
   * What was thrown, left out if nothing was. It may hold anything, rows of a database for example, and goes to the host's
   * own listener alone: log it only where such data may be.
   */
  readonly cause?: unknown;
}

/** What a part answered, or what it is taken for if it threw. */
export interface PortFault {
  readonly type: string;
  /** Why, in a word, if the fault has one: `unavailable` for example. */
  readonly reason: string | null;
  /** What happened and what to do; never holds data. */
  readonly message: string;
}

/** A part of the host's takes long. It is told once while the call lasts, and once more when the call is over. */
interface PortSlow {
  readonly type: "port-slow";
  /** Which part. */
  readonly port: PortName;
  /** The method that was called. */
  readonly method: string;
  /** How long it has taken so far, in milliseconds. */
  readonly durationMs: number;
  /** Whether the call is over. One that is never told to be over hangs. */
  readonly isOver: boolean;
}

/** Another writer came first, so that a change was decided anew. Now and then it is usual; many of them are a storm. */
interface VersionConflicted {
  readonly type: "version-conflict";
  /** Which part. */
  readonly port: PortName;
  /** The method that was called. */
  readonly method: string;
  /** How long the commit took that was refused, in milliseconds. */
  readonly durationMs: number;
}

/** What is told of a part of the host's. */
export type PortEvent = PortFailed | PortSlow | VersionConflicted;

/** What an answer says, in numbers and names: nothing of any record. */
export interface AnswerSummary {
  /** The type of the answer. */
  readonly answer: Answer["type"];
  /** Why the message was rejected as a whole, or the attempt or its code refused; else null. */
  readonly reason: RejectionReason | PushRefusal | RedemptionRefusal | null;
  /** How many records had which outcome; those that none had are left out. */
  readonly outcomes: { readonly [Outcome in RecordOutcome["type"]]?: number };
  /** How many records were refused for which reason. */
  readonly refusals: { readonly [Refusal in RecordRefusal]?: number };
}

/** Returns what an answer says, in numbers and names. */
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
