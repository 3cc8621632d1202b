import { asserted, seeingAllRows, seesAllRows } from "./guard.ts";
import { WINDOW_BYTES } from "./pack.ts";
import { qualify } from "./qualify.ts";
import { asText, COUNTS_AS_TEXT } from "./read-row.ts";

const LINK = `user_id, link_id, reported_session, deletion_link, ${COUNTS_AS_TEXT}, ${asText("version", "changes", "link", "choice")},
  ${asText("reported_changes", "reported_at", "refresh_at", "first_day", "unknown_since")},
  ${asText("deletion_ended_to", "deletion_connection", "deletion_requested_at", "deletion_receipt", "deletion_unknown_since")}`;

/** The slot of a link that is due at once. */
const AT_ONCE = 0;

/** The last of all slots. */
const LAST_SLOT = 2_147_483_647;

/**
 * Returns the CTE of the groups in which links are due. These are all groups of another session, and the groups of this
 * one up to the present slot. The parameters are $1 connection, $2 epoch, $3 session, $4 instant and $5 slot.
 *
 * The groups are few pairs of session and slot. The CTE finds them by jumps from one to the next in the index.
 */
export function dueGroups(userLinks: string): string {
  return `groups AS (
  (SELECT reported_session, due_slot FROM ${userLinks}
   WHERE connection = $1 AND epoch = $2 AND link_id IS NOT NULL
   ORDER BY reported_session, due_slot LIMIT 1)
  UNION ALL
  SELECT n.reported_session, n.due_slot FROM groups AS g CROSS JOIN LATERAL (
    SELECT u.reported_session, u.due_slot FROM ${userLinks} AS u
    WHERE u.connection = $1 AND u.epoch = $2 AND u.link_id IS NOT NULL AND (u.reported_session, u.due_slot) >
      (g.reported_session, CASE WHEN g.reported_session = $3 AND g.due_slot >= $5 THEN ${LAST_SLOT} ELSE g.due_slot END)
    ORDER BY u.reported_session, u.due_slot LIMIT 1
  ) AS n
)`;
}

/** Whether the group `g` has links that are due. */
export const isGroupDue = "(g.reported_session <> $3 OR g.due_slot <= $5)";

/** Whether the link `u` is one of the group `g` that are due. */
export const isDueInGroup: string = `u.reported_session = g.reported_session AND u.due_slot = g.due_slot
    AND (u.due_slot = ${AT_ONCE} OR u.reported_session <> $3 OR u.refresh_at <= $4)`;

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
  ${saveState("$24")} RETURNING version
), audited AS (
  INSERT INTO ${auditLog} (action, actor, user_id, created_at)
  SELECT $3, $4, $5, $6 FROM saved WHERE $3::text IS NOT NULL
  RETURNING 1
), answered AS (
  SELECT i.link, i.receipt, i.answered_at, i.next_ask_at, i.ended_to
  FROM unnest((SELECT $19::text[]), (SELECT $20::text[]), (SELECT $21::int8[]), (SELECT $22::int8[]), (SELECT $23::int4[]))
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
    r.due_slot, r.first_day, r.days, r.unknown_since, r.place, e.link AS ended_link, e.receipt, e.answered_at
  FROM unnest((SELECT $7::text[]), (SELECT $8::text[]), (SELECT $9::text[]), (SELECT $10::int8[]),
    (SELECT $11::int8[]), (SELECT $12::int8[]), (SELECT $13::int4[]), (SELECT $14::int4[]),
    (SELECT $15::int4[]), (SELECT $17::int8[]), (SELECT $18::int4[])) WITH ORDINALITY
      AS r (user_id, link, session, changes, reported_at, refresh_at, due_slot, first_day, days, unknown_since, choice, place)
  FULL JOIN (
    SELECT ended.user_id, ended.link, ended.receipt, ended.answered_at
    FROM ended JOIN ${userLinks} AS d ON d.user_id = ended.user_id AND d.deletion_link = ended.link
      AND d.deletion_ended_to = ended.ended_to
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
      THEN substring($16::bytea FROM (a.place::int4 - 1) * ${WINDOW_BYTES} + 1 FOR a.days * 2) ELSE u.counts END,
    unknown_since = CASE WHEN ${isSentOn} THEN a.unknown_since ELSE u.unknown_since END,
    due_slot = CASE
      WHEN ${isSentOn}
        THEN CASE WHEN u.changes = a.changes OR a.unknown_since IS NOT NULL THEN a.due_slot ELSE ${AT_ONCE} END
      ELSE u.due_slot END,
    deletion_receipt = CASE WHEN u.deletion_link = a.ended_link AND u.deletion_receipt IS NULL AND a.receipt <> ''
      THEN a.receipt::json ELSE u.deletion_receipt END,
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
  INSERT INTO ${userLinks} (user_id, version, changes, link, link_id, connection, epoch, reported_session, due_slot,
    deletion_link, deletion_connection, deletion_requested_at, attempt, redeemed_under, choice, deletion_ended_to)
  SELECT $1, $14, 0, $3::text::json, $4, $5, $6, '', ${AT_ONCE}, $7, $8, $9, $15, $16, $17, $18 WHERE $2::int8 = 0
  ON CONFLICT (user_id) DO NOTHING
  RETURNING version`),

    // The receiver's answers are forgotten unless the link still sends under the same id by the same choice: where the
    // subquery has no row, its columns are null.
    updateLink: commitLink(`
  UPDATE ${userLinks} AS u SET
    version = $14, link = $3::text::json, link_id = $4, connection = $5, epoch = $6,
    attempt = $15, redeemed_under = $16, choice = $17,
    reported_session = CASE WHEN ${sendsOn} THEN u.reported_session ELSE '' END,
    (reported_changes, reported_at, refresh_at, first_day, counts, unknown_since) = (
      SELECT u.reported_changes, u.reported_at, u.refresh_at, u.first_day, u.counts, u.unknown_since WHERE ${sendsOn}),
    due_slot = CASE WHEN ${sendsOn} THEN u.due_slot ELSE ${AT_ONCE} END,
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
    changes = u.changes + 1, due_slot = CASE WHEN u.unknown_since IS NULL THEN ${AT_ONCE} ELSE u.due_slot END
  FROM locked WHERE u.user_id = locked.user_id
  RETURNING 1
)
SELECT (${counted("changed", "(SELECT count(*) FROM locked)")})::text AS changed WHERE ${seen}`,

    // The first page of each group is read, in its order.
    dueLinks: read(`
WITH RECURSIVE ${dueGroups(userLinks)}
SELECT d.* FROM groups AS g CROSS JOIN LATERAL (
  SELECT ${LINK} FROM ${userLinks} AS u
  WHERE u.connection = $1 AND u.epoch = $2 AND u.link_id > $6 AND ${isDueInGroup}
  ORDER BY u.link_id LIMIT $7
) AS d
WHERE ${isGroupDue}
ORDER BY d.link_id LIMIT $7`),

    pendingWithdrawals: read(`
SELECT link, ${asText("ended_to", "connection", "requested_at", "next_ask_at", "has_receipt")} FROM ${withdrawals} AS w
WHERE w.connection = $1 AND w.next_ask_at <= $2 AND (w.next_ask_at, w.link) > ($3, $4)
ORDER BY w.next_ask_at, w.link LIMIT $5`),

    pendingRedemptions: read(`
SELECT user_id, attempt, link::text AS link FROM ${userLinks} AS u
WHERE u.redeemed_under = $1 AND u.attempt > $2 ORDER BY u.attempt LIMIT $3`),

    userOf: read(`SELECT user_id FROM ${userLinks} AS u WHERE u.attempt = $1 LIMIT 1`),

    usersOfLinks: read(`
SELECT user_id, link_id FROM ${userLinks} AS u WHERE u.link_id = ANY ($1::text[])`),

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
