import type pg from "pg";
import type { PostgresClient } from "unified-contributions/adapters/postgres";

const FUNCTIONS = [
  ...["array_to_string", "count", "current_setting", "encode", "generate_series", "get_byte"],
  ...["has_schema_privilege", "has_table_privilege", "json_agg", "max", "row_security_active"],
  ...["string_agg", "substring", "sum", "unnest"],
];

const OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "&", "||"];

const TYPES = ["text", "int2", "int4", "int8", "bool", "json", "bytea", "name", "regclass", "regnamespace"];

const SIGNATURES = `
SELECT p.proname AS name, 'function' AS kind,
  (SELECT coalesce(string_agg(format_type(type, NULL), ', ' ORDER BY place), '')
   FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, place)) AS arguments
FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY ($1)
UNION
SELECT o.oprname, 'operator', format_type(o.oprleft, NULL) || ', ' || format_type(o.oprright, NULL)
FROM pg_operator AS o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname = ANY ($2) AND o.oprkind = 'b'`;

interface Signature {
  readonly name: string;
  readonly kind: "function" | "operator";
  readonly arguments: string;
}

/**
 * Makes a schema that has every function, operator and type of our statements under their own names, and each of them raises
 * an error when it is used. A session that has it before `pg_catalog` in its `search_path` finds them first.
 */
export async function shadowCatalog(client: PostgresClient, schema: string): Promise<void> {
  const { rows } = (await client.query(SIGNATURES, [FUNCTIONS, OPERATORS])) as pg.QueryResult<Signature>;
  const body = "LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'a shadow ran'; END$$";
  const made = rows.flatMap(({ name, kind, arguments: types }) => {
    // These two kinds of arguments are for functions in C.
    if (/"any"|cstring|internal/.test(types)) return [];
    if (kind === "function") return [`CREATE FUNCTION ${schema}.${name}(${types}) RETURNS text ${body}`];
    const [left, right] = types.split(", ");
    return [
      `CREATE OR REPLACE FUNCTION ${schema}.shadow(${types}) RETURNS bool ${body}`,
      `CREATE OPERATOR ${schema}.${name} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${schema}.shadow)`,
    ];
  });
  const types = TYPES.map((type) => `CREATE DOMAIN ${schema}.${type} AS pg_catalog.${type} CHECK (false)`);
  const drop = `DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`;
  await client.query([drop, ...made, ...types].join(";\n"), []);
}
