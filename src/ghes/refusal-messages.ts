import type { RecordRefusal, RejectionReason } from "../domain/answer.ts";
import type { MessageRejected } from "./server-state.ts";
import type { RecordRefused } from "./sync/sync-report.ts";

const REJECTED: Readonly<Record<RejectionReason, string>> = {
  "malformed-message":
    "GitHub Enterprise Cloud could not read the message: check that no proxy between the two changes it.",
  "unexpected-key":
    "GitHub Enterprise Cloud found a key in the message that it does not know: upgrade it before this server.",
  "unsupported-version":
    "GitHub Enterprise Cloud does not speak this version of the protocol: upgrade it before this server.",
  "too-many-records": "GitHub Enterprise Cloud takes fewer records per message: lower `batchSize`.",
  "epoch-too-far":
    "GitHub Enterprise Cloud has lost what it knew of this server: turn GitHub Connect off and on, then users reconnect.",
};

/** Returns the fault of a message that the receiver has rejected. */
export function messageRejected(reason: RejectionReason): MessageRejected {
  return { type: "rejected", reason, message: REJECTED[reason] };
}

const REFUSED: Readonly<Record<RecordRefusal, string>> = {
  "malformed-record":
    "GitHub Enterprise Cloud could not read the user's record: check that no proxy between the two changes it.",
  "unexpected-key":
    "GitHub Enterprise Cloud found a key in the user's record that it does not know: upgrade it before this server.",
  "unknown-type":
    "GitHub Enterprise Cloud does not know the type of the user's record: upgrade it before this server.",
  "clock-ahead":
    "The user's days end too far after GitHub Enterprise Cloud's date: set the clocks of both right.",
  "duplicate-link":
    "The user's link was named twice in one message: check that no two users have the same link.",
};

/** Returns the reason why the receiver has refused one user's record. */
export function recordRefused(reason: RecordRefusal): RecordRefused {
  return { type: "record-refused", reason, message: REFUSED[reason] };
}
