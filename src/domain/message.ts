import type { ContributionPayload } from "./contribution-payload.ts";
import type { FeatureSwitch } from "./feature-switch.ts";
import type { AttemptId, ConsentCode, LinkId, RequestId, SessionId } from "./identifiers.ts";

/** The protocol version this package speaks; independent of the version of the package. */
export const PROTOCOL_VERSION = 1;

/** How many records one `deliver` may carry. */
export const MAX_RECORDS = 1_000;

/** How many requests a message may name as the one it follows. */
export const MAX_FOLLOWED = 64;

/** What every message carries. */
interface Envelope {
  readonly version: typeof PROTOCOL_VERSION;
  /** The random id of this request. A repeated request keeps it; its answer names it. */
  readonly requestId: RequestId;
}

/** Asks for a new session in place of the one it names (R7). */
export interface AttachMessage extends Envelope {
  readonly type: "attach";
  /** The session it replaces, or null for a sender that was never told of one. */
  readonly replaces: SessionId | null;
  /** The switch as the sender believes it, for a receiver that was restored from a backup. */
  readonly featureSwitch: FeatureSwitch;
}

/** Asks for the epoch after the one it names (R5). */
export interface EnableMessage extends Envelope {
  readonly type: "enable";
  readonly after: number;
}

/** Switches an epoch and all before it off, which deletes every count of theirs (R4). */
export interface DisableMessage extends Envelope {
  readonly type: "disable";
  readonly epoch: number;
}

/** The counts of one link: they replace whatever was kept for it (R1). */
export interface ReportRecord extends ContributionPayload {
  readonly type: "report";
  readonly linkId: LinkId;
}

/** Ends one link and deletes its counts (R3). */
export interface WithdrawRecord {
  readonly type: "withdraw";
  readonly linkId: LinkId;
}

/**
 * Says of one link "still mine", where its counts could not be read: what was reported before stays (R9). It says
 * nothing else.
 */
export interface HoldRecord {
  readonly type: "hold";
  readonly linkId: LinkId;
}

/** One entry of a `deliver`. */
export type DeliveryRecord = ReportRecord | HoldRecord | WithdrawRecord;

/** Carries up to 1,000 records, each of which is answered by itself (R1, R3, R13). */
export interface DeliverMessage extends Envelope {
  readonly type: "deliver";
  /** The sender's session, or null for a sender that holds none and has only withdrawals to send. */
  readonly sessionId: SessionId | null;
  /** Which requests of the session may be the last one the receiver took (R8); empty without a session. */
  readonly follows: readonly RequestId[];
  readonly records: readonly DeliveryRecord[];
}

/** Ends a sync: "every link of mine was reported or held in this session" (R9). */
export interface CompleteMessage extends Envelope {
  readonly type: "complete";
  readonly sessionId: SessionId;
  /** In one chain with the `deliver`s of the session. */
  readonly follows: readonly RequestId[];
}

/** Announces that a user is about to be sent to the cloud for a consent (R6). */
export interface PushMessage extends Envelope {
  readonly type: "push";
  /** What the user's browser will bring to the cloud. */
  readonly attempt: AttemptId;
}

/** Asks for the link of a consent, once the user's browser has come back (R6). */
export interface RedeemMessage extends Envelope {
  readonly type: "redeem";
  readonly attempt: AttemptId;
  /** What the browser has brought. */
  readonly code: ConsentCode;
}

/** All that a GitHub Enterprise Server ever says. */
export type Message =
  | AttachMessage
  | EnableMessage
  | DisableMessage
  | DeliverMessage
  | CompleteMessage
  | PushMessage
  | RedeemMessage;
