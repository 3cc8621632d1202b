import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { FeatureSwitch } from "../domain/feature-switch.ts";
import type { AccountId, ConnectionId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { Tally } from "../domain/tally.ts";
import type { InstallationAuditEntry } from "./audit.ts";
import type { DeletedLink, LinkEndCause } from "./link.ts";
import type { InstallationQuery } from "./ports.ts";

/** How an installation stands, without the ids of its session. */
export interface InstallationStanding {
  readonly installation: InstallationId;
  /** Whether GitHub Connect is on, as far as the cloud has heard; while it is off, nothing is shown. */
  readonly isConnected: boolean;
  /** The host's own id of the connection, or null where it gave none. */
  readonly connectionId: ConnectionId | null;
  readonly featureSwitch: FeatureSwitch;
  /** When the present epoch was switched off, or null while it is on or where it never was. */
  readonly disabledAt: Instant | null;
  readonly session: {
    /** Whether a server holds the session, rather than the receiver having made it at registration. */
    readonly isAttached: boolean;
    /** Whether a sync was completed in it. */
    readonly isCompleted: boolean;
  };
  /** Whether the ledger is known to have every epoch that is over. */
  readonly isRecorded: boolean;
}

/** What is stored of an installation's links, without a count of contributions. */
interface InstallationLinks {
  /** Live links of the epoch that is open: their accounts let this server send. */
  readonly open: Tally;
  /** Those of the open ones whose counts are held now. */
  readonly withCounts: Tally;
  /** Live links of epochs that are over: nothing of them is shown, and a sweep removes them. */
  readonly unswept: Tally;
  /** Deleted links that the ledger is not known to have: their deletion is not acknowledged yet. */
  readonly unrecorded: Tally;
  /** When the newest of the counts that `withCounts` found came, or null where it found none. */
  readonly newestCountsAt: Instant | null;
}

/** One installation with its links. */
export interface InstallationDetails extends InstallationStanding {
  readonly links: InstallationLinks;
}

/** Which installation is looked at, and how closely. */
interface InstallationLook {
  readonly installation: InstallationId;
  /** How many of its links are looked at, in the order of their ids, and how far is counted; from 1 on. */
  readonly lookAt: number;
}

/** One server that an account lets send. */
export interface AccountSender {
  readonly installation: InstallationId;
  /** Since when: the consent was redeemed then. */
  readonly openedAt: Instant;
  /** When the counts that are held of it came, or null where none are held. */
  readonly countsAt: Instant | null;
  /** Whether the installation is connected and switched on in the link's epoch; else nothing of it is shown, and it sends nothing. */
  readonly isOpen: boolean;
}

/** What is stored under an account. */
export interface AccountStanding {
  /** The servers that it lets send, in the order of their ids. */
  readonly senders: readonly AccountSender[];
  /**
   * Its deleted links that the ledger is not known to have, in the order of their ids. Once the ledger has a deletion, its
   * receipt stands under no account any more.
   */
  readonly unrecorded: readonly DeletedLink[];
}

/** Which page of an installation's audit log. */
export interface InstallationAuditQuery {
  readonly installation: InstallationId;
  /** Only entries behind the one of this id; 0 for the first page. */
  readonly after: number;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** An entry of an installation's audit log, and where it stands. */
export interface LoggedInstallationEntry {
  /** Rises from entry to entry of an installation. */
  readonly id: number;
  readonly entry: InstallationAuditEntry;
}

/** The audit of one link: it stands in the link's own row, as long as that is kept. */
export interface LinkStanding {
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  /** Whose consent it is, or null once the ledger has its deletion. */
  readonly account: AccountId | null;
  /** When the consent was redeemed. */
  readonly openedAt: Instant;
  /** When and why it has ended, and of which days counts were removed; null while it is live. */
  readonly end: { readonly cause: LinkEndCause; readonly receipt: DeletionReceipt } | null;
}

/**
 * What an operator's page and an account's page read beside the `ReceiverStore`. It writes nothing, and reads no count
 * of contributions. Each method sees one state. `receiverReaderContract` in `testing` checks these rules under their numbers.
 *
 * It answers what the store has. For a minute after the store has lost commits, that may be more than is shown (R11).
 */
export interface ReceiverReader {
  /**
   * RQ1: an installation with its links, or null where it is not registered. RQ2: it looks at as many links as it is told to,
   * and counts no further: a {@link Tally} that is cut off says so. Its cost depends on that bound, not on how many there are.
   */
  loadInstallation(look: InstallationLook): ResultAsync<InstallationDetails | null, StorageFault>;

  /** RQ3: a page of installations, in the order of their ids. */
  loadInstallations(query: InstallationQuery): ResultAsync<readonly InstallationStanding[], StorageFault>;

  /** RQ4: what is stored under an account; both lists are empty where nothing is. */
  loadAccount(account: AccountId): ResultAsync<AccountStanding, StorageFault>;

  /**
   * RQ5: a page of an installation's audit log, oldest first. Entries that a sweep has removed are not in it.
   */
  loadAudit(query: InstallationAuditQuery): ResultAsync<readonly LoggedInstallationEntry[], StorageFault>;

  /** RQ6: what has become of one link of an installation, or null if nothing is stored of it. */
  loadLink(installation: InstallationId, link: LinkId): ResultAsync<LinkStanding | null, StorageFault>;
}
