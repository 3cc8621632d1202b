import { keyMigrations } from "./key-migrations.ts";
import { ledgerMigrations } from "./ledger-migrations.ts";
import type { Migration } from "./migration.ts";
import { nonceMigrations } from "./nonce-migrations.ts";
import { receiverMigrations } from "./receiver-migrations.ts";
import { senderMigrations } from "./sender-migrations.ts";

/** A part of a schema. Several parts can share one schema. */
export type SchemaPart = "sender" | "receiver" | "ledger" | "nonces" | "keys";

/** The migrations of every part, in their order. */
export const migrations: Readonly<Record<SchemaPart, readonly Migration[]>> = {
  sender: senderMigrations,
  receiver: receiverMigrations,
  ledger: ledgerMigrations,
  nonces: nonceMigrations,
  keys: keyMigrations,
};
