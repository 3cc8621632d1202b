import { IS_LIVE, LINK_ITSELF } from "./ended-links.ts";
import { guardOf } from "./guard.ts";
import { asText } from "./read-row.ts";

/** The statements of sweeps. `$1` is the installation if there is one. */
export interface SweepStatements {
  readonly findUnswept: string;
  /** Over distributed tables, it also answers between which links it has walked. */
  readonly sweepInstallation: string;
  readonly findForgotten: string;
  readonly forget: string;
  readonly forgetAttempts: string;
  readonly forgetAudit: string;
  readonly loadSweepClock: string;
  readonly saveSweepClock: string;
}

/** Returns the statements for a schema, which is quoted already. Their names are not qualified yet. */
export function sweepStatements(schema: string, isDistributed: boolean): SweepStatements {
  const { obeys, seeingAllRows } = guardOf(isDistributed);
  const registrations = `${schema}.registrations`;
  const links = `${schema}.links`;
  const attempts = `${schema}.attempts`;
  const audit = `${schema}.installation_audit_log`;
  const sweepClock = `${schema}.sweep_clock`;
  const obeyed = obeys(registrations, links);
  const read = (query: string): string => seeingAllRows(query, registrations, links);
  const walked = `,
  (SELECT swept_after FROM fence) AS after,
  CASE WHEN found < $3 THEN (SELECT max(l.link) FROM ${links} AS l WHERE l.installation = $1) ELSE last END AS last`;
  return {
    findUnswept: read(
      `SELECT installation FROM ${registrations} WHERE swept_to < $1 ORDER BY swept_to LIMIT $2`,
    ),

    // One installation's next links, in the order of their ids: from the end of the last chunk to the last link of this
    // one. Only the links that were found lie between, so one walk through the index changes them. Links that a sweep
    // for an earlier day has passed by are looked at again.
    sweepInstallation: `
WITH fence AS (
  SELECT epoch, is_connected AND is_on AS is_on, CASE WHEN swept_for >= $2 THEN swept_after ELSE '' END AS swept_after
  FROM ${registrations}
  WHERE installation = $1 FOR UPDATE
), chunk AS (
  SELECT count(*) AS found, max(link) AS last
  FROM (
    SELECT l.link FROM fence AS f CROSS JOIN ${links} AS l
    WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence) AND ${IS_LIVE}
      AND CASE WHEN f.is_on AND l.epoch = f.epoch THEN l.first_day < $2 ELSE true END
    ORDER BY l.link LIMIT $3
  ) AS found
), deleted AS (
  DELETE FROM ${links} AS l USING fence AS f
  WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence) AND l.link <= (SELECT last FROM chunk)
    AND ${IS_LIVE} AND CASE WHEN f.is_on THEN l.epoch <> f.epoch ELSE true END
  RETURNING 1
), trimmed AS (
  UPDATE ${links} AS l SET
    first_day = CASE WHEN l.last_day >= $2 THEN $2 END,
    last_day = CASE WHEN l.last_day >= $2 THEN l.last_day END,
    counts = CASE WHEN l.last_day >= $2 THEN substring(l.counts FROM ($2 - l.first_day) * 2 + 1) END
  FROM fence AS f
  WHERE l.installation = $1 AND l.link > (SELECT swept_after FROM fence) AND l.link <= (SELECT last FROM chunk)
    AND (SELECT is_on FROM fence)
    AND CASE WHEN l.epoch = f.epoch THEN l.first_day < $2 ELSE false END
  RETURNING 1
), marked AS (
  UPDATE ${registrations} AS r SET
    swept_to = CASE WHEN c.found < $3 THEN $2 ELSE r.swept_to END,
    swept_for = $2,
    swept_after = CASE WHEN c.found < $3 THEN '' ELSE c.last END
  FROM chunk AS c
  WHERE r.installation = $1
)
SELECT (SELECT count(*) FROM deleted)::text AS deleted, (SELECT count(*) FROM trimmed)::text AS trimmed,
  0::text AS forgotten, found::text AS found${isDistributed ? walked : ""}
FROM chunk WHERE ${obeyed}`,

    findForgotten: read(`
SELECT installation FROM ${registrations} AS r WHERE EXISTS (
  SELECT 1 FROM ${links} AS l WHERE l.installation = r.installation AND l.is_recorded
    AND l.ended_to = ${LINK_ITSELF} AND l.ended_at < $1)
LIMIT $2`),

    // Only its mark can have changed since it was found: then the ledger may need the receipt.
    forget: `
WITH found AS MATERIALIZED (
  SELECT link FROM ${links} AS l
  WHERE l.installation = $1 AND l.is_recorded AND l.ended_to = ${LINK_ITSELF} AND l.ended_at < $2 LIMIT $3
), forgotten AS (
  DELETE FROM ${links} AS l USING found
  WHERE l.installation = $1 AND l.link = found.link AND l.is_recorded
  RETURNING 1
)
SELECT 0::text AS deleted, 0::text AS trimmed, (SELECT count(*) FROM forgotten)::text AS forgotten,
  (SELECT count(*) FROM found)::text AS found
WHERE ${obeyed}`,

    forgetAttempts: `
WITH found AS MATERIALIZED (
  SELECT attempt_hash FROM ${attempts} WHERE expires_at <= $1 LIMIT $2
), forgotten AS (
  DELETE FROM ${attempts} AS a USING found
  WHERE a.attempt_hash = found.attempt_hash AND a.expires_at <= $1
  RETURNING 1
)
SELECT 0::text AS deleted, 0::text AS trimmed, (SELECT count(*) FROM forgotten)::text AS forgotten,
  (SELECT count(*) FROM found)::text AS found
WHERE ${obeys(registrations, attempts)}`,

    forgetAudit: `
WITH found AS MATERIALIZED (
  SELECT installation, id FROM ${audit} WHERE created_at < $1 LIMIT $2
), forgotten AS (
  DELETE FROM ${audit} AS a USING found WHERE a.installation = found.installation AND a.id = found.id
  RETURNING 1
)
SELECT 0::text AS deleted, 0::text AS trimmed, (SELECT count(*) FROM forgotten)::text AS forgotten,
  (SELECT count(*) FROM found)::text AS found
WHERE ${obeys(audit)}`,

    loadSweepClock: seeingAllRows(`SELECT ${asText("last_at", "doubted_at")} FROM ${sweepClock}`, sweepClock),
    saveSweepClock: `
WITH saved AS (
  INSERT INTO ${sweepClock} (id, last_at, doubted_at) VALUES (1, $1, $2)
  ON CONFLICT (id) DO UPDATE SET last_at = EXCLUDED.last_at, doubted_at = EXCLUDED.doubted_at
  RETURNING 1
)
SELECT count(*)::text AS saved FROM saved WHERE ${obeys(sweepClock)}`,
  };
}
