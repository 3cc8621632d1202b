import type { Answer } from "../../../src/domain/answer.ts";
import type { CalendarDate } from "../../../src/domain/calendar-date.ts";
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
import type { ReceiverLink } from "../../../src/ghec/link.ts";
import type { Registration } from "../../../src/ghec/registration.ts";
import type { ServerState } from "../../../src/ghes/server-state.ts";
import type { UserLink } from "../../../src/ghes/user-link.ts";

/** Time stands still in the search: whatever may happen later happens in another step. */
export const NOW = 0 as Instant;
export const SERVER = "server" as InstallationId;
const FIRST_DAY = "2026-03-01" as CalendarDate;

/** What the receiver keeps. */
export interface Cloud {
  readonly registration: Registration;
  readonly links: readonly ReceiverLink[];
}

/** What the sender is known to have reported of one user. */
interface Known {
  readonly linkId: LinkId;
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
}

/** What one copy of the server stores. */
export interface Server {
  readonly state: ServerState;
  readonly members: readonly Member[];
  /** The withdrawals that wait for their receipts. */
  readonly withdrawals: readonly LinkId[];
}

/** What a process keeps in mind while it waits: what each record of its request was made of. */
export interface Memo {
  readonly reports: readonly {
    readonly user: number;
    readonly linkId: LinkId;
    readonly changes: number;
    readonly version: number;
  }[];
  /** Ghost: the links that the copy sent under when it planned the request. */
  readonly sending: readonly LinkId[];
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

/** A consent whose id is on its way to the sender. */
export interface Handed {
  readonly user: number;
  readonly linkId: LinkId;
  readonly epoch: number;
}

/** A deletion that was committed since the receiver's backup was taken. */
export type Deletion =
  | { readonly type: "revoked"; readonly user: number }
  | { readonly type: "disconnected" }
  | { readonly type: "withdrawn"; readonly linkId: LinkId }
  | { readonly type: "disabled"; readonly epoch: number };

/** How often each thing may still happen. */
export interface Budget {
  readonly requests: number;
  readonly changes: number;
  readonly consents: number;
  readonly optOuts: number;
  readonly enables: number;
  readonly disables: number;
  readonly revocations: number;
  readonly disconnects: number;
  readonly refreshes: number;
  readonly duplicates: number;
  readonly copies: number;
  readonly senderRestores: number;
  readonly receiverRestores: number;
}

/** Both sides, what is between them, and what only the judge remembers. */
export interface World {
  /** The next id to mint; not part of what the search compares. */
  readonly next: number;
  /** How many contributions each user has made; the counts of a window. */
  readonly truth: readonly number[];
  readonly cloud: Cloud;
  readonly cloudBackup: Cloud | null;
  /** The deletions since the receiver's backup. */
  readonly ledger: readonly Deletion[];
  readonly servers: readonly Server[];
  readonly serverBackup: Server | null;
  readonly wire: readonly Packet[];
  readonly handed: readonly Handed[];
  /** Ghost: links whose deletion was acknowledged; nothing of them may ever be shown again (I2). */
  readonly deleted: readonly LinkId[];
  /** Ghost: the highest epoch whose disabling was acknowledged; it may never be on again (I2). */
  readonly offEpoch: number;
  /** Ghost: whether a copy was made or a backup restored, so that another life of a side may be about. */
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

export function windowOf(version: number): ContributionWindow {
  return { first: FIRST_DAY, counts: [version] };
}

/** An id that was never used; the `#` tells the canonical form which strings are ids. */
export function mint(world: World): string {
  return `#${world.next}`;
}

/** How many ids were minted before this one. */
export function mintedAt(id: string): number {
  return Number(id.slice(1));
}

export function requestIdOf(world: World): RequestId {
  return mint(world) as RequestId;
}
