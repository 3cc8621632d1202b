import type { RejectionReason } from "../domain/answer.ts";
import type { StorageFault, TransportFault } from "../domain/fault.ts";
import { type FeatureSwitch, NEVER_ENABLED } from "../domain/feature-switch.ts";
import type { Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import type { LedgerPlace } from "../domain/ledger-place.ts";
import type { DisablingReceipt } from "../domain/receipt.ts";
import { NEVER_CONNECTED, type Settings } from "./settings.ts";
import type { LinkContext } from "./user-link.ts";

/** The sender's session at the receiver. */
export type SenderSession =
  /** The sender has to attach: at first, or because its session is no longer current. */
  | {
      readonly status: "detached";
      /** The session that it will ask to replace, or null if it was never told of one. */
      readonly replaces: SessionId | null;
      /**
       * The request that asks for a session. It is stored before it leaves, so that its repetition gets the same
       * answer (R7).
       */
      readonly requestId: RequestId | null;
    }
  /** The sender's memory of the receiver is right. */
  | {
      readonly status: "attached";
      readonly sessionId: SessionId;
      /**
       * The requests that may be the last one that the receiver took. They are stored before they leave (S4). The
       * first of them is the last one that was answered, or the one that attached. Every later request follows it.
       */
      readonly follows: readonly RequestId[];
      /**
       * Whether its first `complete` was answered. Until then a link that is neither reported nor held is hidden
       * (R9).
       */
      readonly isCompleted: boolean;
    }
  /**
   * `another-copy-is-running`: another copy of this server holds the session. Withdrawals go on, and reports wait for
   * the operator (S5).
   */
  | { readonly status: "contested"; readonly current: SessionId };

/** The deletion that disabling asked for. */
export interface Disabling {
  readonly epoch: number;
  readonly requestedAt: Instant;
  /** The receipt, or null while the sender still asks for it. */
  readonly receipt: DisablingReceipt | null;
}

/** The right of one process to sync, so that two processes of one server do not talk at once. */
export interface Lease {
  /** The random id of the sync. */
  readonly id: RequestId;
  /** The instant from which another process may sync, unless this one renews the lease; that instant included. */
  readonly until: Instant;
  /**
   * How long it was taken for, in milliseconds. A lease with more than twice that left is void, because a clock has
   * gone back.
   */
  readonly leaseMs: number;
}

/** The faults that can end a sync early. */
export type SyncFault = TransportFault | StorageFault | MessageRejected;

/** The receiver rejected a message as a whole: the versions do not fit, or it does not know this server. */
export interface MessageRejected {
  readonly type: "rejected";
  readonly reason: RejectionReason;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** Everything that a server remembers about itself: one small document, committed whole. */
export interface ServerState {
  readonly settings: Settings;
  /** The receiver's switch, as the sender last heard of it (S6). */
  readonly featureSwitch: FeatureSwitch;
  /** The deletion that the last disabling of this connection asked for, or null. */
  readonly disabling: Disabling | null;
  readonly session: SenderSession;
  /**
   * The last 64 sessions that the server held or replaced, oldest first. Turning GitHub Connect off and on keeps
   * them. A receiver that has one of them as its current session has forgotten the session after it (S5).
   */
  readonly knownSessions: readonly SessionId[];
  /**
   * The last place up to which the receiver has named the deleted links, or null before the first. Turning GitHub
   * Connect off and on keeps it. A server that goes back with its database is told once more (R10).
   */
  readonly heardTo: LedgerPlace | null;
  /**
   * The request that this life of the sender waits for, or null. An answer to any other request acknowledges nothing
   * (S3).
   */
  readonly inFlight: RequestId | null;
  readonly lease: Lease | null;
  /**
   * The random id of the last sync of the deletions that found another sync running. It is null once a sync has
   * looked for those deletions. The running sync looks for them before it ends.
   */
  readonly deletionsAskedBy: RequestId | null;
  /** How many syncs in a row ended without an answer. */
  readonly failures: number;
  /** The fault that ended the last of those early, or null. */
  readonly lastFault: SyncFault | null;
  /** When the last sync that reached its end did so, or null. */
  readonly lastSyncAt: Instant | null;
  /** How many users' counts the last sync that was answered could not send (`SyncReport.failed`). */
  readonly lastFailed: number;
  /** When the next sync is due, or null before the first. */
  readonly nextSyncAt: Instant | null;
  /** How long the wait for the next sync was when it was planned, in milliseconds. */
  readonly nextSyncWaitMs: number;
}

const FIRST_SESSION: SenderSession = { status: "detached", replaces: null, requestId: null };

/** The state of a server that has done nothing yet. */
export const NEW_SERVER: ServerState = {
  settings: NEVER_CONNECTED,
  featureSwitch: NEVER_ENABLED,
  disabling: null,
  session: FIRST_SESSION,
  knownSessions: [],
  heardTo: null,
  inFlight: null,
  lease: null,
  deletionsAskedBy: null,
  failures: 0,
  lastFault: null,
  lastSyncAt: null,
  lastFailed: 0,
  nextSyncAt: null,
  nextSyncWaitMs: 0,
};

/** Returns the part of a server's state on which its users' links depend. */
export function linkContextOf(server: ServerState): Omit<LinkContext, "user"> {
  const { settings } = server;
  return {
    connectionOrdinal: settings.status === "disconnected" ? null : settings.connectionOrdinal,
    epoch: settings.status === "enabled" ? settings.epoch : null,
  };
}

/** The longest wait that a sender plans by itself, in milliseconds. Only `Retry-After` asks for more. */
export const MAX_WAIT_MS = 3_600_000;

/**
 * Returns when the next sync is due, or null while GitHub Connect is off. It is due as planned, or at once if none is
 * planned or the clock went back. If deletions were asked for meanwhile, it is due at the end of the lease at the
 * latest.
 */
export function nextSyncOf(server: ServerState, now: Instant): Instant | null {
  if (server.settings.status === "disconnected") return null;
  const { nextSyncAt, nextSyncWaitMs, deletionsAskedBy, lease } = server;
  // A plan counts up to twice its length. If nothing longer was asked for, it counts up to an hour.
  const believedMs =
    nextSyncWaitMs > MAX_WAIT_MS ? 2 * nextSyncWaitMs : Math.min(2 * nextSyncWaitMs, MAX_WAIT_MS);
  const planned = nextSyncAt === null || nextSyncAt > now + believedMs ? now : nextSyncAt;
  if (deletionsAskedBy === null) return planned;
  const free = lease && isLeased(lease, now) ? lease.until : now;
  return free < planned ? free : planned;
}

/**
 * Whether a process runs the sync now. A lease that ends too late came from a clock that was ahead, and does not
 * count.
 */
export function isLeased({ until, leaseMs }: Lease, now: Instant): boolean {
  return until > now && until <= now + 2 * leaseMs;
}

/** Returns the highest epoch that the server ever heard of or asked to end. */
export function lastEpochOf(server: ServerState): number {
  return Math.max(server.featureSwitch.epoch, server.disabling?.epoch ?? 0);
}

/**
 * Returns the state after the settings have changed, with a sync due at once. Disabling asks for a deletion, which
 * also covers an epoch that may be on its way. A new or ended connection forgets the receiver, because the
 * credentials were destroyed with the old one. Only the ids of the server's own sessions stay, and the last place of
 * which it has heard.
 */
export function withSettings(before: ServerState, settings: Settings, at: Instant): ServerState {
  if (
    settings.connectionOrdinal !== before.settings.connectionOrdinal ||
    settings.status === "disconnected"
  ) {
    const { lease, knownSessions, heardTo } = before;
    return { ...NEW_SERVER, settings, lease, knownSessions, heardTo };
  }
  const server = { ...before, settings, nextSyncAt: at, nextSyncWaitMs: 0 };
  if (before.settings.status !== "enabled" || settings.status !== "disabled") return server;
  const { epoch, askedAfter } = before.settings;
  const ended = epoch ?? Math.max(askedAfter === null ? 0 : askedAfter + 1, lastEpochOf(before));
  return { ...server, disabling: { epoch: ended, requestedAt: at, receipt: null } };
}
