import type { Instant, UserId } from "../../domain/identifiers.ts";
import { tallyOf } from "../../domain/tally.ts";
import type {
  LoggedAuditEntry,
  SenderReader,
  ServerTally,
  UserStanding,
  WaitingWithdrawal,
} from "../../ghes/reader.ts";
import type { Row } from "./client.ts";
import { seeingAllRows } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { asText, numberIn, numberOrNullIn, sameTextIn, textIn, textOrNullIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";
import { auditEntryIn, deletionIn, reportStandingIn, serverStateIn, withdrawalIn } from "./sender-rows.ts";
import { DUE_RANGES, PLACE, rowsOfRanges, SENDS } from "./sender-statements.ts";
import { watchClient } from "./watch-client.ts";

/** The statements of the sender's reader in one schema. None writes, and none touches the column of the counts. */
export interface SenderReaderStatements {
  readonly loadServer: string;
  readonly loadUser: string;
  readonly loadTally: string;
  readonly loadWithdrawals: string;
  readonly loadAudit: string;
  readonly loadAuditOf: string;
}

/** Returns the statements for a schema, which is quoted already. */
export function senderReaderStatements(schema: string): SenderReaderStatements {
  const server = `${schema}.server`;
  const userLinks = `${schema}.user_links`;
  const withdrawals = `${schema}.withdrawals`;
  const auditLog = `${schema}.audit_log`;
  const read = (query: string): string => qualify(seeingAllRows(query, server, userLinks, withdrawals));
  const audited = (which: string): string =>
    qualify(
      seeingAllRows(
        `SELECT action, actor, user_id, ${asText("id", "created_at")} FROM ${auditLog} AS a WHERE ${which}`,
        auditLog,
      ),
    );
  /** Returns SQL for the number of rows up to the limit. An index has them in this order, so the limit is the cost. */
  const counted = (rows: string, order: string): string =>
    `(SELECT count(*) FROM (SELECT u.user_id FROM ${userLinks} AS u WHERE ${rows} ORDER BY ${order} LIMIT $5) AS s)::text`;
  return {
    loadServer: read(`SELECT state::text AS state FROM ${server}`),

    loadUser: read(`
SELECT u.user_id, u.link_id, u.reported_session, u.deletion_link, u.link::text AS user_link, u.changes::text AS changes,
  u.choice::text AS choice,
  ${asText("reported_changes", "reported_at", "refresh_at", "unknown_since")},
  ${asText("deletion_ended_to", "deletion_connection", "deletion_requested_at", "deletion_receipt", "deletion_unknown_since")},
  w.link, w.ended_to::text AS ended_to, w.connection::text AS connection, ${asText("requested_at", "next_ask_at", "has_receipt")}
FROM ${userLinks} AS u LEFT JOIN ${withdrawals} AS w ON w.link = u.deletion_link
WHERE u.user_id = $1`),

    loadTally: read(`
SELECT ${counted(SENDS, PLACE)} AS sending,
  ${counted(`${SENDS} AND u.reported_session = ''`, "u.due_rank, u.link_id")} AS never_reported,
  ${counted("u.redeemed_under = $1", "u.attempt")} AS redemptions,
  (SELECT count(*) FROM (SELECT FROM (
  ${rowsOfRanges("u.link_id", userLinks, DUE_RANGES)}
  ) AS d LIMIT $5) AS s)::text AS due,
  ${asText("looked", "waiting", "oldest")}
FROM (
  SELECT count(*) AS looked, count(*) FILTER (WHERE NOT w.has_receipt) AS waiting,
    min(w.requested_at) FILTER (WHERE NOT w.has_receipt) AS oldest
  FROM (
    SELECT has_receipt, requested_at FROM ${withdrawals} WHERE connection = $1 ORDER BY next_ask_at, link LIMIT $5
  ) AS w
) AS t`),

    loadWithdrawals: read(`
SELECT link, user_id, ${asText("ended_to", "connection", "requested_at", "next_ask_at", "has_receipt")} FROM ${withdrawals} AS w
WHERE w.connection = $1 AND (w.next_ask_at, w.link) > ($2, $3)
ORDER BY w.next_ask_at, w.link LIMIT $4`),

    loadAudit: audited("a.id > $1 ORDER BY a.id LIMIT $2"),
    loadAuditOf: audited("a.user_id = $3 AND a.id > $1 ORDER BY a.id LIMIT $2"),
  };
}

/**
 * Returns a reader of a sender's storage in PostgreSQL. Each method is one statement, which writes nothing. The bound
 * in its query bounds its cost. A role that may not read the column `counts` is enough: docs/postgres-operation.md
 * has the grants.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresSenderReader(options: PostgresOptions): SenderReader {
  const statements = senderReaderStatements(checkOptions("createPostgresSenderReader", options).schema);
  const run = statementsOf(
    watchClient("createPostgresSenderReader", options, "sender-reader", { ...statements }),
  );
  return {
    loadServer: () => run(statements.loadServer, [], ([row = {}]) => serverStateIn(row)),

    loadUser: (user) => run(statements.loadUser, [user], ([row]) => (row ? userStandingIn(row, user) : null)),

    loadTally: ({ connectionOrdinal, epoch, sessionId, now, lookAt }) =>
      run(statements.loadTally, [connectionOrdinal, epoch, sessionId ?? "", -now, lookAt + 1], ([row = {}]) =>
        tallyIn(row, lookAt),
      ),

    loadWithdrawals: ({ connectionOrdinal, after, limit }) =>
      run(
        statements.loadWithdrawals,
        [connectionOrdinal, after?.nextAskAt ?? 0, after?.linkId ?? "", limit],
        (rows) => rows.map(waitingIn),
      ),

    loadAudit: ({ user, after, limit }) =>
      user === null
        ? run(statements.loadAudit, [after, limit], loggedIn)
        : run(statements.loadAuditOf, [after, limit, user], loggedIn),
  };
}

function loggedIn(rows: readonly Row[]): readonly LoggedAuditEntry[] {
  return rows.map((row) => ({ id: numberIn(row, "id"), entry: auditEntryIn(row) }));
}

function tallyIn(row: Row, lookAt: number): ServerTally {
  const counted = (column: string) => tallyOf(numberIn(row, column), lookAt);
  return {
    sending: counted("sending"),
    due: counted("due"),
    neverReported: counted("never_reported"),
    withdrawals: tallyOf(numberIn(row, "waiting"), lookAt, numberIn(row, "looked")),
    oldestWithdrawalAt: numberOrNullIn<Instant>(row, "oldest"),
    redemptions: counted("redemptions"),
  };
}

function userStandingIn(row: Row, user: UserId): UserStanding {
  return {
    user: sameTextIn(row, "user_id", user),
    link: JSON.parse(textIn(row, "user_link")),
    changes: numberIn(row, "changes"),
    reported: row["reported_at"] === null && row["unknown_since"] === null ? null : reportStandingIn(row),
    deletion: deletionIn(row),
    withdrawal: textOrNullIn(row, "link") === null ? null : waitingIn(row),
  };
}

function waitingIn(row: Row): WaitingWithdrawal {
  return { ...withdrawalIn(row), user: textOrNullIn(row, "user_id") };
}
