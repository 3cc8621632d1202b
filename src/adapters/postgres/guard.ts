/**
 * Conditions that are true, or end their statement with SQLSTATE 22012 and undo it.
 *
 * Each stands in the outermost `SELECT`, over a CTE or over no table. Beside a table whose policy hides every row, the
 * planner would leave it out with the rows.
 */

/**
 * Returns the condition that row-level security is off for the role on all of these tables. Its policies hide rows
 * silently.
 *
 * @param tables as SQL writes them, with their schema
 */
export function seesAllRows(...tables: readonly string[]): string {
  const hidden = tables.map((table) => `row_security_active('${table}'::regclass)`);
  return `${asserted(`NOT (${hidden.join(" OR ")})`)} = 1`;
}

/**
 * Returns the same condition for a statement that writes. None of these tables may have a rule or a trigger that runs
 * before a change of a row. Those can leave the row as it is without an error.
 */
export function obeys(...tables: readonly string[]): string {
  const named = tables.map((table) => `c.oid = '${table}'::regclass`);
  const obeyed = asserted(`NOT EXISTS (
  SELECT FROM pg_catalog.pg_class AS c
  WHERE (${named.join(" OR ")}) AND (c.relhasrules OR row_security_active(c.oid) OR c.relhastriggers AND EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & ${BEFORE}::int2) <> 0::int2)))`);
  return `${obeyed} = 1`;
}

/** The bit of `pg_trigger.tgtype` for a trigger that runs before a change. */
const BEFORE = 2;

/** Returns a query that reads under {@link seesAllRows} of its tables. */
export function seeingAllRows(query: string, ...tables: readonly string[]): string {
  return `WITH found AS MATERIALIZED (${query}
) SELECT * FROM found WHERE ${seesAllRows(...tables)}`;
}

/** Returns SQL that is 1, or divides by zero. No other part of any statement divides. */
export function asserted(condition: string): string {
  return `1 / (${condition})::int4`;
}
