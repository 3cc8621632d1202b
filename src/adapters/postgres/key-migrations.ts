import type { Migration } from "./migration.ts";

/** The tables of the key directory, one migration after another. */
export const keyMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "keys and challenges",
    sql: `
-- Every key that was ever registered: a revoked one stays, so that neither it nor its id comes back.
CREATE TABLE {schema}.keys (
  key_id         text COLLATE "C" PRIMARY KEY,
  thumbprint     text COLLATE "C" NOT NULL,
  installation   text COLLATE "C" NOT NULL,
  connection     text COLLATE "C",
  algorithm      text NOT NULL,
  jwk            json NOT NULL,
  registered_at  int8 NOT NULL,
  revoked_at     int8
);

CREATE UNIQUE INDEX keys_thumbprint ON {schema}.keys (thumbprint);

-- The keys that end together with a connection.
CREATE INDEX keys_live ON {schema}.keys (installation) WHERE revoked_at IS NULL;

-- The one challenge that an installation has at present.
CREATE TABLE {schema}.key_challenges (
  installation  text COLLATE "C" PRIMARY KEY,
  challenge     text COLLATE "C" NOT NULL,
  until         int8 NOT NULL
);
`,
  },
];
