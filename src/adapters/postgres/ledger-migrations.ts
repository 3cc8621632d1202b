import type { Migration } from "./migration.ts";

/** The table of the deletion ledger, one migration after another. */
export const ledgerMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "deletions",
    sql: `
CREATE TABLE {schema}.deletions (
  id     int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     int8 NOT NULL,
  entry  json NOT NULL
);

CREATE INDEX deletions_at ON {schema}.deletions (at);
`,
  },
];
