import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Instant, LinkId, SessionId, UserId } from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { UserLink } from "./user-link.ts";

/** Something stored, and the version to name when it is written again. */
export interface Versioned<Value> {
  readonly value: Value;
  /** 0 for what was never written; anything that was is higher. */
  readonly version: number;
}

/** What the receiver is known to have of a link, from its answer to this server's own request (S3). */
export interface Reported {
  readonly link: LinkId;
  /** The session it was reported in; in any other it is remembered no more. */
  readonly session: SessionId;
  /** {@link LinkRecord.changes} when the counts were about to be read. */
  readonly changes: number;
  readonly window: ContributionWindow;
  readonly reportedAt: Instant;
  /** From when on it is reported again even if nothing has changed (S7). */
  readonly refreshAt: Instant;
}

/** The deletion that a user's choice asked for. */
export interface LinkDeletion {
  readonly link: LinkId;
  /** The connection of GitHub Connect it belongs to; once that is gone, GitHub Enterprise Cloud deletes on its own. */
  readonly connection: number;
  readonly requestedAt: Instant;
  /** The proof, or null while it is still being asked for. */
  readonly receipt: DeletionReceipt | null;
}

/** All that is stored about one user. */
export interface LinkRecord {
  readonly user: UserId;
  readonly link: UserLink;
  /** How often the host said that the user's contributions have changed. */
  readonly changes: number;
  /** What the receiver is known to have, or null. */
  readonly reported: Reported | null;
  /** The user's last deletion, or null where there was none. */
  readonly deletion: LinkDeletion | null;
}

/** The record of a user of whom nothing is stored. */
export function newLinkRecord(user: UserId): LinkRecord {
  return { user, link: { status: "never-connected" }, changes: 0, reported: null, deletion: null };
}
