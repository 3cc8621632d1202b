import type { RejectionReason } from "../domain/answer.ts";
import type { StorageFault, TransportFault } from "../domain/fault.ts";
import { type FeatureSwitch, NEVER_ENABLED } from "../domain/feature-switch.ts";
import type { Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import type { DisablingReceipt } from "../domain/receipt.ts";
import { NEVER_CONNECTED, type Settings } from "./settings.ts";
import type { LinkContext } from "./user-link.ts";

/** The sender's session at the receiver. */
export type SenderSession =
  /** It has to attach: at first, or because its session is no longer current. */
  | {
      readonly status: "detached";
      /** The session it will ask to replace, or null where it was never told of one. */
      readonly replaces: SessionId | null;
      /** The request that asks for it, stored before it leaves so that its repetition gets the same answer (R7). */
      readonly requestId: RequestId | null;
    }
  /** What it remembers of the receiver is right. */
  | {
      readonly status: "attached";
      readonly sessionId: SessionId;
      /**
       * Which requests may be the last one that the receiver took, stored before they leave (S4): the last one that was
       * answered, at first the one that attached, and every one since.
       */
      readonly follows: readonly RequestId[];
      /** Whether its first `complete` was answered: until then a link that is neither reported nor held is hidden (R9). */
      readonly isCompleted: boolean;
    }
  /** `another-copy-is-running`: another copy of this server holds the session. Withdrawals go on, reports wait for the operator (S5). */
  | { readonly status: "contested"; readonly current: SessionId };

/** The deletion that disabling asked for. */
export interface Disabling {
  readonly epoch: number;
  readonly requestedAt: Instant;
  /** The receipt, or null while the sender still asks for it. */
  readonly receipt: DisablingReceipt | null;
}

/** Who runs the sync now, so that two processes of one server do not talk at once. */
export interface Lease {
  /** The random id of the sync. */
  readonly id: RequestId;
  /** From when on another process may sync, unless this one renews the lease; that instant included. */
  readonly until: Instant;
  /** How long it was taken for, in milliseconds. It is believed up to twice that: then a clock has gone back. */
  readonly leaseMs: number;
}

/** What can end a sync early. */
export type SyncFault = TransportFault | StorageFault | MessageRejected;

/** The receiver did not understand a message as a whole: the versions do not fit, or it does not know this server. */
export interface MessageRejected {
  readonly type: "rejected";
  readonly reason: RejectionReason;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** All that a server remembers about itself: one small document, committed whole. */
export interface ServerState {
  readonly settings: Settings;
  /** The receiver's switch as last heard of (S6). */
  readonly featureSwitch: FeatureSwitch;
  /** What the last disabling of this connection asked for, or null. */
  readonly disabling: Disabling | null;
  readonly session: SenderSession;
  /**
   * The last 64 sessions that it held or replaced, oldest first, also over GitHub Connect off and on. A receiver in which
   * one of them stands has forgotten the one after it (S5).
   */
  readonly knownSessions: readonly SessionId[];
  /** The request that this life of the sender waits for: an answer to any other acknowledges nothing (S3). */
  readonly inFlight: RequestId | null;
  readonly lease: Lease | null;
  /**
   * The random id of the last sync of the deletions that met one that ran, until a sync has looked for them since; or
   * null. The one that runs looks before it ends.
   */
  readonly deletionsAskedBy: RequestId | null;
  /** How many syncs in a row ended without an answer. */
  readonly failures: number;
  /** What ended the last of those early, or null. */
  readonly lastFault: SyncFault | null;
  /** When the last sync that reached its end did, or null. */
  readonly lastSyncAt: Instant | null;
  /** When the next sync is due, or null before the first. */
  readonly nextSyncAt: Instant | null;
  /** How long the wait for that was when it was planned, in milliseconds. */
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
  inFlight: null,
  lease: null,
  deletionsAskedBy: null,
  failures: 0,
  lastFault: null,
  lastSyncAt: null,
  nextSyncAt: null,
  nextSyncWaitMs: 0,
};

/** What of a server its users' links depend on. */
export function linkContextOf(server: ServerState): Omit<LinkContext, "user"> {
  const { settings } = server;
  return {
    connectionOrdinal: settings.status === "disconnected" ? null : settings.connectionOrdinal,
    epoch: settings.status === "enabled" ? settings.epoch : null,
  };
}

/** The longest wait that a sender plans by itself, in milliseconds: only `Retry-After` asks for more. */
export const MAX_WAIT_MS = 3_600_000;

/**
 * When the next sync is due: as planned, or at once where none is planned or the clock went back; no later than the end
 * of the lease where deletions were asked for meanwhile; null while GitHub Connect is off.
 */
export function nextSyncOf(server: ServerState, now: Instant): Instant | null {
  if (server.settings.status === "disconnected") return null;
  const { nextSyncAt, nextSyncWaitMs, deletionsAskedBy, lease } = server;
  // A plan is believed up to twice its length; an hour is enough where nothing longer was asked for.
  const believedMs =
    nextSyncWaitMs > MAX_WAIT_MS ? 2 * nextSyncWaitMs : Math.min(2 * nextSyncWaitMs, MAX_WAIT_MS);
  const planned = nextSyncAt === null || nextSyncAt > now + believedMs ? now : nextSyncAt;
  if (deletionsAskedBy === null) return planned;
  const free = lease && isLeased(lease, now) ? lease.until : now;
  return free < planned ? free : planned;
}

/** Whether a process runs the sync now. A lease that ends too late was taken by a clock that was ahead. */
export function isLeased({ until, leaseMs }: Lease, now: Instant): boolean {
  return until > now && until <= now + 2 * leaseMs;
}

/** The highest epoch that was ever heard of or asked to end. */
export function lastEpochOf(server: ServerState): number {
  return Math.max(server.featureSwitch.epoch, server.disabling?.epoch ?? 0);
}

/**
 * The state after the settings have changed, with a sync due at once. Disabling asks for a deletion, of the epoch that
 * may be on its way too; a connection that is new or gone forgets the other side, whose credentials were destroyed with
 * it, except which sessions were its own.
 */
export function withSettings(before: ServerState, settings: Settings, at: Instant): ServerState {
  if (
    settings.connectionOrdinal !== before.settings.connectionOrdinal ||
    settings.status === "disconnected"
  ) {
    return { ...NEW_SERVER, settings, lease: before.lease, knownSessions: before.knownSessions };
  }
  const server = { ...before, settings, nextSyncAt: at, nextSyncWaitMs: 0 };
  if (before.settings.status !== "enabled" || settings.status !== "disabled") return server;
  const { epoch, askedAfter } = before.settings;
  const ended = epoch ?? Math.max(askedAfter === null ? 0 : askedAfter + 1, lastEpochOf(before));
  return { ...server, disabling: { epoch: ended, requestedAt: at, receipt: null } };
}
