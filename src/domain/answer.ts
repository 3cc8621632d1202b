import type { FeatureSwitch } from "./feature-switch.ts";
import type { LinkId, RequestId, SessionId } from "./identifiers.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import type { PROTOCOL_VERSION } from "./message.ts";
import type { DeletionReceipt, DisablingReceipt, EndedLink } from "./receipt.ts";

/** The current session of an installation, as the receiver has it. */
export interface CurrentSession {
  readonly id: SessionId;
  /**
   * Whether no server holds it. The receiver made such a session when it registered the installation, and a server may
   * take it.
   */
  readonly isVacant: boolean;
}

/** The fields of every answer to an understood message. */
interface AnswerEnvelope {
  readonly version: typeof PROTOCOL_VERSION;
  /** The id of the request that is answered. An answer to any other request acknowledges nothing (S3). */
  readonly requestId: RequestId;
  /** The switch as it stands after the message (S6). */
  readonly featureSwitch: FeatureSwitch;
}

/** The answer to `attach` if it began a session in place of the one that the request named. */
export interface AttachedAnswer extends AnswerEnvelope {
  readonly type: "attached";
  readonly sessionId: SessionId;
}

/** The answer to `attach` if it named a session that is not the current one. No session begins. */
export interface AttachRefusedAnswer extends AnswerEnvelope {
  readonly type: "attach-refused";
  readonly current: CurrentSession;
}

/** The answer to `enable`. Its switch says whether a new epoch began. */
export interface SwitchedAnswer extends AnswerEnvelope {
  readonly type: "switched";
}

/** The answer to `disable`. */
export interface DisabledAnswer extends AnswerEnvelope {
  readonly type: "disabled";
  readonly receipt: DisablingReceipt;
}

/**
 * The answer to a `deliver` that is the next request of its session: one outcome per record, in the order of the
 * records.
 */
export interface DeliveredAnswer extends AnswerEnvelope {
  readonly type: "delivered";
  readonly outcomes: readonly RecordOutcome[];
}

/**
 * The answer to a `deliver` or `complete` that is not the next request of the current session (R8).
 *
 * No report was applied. Withdrawals were applied, because they count in any session (R3), and their outcomes say so.
 */
export interface DetachedAnswer extends AnswerEnvelope {
  readonly type: "detached";
  readonly current: CurrentSession;
  /** One outcome per record, in the order of the records; empty for a `complete`. */
  readonly outcomes: readonly RecordOutcome[];
}

/** The largest number of links that one `completed` names. */
export const MAX_ENDED = 1_000;

/**
 * The answer to `complete`: the links and choices that have ended since the place that the message names, whatever the
 * cause.
 */
export interface CompletedAnswer extends AnswerEnvelope {
  readonly type: "completed";
  /** At most {@link MAX_ENDED} endings of this installation. A link may be named more than once. */
  readonly ended: readonly EndedLink[];
  /** The place to name in the next `complete`, once the sender has stored what is named here. Null before any entry. */
  readonly heardTo: LedgerPlace | null;
  /** Whether the receiver has more to name. The sender then sends another `complete`. */
  readonly hasMore: boolean;
}

/** The answer to `push` if the attempt is known. A browser may bring it to the cloud for ten minutes. */
export interface PushedAnswer extends AnswerEnvelope {
  readonly type: "pushed";
}

/** The answer to `push` if the attempt is not taken. */
export interface PushRefusedAnswer extends AnswerEnvelope {
  readonly type: "push-refused";
  readonly reason: PushRefusal;
}

/** The reason why an attempt is not taken. */
export type PushRefusal =
  /** The switch is off. */
  | "disabled"
  /** Too many attempts of this installation are under way. */
  | "too-many-attempts";

/** The answer to `redeem` with the link that was opened for the consent. A repeated redemption gets the same link. */
export interface RedeemedAnswer extends AnswerEnvelope {
  readonly type: "redeemed";
  readonly linkId: LinkId;
  /** The epoch of the link, for as long as the link exists. */
  readonly epoch: number;
}

/** The answer to `redeem` if there is no link. None will be opened for this attempt and code. */
export interface RedemptionRefusedAnswer extends AnswerEnvelope {
  readonly type: "redemption-refused";
  readonly reason: RedemptionRefusal;
}

/** The reason why a redemption is refused. */
export type RedemptionRefusal =
  /**
   * The attempt or the code is unknown, foreign, expired or void, or they do not belong together. All these get one
   * answer.
   */
  | "no-such-consent"
  /** A link was opened for the consent, and is deleted by now. */
  | "link-ended";

/** The answer to a message that was not understood as a whole. Nothing was applied. */
export interface RejectedAnswer {
  readonly version: typeof PROTOCOL_VERSION;
  readonly type: "rejected";
  /** The id of the request that is answered, or null if it cannot be read. */
  readonly requestId: RequestId | null;
  readonly reason: RejectionReason;
  /** The protocol versions that this receiver answers, both ends included. */
  readonly supported: { readonly first: number; readonly last: number };
}

/** The reason why a message was rejected as a whole. */
export type RejectionReason =
  | "malformed-message"
  | "unexpected-key"
  | "unsupported-version"
  | "too-many-records"
  /** The epoch is more than one above the epoch that the receiver knows. No such epoch can have been minted (R7). */
  | "epoch-too-far";

/** Every answer that a receiver can give. */
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

/** The outcome of one record. */
export type RecordOutcome =
  /** The counts are kept. */
  | { readonly type: "kept" }
  /**
   * The link belonged to this installation and is deleted, or the choice has ended. A report or a hold gets this
   * outcome.
   */
  | {
      readonly type: "ended";
      /** The last choice that has ended, or null if the link itself is deleted. */
      readonly choice: number | null;
      readonly receipt: DeletionReceipt;
    }
  /**
   * This installation has no such link (R2). It never existed, belongs to another installation or was forgotten; this
   * ends nothing.
   */
  | { readonly type: "unknown" }
  /** The link or the choice has ended, and its counts are deleted. A repeated withdrawal gets the first receipt (R3). */
  | { readonly type: "withdrawn"; readonly receipt: DeletionReceipt }
  /** The request is not the next one of its session, or the switch is not on for the link's epoch. */
  | { readonly type: "not-applied" }
  /** The record itself is wrong. The other records were applied (R13). */
  | { readonly type: "refused"; readonly reason: RecordRefusal };

/** The reason why a record was refused. */
export type RecordRefusal =
  /** A field is missing, has the wrong type or is outside its bounds. */
  | "malformed-record"
  /** The record has a key that this version does not know. A sender that leaks data must fail loudly. */
  | "unexpected-key"
  /** The type is not `report`, `hold` or `withdraw`. */
  | "unknown-type"
  /** The window ends more than a day after the receiver's date in the furthest zone: a clock is wrong (R12). */
  | "clock-ahead"
  /** The same request withdraws the link, or an earlier report or hold of it names the link. */
  | "duplicate-link";
