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
      /** The last session it held, or null. */
      readonly sessionId: SessionId | null;
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
    }
  /** `another-copy-is-running`: another copy of this server holds the session. Withdrawals go on, reports wait for the operator (S5). */
  | { readonly status: "contested"; readonly sessionId: SessionId | null; readonly current: SessionId };

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
}

/** What can end a sync early. */
export type SyncFault = TransportFault | StorageFault | MessageRejected;

/** The receiver did not understand a message as a whole: the versions do not fit, or it does not know this server. */
export interface MessageRejected {
  readonly type: "rejected";
  readonly reason: RejectionReason;
}

/** All that a server remembers about itself: one small document, committed whole. */
export interface ServerState {
  readonly settings: Settings;
  /** The receiver's switch as last heard of (S6). */
  readonly featureSwitch: FeatureSwitch;
  /** What the last disabling of this connection asked for, or null. */
  readonly disabling: Disabling | null;
  readonly session: SenderSession;
  /** The request that this life of the sender waits for: an answer to any other acknowledges nothing (S3). */
  readonly inFlight: RequestId | null;
  readonly lease: Lease | null;
  /** How many syncs in a row ended without an answer. */
  readonly failures: number;
  /** What ended the last of those early, or null. */
  readonly lastFault: SyncFault | null;
  /** When the last sync that reached its end did, or null. */
  readonly lastSyncAt: Instant | null;
  /** When the next sync is due, or null before the first. */
  readonly nextSyncAt: Instant | null;
}

const FIRST_SESSION: SenderSession = { status: "detached", sessionId: null, replaces: null, requestId: null };

/** The state of a server that has done nothing yet. */
export const NEW_SERVER: ServerState = {
  settings: NEVER_CONNECTED,
  featureSwitch: NEVER_ENABLED,
  disabling: null,
  session: FIRST_SESSION,
  inFlight: null,
  lease: null,
  failures: 0,
  lastFault: null,
  lastSyncAt: null,
  nextSyncAt: null,
};

/** What of a server its users' links depend on. */
export function linkContextOf(server: ServerState): Omit<LinkContext, "user"> {
  const { settings } = server;
  return {
    connectionOrdinal: settings.status === "disconnected" ? null : settings.connectionOrdinal,
    epoch: settings.status === "enabled" ? settings.epoch : null,
  };
}

/** No sync is planned further ahead than this, in milliseconds; where one seems to be, the clock went back. */
const MAX_PLAN_MS = 86_400_000;

/**
 * When the next sync is due: as planned, or at once where none is planned or the clock went back by more than a day;
 * null while GitHub Connect is off.
 */
export function nextSyncOf(server: ServerState, now: Instant): Instant | null {
  if (server.settings.status === "disconnected") return null;
  const planned = server.nextSyncAt;
  return planned === null || planned > now + MAX_PLAN_MS ? now : planned;
}

/** The highest epoch that was ever heard of or asked to end. */
export function lastEpochOf(server: ServerState): number {
  return Math.max(server.featureSwitch.epoch, server.disabling?.epoch ?? 0);
}

/**
 * The state after the settings have changed, with a sync due at once. Disabling asks for a deletion, of the epoch that
 * may be on its way too; a connection that is new or gone forgets the other side, whose credentials were destroyed with
 * it.
 */
export function withSettings(before: ServerState, settings: Settings, at: Instant): ServerState {
  if (
    settings.connectionOrdinal !== before.settings.connectionOrdinal ||
    settings.status === "disconnected"
  ) {
    return { ...NEW_SERVER, settings, lease: before.lease };
  }
  const server = { ...before, settings, nextSyncAt: at };
  if (before.settings.status !== "enabled" || settings.status !== "disabled") return server;
  const { epoch, askedAfter } = before.settings;
  const ended = epoch ?? Math.max(askedAfter === null ? 0 : askedAfter + 1, lastEpochOf(before));
  return { ...server, disabling: { epoch: ended, requestedAt: at, receipt: null } };
}
