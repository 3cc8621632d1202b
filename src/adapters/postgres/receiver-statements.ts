import type { LinkEndCause } from "../../ghec/link.ts";
import { ENDING_AS_TEXT, IS_LIVE, LINK_ITSELF } from "./ended-links.ts";
import { guardOf } from "./guard.ts";
import { WINDOW_BYTES } from "./pack.ts";
import { qualify } from "./qualify.ts";
import { asText, COUNTS_AS_TEXT } from "./read-row.ts";
import { type SweepStatements, sweepStatements } from "./sweep-statements.ts";
import { type WayStatements, wayStatements, waysWritten } from "./way-statements.ts";

/** The day before all days. A registration that was swept for it has everything left to sweep. */
export const NOTHING_SWEPT = -2_147_483_648;

const REGISTRATION = `installation, connection, session_id, attached_by, last_request_id, read_to_entry,
  ${asText("version", "is_connected", "epoch", "is_on", "disabled_at", "session_ordinal", "is_completed", "read_to", "recorded_off")}`;

/** The highest epoch of a registration that is over. */
const LAST_OFF = "CASE WHEN is_on THEN epoch - 1 ELSE epoch END";

/** A registration with an ended epoch that the ledger is not known to have. The index has the same text. */
export const IS_UNRECORDED: string = `recorded_off < ${LAST_OFF}`;

/** The columns of a report. */
const REPORT = ["choice", "report_session", "received_at", "first_day", "last_day", "counts"];

/** The columns of a report, after all choices have ended. */
const NO_REPORT = REPORT.map((column) => `${column} = NULL`).join(", ");

/** The columns of a report, after the choices up to one have ended: a report of a later choice stays. */
function reportAfter(choice: string): string {
  return REPORT.map((column) => `${column} = CASE WHEN l.choice > ${choice} THEN l.${column} END`).join(", ");
}

/** The SHA-256 of a text, or null. The store keeps a browser's secrets in this form only. */
function hashOf(parameter: string): string {
  return `sha256(convert_to(${parameter}, 'UTF8'))`;
}

const ACCOUNT_DELETED: LinkEndCause = "account-deleted";
const REVOKED: LinkEndCause = "authorization-revoked";

const SAVED = "SELECT version FROM saved";
const SAVED_AND_GONE =
  "SELECT s.version, g.account, g.ended_at::text AS ended_at FROM saved AS s LEFT JOIN gone AS g ON true";

/** The statements of the receiver's store in one schema. `$1` is the installation if there is one. */
export interface ReceiverStatements extends SweepStatements, WayStatements {
  readonly loadRegistration: string;
  readonly insertRegistration: string;
  readonly updateRegistration: string;
  /** The latter, which also hides and ends links. A new registration has none. */
  readonly updateRegistrationAndLinks: string;
  /** The first and the last of them, which also write to the audit log. */
  readonly insertRegistrationAndMore: string;
  readonly updateRegistrationAndMore: string;
  readonly applyDelivery: string;
  /** The links that exist: receipts, and live ones. */
  readonly lookAgain: string;
  /** Whether one more attempt may be pushed, or this one is known. */
  readonly findRoom: string;
  readonly pushAttempt: string;
  readonly answerAttempt: string;
  readonly openLink: string;
  /** Whether there is a consent of the account that was not redeemed. */
  readonly hasConsents: string;
  /** It runs before links are deleted. */
  readonly voidConsents: string;
  /** It runs before the end of links is taken from the ledger. */
  readonly voidEnded: string;
  readonly deleteAccount: string;
  readonly deleteAccountOnInstallation: string;
  /** The shown links of an account. Over distributed tables they are those of one installation. */
  readonly loadShown: string;
  /** The same of several accounts. */
  readonly loadShownTogether: string;
  readonly loadLedgerStanding: string;
  readonly loadCursors: string;
  readonly loadUnrecorded: string;
  readonly takeForUnrecorded: string;
}

/** Returns the statements for a schema, which is quoted already. */
export function receiverStatements(schema: string, isDistributed: boolean): ReceiverStatements {
  const entries = Object.entries(unqualified(schema, isDistributed)).map(
    ([name, sql]) => [name, qualify(sql)] as const,
  );
  return Object.fromEntries(entries) as unknown as ReceiverStatements;
}

function unqualified(schema: string, isDistributed: boolean): ReceiverStatements {
  const { obeys, seeingAllRows } = guardOf(isDistributed);
  const registrations = `${schema}.registrations`;
  const links = `${schema}.links`;
  const attempts = `${schema}.attempts`;
  const audit = `${schema}.installation_audit_log`;
  const obeyed = obeys(registrations, links);
  const read = (query: string): string => seeingAllRows(query, registrations, links);
  const receipt = "l.ended_to, l.ended_at, l.removed_first, l.removed_last";
  // A link that is deleted and unrecorded already stays as it is, and is answered with the others. That includes one
  // that another transaction deleted while this one waited for it.
  const ended = (at: string, cause: LinkEndCause, which: string): string => `ended AS (
  UPDATE ${links} AS l SET ended_to = ${LINK_ITSELF}, is_recorded = false, end_cause = COALESCE(l.end_cause, '${cause}'),
    ended_at = CASE WHEN ${IS_LIVE} THEN ${at}::int8 ELSE l.ended_at END,
    removed_first = CASE WHEN ${IS_LIVE} THEN l.first_day ELSE l.removed_first END,
    removed_last = CASE WHEN ${IS_LIVE} THEN l.last_day ELSE l.removed_last END, ${NO_REPORT}
  ${which}
  RETURNING l.installation, l.link, l.account, l.opened_at, l.end_cause, ${receipt}
)`;
  const deletion = (cause: LinkEndCause, where: string): string => `
WITH ${ended("$2", cause, `WHERE ${where}`)}
SELECT installation, link, account, end_cause, ${asText("opened_at")}, ${ENDING_AS_TEXT} FROM ended WHERE ${obeyed}`;
  const ways = `${schema}.account_installations`;
  const obeyedByAttempts = obeys(registrations, attempts);
  // Those of one installation, or of all if it is null.
  const consents = "a.account = $1 AND COALESCE(a.installation = $2, true)";
  // To plan a join and an order of a few rows would take longer than to read them.
  const shown = (isTheirs: (parameter: string) => string): string =>
    read(`
SELECT account, installation, link, ${asText("choice", "epoch", "first_day", "last_day", "received_at")}, ${COUNTS_AS_TEXT}
FROM ${links} AS l
WHERE ${isDistributed ? `l.installation = $1 AND ${isTheirs("$2")}` : isTheirs("$1")} AND l.counts IS NOT NULL AND l.epoch = (
  SELECT r.epoch FROM ${registrations} AS r
  WHERE r.installation = ${isDistributed ? "$1" : "l.installation"} AND r.is_connected AND r.is_on)`);
  const consented = waysWritten(
    schema,
    "SELECT $3, a.installation, $6::int8 FROM answered AS a WHERE $3::text IS NOT NULL",
    "w.written_at < EXCLUDED.written_at",
  );
  const isAdmitted = "r.session_id = $2 AND r.last_request_id = ANY ($4::text[])";
  const inserted = `
INSERT INTO ${registrations} (installation, version, is_connected, connection, epoch, is_on, disabled_at, session_id,
  session_ordinal, attached_by, last_request_id, is_completed, read_to, read_to_entry, recorded_off, read_to_digest, swept_to,
  swept_for, swept_after)
VALUES ($1, $16::int8 * (${obeyed})::int4::int8, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
  ${NOTHING_SWEPT}, ${NOTHING_SWEPT}, '')
ON CONFLICT (installation) DO NOTHING
RETURNING version::text AS version`;
  // If links may have ended now, the sweep has to look at all of them again.
  const updated = `
UPDATE ${registrations} AS r SET
  version = $16, is_connected = $2, connection = $3, epoch = $4, is_on = $5, disabled_at = $6,
  session_id = $7, session_ordinal = $8, attached_by = $9, last_request_id = $10, is_completed = $11, read_to = $12,
  read_to_entry = $13, recorded_off = $14, read_to_digest = $15,
  swept_to = CASE WHEN (r.is_connected, r.epoch, r.is_on) = ($2, $4, $5) THEN r.swept_to ELSE ${NOTHING_SWEPT} END,
  swept_after = CASE WHEN (r.is_connected, r.epoch, r.is_on) = ($2, $4, $5) THEN r.swept_after ELSE '' END
WHERE r.installation = $1 AND r.version = $17
RETURNING r.version::text AS version`;
  const audited = (first: number): string => {
    const [action, actor, epoch, createdAt] = [0, 1, 2, 3].map((place) => `$${first + place}`);
    return `audited AS (
  INSERT INTO ${audit} (installation, action, actor, epoch, created_at)
  SELECT $1, i.action, i.actor, i.epoch, i.created_at
  FROM saved, unnest((SELECT ${action}::text[]), (SELECT ${actor}::text[]), (SELECT ${epoch}::int4[]), (SELECT ${createdAt}::int8[]))
      WITH ORDINALITY AS i (action, actor, epoch, created_at, place)
  ORDER BY i.place
)`;
  };
  // The two never change the same row: a link that is hidden here is not among those that end. An ending covers the
  // choices up to its own. One that a higher ending has covered already changes nothing.
  const updatedWithLinks = `
WITH saved AS (${updated}
), hidden AS (
  UPDATE ${links} AS l SET counts = NULL, first_day = NULL, last_day = NULL
  FROM saved
  WHERE $18::bool AND l.installation = $1 AND l.counts IS NOT NULL AND l.report_session <> $8
    AND NOT (l.link = ANY ($19::text[]))
), recorded AS (
  UPDATE ${links} AS l SET ended_to = i.ended_to, ended_at = i.ended_at, is_recorded = true,
    removed_first = i.removed_first, removed_last = i.removed_last, ${reportAfter("i.ended_to")},
    account = CASE WHEN i.ended_to < ${LINK_ITSELF} THEN l.account END,
    end_cause = CASE WHEN i.ended_to < ${LINK_ITSELF} THEN NULL ELSE COALESCE(l.end_cause, 'recorded') END
  FROM saved, unnest((SELECT $19::text[]), (SELECT $20::int4[]), (SELECT $21::int8[]), (SELECT $22::int4[]), (SELECT $23::int4[]))
      AS i (link, ended_to, ended_at, removed_first, removed_last)
  WHERE l.installation = $1 AND l.link = i.link
    AND (l.ended_to < i.ended_to OR (l.ended_to = i.ended_to AND l.is_recorded IS FALSE))
)`;
  // The accounts that have no other link on the installation, once these ends are recorded. Their consents were void
  // before.
  const gone = `, gone AS (
  SELECT l.account, max(l.ended_at) AS ended_at FROM ${links} AS l
  WHERE l.installation = $1 AND l.link = ANY ($19::text[]) AND l.account IS NOT NULL
    AND (l.end_cause = '${ACCOUNT_DELETED}' OR l.end_cause = '${REVOKED}') AND NOT EXISTS (
      SELECT 1 FROM ${links} AS o WHERE o.installation = $1 AND o.account = l.account
        AND (o.end_cause IS NULL OR NOT (o.link = ANY ($19::text[]))))
  GROUP BY l.account
)`;

  return {
    loadRegistration: read(`SELECT ${REGISTRATION} FROM ${registrations} WHERE installation = $1`),

    insertRegistration: inserted,
    updateRegistration: `
WITH saved AS (${updated}
)
SELECT version FROM saved WHERE ${obeyed}`,
    // Without an INSERT, an engine that distributes routes it whole.
    updateRegistrationAndLinks: `${updatedWithLinks}${isDistributed ? gone : ""}
${isDistributed ? SAVED_AND_GONE : SAVED} WHERE ${obeyed}`,
    insertRegistrationAndMore: `
WITH saved AS (${inserted}
), ${audited(17)}
${SAVED} WHERE ${obeys(registrations, links, audit)}`,
    updateRegistrationAndMore: `${updatedWithLinks}${isDistributed ? gone : ""}, ${audited(24)}
${isDistributed ? SAVED_AND_GONE : SAVED} WHERE ${obeys(registrations, links, audit)}`,

    // The row of the registration is locked first, so requests of one installation come one after another (R8). The
    // other parts read its current state. The arrays stand in subqueries, so the planner does not see their length.
    // Otherwise it reads all links of a table of a hundred thousand, and not a thousand by their key. `admit` is the
    // same rule as a function.
    applyDelivery: `
WITH fence AS (
  UPDATE ${registrations} AS r SET
    version = CASE WHEN ${isAdmitted} THEN $12 ELSE r.version END,
    last_request_id = CASE WHEN ${isAdmitted} THEN $3 ELSE r.last_request_id END,
    swept_to = LEAST(r.swept_to, $5),
    swept_after = CASE WHEN r.swept_for > $5 THEN '' ELSE r.swept_after END
  WHERE r.installation = $1 AND r.is_connected
  RETURNING r.*, COALESCE(r.session_id = $2 AND r.last_request_id = $3, false) AS is_admitted
), reported AS (
  UPDATE ${links} AS l SET
    choice = i.choice,
    report_session = f.session_ordinal,
    received_at = CASE WHEN i.first_day IS NOT NULL THEN $6 WHEN l.choice = i.choice THEN l.received_at END,
    first_day = CASE WHEN i.first_day IS NOT NULL THEN i.first_day WHEN l.choice = i.choice THEN l.first_day END,
    last_day = CASE WHEN i.first_day IS NOT NULL THEN i.last_day WHEN l.choice = i.choice THEN l.last_day END,
    counts = CASE WHEN i.first_day IS NOT NULL
        THEN substring($10::bytea FROM (i.place::int4 - 1) * ${WINDOW_BYTES} + 1 FOR (i.last_day - i.first_day + 1) * 2)
      WHEN l.choice = i.choice THEN l.counts END
  FROM fence AS f,
    unnest((SELECT $7::text[]), (SELECT $8::int4[]), (SELECT $9::int4[]), (SELECT $14::int4[])) WITH ORDINALITY
      AS i (link, first_day, last_day, choice, place)
  WHERE l.installation = $1 AND l.link = i.link AND l.ended_to < i.choice
    AND CASE WHEN f.is_admitted AND f.is_on THEN l.epoch = f.epoch ELSE false END
  RETURNING i.place
), withdrawn AS (
  UPDATE ${links} AS l SET ended_to = w.choice, ended_at = $6, is_recorded = false, ${reportAfter("w.choice")},
    removed_first = CASE WHEN l.choice > w.choice THEN NULL ELSE l.first_day END,
    removed_last = CASE WHEN l.choice > w.choice THEN NULL ELSE l.last_day END,
    end_cause = CASE WHEN w.choice = ${LINK_ITSELF} THEN 'withdrawn' END
  FROM fence, unnest((SELECT $11::text[]), (SELECT $13::int4[])) AS w (link, choice)
  WHERE l.installation = $1 AND l.link = w.link AND l.ended_to < w.choice
  RETURNING 1
)
SELECT ${REGISTRATION}, ${asText("is_admitted")},
  (SELECT string_agg(place::text, ',') FROM reported) AS kept
FROM fence WHERE ${obeyed}`,

    lookAgain: read(`
SELECT link, ${ENDING_AS_TEXT}, ${asText("is_recorded")} FROM ${links}
WHERE installation = $1 AND link = ANY ($2::text[])`),

    // Two at once may both find room: the limit only keeps a careless server from filling the table. It is a statement
    // of its own, since under SERIALIZABLE one that counted and inserted would keep all others from it.
    findRoom: seeingAllRows(
      `SELECT ((SELECT count(*) FROM ${attempts} AS a WHERE a.installation = $1 AND a.expires_at > $3) < $4
  OR EXISTS (SELECT 1 FROM ${attempts} AS a WHERE a.attempt_hash = ${hashOf("$2")}))::text AS has_room`,
      attempts,
    ),
    pushAttempt: `
WITH fence AS (
  SELECT epoch FROM ${registrations} WHERE installation = $1 AND is_connected AND is_on FOR SHARE
), pushed AS (
  INSERT INTO ${attempts} (attempt_hash, installation, link, epoch, expires_at)
  SELECT ${hashOf("$2")}, $1, $5, f.epoch, $3 FROM fence AS f WHERE $4::bool
  ON CONFLICT (attempt_hash) DO NOTHING
)
SELECT (EXISTS (SELECT 1 FROM fence))::text AS is_on WHERE ${obeyedByAttempts}`,

    // The consent is $3, $4 and $5, or null. It writes the way before any link, and in the same step: a deletion of the
    // account finds both or neither.
    answerAttempt: `
WITH answered AS (
  UPDATE ${attempts} AS a SET
    browser_hash = h.browser,
    account = COALESCE($3, a.account),
    code_hash = COALESCE(h.code, a.code_hash),
    expires_at = COALESCE($5, a.expires_at)
  FROM ${registrations} AS r, (SELECT ${hashOf("$2")} AS browser, ${hashOf("$4")} AS code) AS h
  WHERE a.attempt_hash = ${hashOf("$1")} AND a.expires_at > $6
    AND r.installation = a.installation AND r.is_connected AND r.is_on AND r.epoch = a.epoch
    AND COALESCE(a.browser_hash = h.browser, true) AND COALESCE(a.account = $3, true)
  RETURNING a.installation, a.expires_at
)${isDistributed ? `, ${consented}` : ""}
SELECT installation, ${asText("expires_at")} FROM answered WHERE ${isDistributed ? obeys(registrations, attempts, ways) : obeyedByAttempts}`,

    // The other link has to end before this one is opened, or the index of live links would refuse it. It does not see
    // a consent that another transaction has redeemed while this one waited: then it is run again.
    openLink: `
WITH fence AS (
  SELECT is_connected AND is_on AS is_on, epoch FROM ${registrations}
  WHERE installation = $1 FOR SHARE
), known AS (
  SELECT l.link, l.account, l.epoch, l.ended_to FROM ${links} AS l WHERE l.installation = $1 AND l.attempt = $2
), pending AS (
  SELECT a.attempt_hash FROM ${attempts} AS a CROSS JOIN fence AS f
  WHERE a.attempt_hash = ${hashOf("$2")} AND a.installation = $1 AND a.code_hash = ${hashOf("$3")} AND a.expires_at > $4
    AND f.is_on AND f.epoch = a.epoch AND NOT EXISTS (SELECT 1 FROM known)
), redeemed AS (
  DELETE FROM ${attempts} AS a USING pending AS p
  WHERE a.attempt_hash = p.attempt_hash AND a.code_hash = ${hashOf("$3")}
  RETURNING a.link, a.account, a.epoch
), ${ended("$4", "replaced", "FROM redeemed AS r WHERE l.installation = $1 AND l.account = r.account")}, opened AS (
  INSERT INTO ${links} (installation, link, attempt, account, epoch, opened_at)
  SELECT $1, r.link, $2, r.account, r.epoch, $4 FROM fence AS f CROSS JOIN redeemed AS r
  WHERE (SELECT count(*) FROM ended) >= 0
  RETURNING link, epoch
), answer AS (
  SELECT link, epoch, true AS is_live FROM opened
  UNION ALL
  SELECT k.link, k.epoch, k.ended_to < ${LINK_ITSELF} AND COALESCE((SELECT f.is_on AND f.epoch = k.epoch FROM fence AS f), false)
  FROM known AS k
), unrecorded AS (
  SELECT link, ended_to, ended_at, removed_first, removed_last FROM ended
  UNION ALL
  SELECT l.link, ${receipt} FROM known AS k CROSS JOIN ${links} AS l
  WHERE l.installation = $1 AND l.account = k.account AND l.ended_to = ${LINK_ITSELF}
)
SELECT (EXISTS (SELECT 1 FROM pending) AND NOT EXISTS (SELECT 1 FROM opened))::text AS is_overtaken, a.link AS opened,
  a.epoch::text AS epoch, a.is_live::text AS is_live, e.link,
  e.ended_to::text AS ended_to, e.ended_at::text AS ended_at, e.removed_first::text AS removed_first,
  e.removed_last::text AS removed_last
FROM (SELECT 1) AS one LEFT JOIN answer AS a ON true LEFT JOIN unrecorded AS e ON true
WHERE ${obeys(registrations, links, attempts)}`,

    hasConsents: seeingAllRows(
      `SELECT (EXISTS (SELECT 1 FROM ${attempts} AS a WHERE ${consents}))::text AS has_consents`,
      attempts,
    ),
    // A consent leaves a link that was opened and ended at once: the ledger has to have it.
    voidConsents: `
WITH voided AS (
  DELETE FROM ${attempts} AS a WHERE ${consents} RETURNING a.installation, a.link, a.attempt_hash, a.account, a.epoch
), closed AS (
  INSERT INTO ${links} (installation, link, attempt, account, epoch, opened_at, ended_to, ended_at, is_recorded, end_cause)
  SELECT v.installation, v.link, encode(v.attempt_hash, 'hex'), v.account, v.epoch, $3, ${LINK_ITSELF}, $3, false, $4
  FROM voided AS v
  RETURNING 1
)
SELECT count(*)::text AS voided FROM closed WHERE ${obeys(registrations, links, attempts)}`,
    voidEnded: `
WITH voided AS (DELETE FROM ${attempts} AS a WHERE a.installation = $1 AND a.link = ANY ($2::text[]) RETURNING 1)
SELECT count(*)::text AS voided FROM voided WHERE ${obeyedByAttempts}`,
    deleteAccount: deletion(ACCOUNT_DELETED, "l.account = $1"),
    deleteAccountOnInstallation: deletion(REVOKED, "l.installation = $1 AND l.account = $3"),

    loadShown: shown((account) => `l.account = ${account}`),
    loadShownTogether: shown((accounts) => `l.account = ANY (${accounts}::text[])`),

    ...sweepStatements(schema, isDistributed),
    ...wayStatements(schema, isDistributed),

    loadLedgerStanding: read(`
SELECT (SELECT COALESCE(bit_xor(read_to_digest), 0) FROM ${registrations})::text AS digest,
  (EXISTS (SELECT 1 FROM ${links} WHERE is_recorded IS FALSE)
    OR EXISTS (SELECT 1 FROM ${registrations} WHERE ${IS_UNRECORDED}))::text AS has_unrecorded`),

    loadCursors: read(`
SELECT installation, ${asText("read_to")}, read_to_entry FROM ${registrations} AS r
WHERE r.installation > $1 ORDER BY r.installation LIMIT $2`),

    loadUnrecorded: read(`
(SELECT installation, (${LAST_OFF})::text AS epoch, disabled_at::text AS disabled_at, NULL AS link,
  NULL AS ended_to, NULL AS ended_at, NULL AS removed_first, NULL AS removed_last
FROM ${registrations} WHERE ${IS_UNRECORDED} ORDER BY installation LIMIT $1)
UNION ALL
(SELECT installation, NULL, NULL, link, ended_to::text, ended_at::text, removed_first::text, removed_last::text
FROM ${links} WHERE is_recorded IS FALSE ORDER BY installation, link LIMIT $1)`),

    // It does not see a deletion that was recorded while it waited for the registration: then it takes nothing, and is
    // run again.
    takeForUnrecorded: `
WITH known AS (
  SELECT version FROM ${registrations} WHERE installation = $1
), fence AS (
  UPDATE ${registrations} AS r SET version = $4, read_to = $2, read_to_entry = $3,
    read_to_digest = $5, recorded_off = 0
  WHERE r.installation = $1 AND r.version = (SELECT version FROM known)
  RETURNING 1
), taken AS (
  UPDATE ${links} AS l SET is_recorded = false FROM fence WHERE l.installation = $1 AND l.is_recorded
  RETURNING 1
)
SELECT (EXISTS (SELECT 1 FROM known))::text AS is_known, (EXISTS (SELECT 1 FROM fence))::text AS is_taken,
  (SELECT count(*) FROM taken)::text AS taken
WHERE ${obeyed}`,
  };
}
