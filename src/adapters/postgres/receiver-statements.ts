import { obeys, seeingAllRows } from "./guard.ts";
import { WINDOW_BYTES } from "./pack.ts";
import { qualify } from "./qualify.ts";
import { asText, COUNTS_AS_TEXT } from "./read-row.ts";

/** What sweeping has to look at again: everything. */
const NOTHING_SWEPT = -2_147_483_648;

const REGISTRATION = `installation, connection, session_id, attached_by, last_request_id,
  ${asText("version", "is_connected", "epoch", "is_on", "disabled_at", "session_ordinal", "is_completed")}`;

/** What stays of a deleted link. */
const RECEIPT = "installation, link, first_day, last_day, contributions";

/** The same as it is read. */
const RECEIPT_AS_TEXT = `installation, link, ${asText("first_day", "last_day", "contributions")}`;

/** The statements of the receiver's store in one schema. `$1` is the installation wherever there is one. */
export interface ReceiverStatements {
  readonly loadRegistration: string;
  readonly insertRegistration: string;
  readonly updateRegistration: string;
  readonly updateRegistrationAndDelete: string;
  readonly applyDelivery: string;
  /** What there is of links: receipts, and rows that should be gone. */
  readonly lookAgain: string;
  readonly openLink: string;
  readonly deleteAccount: string;
  readonly deleteAccountOnInstallation: string;
  readonly deleteLinks: string;
  readonly loadShown: string;
  readonly findUnswept: string;
  readonly sweepInstallation: string;
  readonly findForgotten: string;
  readonly forget: string;
  /** Two statements; `{session}` stands for the quoted id. */
  readonly recover: string;
}

/** Writes the statements for a schema, which is quoted already. */
export function receiverStatements(schema: string): ReceiverStatements {
  const entries = Object.entries(unqualified(schema)).map(([name, sql]) => [name, qualify(sql)] as const);
  return Object.fromEntries(entries) as unknown as ReceiverStatements;
}

function unqualified(schema: string): ReceiverStatements {
  const registrations = `${schema}.registrations`;
  const links = `${schema}.links`;
  const receipts = `${schema}.receipts`;
  const obeyed = obeys(registrations, links, receipts);
  const read = (query: string): string => seeingAllRows(query, registrations, links, receipts);
  // A link that is deleted leaves its row for a receipt, in one statement.
  const deleted = (at: string, which: string): string => `deleted AS (
  DELETE FROM ${links} AS l ${which}
  RETURNING l.installation, l.link, l.first_day, l.last_day, l.contributions
), remembered AS (
  INSERT INTO ${receipts} (${RECEIPT}, deleted_at) SELECT ${RECEIPT}, ${at}::int8 FROM deleted
)`;
  const deletion = (where: string): string => `
WITH ${deleted("$2", `WHERE ${where}`)}
SELECT ${RECEIPT_AS_TEXT}, ($2::int8)::text AS deleted_at FROM deleted WHERE ${obeyed}`;
  // Where links may be ended now, the sweep has to look at all of them again.
  const updated = `
UPDATE ${registrations} AS r SET
  version = r.version + 1, is_connected = $2, connection = $3, epoch = $4, is_on = $5, disabled_at = $6,
  session_id = $7, session_ordinal = $8, attached_by = $9, last_request_id = $10, is_completed = $11,
  swept_to = CASE WHEN (r.is_connected, r.epoch, r.is_on) = ($2, $4, $5) THEN r.swept_to ELSE ${NOTHING_SWEPT} END,
  swept_after = CASE WHEN (r.is_connected, r.epoch, r.is_on) = ($2, $4, $5) THEN r.swept_after ELSE '' END
WHERE ${obeyed} AND r.installation = $1 AND r.version = $12
RETURNING r.version::text AS version`;

  return {
    loadRegistration: read(`SELECT ${REGISTRATION} FROM ${registrations} WHERE installation = $1`),

    insertRegistration: `
INSERT INTO ${registrations} (installation, version, is_connected, connection, epoch, is_on, disabled_at, session_id,
  session_ordinal, attached_by, last_request_id, is_completed, swept_to, swept_after)
SELECT $1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${NOTHING_SWEPT}, '' WHERE ${obeyed}
ON CONFLICT (installation) DO NOTHING
RETURNING version::text AS version`,

    updateRegistration: updated,
    updateRegistrationAndDelete: `
WITH saved AS (${updated}
), ${deleted(
      "$13",
      `USING saved
  WHERE l.installation = $1 AND l.opened_in < $8 AND COALESCE(l.report_session <> $8, true)`,
    )}
SELECT version FROM saved WHERE ${obeyed}`,

    // The row of the registration is locked first: requests of one installation come one after another, and what the
    // other parts read of it is what stands (R8). The arrays stand in subqueries so that the planner does not see how long
    // they are: knowing it, it reads all links of a table of a hundred thousand rather than a thousand by their key.
    // \`admit\` is the same rule as a function.
    applyDelivery: `
WITH fence AS (
  UPDATE ${registrations} AS r SET
    version = r.version + CASE
      WHEN r.session_id = $2 AND r.last_request_id = ANY ($4::text[]) AND r.last_request_id <> $3 THEN 1 ELSE 0 END,
    last_request_id = CASE
      WHEN r.session_id = $2 AND r.last_request_id = ANY ($4::text[]) THEN $3 ELSE r.last_request_id END,
    swept_to = LEAST(r.swept_to, $5),
    swept_after = CASE WHEN r.swept_to > $5 THEN '' ELSE r.swept_after END
  WHERE r.installation = $1 AND r.is_connected
  RETURNING r.*, COALESCE(r.session_id = $2 AND r.last_request_id = $3, false) AS is_admitted
), reported AS (
  UPDATE ${links} AS l SET
    report_session = f.session_ordinal, received_at = $6, first_day = i.first_day, last_day = i.last_day,
    contributions = i.contributions,
    counts = substring($11::bytea FROM (i.place::int4 - 1) * ${WINDOW_BYTES} + 1 FOR (i.last_day - i.first_day + 1) * 2)
  FROM fence AS f,
    unnest((SELECT $7::text[]), (SELECT $8::int4[]), (SELECT $9::int4[]), (SELECT $10::int4[])) WITH ORDINALITY
      AS i (link, first_day, last_day, contributions, place)
  WHERE l.installation = $1 AND l.link = i.link
    AND CASE WHEN f.is_admitted AND f.is_on THEN l.epoch = f.epoch ELSE false END
  RETURNING i.place
), ${deleted("$6", "USING fence WHERE l.installation = $1 AND l.link = ANY ($12::text[])")}
SELECT ${REGISTRATION}, ${asText("is_admitted")},
  (SELECT string_agg(place::text, ',') FROM reported) AS kept
FROM fence WHERE ${obeyed}`,

    lookAgain: read(`
SELECT false::text AS is_there, ${RECEIPT_AS_TEXT}, ${asText("deleted_at")} FROM ${receipts}
WHERE installation = $1 AND link = ANY ($2::text[])
UNION ALL
SELECT true::text, installation, link, NULL, NULL, NULL, NULL FROM ${links}
WHERE installation = $1 AND link = ANY ($2::text[])`),

    // The deletion has to come before the opening, or the index of live links would refuse it.
    openLink: `
WITH fence AS (
  SELECT is_connected AND is_on AS is_on, epoch, session_ordinal FROM ${registrations}
  WHERE installation = $1 FOR SHARE
), known AS (
  SELECT EXISTS (SELECT FROM ${receipts} WHERE installation = $1 AND link = $2) AS is_deleted
), ${deleted(
      "$5",
      `USING fence AS f, known
  WHERE l.installation = $1 AND l.account = $3 AND f.is_on AND f.epoch = $4 AND NOT known.is_deleted`,
    )}, opened AS (
  INSERT INTO ${links} (installation, link, account, epoch, opened_in, opened_at)
  SELECT $1, $2, $3, f.epoch, f.session_ordinal, $5 FROM fence AS f, known
  WHERE f.is_on AND f.epoch = $4 AND NOT known.is_deleted AND (SELECT count(*) FROM deleted) >= 0
  RETURNING 1
)
SELECT f.is_on::text AS is_on, known.is_deleted::text AS is_deleted, (EXISTS (SELECT FROM opened))::text AS is_opened
FROM fence AS f, known WHERE ${obeyed}`,

    deleteAccount: deletion("l.account = $1"),
    deleteAccountOnInstallation: deletion("l.installation = $1 AND l.account = $3"),
    deleteLinks: deletion("l.installation = $1 AND l.link = ANY ($3::text[])"),

    // A join and an order of a few rows would take the planner longer than reading them takes.
    loadShown: read(`
SELECT installation, ${asText("first_day", "last_day", "received_at")}, ${COUNTS_AS_TEXT}
FROM ${links} AS l
WHERE l.account = $1 AND l.counts IS NOT NULL AND l.epoch = (
  SELECT r.epoch FROM ${registrations} AS r WHERE r.installation = l.installation AND r.is_connected AND r.is_on)`),

    findUnswept: read(
      `SELECT installation FROM ${registrations} WHERE swept_to < $1 ORDER BY swept_to LIMIT $2`,
    ),

    // One installation's next links, in the order of their ids: from where the last chunk ended to the last of this one.
    // Between those two lie just the links that were found, so that they are changed in one walk through the index.
    sweepInstallation: `
WITH fence AS (
  SELECT epoch, is_connected AND is_on AS is_on, swept_after FROM ${registrations}
  WHERE installation = $1 FOR UPDATE
), chunk AS (
  SELECT count(*) AS found, max(link) AS last
  FROM (
    SELECT l.link FROM fence AS f CROSS JOIN ${links} AS l
    WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence)
      AND CASE WHEN f.is_on AND l.epoch = f.epoch THEN l.counts IS NOT NULL AND l.first_day < $2 ELSE true END
    ORDER BY l.link LIMIT $3
  ) AS found
), ${deleted(
      "$4",
      `USING fence AS f
  WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence) AND l.link <= (SELECT last FROM chunk)
    AND CASE WHEN f.is_on THEN l.epoch <> f.epoch ELSE true END`,
    )}, trimmed AS (
  UPDATE ${links} AS l SET
    first_day = CASE WHEN l.last_day >= $2 THEN $2 END,
    last_day = CASE WHEN l.last_day >= $2 THEN l.last_day END,
    counts = CASE WHEN l.last_day >= $2 THEN substring(l.counts FROM ($2 - l.first_day) * 2 + 1) END,
    contributions = CASE WHEN l.last_day >= $2 THEN (
      SELECT sum(get_byte(l.counts, day * 2) * 256 + get_byte(l.counts, day * 2 + 1))
      FROM generate_series($2 - l.first_day, l.last_day - l.first_day) AS day) END
  FROM fence AS f
  WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence) AND l.link <= (SELECT last FROM chunk)
    AND (SELECT is_on FROM fence)
    AND CASE WHEN l.epoch = f.epoch THEN l.counts IS NOT NULL AND l.first_day < $2 ELSE false END
  RETURNING 1
), marked AS (
  UPDATE ${registrations} AS r SET
    swept_to = CASE WHEN c.found < $3 THEN $2 ELSE r.swept_to END,
    swept_after = CASE WHEN c.found < $3 THEN '' ELSE c.last END
  FROM chunk AS c
  WHERE r.installation = $1
)
SELECT (SELECT count(*) FROM deleted)::text AS deleted, (SELECT count(*) FROM trimmed)::text AS trimmed,
  0::text AS forgotten, (found < $3)::text AS is_last
FROM chunk WHERE ${obeyed}`,

    findForgotten: read(`
SELECT installation FROM (SELECT installation FROM ${receipts} WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2) AS found
GROUP BY installation`),

    forget: `
WITH found AS MATERIALIZED (
  SELECT link FROM ${receipts} WHERE installation = $1 AND deleted_at < $2 LIMIT $3
), forgotten AS (
  DELETE FROM ${receipts} AS r USING found
  WHERE r.installation = $1 AND r.link = found.link AND r.deleted_at < $2
  RETURNING 1
)
SELECT 0::text AS deleted, 0::text AS trimmed, (SELECT count(*) FROM forgotten)::text AS forgotten,
  ((SELECT count(*) FROM found) < $3)::text AS is_last
WHERE ${obeyed}`,

    // Two statements, so that the second sees what those have written that the first one waited for.
    recover: `
WITH vacated AS (
  UPDATE ${registrations} SET version = version + 1, session_id = {session}, session_ordinal = session_ordinal + 1,
    attached_by = NULL, last_request_id = NULL, is_completed = false
  RETURNING 1
)
SELECT count(*)::text AS changed FROM vacated WHERE ${obeyed};
WITH emptied AS (
  UPDATE ${links} SET counts = NULL, first_day = NULL, last_day = NULL, contributions = NULL WHERE counts IS NOT NULL
  RETURNING 1
)
SELECT count(*)::text AS changed FROM emptied WHERE ${obeyed}`,
  };
}
