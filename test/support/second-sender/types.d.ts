import type { Result } from "neverthrow";

/** The sender's parts. None of these types comes from the library: they say what this sender asks for. */
export interface Parts {
  readonly installation: string;
  readonly store: DocumentStore;
  readonly transport: Transport;
  readonly source: Source;
  readonly clock: Clock;
  readonly random: Random;
  /** How many records a request carries at most. */
  readonly batchSize?: number;
  /** How long a sync rests between two requests. */
  readonly pauseMs?: number;
  readonly leaseMs?: number;
  /** Where the server is, by the IANA name of its zone, which says what today is. */
  readonly timeZone?: string;
}

export interface Clock {
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): PromiseLike<void>;
}

export interface Random {
  id(): string;
  fraction(): number;
}

export interface Transport {
  send(message: Message, signal: AbortSignal): PromiseLike<Result<unknown, TransportFault>>;
}

export interface TransportFault {
  readonly type: string;
  readonly reason: string;
  readonly retryAfterMs: number | null;
  readonly message: string;
}

export interface Source {
  read(query: {
    readonly users: readonly string[];
    readonly days: { readonly first: string; readonly last: string };
  }): PromiseLike<Result<ReadonlyMap<string, unknown>, unknown>>;
}

/** Everything is one document. A version is a token that no other state of any storage has. */
export interface DocumentStore {
  load(): PromiseLike<Result<Versioned, StorageFault>>;
  /** Writes the document if the version is still the one that was loaded; answers the new version. */
  commit(
    expected: unknown,
    document: SenderDocument,
  ): PromiseLike<Result<unknown, StorageFault | VersionConflict>>;
}

export interface Versioned {
  readonly version: unknown;
  /** The caller's own to change. */
  readonly document: SenderDocument;
}

export interface StorageFault {
  readonly type: "storage-fault";
  readonly reason: "unavailable" | "contention" | "corrupt";
  readonly message: string;
}

export interface VersionConflict {
  readonly type: "version-conflict";
}

/** The state of the feature as the receiver tells it. */
export interface Switch {
  epoch: number;
  status: "on" | "off";
}

export type Settings =
  | { status: "disconnected"; connectionOrdinal: number }
  | { status: "disabled"; connectionOrdinal: number }
  /** The owner wants it on; `asked` is the epoch that the last `enable` named, or null. */
  | { status: "enabling"; connectionOrdinal: number; asked: number | null }
  | { status: "enabled"; connectionOrdinal: number; epoch: number };

/** A time and how far away it was when it was made. */
export interface Plan {
  at: number;
  lengthMs: number;
}

export interface Session {
  id: string;
  /** The last request that was answered, and every one since. */
  follows: string[];
  /** How many requests in a row got no answer. */
  unanswered: number;
}

export interface Link {
  linkId: string;
  epoch: number;
  /** How often the user has chosen to send under the link: 1 for the first time. */
  choice: number;
  /** Goes up with every change of contributions. */
  mark: number;
  sentMark: number | null;
  /** The session in which it was reported. */
  sentIn: string | null;
  refresh: Plan | null;
  /** Its own hour of the day, in milliseconds since midnight UTC. */
  phaseMs: number;
  /** Whether the receiver said last that it does not know the link. */
  isUnknown: boolean;
}

/** The last link or choice that ended, and how its counts are deleted. */
export interface EndedLink {
  linkId: string;
  epoch: number;
  reason: string;
  by: "withdrawal" | "disabling" | "cloud" | "connect";
  receipt: unknown;
}

export interface User {
  id: string;
  connection: "none" | "connecting" | "redeeming" | "connected";
  attempt: string | null;
  expiresAt: number;
  /** The link under which they may send and do not, and the last choice that they took back, 0 for none; or null. */
  held: { linkId: string; epoch: number; choice: number } | null;
  link: Link | null;
  ended: EndedLink | null;
}

/** A code that a browser has brought, until the receiver has said what became of it. */
export interface Redemption {
  readonly user: string;
  readonly attempt: string;
  readonly code: string;
  readonly connectionOrdinal: number;
  /** Whether its link is to be withdrawn as soon as it is known. */
  isUnwanted: boolean;
}

export interface Withdrawal {
  linkId: string;
  /** The choice that ends, with those before it; null for the link itself. */
  choice: number | null;
  connectionOrdinal: number;
  /** When it is asked for next; null is in every sync. */
  plan: Plan | null;
  receipt: unknown;
  /** How often the receiver said that it does not know the link. */
  unknowns: number;
  /** Nothing is asked for any more. */
  isDone: boolean;
}

export interface Attaching {
  requestId: string;
  replaces: string | null;
  featureSwitch: Switch;
}

export interface SenderDocument {
  settings: Settings;
  /** The newest switch that was ever heard. */
  heard: Switch;
  disabling: { epoch: number; receipt: unknown } | null;
  session: Session | null;
  attaching: Attaching | null;
  /** The session that the next `attach` replaces. */
  replaces: string | null;
  contestedBy: string | null;
  /** Sessions that were held or replaced, the latest last. */
  ownSessions: string[];
  /** Up to where it was told which links were deleted. */
  heardTo: Place | null;
  /** The one request whose answer is believed. */
  inFlight: string | null;
  lease: { token: string; until: number; lengthMs: number } | null;
  plan: Plan | null;
  /** The installation's own minute of the hour. */
  phaseMs: number | null;
  failures: number;
  lastFault: Fault | null;
  lastSyncAt: number | null;
  users: User[];
  redemptions: Redemption[];
  withdrawals: Withdrawal[];
}

export interface Fault {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export type OutRecord =
  | {
      type: "report";
      linkId: string;
      choice: number;
      source: "GitHub Enterprise Server";
      first: string;
      counts: number[];
    }
  | { type: "hold"; linkId: string; choice: number }
  | { type: "withdraw"; linkId: string; choice: number | null };

export type Message =
  | { version: 1; requestId: string; type: "attach"; replaces: string | null; featureSwitch: Switch }
  | { version: 1; requestId: string; type: "enable"; after: number }
  | { version: 1; requestId: string; type: "disable"; epoch: number }
  | {
      version: 1;
      requestId: string;
      type: "deliver";
      sessionId: string | null;
      follows: string[];
      records: OutRecord[];
    }
  | {
      version: 1;
      requestId: string;
      type: "complete";
      sessionId: string;
      follows: string[];
      heardTo: Place | null;
    }
  | { version: 1; requestId: string; type: "push"; attempt: string }
  | { version: 1; requestId: string; type: "redeem"; attempt: string; code: string };

/** Up to where the receiver has told which links were deleted. */
export interface Place {
  position: number;
  entryId: string;
}

export interface Current {
  id: string;
  isVacant: boolean;
}

export type Outcome =
  | { type: "kept" }
  | { type: "ended"; choice: number | null; receipt: unknown }
  | { type: "withdrawn"; receipt: unknown }
  | { type: "unknown" }
  | { type: "not-applied" }
  | { type: "refused"; reason: string };

export type Answer =
  | { type: "rejected"; reason: string }
  | { type: "attached"; featureSwitch: Switch; sessionId: string }
  | { type: "attach-refused"; featureSwitch: Switch; current: Current }
  | { type: "switched" | "pushed" | "push-refused" | "redemption-refused"; featureSwitch: Switch }
  | { type: "redeemed"; featureSwitch: Switch; linkId: string; epoch: number }
  | { type: "disabled"; featureSwitch: Switch; receipt: { epoch: number; disabledAt: number } }
  | { type: "delivered"; featureSwitch: Switch; outcomes: Outcome[] }
  | {
      type: "completed";
      featureSwitch: Switch;
      ended: { linkId: string; choice: number | null; receipt: unknown }[];
      heardTo: Place | null;
      hasMore: boolean;
    }
  | { type: "detached"; featureSwitch: Switch; current: Current; outcomes: Outcome[] };

/** What a sync wants to say next. */
export type Want =
  | { type: "disable"; epoch: number }
  | { type: "enable"; after: number }
  | { type: "attach" }
  | { type: "redeem"; attempt: string; code: string }
  | { type: "withdraw"; withdrawals: { linkId: string; choice: number | null }[] }
  | { type: "ask" }
  | { type: "report"; links: DueLink[] }
  | { type: "hold"; linkIds: string[] }
  | { type: "complete" };

export interface DueLink {
  user: string;
  linkId: string;
  choice: number;
  mark: number;
}

/** One sync, in the memory of its process. */
export interface Run {
  readonly token: string;
  readonly scope: "everything" | "deletions";
  readonly signal: AbortSignal;
  /** Whether an answer has said how the switch stands. */
  isAsked: boolean;
  isCompleted: boolean;
  /** Choices that have had their turn: see `keyOf`. */
  readonly reported: Set<string>;
  readonly withdrawn: Set<string>;
  /** Attempts whose redemption was answered. */
  readonly redeemed: Set<string>;
  /** Links whose report was refused, to be held. */
  readonly toHold: Set<string>;
  /** How often each of the other messages was sent. */
  readonly sent: Map<string, number>;
  requests: number;
  kept: number;
  ended: number;
  unknown: number;
  failed: number;
  receipts: unknown[];
  fault: Fault | null;
  retryAfterMs: number;
}

/** What became of the records of one request. */
export interface Tally {
  /** Whether more links were deleted than one answer told. */
  hasMore: boolean;
  kept: number;
  ended: number;
  unknown: number;
  readonly refused: OutRecord[];
  readonly receipts: unknown[];
}

export type SyncOutcome =
  | "completed"
  | "failed"
  | "busy"
  | "aborted"
  | "superseded"
  | "contested"
  | "disconnected";

export interface SyncReport {
  readonly outcome: SyncOutcome;
  readonly requests: number;
  readonly kept: number;
  readonly unchanged: number;
  readonly ended: number;
  readonly unknown: number;
  readonly failed: number;
  readonly receipts: readonly unknown[];
  readonly fault: Fault | null;
  readonly isContested: boolean;
  readonly nextSyncAt: number | null;
}

export interface Refusal {
  readonly type: string;
  readonly message: string;
}

export interface ServerStatus {
  readonly settings: Settings;
  readonly featureSwitch: Switch;
  readonly disabling: SenderDocument["disabling"];
  readonly failures: number;
  readonly lastFault: Fault | null;
  readonly lastSyncAt: number | null;
  readonly nextSyncAt: number | null;
  readonly isContested: boolean;
  /** Withdrawals that nobody has confirmed, those of links that the receiver does not know left out. */
  readonly pendingWithdrawals: number;
}

export interface Sharing {
  readonly link:
    | { readonly status: "not-connected" | "connecting" | "redeeming" | "connected" | "ended" }
    | {
        readonly status: "connected" | "sending";
        readonly consent: { readonly linkId: string; readonly epoch: number };
        readonly choice: number;
      };
  readonly decision: { readonly isAllowed: true } | { readonly isAllowed: false; readonly gate: string };
  /** The receiver knows nothing of the consent: the user has to give it anew. */
  readonly attention: "link-not-found" | null;
  readonly deletion: {
    readonly status: "none" | "pending" | "deleted" | "unknown" | "left-to-cloud";
    readonly receipt: unknown;
  };
}

export interface SettingsCommand {
  readonly type: string;
  readonly by: { readonly userId: string; readonly isEnterpriseOwner: boolean };
  readonly at: number;
  readonly isCloudOwner?: boolean;
  readonly terms?: { readonly isAccepted: boolean };
}

export interface LinkCommand {
  readonly type: string;
  readonly at: number;
  readonly by?: string;
  readonly reason?: string;
}

export type Promised<Value> = Promise<Result<Value, StorageFault | Refusal>>;

/** What the sender answers to. */
export interface SecondSender {
  changeSettings(
    command: SettingsCommand,
  ): Promised<{ readonly settings: Settings; readonly isDeletionPending: boolean }>;
  connect(user: string): Promised<{ readonly attempt: string }>;
  redeem(redemption: {
    readonly user: string;
    readonly attempt: string;
    readonly code: string;
  }): Promised<{ readonly isDeletionPending: boolean }>;
  changeLink(user: string, command: LinkCommand): Promised<{ readonly isDeletionPending: boolean }>;
  contributionsChanged(users: readonly string[]): Promised<void>;
  sharing(user: string): Promised<Sharing>;
  status(): Promised<ServerStatus>;
  sync(options?: {
    readonly scope?: "everything" | "deletions";
    readonly signal?: AbortSignal;
  }): Promised<SyncReport>;
  takeOver(): Promised<void>;
}
