import type { Migration } from "./migration.ts";

/** The tables of the deletion ledger, one migration after another. */
export const ledgerMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "heads and entries of the ledger",
    sql: `
-- The last entry of each installation. Whoever appends locks its row, so that no entry appears behind a reader.
CREATE TABLE {schema}.ledger_heads (
  installation  text COLLATE "C" PRIMARY KEY,
  position      int8 NOT NULL,
  entry_id      text NOT NULL,
  -- The digest of that id.
  digest        int8 NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE {schema}.ledger_entries (
  installation  text COLLATE "C" NOT NULL,
  position      int8 NOT NULL,
  entry_id      text NOT NULL,
  type          text NOT NULL,
  -- Of epochs that are off.
  epoch         int4,
  disabled_at   int8,
  -- Of links that ended, one element each: the last choice that ended (2147483647: the link itself), when, and the first
  -- and last day (days since 1970-01-01) whose counts were removed.
  links         text[],
  ended_to      int4[],
  ended_at      int8[],
  removed_first int4[],
  removed_last  int4[],
  PRIMARY KEY (installation, position)
);
`,
  },
];
