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
  return holds(`NOT (${hiddenIn(tables)})`);
}

/**
 * Returns the same condition for a statement that writes. None of these tables may have a rule or a trigger that runs
 * before a change of a row. Those can leave the row as it is without an error. A partition can have such a trigger, too.
 */
export function obeys(...tables: readonly string[]): string {
  const named = tables.map((table) => `c.oid = '${table}'::regclass`);
  return holds(`NOT EXISTS (
  SELECT 1 FROM pg_catalog.pg_class AS c
  WHERE (${named.join(" OR ")}) AND (c.relhasrules OR row_security_active(c.oid) OR c.relhastriggers AND EXISTS (
    SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND ${KEEPS_ROWS})
  OR c.relkind = 'p' AND EXISTS (
    SELECT 1 FROM pg_catalog.pg_inherits AS p JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = p.inhrelid
    WHERE p.inhparent = c.oid AND ${KEEPS_ROWS})))`);
}

/** The bit of `pg_trigger.tgtype` for a trigger that runs before a change. */
const BEFORE = 2;

/** PostgreSQL's own triggers run after a change. */
const KEEPS_ROWS = `t.tgenabled <> 'D' AND (t.tgtype & ${BEFORE}::int2) <> 0::int2`;

/** Returns a query that reads under {@link seesAllRows} of its tables. */
export function seeingAllRows(query: string, ...tables: readonly string[]): string {
  return seeing(query, seesAllRows(...tables));
}

/** The conditions for the tables of one place. */
export interface Guard {
  /** The condition of a statement that writes. */
  readonly obeys: (...tables: readonly string[]) => string;
  /** A query that reads all rows of these tables, or fails. */
  readonly seeingAllRows: (query: string, ...tables: readonly string[]) => string;
}

/** Returns the conditions for tables that an engine has distributed, or that it has not. */
export function guardOf(isDistributed: boolean): Guard {
  return isDistributed
    ? {
        obeys: onShards,
        seeingAllRows: (query, ...tables) => seeing(query, onShards(...tables)),
      }
    : { obeys, seeingAllRows };
}

/**
 * Returns the condition for distributed tables. Citus routes no statement that names a table of the catalogs. So this one
 * looks for no trigger and no rule: Citus refuses triggers on such tables, and the check finds rules.
 *
 * The other two hold on Citus alone, and in a session whose literals the coordinator writes as the nodes read them.
 */
function onShards(...tables: readonly string[]): string {
  return holds(
    `NOT (${hiddenIn(tables)}) AND COALESCE(current_setting('citus.version', true), '') <> '' AND length('\\\\') = 2`,
  );
}

function hiddenIn(tables: readonly string[]): string {
  return tables.map((table) => `row_security_active('${table}'::regclass)`).join(" OR ");
}

function seeing(query: string, condition: string): string {
  return `WITH found AS MATERIALIZED (${query}
) SELECT * FROM found WHERE ${condition}`;
}

/** Returns a condition that is true, or divides by zero. */
function holds(condition: string): string {
  return `(${asserted(condition)})::bool`;
}

/** Returns SQL that is 1, or divides by zero. No other part of any statement divides. */
export function asserted(condition: string): string {
  return `1 / (${condition})::int4`;
}
