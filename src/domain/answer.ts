import type { FeatureSwitch } from "./feature-switch.ts";
import type { LinkId, RequestId, SessionId } from "./identifiers.ts";
import type { PROTOCOL_VERSION } from "./message.ts";
import type { DeletionReceipt, DisablingReceipt } from "./receipt.ts";

/** The session that stands at the receiver. */
export interface CurrentSession {
  readonly id: SessionId;
  /** Whether no server holds it: the receiver made it when it registered the installation, for the server to take. */
  readonly isVacant: boolean;
}

/** What every answer to an understood message carries. */
interface AnswerEnvelope {
  readonly version: typeof PROTOCOL_VERSION;
  /** The request it answers; an answer to any other request acknowledges nothing (S3). */
  readonly requestId: RequestId;
  /** The switch as it stands after the message (S6). */
  readonly featureSwitch: FeatureSwitch;
}

/** The new session, in place of the one named. */
export interface AttachedAnswer extends AnswerEnvelope {
  readonly type: "attached";
  readonly sessionId: SessionId;
}

/** No new session: another one stands than the one named. */
export interface AttachRefusedAnswer extends AnswerEnvelope {
  readonly type: "attach-refused";
  readonly current: CurrentSession;
}

/** The answer to `enable`: the switch says whether it took. */
export interface SwitchedAnswer extends AnswerEnvelope {
  readonly type: "switched";
}

/** The answer to `disable`. */
export interface DisabledAnswer extends AnswerEnvelope {
  readonly type: "disabled";
  readonly receipt: DisablingReceipt;
}

/** One outcome a record, in the order of the records. */
export interface DeliveredAnswer extends AnswerEnvelope {
  readonly type: "delivered";
  readonly outcomes: readonly RecordOutcome[];
}

/**
 * The request is not the next one of the session that stands (R8): no report was applied. Withdrawals were, and their outcomes say so;
 * they count in any session (R3).
 */
export interface DetachedAnswer extends AnswerEnvelope {
  readonly type: "detached";
  readonly current: CurrentSession;
  /** One a record, in the order of the records; empty for a `complete`. */
  readonly outcomes: readonly RecordOutcome[];
}

/** The answer to `complete`. */
export interface CompletedAnswer extends AnswerEnvelope {
  readonly type: "completed";
}

/** The attempt is known, and may be brought to the cloud for ten minutes. */
export interface PushedAnswer extends AnswerEnvelope {
  readonly type: "pushed";
}

/** The attempt is not taken. */
export interface PushRefusedAnswer extends AnswerEnvelope {
  readonly type: "push-refused";
  readonly reason: PushRefusal;
}

/** Why an attempt is not taken. */
export type PushRefusal =
  /** The switch is off. */
  | "disabled"
  /** Too many attempts of this installation are under way. */
  | "too-many-attempts";

/** The link that was opened for the consent; a repeated redemption gets the same one. */
export interface RedeemedAnswer extends AnswerEnvelope {
  readonly type: "redeemed";
  readonly linkId: LinkId;
  /** The epoch that the link is bound to. */
  readonly epoch: number;
}

/** There is no link, and none will be opened for this attempt and code. */
export interface RedemptionRefusedAnswer extends AnswerEnvelope {
  readonly type: "redemption-refused";
  readonly reason: RedemptionRefusal;
}

/** Why a redemption is refused. */
export type RedemptionRefusal =
  /** The attempt or the code is unknown, another installation's, expired, void, or does not fit the other: one answer for all. */
  | "no-such-consent"
  /** A link was opened for it, and is deleted by now. */
  | "link-ended";

/** The message as a whole was not understood; nothing was applied. */
export interface RejectedAnswer {
  readonly version: typeof PROTOCOL_VERSION;
  readonly type: "rejected";
  /** The request it answers, or null where the message had none that could be read. */
  readonly requestId: RequestId | null;
  readonly reason: RejectionReason;
  /** The protocol versions that this receiver answers, both ends included. */
  readonly supported: { readonly first: number; readonly last: number };
}

/** Why a message was rejected as a whole. */
export type RejectionReason =
  | "malformed-message"
  | "unexpected-key"
  | "unsupported-version"
  | "too-many-records"
  /** The epoch is more than one above the one that is known here: no such epoch can have been minted (R7). */
  | "epoch-too-far";

/** All that a receiver ever answers. */
export type Answer =
  | AttachedAnswer
  | AttachRefusedAnswer
  | SwitchedAnswer
  | DisabledAnswer
  | DeliveredAnswer
  | DetachedAnswer
  | CompletedAnswer
  | PushedAnswer
  | PushRefusedAnswer
  | RedeemedAnswer
  | RedemptionRefusedAnswer
  | RejectedAnswer;

/** What became of one record. */
export type RecordOutcome =
  /** The counts are kept. */
  | { readonly type: "kept" }
  /** The link is this installation's own, and it is deleted: for a report and for a hold. */
  | { readonly type: "ended"; readonly receipt: DeletionReceipt }
  /** No such link of this installation: it never was, it is another's, or it was forgotten (R2). It ends nothing. */
  | { readonly type: "unknown" }
  /** The link and its counts are deleted; repeated withdrawals get the first receipt (R3). */
  | { readonly type: "withdrawn"; readonly receipt: DeletionReceipt }
  /** The request is not the next one of its session, or the switch is not on for the link's epoch. */
  | { readonly type: "not-applied" }
  /** The record is wrong by itself; the others were applied (R13). */
  | { readonly type: "refused"; readonly reason: RecordRefusal };

/** Why a record was refused. */
export type RecordRefusal =
  /** A field is missing, of the wrong type or outside its bounds. */
  | "malformed-record"
  /** A key that this version does not have; a leak elsewhere must be loud. */
  | "unexpected-key"
  /** None of `report`, `hold` and `withdraw`. */
  | "unknown-type"
  /** The window ends more than a day after the receiver's date in the furthest zone: a wrong clock (R12). */
  | "clock-ahead"
  /** An earlier report or hold of the same request names the same link. */
  | "duplicate-link";
