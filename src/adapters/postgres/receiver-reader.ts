import type { InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import { tallyOf } from "../../domain/tally.ts";
import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import type {
  AccountSender,
  AccountStanding,
  InstallationDetails,
  InstallationStanding,
  LinkStanding,
  LoggedInstallationEntry,
  ReceiverReader,
} from "../../ghec/reader.ts";
import type { Row } from "./client.ts";
import { byLinkId, ENDING_AS_TEXT, IS_LIVE, LINK_ITSELF, receiptIn } from "./ended-links.ts";
import { guardOf } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { asText, flagIn, numberIn, numberOrNullIn, sameTextIn, textIn, textOrNullIn } from "./read-row.ts";
import { byInstallation, deletedLinkIn } from "./receiver-rows.ts";
import { IS_UNRECORDED } from "./receiver-statements.ts";
import { statementsOf } from "./run-statement.ts";
import { watchClient } from "./watch-client.ts";
import { type WayReads, wayStatements } from "./way-statements.ts";
import { readThroughWays } from "./ways.ts";

const STANDING = `installation, connection, ${asText("is_connected", "epoch", "is_on", "disabled_at", "is_completed")},
  (attached_by IS NOT NULL)::text AS is_attached,
  (NOT (${IS_UNRECORDED}))::text AS is_recorded`;

/** The statements of the receiver's reader in one schema. None writes, and none touches the column of the counts. */
export interface ReceiverReaderStatements extends WayReads {
  readonly loadInstallation: string;
  readonly loadInstallations: string;
  /** The links of an account. Over distributed tables they are those of one installation. */
  readonly loadAccount: string;
  readonly loadAudit: string;
  readonly loadLink: string;
}

/** Returns the statements for a schema, which is quoted already. */
export function receiverReaderStatements(schema: string, isDistributed: boolean): ReceiverReaderStatements {
  const { seeingAllRows } = guardOf(isDistributed);
  const registrations = `${schema}.registrations`;
  const links = `${schema}.links`;
  const audit = `${schema}.installation_audit_log`;
  const read = (query: string): string => qualify(seeingAllRows(query, registrations, links));
  const { findInstallations, findInstallationsTogether } = wayStatements(schema, isDistributed);
  return {
    findInstallations: qualify(findInstallations),
    findInstallationsTogether: qualify(findInstallationsTogether),

    // A live link has days for as long as it has counts. An index gives the order of both subqueries, and the limit the
    // cost.
    loadInstallation: read(`
SELECT ${STANDING}, ${asText("looked", "open", "with_counts", "unswept", "newest_counts_at", "unrecorded")}
FROM ${registrations} AS r CROSS JOIN LATERAL (
  SELECT count(*) AS looked, count(*) FILTER (WHERE s.is_open) AS open,
    count(*) FILTER (WHERE s.is_open AND s.first_day IS NOT NULL) AS with_counts,
    count(*) FILTER (WHERE s.is_live AND NOT s.is_open) AS unswept,
    max(s.received_at) FILTER (WHERE s.is_open AND s.first_day IS NOT NULL) AS newest_counts_at
  FROM (
    SELECT ${IS_LIVE} AS is_live, l.first_day, l.received_at,
      (${IS_LIVE} AND r.is_connected AND r.is_on AND l.epoch = r.epoch) AS is_open
    FROM ${links} AS l WHERE l.installation = $1 ORDER BY l.link LIMIT $2
  ) AS s
) AS t CROSS JOIN LATERAL (
  SELECT count(*) AS unrecorded FROM (
    SELECT l.link FROM ${links} AS l WHERE l.installation = $1 AND l.is_recorded IS FALSE ORDER BY l.link LIMIT $2
  ) AS u
) AS v
WHERE r.installation = $1`),

    loadInstallations: read(`
SELECT ${STANDING} FROM ${registrations} AS r WHERE r.installation > $1 ORDER BY r.installation LIMIT $2`),

    loadAccount: read(`
SELECT installation, link, account, end_cause, ${asText("opened_at", "received_at", "first_day")}, ${ENDING_AS_TEXT},
  (EXISTS (SELECT 1 FROM ${registrations} AS r
    WHERE r.installation = ${isDistributed ? "$1" : "l.installation"} AND r.is_connected AND r.is_on AND r.epoch = l.epoch))::text AS is_open
FROM ${links} AS l WHERE ${isDistributed ? "l.installation = $1 AND l.account = $2" : "l.account = $1"}`),

    loadAudit: qualify(
      seeingAllRows(
        `SELECT installation, action, actor, ${asText("id", "epoch", "created_at")} FROM ${audit} AS a
WHERE a.installation = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`,
        audit,
      ),
    ),

    loadLink: read(`
SELECT installation, link, account, end_cause, ${asText("opened_at")}, ${ENDING_AS_TEXT}
FROM ${links} AS l WHERE l.installation = $1 AND l.link = $2`),
  };
}

/**
 * Returns a reader of the receiver's storage in PostgreSQL. Each method is one statement, which writes nothing. Over
 * distributed tables, `loadAccount` is one, and one more per server. The bound in its query bounds its cost. A role that
 * may not read the column `counts` is enough: docs/postgres-operation.md has the grants.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresReceiverReader(options: PostgresOptions): ReceiverReader {
  const { schema, isDistributed } = checkOptions("createPostgresReceiverReader", options);
  const statements = receiverReaderStatements(schema, isDistributed);
  const run = statementsOf(
    watchClient("createPostgresReceiverReader", options, "receiver-reader", { ...statements }),
  );
  return {
    loadInstallation: ({ installation, lookAt }) =>
      run(statements.loadInstallation, [installation, lookAt + 1], ([row]) =>
        row ? detailsIn(row, installation, lookAt) : null,
      ),

    loadInstallations: ({ after, limit }) =>
      run(statements.loadInstallations, [after ?? "", limit], (rows) => rows.map(standingIn)),

    loadAccount: (account) => {
      if (!isDistributed) return run(statements.loadAccount, [account], accountIn);
      const readOn = (installation: string) =>
        run(statements.loadAccount, [installation, account], (rows) => rows);
      return readThroughWays(run, statements, [account], readOn, accountIn);
    },

    loadAudit: ({ installation, after, limit }) =>
      run(statements.loadAudit, [installation, after, limit], (rows) =>
        rows.map((row) => loggedIn(row, installation)),
      ),

    loadLink: (installation, link) =>
      run(statements.loadLink, [installation, link], ([row]) =>
        row ? linkIn(row, installation, link) : null,
      ),
  };
}

function loggedIn(row: Row, installation: InstallationId): LoggedInstallationEntry {
  const entry: InstallationAuditEntry = {
    action: textIn(row, "action"),
    actor: textIn(row, "actor"),
    installation: sameTextIn(row, "installation", installation),
    epoch: numberIn(row, "epoch"),
    createdAt: numberIn(row, "created_at"),
  };
  return { id: numberIn(row, "id"), entry };
}

function linkIn(row: Row, installation: InstallationId, link: LinkId): LinkStanding {
  const choice = numberIn(row, "ended_to");
  return {
    linkId: sameTextIn(row, "link", link),
    installation: sameTextIn(row, "installation", installation),
    account: textOrNullIn(row, "account"),
    openedAt: numberIn(row, "opened_at"),
    withdrawn: choice > 0 && choice < LINK_ITSELF ? { choice, receipt: receiptIn(row) } : null,
    end: choice === LINK_ITSELF ? { cause: textIn(row, "end_cause"), receipt: receiptIn(row) } : null,
  };
}

function detailsIn(row: Row, installation: InstallationId, lookAt: number): InstallationDetails {
  sameTextIn(row, "installation", installation);
  const looked = numberIn(row, "looked");
  const tallyIn = (column: string) => tallyOf(numberIn(row, column), lookAt, looked);
  return {
    ...standingIn(row),
    links: {
      open: tallyIn("open"),
      withCounts: tallyIn("with_counts"),
      unswept: tallyIn("unswept"),
      unrecorded: tallyOf(numberIn(row, "unrecorded"), lookAt),
      newestCountsAt: numberOrNullIn<Instant>(row, "newest_counts_at"),
    },
  };
}

function standingIn(row: Row): InstallationStanding {
  return {
    installation: textIn(row, "installation"),
    isConnected: flagIn(row, "is_connected"),
    connectionId: textOrNullIn(row, "connection"),
    featureSwitch: { epoch: numberIn(row, "epoch"), status: flagIn(row, "is_on") ? "on" : "off" },
    disabledAt: numberOrNullIn(row, "disabled_at"),
    session: { isAttached: flagIn(row, "is_attached"), isCompleted: flagIn(row, "is_completed") },
    isRecorded: flagIn(row, "is_recorded"),
  };
}

function accountIn(rows: readonly Row[]): AccountStanding {
  const isDeleted = (row: Row): boolean => numberIn(row, "ended_to") === LINK_ITSELF;
  const senders = rows.filter((row) => !isDeleted(row)).map(senderIn);
  const unrecorded = rows.filter(isDeleted).map(deletedLinkIn);
  return { senders: senders.sort(byInstallation), unrecorded: unrecorded.sort(byLinkId) };
}

function senderIn(row: Row): AccountSender {
  const heardAt = numberOrNullIn<Instant>(row, "received_at");
  return {
    installation: textIn(row, "installation"),
    openedAt: numberIn(row, "opened_at"),
    heardAt,
    countsAt: row["first_day"] === null ? null : heardAt,
    isOpen: flagIn(row, "is_open"),
  };
}
