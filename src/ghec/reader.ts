import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { FeatureSwitch } from "../domain/feature-switch.ts";
import type { AccountId, ConnectionId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { Tally } from "../domain/tally.ts";
import type { InstallationAuditEntry } from "./audit.ts";
import type { DeletedLink, LinkEndCause } from "./link.ts";
import type { InstallationQuery } from "./ports.ts";

/** The state of an installation, without the ids of its session. */
export interface InstallationStanding {
  readonly installation: InstallationId;
  /** Whether GitHub Connect is on, as far as the cloud has heard. While it is off, nothing is shown. */
  readonly isConnected: boolean;
  /** The host's own id of the connection, or null if the host gave none. */
  readonly connectionId: ConnectionId | null;
  readonly featureSwitch: FeatureSwitch;
  /** When the present epoch was switched off, or null while it is on, or if it never was on. */
  readonly disabledAt: Instant | null;
  readonly session: {
    /** Whether a server holds the session. If not, the receiver made it at registration. */
    readonly isAttached: boolean;
    /** Whether a sync was completed in the session. */
    readonly isCompleted: boolean;
  };
  /** Whether the ledger is known to have every epoch that is over. */
  readonly isRecorded: boolean;
}

/** The numbers of an installation's links, without a count of contributions. */
interface InstallationLinks {
  /** Live links of the open epoch. Their accounts let this server send. */
  readonly open: Tally;
  /** Open links whose counts are held now. */
  readonly withCounts: Tally;
  /** Live links of epochs that are over. They are not shown, and a sweep removes them. */
  readonly unswept: Tally;
  /** Deleted links, and links with an ended choice, that the ledger is not known to have. No receipt has left yet. */
  readonly unrecorded: Tally;
  /** When the newest counts of `withCounts` came, or null if it found none. */
  readonly newestCountsAt: Instant | null;
}

/** One installation with its links. */
export interface InstallationDetails extends InstallationStanding {
  readonly links: InstallationLinks;
}

/** The installation to look at, and the bound of the look. */
interface InstallationLook {
  readonly installation: InstallationId;
  /** How many of its links are looked at, in the order of their ids, and how far is counted; from 1 on. */
  readonly lookAt: number;
}

/** One server that an account lets send. */
export interface AccountSender {
  readonly installation: InstallationId;
  /** When the consent was redeemed. */
  readonly openedAt: Instant;
  /**
   * When the server last reported this link's counts, also if they have aged out or are hidden since. It is null if no
   * report has come, or if its user has opted out since. A hold is not a report.
   */
  readonly heardAt: Instant | null;
  /**
   * When the held counts came, or null if none are held. Either none came, or they have aged out and were swept. Or they
   * are hidden, because a newer session of the server did not report them (R9).
   */
  readonly countsAt: Instant | null;
  /**
   * Whether the installation is connected and switched on in the link's epoch. If not, it sends nothing and nothing is
   * shown. The next sweep removes the link, at most an hour later if `runReceiver` runs. The account then has no such
   * server any more, as if it had never let one send.
   */
  readonly isOpen: boolean;
}

/** The data that is stored under an account. */
export interface AccountStanding {
  /** The servers that the account lets send, in the order of their ids. */
  readonly senders: readonly AccountSender[];
  /**
   * Its deleted links that the ledger is not known to have, in the order of their ids. Once the ledger has a deletion,
   * its receipt no longer names an account.
   */
  readonly unrecorded: readonly DeletedLink[];
}

/** A page of an installation's audit log. */
export interface InstallationAuditQuery {
  readonly installation: InstallationId;
  /** Only entries behind the one with this id; 0 for the first page. */
  readonly after: number;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** An entry of an installation's audit log, and its id. */
export interface LoggedInstallationEntry {
  /** Rises from entry to entry of an installation. */
  readonly id: number;
  readonly entry: InstallationAuditEntry;
}

/** The audit of one link. It is in the link's own row, for as long as the store keeps that row. */
export interface LinkStanding {
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  /** The account that consented, or null once the ledger has the deletion. */
  readonly account: AccountId | null;
  /** When the consent was redeemed. */
  readonly openedAt: Instant;
  /** The last choice that its server has withdrawn, and the receipt; null if none, or once the link itself is deleted. */
  readonly withdrawn: { readonly choice: number; readonly receipt: DeletionReceipt } | null;
  /** The cause of its end, and the receipt with the time and the days of removed counts; null while it is live. */
  readonly end: { readonly cause: LinkEndCause; readonly receipt: DeletionReceipt } | null;
}

/**
 * The reads for an operator's page and an account's page, beside the `ReceiverStore`.
 *
 * It writes nothing, and reads no count of contributions. Each method sees one state. `receiverReaderContract` in
 * `testing` checks these rules under their numbers.
 *
 * It answers from the store. For a minute after the store has lost commits, that may be more than the receiver shows
 * (R11).
 */
export interface ReceiverReader {
  /**
   * RQ1: returns an installation with its links, or null if it is not registered. RQ2: it looks at no more links than
   * the bound. A {@link Tally} that is cut off says so. Its cost depends on that bound, not on the number of links.
   */
  loadInstallation(look: InstallationLook): ResultAsync<InstallationDetails | null, StorageFault>;

  /** RQ3: returns a page of installations, in the order of their ids. */
  loadInstallations(query: InstallationQuery): ResultAsync<readonly InstallationStanding[], StorageFault>;

  /** RQ4: returns the data that is stored under an account. Both lists are empty if there is none. */
  loadAccount(account: AccountId): ResultAsync<AccountStanding, StorageFault>;

  /**
   * RQ5: returns a page of an installation's audit log, the oldest entry first. Entries that a sweep has removed are
   * missing.
   */
  loadAudit(query: InstallationAuditQuery): ResultAsync<readonly LoggedInstallationEntry[], StorageFault>;

  /** RQ6: returns the audit of one link of an installation, or null if the store holds nothing of it. */
  loadLink(installation: InstallationId, link: LinkId): ResultAsync<LinkStanding | null, StorageFault>;
}
