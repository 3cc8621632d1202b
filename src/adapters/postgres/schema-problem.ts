import type { PostgresClient } from "./client.ts";
import type { SchemaPart } from "./migrations.ts";

/** Why a database does not fit this release. */
export interface SchemaProblem {
  readonly type: "schema-problem";
  readonly reason: /** There is no schema of this name, or the role may not use it. */
    | "no-schema"
    /** The part was never migrated into this schema. */
    | "no-tables"
    /** Migrations of this release have not run. */
    | "older"
    /** Migrations of a later release have run, and this one can't work with what they made. */
    | "newer"
    /** The tables are not what the migrations made. */
    | "different"
    /** The role lacks a privilege. */
    | "no-privilege"
    /** Row-level security is in force for the role, or a table has a trigger or a rule: it may do less than it is told. */
    | "obstructed"
    /** The client changes what it hands over or answers, or its session speaks another encoding than UTF8. */
    | "unsuitable-client"
    /** The server is too old, or its encoding is not UTF8. */
    | "unsuitable-server";
  /** What is wrong and what to do; names tables, columns and privileges, never what is in them. */
  readonly message: string;
}

/** Says what does not fit. */
export function schemaProblem(reason: SchemaProblem["reason"], message: string): SchemaProblem {
  return { type: "schema-problem", reason, message };
}

/** Which schema of which database, and what is expected in it. */
export interface SchemaQuery {
  readonly client: PostgresClient;
  /** `unified_contributions` if left out. */
  readonly schema?: string;
  /** What the schema is to hold. */
  readonly parts: readonly SchemaPart[];
}
