/**
 * Conditions that are true, or end their statement with SQLSTATE 22012 and undo it. Each stands in the outermost `SELECT`,
 * over a CTE or over no table: beside a table whose policy hides every row the planner would leave it out with the rows.
 */

/**
 * Row-level security is in force for the role on none of these tables: it hides rows as if there were none.
 *
 * @param tables as SQL writes them, with their schema
 */
export function seesAllRows(...tables: readonly string[]): string {
  const hidden = tables.map((table) => `row_security_active('${table}'::regclass)`);
  return asserted(`NOT (${hidden.join(" OR ")})`);
}

/**
 * The same for a statement that writes: none of these tables has a rule either, nor a trigger that runs before a row is
 * changed. Those can leave the row as it is and say nothing.
 */
export function obeys(...tables: readonly string[]): string {
  const named = tables.map((table) => `c.oid = '${table}'::regclass`);
  return asserted(`NOT EXISTS (
  SELECT FROM pg_catalog.pg_class AS c
  WHERE (${named.join(" OR ")}) AND (c.relhasrules OR row_security_active(c.oid) OR c.relhastriggers AND EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & ${BEFORE}::int2) <> 0::int2)))`);
}

/** The bit of `pg_trigger.tgtype` that says so. */
const BEFORE = 2;

/** A query that reads, under {@link seesAllRows} of the tables that it reads. */
export function seeingAllRows(query: string, ...tables: readonly string[]): string {
  return `WITH found AS MATERIALIZED (${query}
) SELECT * FROM found WHERE ${seesAllRows(...tables)}`;
}

/** True, or a division by zero: no other part of any statement divides. */
export function asserted(condition: string): string {
  return `1 / (${condition})::int4 = 1`;
}
