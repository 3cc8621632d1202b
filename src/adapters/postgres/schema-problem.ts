import type { PostgresClient } from "./client.ts";
import type { SchemaPart } from "./migrations.ts";

/** The reason why a database does not fit this release. */
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
  /** A sentence that says what is wrong and what to do. It names tables, columns and privileges, never their data. */
  readonly message: string;
}

/** Returns a problem with its sentence. */
export function schemaProblem(reason: SchemaProblem["reason"], message: string): SchemaProblem {
  return { type: "schema-problem", reason, message };
}

/** The schema of a database to check or migrate. */
export interface SchemaQuery {
  readonly client: PostgresClient;
  /** `unified_contributions` if left out. */
  readonly schema?: string;
  /** The parts that the schema has to hold. */
  readonly parts: readonly SchemaPart[];
}
