import { guardOf } from "./guard.ts";

/** The statements that find where an account's ways lead. */
export interface WayReads {
  readonly findInstallations: string;
  /** The same of several accounts. */
  readonly findInstallationsTogether: string;
}

/**
 * The statements of the ways: each row of `account_installations` leads from an account to an installation that may
 * hold links of it. Only distributed tables need them. Elsewhere an index leads to the links of an account.
 */
export interface WayStatements extends WayReads {
  /** Writes the ways to one page of an installation's links again. */
  readonly renewWays: string;
  /** Removes the ways of an account, except to some installations. */
  readonly forgetAccount: string;
  /** Removes the ways of several accounts to one installation. */
  readonly forgetAccounts: string;
  /** Removes the ways that no sweep has written again. */
  readonly forgetOldWays: string;
}

/** Returns the CTE that writes the ways of a query, and those that exist anew where a condition holds. */
export function waysWritten(schema: string, query: string, when: string): string {
  return `ways AS (
  INSERT INTO ${schema}.account_installations AS w (account, installation, written_at)
  ${query}
  ON CONFLICT (account, installation) DO UPDATE SET written_at = EXCLUDED.written_at WHERE ${when}
  RETURNING 1
)`;
}

/** Returns the statements for a schema, which is quoted already. Their names are not qualified yet. */
export function wayStatements(schema: string, isDistributed: boolean): WayStatements {
  const { obeys, seeingAllRows } = guardOf(isDistributed);
  const links = `${schema}.links`;
  const ways = `${schema}.account_installations`;
  const obeyed = obeys(ways);
  const found = (which: string): string =>
    seeingAllRows(`SELECT w.account, w.installation FROM ${ways} AS w WHERE ${which}`, ways);
  const forgotten = (which: string): string => `
WITH forgotten AS (DELETE FROM ${ways} AS w ${which} RETURNING 1)
SELECT count(*)::text AS forgotten FROM forgotten WHERE ${obeyed}`;
  return {
    findInstallations: found("w.account = $1"),
    findInstallationsTogether: found("w.account = ANY ($1::text[])"),

    // A link has an account while it is live, and until its end is recorded.
    renewWays: `
WITH page AS MATERIALIZED (
  SELECT l.link, l.account FROM ${links} AS l
  WHERE l.installation = $1 AND l.link > $2 AND l.link <= $3 AND l.account IS NOT NULL
  ORDER BY l.link LIMIT $4
), ${waysWritten(schema, "SELECT DISTINCT p.account, $1, $5::int8 FROM page AS p", "w.written_at < $6")}
SELECT count(*)::text AS found, max(link) AS last FROM page WHERE ${obeys(links, ways)}`,

    forgetAccount: forgotten(
      "WHERE w.account = $1 AND NOT (w.installation = ANY ($2::text[])) AND w.written_at <= $3",
    ),
    forgetAccounts: forgotten(
      "WHERE w.installation = $1 AND w.account = ANY ($2::text[]) AND w.written_at <= $3",
    ),
    forgetOldWays: `
WITH old AS MATERIALIZED (
  SELECT w.account, w.installation FROM ${ways} AS w WHERE w.written_at < $1 LIMIT $2
), forgotten AS (
  DELETE FROM ${ways} AS w USING old AS o
  WHERE w.account = o.account AND w.installation = o.installation AND w.written_at < $1
  RETURNING 1
)
SELECT (SELECT count(*) FROM old)::text AS found, (SELECT count(*) FROM forgotten)::text AS forgotten
WHERE ${obeyed}`,
  };
}
