import { asserted, seeingAllRows, seesAllRows } from "./guard.ts";
import { WINDOW_BYTES } from "./pack.ts";
import { qualify } from "./qualify.ts";
import { asText, COUNTS_AS_TEXT } from "./read-row.ts";

const REPORTED = `reported_session, ${COUNTS_AS_TEXT}, ${asText("changes", "choice", "reported_changes", "reported_at")},
  ${asText("refresh_at", "first_day", "unknown_since")}`;

const LINK = `user_id, link_id, deletion_link, ${REPORTED}, ${asText("version", "link")},
  ${asText("deletion_ended_to", "deletion_connection", "deletion_requested_at", "deletion_receipt", "deletion_unknown_since")}`;

/** `due_rank` of a link that is due at once: the highest. */
const AT_ONCE = 0;

/** The order of the due links, as their index has it. */
export const PLACE = "u.reported_session, u.due_rank, u.link_id";

/** The links of a connection $1 and an epoch $2 that send. */
export const SENDS = "u.connection = $1 AND u.epoch = $2";

/**
 * The ranges of the index in which links are due, one behind the other. They are the sessions before this one, this one
 * from the instant back, and the sessions behind it. The parameters are $3 session and $4 minus the instant.
 */
export const DUE_RANGES: readonly string[] = [
  "u.reported_session < $3",
  "u.reported_session = $3 AND u.due_rank >= $4",
  "u.reported_session > $3",
];

/**
 * The same ranges behind a place. A range that the place lies in begins there. One behind it begins with its first row,
 * and one before it is empty. Each has one lower bound alone, since PostgreSQL would read from the first that it finds.
 * The parameters are $3 session, and from $4 on, except for $5, the columns of the bounds.
 */
const DUE_RANGES_BEHIND: readonly string[] = [
  `u.reported_session < $3 AND (${PLACE}) > ($4, $6, $7)`,
  "u.reported_session = $3 AND (u.due_rank, u.link_id) > ($8, $9)",
  `(${PLACE}) > ($10, $11, $12)`,
];

/** Returns these columns of the rows of these ranges, in SQL, and the first of each up to the parameter $5. */
export function rowsOfRanges(columns: string, userLinks: string, ranges: readonly string[]): string {
  return ranges
    .map(
      (range) =>
        `(SELECT ${columns} FROM ${userLinks} AS u WHERE ${SENDS} AND ${range} ORDER BY ${PLACE} LIMIT $5)`,
    )
    .join("\n  UNION ALL ");
}

/** The statements of the sender's store in one schema. */
export interface SenderStatements {
  readonly loadServer: string;
  readonly commitServer: string;
  /** The same if only the server's state changes, as in most commits of a sync. It is planned six times as fast. */
  readonly commitState: string;
  readonly loadLink: string;
  readonly insertLink: string;
  readonly updateLink: string;
  readonly markChanged: string;
  readonly dueLinks: string;
  readonly pendingWithdrawals: string;
  readonly pendingRedemptions: string;
  readonly userOf: string;
  readonly usersOfLinks: string;
  readonly forgetUser: string;
  readonly pruneAudit: string;
}

/** Returns the statements for a schema, which is quoted already. */
export function senderStatements(schema: string): SenderStatements {
  const entries = Object.entries(unqualified(schema)).map(([name, sql]) => [name, qualify(sql)] as const);
  return Object.fromEntries(entries) as unknown as SenderStatements;
}

function unqualified(schema: string): SenderStatements {
  const server = `${schema}.server`;
  const userLinks = `${schema}.user_links`;
  const withdrawals = `${schema}.withdrawals`;
  const auditLog = `${schema}.audit_log`;

  const seen = seesAllRows(server, userLinks, withdrawals, auditLog);
  const read = (query: string): string => seeingAllRows(query, server, userLinks, withdrawals, auditLog);
  // If a row that had to be written is missing, the whole commit is undone.
  const counted = (rows: string, expected: string): string =>
    asserted(`(SELECT count(*) FROM ${rows}) = ${expected}`);
  const isAudited = (action: string): string =>
    counted("audited", `CASE WHEN ${action}::text IS NULL THEN 0 ELSE 1 END`);

  // The parameters beside a link in one commit: $7 is the withdrawn link, or null, and $10 the action, or null.
  const commitLink = (saved: string): string => `
WITH saved AS (${saved}
), pending AS (
  INSERT INTO ${withdrawals} (link, ended_to, user_id, connection, requested_at, next_ask_at, has_receipt)
  SELECT $7, $18, $1, $8, $9, 0, false FROM saved WHERE $7::text IS NOT NULL
  ON CONFLICT (link) DO UPDATE SET
    ended_to = excluded.ended_to, user_id = excluded.user_id, connection = excluded.connection, requested_at = excluded.requested_at,
    next_ask_at = excluded.next_ask_at, has_receipt = excluded.has_receipt
  RETURNING 1
), audited AS (
  INSERT INTO ${auditLog} (action, actor, user_id, created_at)
  SELECT $10, $11, $12, $13 FROM saved WHERE $10::text IS NOT NULL
  RETURNING 1
)
SELECT version::text AS version, (${counted("pending", "CASE WHEN $7::text IS NULL THEN 0 ELSE 1 END")})::text AS pending,
  (${isAudited("$10")})::text AS audited
FROM saved WHERE ${seen}`;

  // A user who is connected has the link's id, too, and no choice.
  const isSentOn = "u.link_id = a.link AND u.choice = a.choice";
  const sendsOn = "u.link_id = $4 AND u.choice = $17";
  const saveState = (version: string): string =>
    `UPDATE ${server} SET version = ${version}, state = $2::text::json WHERE version = $1`;

  return {
    loadServer: read(`SELECT ${asText("version", "state")} FROM ${server}`),

    // The arrays stand in subqueries, as those of the receiver do. A user's report and receipt are one change of one row:
    // two changes of it in one statement would lose one of them.
    commitServer: `
WITH saved AS (
  ${saveState("$23")} RETURNING version
), audited AS (
  INSERT INTO ${auditLog} (action, actor, user_id, created_at)
  SELECT $3, $4, $5, $6 FROM saved WHERE $3::text IS NOT NULL
  RETURNING 1
), answered AS (
  SELECT i.link, i.receipt, i.answered_at, i.next_ask_at, i.ended_to
  FROM unnest((SELECT $18::text[]), (SELECT $19::text[]), (SELECT $20::int8[]), (SELECT $21::int8[]), (SELECT $22::int4[]))
    AS i (link, receipt, answered_at, next_ask_at, ended_to)
), settled AS (
  DELETE FROM ${withdrawals} AS w USING saved, answered AS i
  WHERE w.link = i.link AND w.ended_to = i.ended_to AND i.next_ask_at IS NULL
  RETURNING w.user_id, w.link, w.ended_to, i.receipt, i.answered_at
), asked_again AS (
  UPDATE ${withdrawals} AS w SET next_ask_at = i.next_ask_at, has_receipt = w.has_receipt OR i.receipt <> ''
  FROM saved, answered AS i
  WHERE w.link = i.link AND w.ended_to = i.ended_to AND i.next_ask_at IS NOT NULL
  RETURNING w.user_id, w.link, w.ended_to, i.receipt, i.answered_at
), ended AS (
  SELECT o.user_id, o.link, o.ended_to, o.receipt, o.answered_at FROM settled AS o
  UNION ALL SELECT a.user_id, a.link, a.ended_to, a.receipt, a.answered_at FROM asked_again AS a
), acknowledged AS (
  SELECT COALESCE(r.user_id, e.user_id) AS user_id, r.link, r.choice, r.session, r.changes, r.reported_at, r.refresh_at,
    r.first_day, r.days, r.unknown_since, r.place, e.link AS ended_link, e.receipt, e.answered_at
  FROM unnest((SELECT $7::text[]), (SELECT $8::text[]), (SELECT $9::text[]), (SELECT $10::int8[]),
    (SELECT $11::int8[]), (SELECT $12::int8[]), (SELECT $13::int4[]), (SELECT $14::int4[]),
    (SELECT $16::int8[]), (SELECT $17::int4[])) WITH ORDINALITY
      AS r (user_id, link, session, changes, reported_at, refresh_at, first_day, days, unknown_since, choice, place)
  FULL JOIN (
    SELECT ended.user_id, ended.link, ended.receipt, ended.answered_at
    FROM ended JOIN ${userLinks} AS d ON d.user_id = ended.user_id AND d.deletion_link = ended.link
  ) AS e ON e.user_id = r.user_id
  ORDER BY 1
), stored AS (
  UPDATE ${userLinks} AS u SET
    reported_session = CASE WHEN ${isSentOn} THEN a.session ELSE u.reported_session END,
    reported_changes = CASE WHEN ${isSentOn} THEN a.changes ELSE u.reported_changes END,
    reported_at = CASE WHEN ${isSentOn} THEN a.reported_at ELSE u.reported_at END,
    refresh_at = CASE WHEN ${isSentOn} THEN a.refresh_at ELSE u.refresh_at END,
    first_day = CASE WHEN ${isSentOn} THEN a.first_day ELSE u.first_day END,
    counts = CASE WHEN ${isSentOn}
      THEN substring($15::bytea FROM (a.place::int4 - 1) * ${WINDOW_BYTES} + 1 FOR a.days * 2) ELSE u.counts END,
    unknown_since = CASE WHEN ${isSentOn} THEN a.unknown_since ELSE u.unknown_since END,
    due_rank = CASE
      WHEN ${isSentOn}
        THEN CASE WHEN u.changes = a.changes OR a.unknown_since IS NOT NULL THEN 0 - a.refresh_at ELSE ${AT_ONCE} END
      ELSE u.due_rank END,
    deletion_receipt = CASE WHEN u.deletion_link = a.ended_link AND a.receipt <> ''
      THEN CASE WHEN u.deletion_receipt IS NULL OR u.deletion_receipt::jsonb = (a.receipt::jsonb - 'signature'::text)
        THEN a.receipt::json ELSE u.deletion_receipt END
      ELSE u.deletion_receipt END,
    deletion_unknown_since = CASE WHEN u.deletion_link = a.ended_link
      THEN CASE WHEN a.receipt = '' THEN COALESCE(u.deletion_unknown_since, a.answered_at) END
      ELSE u.deletion_unknown_since END
  FROM saved, acknowledged AS a
  WHERE u.user_id = a.user_id
)
SELECT version::text AS version, (${isAudited("$3")})::text AS audited FROM saved WHERE ${seen}`,

    commitState: `${saveState("$3")} RETURNING version::text AS version`,

    loadLink: read(`SELECT ${LINK} FROM ${userLinks} WHERE user_id = $1`),

    insertLink: commitLink(`
  INSERT INTO ${userLinks} (user_id, version, changes, link, link_id, connection, epoch, reported_session, due_rank,
    deletion_link, deletion_connection, deletion_requested_at, attempt, redeemed_under, choice, deletion_ended_to)
  SELECT $1, $14, 0, $3::text::json, $4, $5, $6, '', ${AT_ONCE}, $7, $8, $9, $15, $16, $17, $18 WHERE $2::int8 = 0
  ON CONFLICT (user_id) DO NOTHING
  RETURNING version`),

    // The receiver's answers are forgotten unless the link still sends under the same id by the same choice. Where the
    // subquery has no row, its columns are null.
    updateLink: commitLink(`
  UPDATE ${userLinks} AS u SET
    version = $14, link = $3::text::json, link_id = $4, connection = $5, epoch = $6,
    attempt = $15, redeemed_under = $16, choice = $17,
    reported_session = CASE WHEN ${sendsOn} THEN u.reported_session ELSE '' END,
    (reported_changes, reported_at, refresh_at, first_day, counts, unknown_since) = (
      SELECT u.reported_changes, u.reported_at, u.refresh_at, u.first_day, u.counts, u.unknown_since WHERE ${sendsOn}),
    due_rank = CASE WHEN ${sendsOn} THEN u.due_rank ELSE ${AT_ONCE} END,
    (deletion_link, deletion_ended_to, deletion_connection, deletion_requested_at, deletion_receipt, deletion_unknown_since) = (
      SELECT $7, $18::int4, $8::int4, $9::int8, NULL::json, NULL::int8 WHERE $7::text IS NOT NULL
      UNION ALL
      SELECT u.deletion_link, u.deletion_ended_to, u.deletion_connection, u.deletion_requested_at, u.deletion_receipt,
        u.deletion_unknown_since WHERE $7::text IS NULL)
  WHERE u.user_id = $1 AND u.version = $2
  RETURNING u.version`),

    // Locked in the order of the users, so that two statements that name the same ones never wait for each other.
    markChanged: `
WITH locked AS (
  SELECT user_id FROM ${userLinks} WHERE user_id = ANY ($1::text[]) ORDER BY user_id FOR UPDATE
), changed AS (
  UPDATE ${userLinks} AS u SET
    changes = u.changes + 1, due_rank = CASE WHEN u.unknown_since IS NULL THEN ${AT_ONCE} ELSE u.due_rank END
  FROM locked WHERE u.user_id = locked.user_id
  RETURNING 1
)
SELECT (${counted("changed", "(SELECT count(*) FROM locked)")})::text AS changed WHERE ${seen}`,

    dueLinks: read(`
SELECT user_id, link_id, ${REPORTED}, ${asText("due_rank")} FROM (
  ${rowsOfRanges("u.*", userLinks, DUE_RANGES_BEHIND)}
) AS u
ORDER BY ${PLACE} LIMIT $5`),

    pendingWithdrawals: read(`
SELECT link, ${asText("ended_to", "connection", "requested_at", "next_ask_at", "has_receipt")} FROM ${withdrawals} AS w
WHERE w.connection = $1 AND w.next_ask_at <= $2 AND (w.next_ask_at, w.link) > ($3, $4)
ORDER BY w.next_ask_at, w.link LIMIT $5`),

    pendingRedemptions: read(`
SELECT user_id, attempt, link::text AS link FROM ${userLinks} AS u
WHERE u.redeemed_under = $1 AND u.attempt > $2 ORDER BY u.attempt LIMIT $3`),

    userOf: read(`SELECT user_id FROM ${userLinks} AS u WHERE u.attempt = $1 LIMIT 1`),

    usersOfLinks: read(`
SELECT user_id, link_id, ${asText("choice")} FROM ${userLinks} AS u WHERE u.link_id = ANY ($1::text[])`),

    forgetUser: `
WITH known AS (
  SELECT version FROM ${userLinks} WHERE user_id = $1
), gone AS (
  DELETE FROM ${userLinks} AS u WHERE u.user_id = $1 AND u.version = $2 RETURNING 1
), unnamed AS (
  UPDATE ${withdrawals} AS w SET user_id = NULL FROM gone WHERE w.user_id = $1
), unlogged AS (
  DELETE FROM ${auditLog} AS a USING gone WHERE a.user_id = $1
)
SELECT (EXISTS (SELECT FROM gone) OR ($2::int8 = 0 AND NOT EXISTS (SELECT FROM known)))::text AS is_gone WHERE ${seen}`,

    pruneAudit: `
WITH found AS MATERIALIZED (
  SELECT id FROM ${auditLog} WHERE created_at < $1 ORDER BY created_at, id LIMIT $2
), pruned AS (
  DELETE FROM ${auditLog} AS a USING found WHERE a.id = found.id
  RETURNING 1
)
SELECT count(*)::text AS pruned FROM pruned WHERE ${seen}`,
  };
}
