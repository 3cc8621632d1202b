import type { Instant } from "../domain/identifiers.ts";
import type { DeletionReceipt, DisablingReceipt } from "../domain/receipt.ts";
import type { EndReason } from "./user-link.ts";

/** The reasons why counts may not be sent. */
export type ClosedReason =
  /** GitHub Connect is off. */
  | "github-connect-disabled"
  /** The feature is off. */
  | "unified-contributions-disabled"
  /** The feature was enabled, and GitHub Enterprise Cloud has not confirmed it yet. */
  | "enabling-unconfirmed"
  | "never-connected"
  | "connecting"
  /** The sender has asked GitHub Enterprise Cloud for the link, and has no answer yet. */
  | "redeeming"
  /** The sender still waits for the link, and the user has decided otherwise meanwhile. */
  | "being-undone"
  /** The account is connected, and the user has not selected "Send my contribution counts". */
  | "not-selected"
  /** The user deselected sending, and kept the account. */
  | "opted-out"
  /** The user disconnected the account. */
  | "disconnected"
  /** An enterprise owner turned the feature or GitHub Connect off since the user connected. */
  | "suspended"
  /** The link has ended, and the user did not ask for it. */
  | EndReason;

/** The state of a deletion, from none to acknowledged. */
export type DeletionStatus =
  /** No deletion was asked for, and none happened. */
  | { readonly status: "none" }
  /** A deletion was asked for and is not acknowledged yet. Do not say "deleted". */
  | { readonly status: "pending"; readonly requestedAt: Instant }
  /** GitHub Enterprise Cloud does not know the link, which proves nothing. The sender asks daily for 90 days. */
  | { readonly status: "not-found"; readonly requestedAt: Instant; readonly since: Instant }
  /** GitHub Enterprise Cloud has deleted the counts because the user or the host asked for it. */
  | { readonly status: "deleted"; readonly receipt: DeletionReceipt }
  /**
   * GitHub Connect was turned off, so GitHub Enterprise Cloud deletes on its own, and no receipt comes. The instant
   * says when a deletion was asked for before that. It is null if there was none.
   */
  | { readonly status: "left-to-cloud"; readonly requestedAt: Instant | null }
  /**
   * An enterprise owner disabled the feature, and GitHub Enterprise Cloud has deleted the counts of all users. The
   * receipt is null if the feature was disabled on GitHub Enterprise Cloud, or was enabled again since.
   */
  | { readonly status: "by-owner"; readonly receipt: DisablingReceipt | null }
  /**
   * GitHub Enterprise Cloud ended the link: the authorization was revoked, or the account was deleted or connected
   * anew.
   */
  | { readonly status: "by-cloud"; readonly receipt: DeletionReceipt }
  /** GitHub Enterprise Cloud did not know the link for 90 days. All days that the link had are past. */
  | { readonly status: "aged-out"; readonly endedAt: Instant };

/** The reasons why nothing arrives although the counts may be sent. */
export type Attention =
  /** Another copy of this server holds the session, and the operator has to decide (S5). */
  | "another-copy-is-running"
  /** The last syncs got no answer, and the next attempt is planned. */
  | "sync-is-failing"
  /**
   * GitHub Enterprise Cloud does not know the user's link. Either this server's requests reach another installation's
   * registration, or GitHub Enterprise Cloud has lost the link. In the first case the operator has to check which
   * installation the server's key belongs to. In the second case the user has to reconnect. The sender asks daily for
   * 90 days, then the link ends.
   */
  | "link-not-found"
  /**
   * No report of the user has arrived for 26 hours, although one is due every day. Either nothing runs the syncs, or the
   * source cannot read the user's contributions. `SyncReport.failures` and the event `user-not-sent` say why.
   */
  | "report-is-overdue";

/** The sentences of a settings page, in English, by the answers of `sharing`. */
export interface SettingsSentences {
  /** The sentence for counts that may be sent. */
  readonly open: string;
  /** The reason why counts may not be sent and the next step, by `decision.reason`. */
  readonly closed: Readonly<Record<ClosedReason, string>>;
  /** The state of a deletion, by `deletion.status` and `earlierDeletion.status`. */
  readonly deletion: Readonly<Record<DeletionStatus["status"], string>>;
  /** The reason why nothing arrives although counts may be sent, by `attention`. */
  readonly attention: Readonly<Record<Attention, string>>;
}

/**
 * The sentences that a settings page can show, in English. A host that speaks other languages translates them under
 * the same keys, as a `typeof SETTINGS_SENTENCES`. No sentence holds a name, a number or an instant: a page adds those
 * from the answer.
 */
export const SETTINGS_SENTENCES: SettingsSentences = {
  open: "The user's contribution counts are sent.",
  closed: {
    "github-connect-disabled": "GitHub Connect is off: an enterprise owner has to enable it.",
    "unified-contributions-disabled": "Unified contributions is off: an enterprise owner has to enable it.",
    "enabling-unconfirmed":
      "GitHub Enterprise Cloud has not confirmed the enabling yet: wait for the next sync.",
    "never-connected": "The user has to connect an account on GitHub Enterprise Cloud.",
    connecting: "The user has to finish connecting their account.",
    redeeming: "GitHub Enterprise Cloud has not confirmed the connection yet: wait for the next sync.",
    "being-undone": "The connection is being undone: the user has to connect an account again.",
    "not-selected": 'The user has to select "Send my contribution counts".',
    "opted-out": 'The user opted out: they have to select "Send my contribution counts" again to send.',
    disconnected: "The user disconnected their account: they have to connect it again.",
    suspended: "An enterprise owner disabled the feature since: the user has to reconnect.",
    "authorization-revoked":
      "The authorization was revoked on GitHub Enterprise Cloud: the user has to reconnect.",
    "account-deleted":
      "The account on GitHub Enterprise Cloud was deleted: the user has to connect another account.",
    "user-suspended": "The connection ended when the user was suspended: the user has to reconnect.",
    "user-deleted": "The connection ended when the user was deleted: the user has to reconnect.",
    "link-ended": "The connection was ended on GitHub Enterprise Cloud: the user has to reconnect.",
    "link-not-found":
      "GitHub Enterprise Cloud did not know the connection for 90 days: the user has to reconnect.",
  },
  deletion: {
    none: "No deletion was asked for.",
    pending: "The deletion was asked for. GitHub Enterprise Cloud has not confirmed it yet.",
    "not-found":
      "The deletion was asked for. GitHub Enterprise Cloud does not know the connection and is asked again every day.",
    deleted: "GitHub Enterprise Cloud has deleted the counts.",
    "left-to-cloud": "GitHub Connect was turned off: GitHub Enterprise Cloud deletes the counts by itself.",
    "by-owner": "An enterprise owner disabled the feature: GitHub Enterprise Cloud has deleted the counts.",
    "by-cloud": "The connection was ended on GitHub Enterprise Cloud, which has deleted the counts.",
    "aged-out":
      "GitHub Enterprise Cloud did not know the connection for 90 days. The days that it had are past.",
  },
  attention: {
    "another-copy-is-running":
      "Another copy of this server is running: an operator has to decide which one goes on.",
    "sync-is-failing": "The last syncs got no answer. The server tries again by itself.",
    "link-not-found":
      "GitHub Enterprise Cloud does not know the connection: ask an operator, or connect the account again.",
    "report-is-overdue":
      "The server has not sent the counts for more than a day: an administrator finds the reason in the log.",
  },
};
