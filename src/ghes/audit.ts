import type { Instant, UserId } from "../domain/identifiers.ts";

/**
 * An action of the audit log, in GitHub's `category.verb` form.
 *
 * `enterprise_installation.*` are GitHub's own actions. GitHub documents no actions for the feature itself, so the
 * `unified_contributions*` actions are invented here.
 */
export type AuditAction =
  | "enterprise_installation.create"
  | "enterprise_installation.destroy"
  | "unified_contributions.enable"
  | "unified_contributions.disable"
  | "unified_contributions_connection.create"
  | "unified_contributions_connection.destroy"
  | "unified_contributions_link.create"
  | "unified_contributions_link.destroy";

/** One entry of the audit log. It names users by the host's own ids, and holds no link id and no count. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** The user who gave the command, or null if GitHub Enterprise Cloud or the host itself acted. */
  readonly actor: UserId | null;
  /** The user whose link changed, or null if the entry is about the installation. */
  readonly user: UserId | null;
  readonly createdAt: Instant;
}
