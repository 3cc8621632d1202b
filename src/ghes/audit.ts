import type { Instant, UserId } from "../domain/identifiers.ts";

/**
 * What a transition would write to the audit log, in GitHub's `category.verb` form.
 *
 * `enterprise_installation.*` are GitHub's own; the feature itself has no documented actions, so the
 * `unified_contributions*` ones are invented here.
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

/** One entry of the audit log. It names users by the host's own ids and holds no link id and no count. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** Who asked for it, or null where GitHub Enterprise Cloud or the host itself did. */
  readonly actor: UserId | null;
  /** Whom it is about, or null where it is about the installation. */
  readonly user: UserId | null;
  readonly createdAt: Instant;
}
