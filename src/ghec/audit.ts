import { type FeatureSwitch, NEVER_ENABLED } from "../domain/feature-switch.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import { endsConnection, type Registration } from "./registration.ts";

/** The cause of a change of an installation. */
export type InstallationActor =
  /** The host called a method of the receiver. */
  | "host"
  /** The server sent a message. */
  | "server"
  /** The ledger named a deletion that the store had lost or missed. */
  | "ledger";

/**
 * The kinds of entries in the cloud's audit log of an installation, in GitHub's `category.verb` form.
 *
 * `enterprise_installation.*` are GitHub's own. GitHub documents no actions for the feature itself, so the
 * `unified_contributions*` actions are our invention.
 */
export type InstallationAuditAction =
  /** GitHub Connect was turned on. */
  | "enterprise_installation.create"
  /** GitHub Connect was turned off, and every link of the installation ended with it. */
  | "enterprise_installation.destroy"
  /** The feature was switched on, in a new epoch. */
  | "unified_contributions.enable"
  /** The feature was switched off, and every link of the epoch ended with it. */
  | "unified_contributions.disable"
  /** A server has taken the session, so that another copy of it no longer holds the session. */
  | "unified_contributions_session.create";

/** One entry of an installation's audit log. It names no person and no link, and the end of many links is one entry. */
export interface InstallationAuditEntry {
  readonly action: InstallationAuditAction;
  readonly actor: InstallationActor;
  readonly installation: InstallationId;
  /** The epoch that was switched on or off, or the present one. */
  readonly epoch: number;
  readonly createdAt: Instant;
}

/** Returns the audit entries of a change, in the order in which it happened. Most changes have none. Pure. */
export function auditOf(
  before: Registration | null,
  after: Registration,
  actor: InstallationActor,
  at: Instant,
): readonly InstallationAuditEntry[] {
  const { installation, isConnected, session } = after;
  const hasEnded = before?.isConnected === true && endsWith(before, after);
  const isBegun = isConnected && (hasEnded || before?.isConnected !== true);
  const [ended, begun] = switched(before?.featureSwitch ?? NEVER_ENABLED, after.featureSwitch);
  const isTaken = session.attachedBy !== null && session.id !== before?.session.id;
  const news: readonly [InstallationAuditAction, epoch: number | null][] = [
    ["enterprise_installation.destroy", hasEnded ? before.featureSwitch.epoch : null],
    // The end of a connection is one entry, which covers the switch too.
    ["unified_contributions.disable", hasEnded ? null : ended],
    ["enterprise_installation.create", isBegun ? after.featureSwitch.epoch : null],
    ["unified_contributions.enable", begun],
    ["unified_contributions_session.create", isTaken ? after.featureSwitch.epoch : null],
  ];
  return news.flatMap(([action, epoch]): InstallationAuditEntry[] =>
    epoch === null ? [] : [{ action, actor, installation, epoch, createdAt: at }],
  );
}

function endsWith(before: Registration, after: Registration): boolean {
  return !after.isConnected || endsConnection(before, after.connectionId);
}

/** Returns the epoch that was switched off and the one that was switched on, each null if there is none. */
function switched(before: FeatureSwitch, after: FeatureSwitch): readonly [number | null, number | null] {
  if (before.epoch === after.epoch && before.status === after.status) return [null, null];
  return [before.status === "on" ? before.epoch : null, after.status === "on" ? after.epoch : null];
}
