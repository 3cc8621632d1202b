import type { LinkChoice } from "./choice.ts";
import type { ContributionPayload } from "./contribution-payload.ts";
import type { FeatureSwitch } from "./feature-switch.ts";
import type { AttemptId, ConsentCode, LinkId, RequestId, SessionId } from "./identifiers.ts";
import type { LedgerPlace } from "./ledger-place.ts";

/** The protocol version that this package speaks. It is independent of the version of the package. */
export const PROTOCOL_VERSION = 1;

/** How many records one `deliver` may carry. */
export const MAX_RECORDS = 1_000;

/** How many requests a message may name as the ones that it may follow. */
export const MAX_FOLLOWED = 64;

/** The fields of every message. */
interface Envelope {
  readonly version: typeof PROTOCOL_VERSION;
  /** The random id of this request. A repeated request keeps it, and the answer names it. */
  readonly requestId: RequestId;
}

/** Asks for a new session in place of the one it names (R7). */
export interface AttachMessage extends Envelope {
  readonly type: "attach";
  /** The session to replace, or null for a sender that was never told of one. */
  readonly replaces: SessionId | null;
  /** The switch as the sender believes it, which helps a receiver that was restored from a backup. */
  readonly featureSwitch: FeatureSwitch;
}

/** Asks for the epoch after the one it names (R5). */
export interface EnableMessage extends Envelope {
  readonly type: "enable";
  readonly after: number;
}

/** Switches off an epoch and all epochs before it, which deletes their counts (R4). */
export interface DisableMessage extends Envelope {
  readonly type: "disable";
  readonly epoch: number;
}

/** The counts of one link. They replace the counts that were kept for it (R1). */
export interface ReportRecord extends ContributionPayload {
  readonly type: "report";
  readonly linkId: LinkId;
  /**
   * The choice under which the user sends: how often the user has selected "Send my contribution counts" under this
   * link, from 1 to 1,000.
   */
  readonly choice: number;
}

/** Ends choices of one link, or the link itself, and deletes the counts (R3). */
export interface WithdrawRecord extends LinkChoice {
  readonly type: "withdraw";
}

/**
 * Says that a link whose counts could not be read is "still mine", and nothing else. Earlier reports of it stay (R9).
 */
export interface HoldRecord {
  readonly type: "hold";
  readonly linkId: LinkId;
  /** The choice under which the user sends. */
  readonly choice: number;
}

/** One entry of a `deliver`. */
export type DeliveryRecord = ReportRecord | HoldRecord | WithdrawRecord;

/** Carries up to 1,000 records. Each one is answered separately (R1, R3, R13). */
export interface DeliverMessage extends Envelope {
  readonly type: "deliver";
  /** The sender's session, or null for a sender that holds none and has only withdrawals to send. */
  readonly sessionId: SessionId | null;
  /** The requests of the session that may be the last one the receiver took (R8); empty without a session. */
  readonly follows: readonly RequestId[];
  readonly records: readonly DeliveryRecord[];
}

/**
 * Ends a sync: "every link of mine was reported or held in this session" (R9). It also asks for the links that were
 * deleted since the place that it names (R10).
 */
export interface CompleteMessage extends Envelope {
  readonly type: "complete";
  readonly sessionId: SessionId;
  /** The requests that may be the last one, in one chain with the `deliver`s of the session. */
  readonly follows: readonly RequestId[];
  /** The last place that a `completed` has named to the sender, or null if none has. */
  readonly heardTo: LedgerPlace | null;
}

/** Announces that a user is about to be sent to the cloud for a consent (R6). */
export interface PushMessage extends Envelope {
  readonly type: "push";
  /** The attempt that the user's browser will bring to the cloud. */
  readonly attempt: AttemptId;
}

/** Asks for the link of a consent, once the user's browser has come back (R6). */
export interface RedeemMessage extends Envelope {
  readonly type: "redeem";
  readonly attempt: AttemptId;
  /** The code that the browser has brought back. */
  readonly code: ConsentCode;
}

/** Every message that a GitHub Enterprise Server can send. */
export type Message =
  | AttachMessage
  | EnableMessage
  | DisableMessage
  | DeliverMessage
  | CompleteMessage
  | PushMessage
  | RedeemMessage;
