import type { Answer } from "../../../src/domain/answer.ts";
import type { CalendarDate } from "../../../src/domain/calendar-date.ts";
import { covers, type LinkChoice } from "../../../src/domain/choice.ts";
import type { ContributionWindow } from "../../../src/domain/contribution-window.ts";
import type {
  ConnectionId,
  InstallationId,
  Instant,
  LinkId,
  RequestId,
  SessionId,
  UserId,
} from "../../../src/domain/identifiers.ts";
import type { Message } from "../../../src/domain/message.ts";
import type { StoredAttempt } from "../../../src/ghec/attempt.ts";
import type { ReceiverLink } from "../../../src/ghec/link.ts";
import type { LedgerEntry, RecordedEntry } from "../../../src/ghec/ports.ts";
import type { Registration } from "../../../src/ghec/registration.ts";
import type { ServerState } from "../../../src/ghes/server-state.ts";
import type { UserLink } from "../../../src/ghes/user-link.ts";

/** Time stands still in the search: whatever may happen later happens in another step. */
export const NOW = 0 as Instant;
export const SERVER = "server" as InstallationId;
const FIRST_DAY = "2026-03-01" as CalendarDate;

export const OTHER_SERVER = "other-server" as InstallationId;

/** What the receiver's store keeps. */
export interface Cloud {
  /** Null where nothing is stored of the server. */
  readonly registration: Registration | null;
  readonly links: readonly ReceiverLink[];
  /** The attempts to which an account's owner has consented. */
  readonly attempts: readonly StoredAttempt[];
}

/** A receiver as its messages find it: its store, and its ledger. */
export interface Receiving {
  readonly cloud: Cloud;
  readonly ledger: readonly RecordedEntry[];
}

/** What of a deletion is done next: reading the ledger first, the store, the ledger, the cursor. */
export type Phase = "settle" | "commit" | "append" | "read";

/** What the receiver is asked to do. */
export type Operation =
  | { readonly type: "message"; readonly packet: Packet }
  | { readonly type: "consent"; readonly user: number }
  | { readonly type: "redeem"; readonly code: Code }
  | { readonly type: "revoke"; readonly user: number }
  | { readonly type: "cut-off"; readonly connectionId: ConnectionId | null }
  | { readonly type: "connect"; readonly connectionId: ConnectionId };

/** An operation of the receiver that has come so far; one that never goes on is a crash. */
export interface Job {
  readonly operation: Operation;
  readonly at: Phase;
  /** What the ledger has to be told before anything is answered. */
  readonly entry: LedgerEntry | null;
  /** The entry that the ledger has of it, or null where it has none. */
  readonly entryId: string | null;
  /** What will be answered to a message. */
  readonly answer: Answer | null;
  /** The code of a consent that was given. */
  readonly given: Code | null;
  /** The link that was opened. */
  readonly opened: Handed | null;
  /** Ghost: what the answer acknowledges as deleted. */
  readonly ended: readonly Ended[];
}

/** Ghost: a link, or choices of it, whose deletion was acknowledged. */
export interface Ended extends LinkChoice {
  /** Whether the server asked for it: then it asks once more. */
  readonly isWithdrawn: boolean;
}

/** What the receiver has said of one user's link. */
interface Known {
  readonly type: "kept" | "unknown";
  readonly linkId: LinkId;
  readonly choice: number;
  readonly sessionId: SessionId;
  readonly changes: number;
  readonly version: number;
  /** Whether a day has passed since (S7). */
  readonly isStale: boolean;
}

/** What the sender stores of one user. */
export interface Member {
  readonly link: UserLink;
  readonly changes: number;
  readonly known: Known | null;
  /** The session in which the link was held, or null. */
  readonly heldIn: SessionId | null;
}

/** A withdrawal that is pending. */
export interface Pending extends LinkChoice {
  /** Whether its first receipt has come. */
  readonly hasReceipt: boolean;
  /** Whether it was answered, and is asked for again only when a day has passed. */
  readonly isWaiting: boolean;
}

/** What one copy of the server stores. */
export interface Server {
  readonly state: ServerState;
  readonly members: readonly Member[];
  readonly withdrawals: readonly Pending[];
}

/** What a process keeps in mind while it waits: what each record of its request was made of. */
export interface Memo {
  readonly reports: readonly {
    readonly user: number;
    readonly linkId: LinkId;
    readonly choice: number;
    readonly changes: number;
    /** Null for a hold. */
    readonly version: number | null;
  }[];
}

/** Something on the wire. */
export interface Packet {
  /** Which copy of the server sent the message, and gets the answer. */
  readonly copy: number;
  readonly message: Message;
  readonly memo: Memo;
  /** Ghost: whether a disabling that was asked for later was acknowledged while it was on its way. */
  readonly isPast: boolean;
  /** Null while it is a message on its way. */
  readonly answer: Answer | null;
}

/** The code of a consent, which a browser carries to the sender, or a redemption that has no answer. */
export interface Code {
  readonly user: number;
  /** The id of the link that it may open. It stands for the attempt and for the code, too. */
  readonly linkId: LinkId;
}

/** A consent whose link is on its way to the sender: the answer to its redemption. */
export interface Handed extends Code {
  readonly epoch: number;
}

/** How often each thing may still happen. */
export interface Budget {
  readonly requests: number;
  readonly changes: number;
  readonly consents: number;
  readonly optOuts: number;
  /** A user selects "Send my contribution counts" again, without another consent. */
  readonly optIns: number;
  /** A user disconnects the account. */
  readonly leaves: number;
  readonly enables: number;
  readonly disables: number;
  readonly revocations: number;
  readonly disconnects: number;
  readonly refreshes: number;
  readonly duplicates: number;
  readonly copies: number;
  /** A copy of the server from its backup, beside it. */
  readonly clones: number;
  readonly senderRestores: number;
  /** The receiver's store silently goes back. */
  readonly storeLosses: number;
  /** The ledger silently loses its last entry. */
  readonly ledgerLosses: number;
  /** The ledger cannot be read for a while. */
  readonly outages: number;
  /** An operation of the receiver stops on its way, and goes on later or never. */
  readonly pauses: number;
  /** A user's counts become unreadable, or readable again. */
  readonly spoils: number;
  /** Authentication takes the server for another one, and no longer. */
  readonly mappings: number;
  /** The ledger is pruned. */
  readonly prunes: number;
}

/** Both sides, what is between them, and what only the judge remembers. */
export interface World {
  /** The next id to mint; not part of what the search compares. */
  readonly next: number;
  /** How many contributions each user has made; the counts of a window. */
  readonly truth: readonly number[];
  /** Whose counts cannot be read now. */
  readonly unreadable: readonly number[];
  readonly cloud: Cloud;
  readonly cloudBackup: Cloud | null;
  readonly ledger: readonly RecordedEntry[];
  readonly isLedgerDown: boolean;
  /** Whether the server can be authenticated: its host ends the credentials before a connection is cut off. */
  readonly hasCredentials: boolean;
  /** Another server's receiver; null in worlds where nobody is taken for another. */
  readonly elsewhere: Receiving | null;
  /** Whether the server is taken for that other one. */
  readonly isMapped: boolean;
  readonly jobs: readonly Job[];
  readonly servers: readonly Server[];
  readonly serverBackup: Server | null;
  readonly wire: readonly Packet[];
  /** Consents that were given and are not redeemed yet. */
  readonly codes: readonly Code[];
  readonly handed: readonly Handed[];
  /** Ghost: what was acknowledged as deleted; nothing of it may ever be shown again (I2). */
  readonly deleted: readonly Ended[];
  /** Ghost: deletions that both databases have lost: nobody but the server can know of them. */
  readonly lost: readonly Ended[];
  /** Ghost: which of the two databases have lost something since the last look. */
  readonly losses: readonly ("store" | "ledger")[];
  /** Ghost: links and choices that somebody has ended (I3). */
  readonly caused: readonly LinkChoice[];
  /** Ghost: the highest epoch that somebody has ended (I3). */
  readonly causedOff: number;
  /** Ghost: the highest epoch whose disabling was acknowledged; it may never be on again (I2). */
  readonly offEpoch: number;
  /** Ghost: whether a copy of the server was made or a backup of it restored, so that another life of it may be about. */
  readonly isForked: boolean;
  /** Ghost: what the owner last asked for, or null where a restore or the cloud may have undone it. */
  readonly wish: "on" | "off" | null;
  readonly budget: Budget;
}

export function userId(user: number): UserId {
  return `user-${user}` as UserId;
}

export function connectionIdOf(connectionOrdinal: number): ConnectionId {
  return `connection-${connectionOrdinal}` as ConnectionId;
}

/** The window of a report. Ghost: the second count says under which choice it was read. */
export function windowOf(version: number, choice: number): ContributionWindow {
  return { first: FIRST_DAY, counts: [version, choice] };
}

/** Ghost: the choice under which counts were read, whatever the receiver takes it for. */
export function readUnder({ counts }: ContributionWindow): number {
  return counts[1] as number;
}

/** Ghost: whether one of these endings covers a choice of a link, or the link itself where the choice is null. */
export function isEnded(endings: readonly LinkChoice[], linkId: LinkId, choice: number | null): boolean {
  return endings.some((each) => each.linkId === linkId && covers(each.choice, choice));
}

/** An id that was never used; the `#` tells the canonical form which strings are ids. */
function mint(world: World): string {
  return `#${world.next}`;
}

/** A source of ids that were never used, beginning with {@link mint}. */
export interface Ids {
  next: number;
}

/** The next id of a source. */
export function mintFrom(ids: Ids): string {
  return `#${ids.next++}`;
}

/** How many ids were minted before this one. */
export function mintedAt(id: string): number {
  return Number(id.slice(1));
}

export function requestIdOf(world: World): RequestId {
  return mint(world) as RequestId;
}
