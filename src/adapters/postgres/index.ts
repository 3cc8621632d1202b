/**
 * Every storage port of both sides in PostgreSQL, and the keys and nonces of signatures, over the host's own client.
 *
 * It does not import `pg`: give it a pool or a client of `pg`, or either over PGlite. docs/postgres.md shows the setup.
 *
 * @packageDocumentation
 */

export { checkPostgresSchema } from "./check-schema.ts";
export type { PostgresClient } from "./client.ts";
export type { PostgresEvent } from "./events.ts";
export { createPostgresKeyDirectory } from "./key-directory.ts";
export { createPostgresLedger } from "./ledger.ts";
export { type AppliedMigration, migratePostgresSchema } from "./migrate-schema.ts";
export type { Migration } from "./migration.ts";
export { migrationSql, planMigrations } from "./migration-sql.ts";
export { migrations } from "./migrations.ts";
export { createPostgresNonceStore } from "./nonce-store.ts";
export type { PostgresOptions } from "./postgres-options.ts";
export { prepareStatements } from "./prepare-statements.ts";
export { createPostgresReceiverReader } from "./receiver-reader.ts";
export { createPostgresReceiverStore } from "./receiver-store.ts";
export type { SchemaProblem } from "./schema-problem.ts";
export { createPostgresSenderReader } from "./sender-reader.ts";
export { createPostgresSenderStore } from "./sender-store.ts";
export { type StoreAndLedger, sharesServer } from "./shares-server.ts";
