import { type FeatureSwitch, NEVER_ENABLED } from "../domain/feature-switch.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import { endsConnection, type Registration } from "./registration.ts";

/** What has changed an installation. */
export type InstallationActor =
  /** The host, by a method of the receiver. */
  | "host"
  /** The server, by a message. */
  | "server"
  /** The ledger: the store had lost a deletion, or had missed one. */
  | "ledger";

/**
 * What the cloud writes to its audit log of an installation, in GitHub's `category.verb` form.
 *
 * `enterprise_installation.*` are GitHub's own; the feature itself has no documented actions, so the
 * `unified_contributions*` ones are invented here.
 */
export type InstallationAuditAction =
  /** GitHub Connect was turned on. */
  | "enterprise_installation.create"
  /** GitHub Connect was turned off; every link of the installation has ended with it. */
  | "enterprise_installation.destroy"
  /** The feature was switched on, in a new epoch. */
  | "unified_contributions.enable"
  /** The feature was switched off; every link of the epoch has ended with it. */
  | "unified_contributions.disable"
  /** A server has taken the session: another copy of it holds the session no more. */
  | "unified_contributions_session.create";

/** One entry of an installation's audit log. It names no person and no link; an ending of many links is one entry. */
export interface InstallationAuditEntry {
  readonly action: InstallationAuditAction;
  readonly actor: InstallationActor;
  readonly installation: InstallationId;
  /** The epoch that was switched on or off, or the present one. */
  readonly epoch: number;
  readonly createdAt: Instant;
}

/** Returns what the audit log has to say of a change, in the order in which it happened; most changes are no news. Pure. */
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
    // An ending is one entry: the connection's tells of the switch, too.
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

/** Which epoch was switched off, and which on; null where none was. */
function switched(before: FeatureSwitch, after: FeatureSwitch): readonly [number | null, number | null] {
  if (before.epoch === after.epoch && before.status === after.status) return [null, null];
  return [before.status === "on" ? before.epoch : null, after.status === "on" ? after.epoch : null];
}
