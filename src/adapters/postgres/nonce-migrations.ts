import type { Migration } from "./migration.ts";

/** The table of used nonces, one migration after another. */
export const nonceMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "nonces",
    sql: `
CREATE TABLE {schema}.nonces (
  installation  text COLLATE "C" NOT NULL,
  nonce         text COLLATE "C" NOT NULL,
  until         int8 NOT NULL,
  PRIMARY KEY (installation, nonce)
);

CREATE INDEX nonces_until ON {schema}.nonces (until);
`,
  },
];
