import type { Migration } from "./migration.ts";

/** The tables of the sender's store, one migration after another. */
export const senderMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "server, user links, withdrawals and audit log",
    sql: `
-- One row. The state is null until it is first written.
CREATE TABLE {schema}.server (
  id       int4 PRIMARY KEY CHECK (id = 1),
  version  int8 NOT NULL,
  state    json
);

INSERT INTO {schema}.server (id, version) VALUES (1, 0);

CREATE TABLE {schema}.user_links (
  user_id                text COLLATE "C" PRIMARY KEY,
  version                int8 NOT NULL,
  changes                int8 NOT NULL,
  link                   json NOT NULL,
  -- Of a link that is open, else null.
  link_id                text COLLATE "C",
  -- Of a link that sends, else null. The choice is how often the user has chosen to send under the link.
  choice                 int4,
  connection             int4,
  epoch                  int4,
  -- The attempt that it is about, from connecting to sending, and the connection while the attempt is redeemed; else null.
  attempt                text COLLATE "C",
  redeemed_under         int4,
  -- What the receiver has said of it, or null; '' is no session. Kept: the rest is set; unknown: since when.
  reported_session       text COLLATE "C" NOT NULL,
  reported_changes       int8,
  reported_at            int8,
  refresh_at             int8,
  first_day              int4,
  counts                 bytea,
  unknown_since          int8,
  -- 0: due at once. Else minus refresh_at, so that a change moves a link behind all others of its session.
  due_rank               int8 NOT NULL,
  -- The last deletion, or null.
  deletion_link          text,
  deletion_ended_to      int4,
  deletion_connection    int4,
  deletion_requested_at  int8,
  deletion_receipt       json,
  deletion_unknown_since int8
) WITH (fillfactor = 90);

CREATE INDEX user_links_due ON {schema}.user_links (connection, epoch, reported_session, due_rank, link_id)
  WHERE connection IS NOT NULL;

-- A link belongs to one user.
CREATE UNIQUE INDEX user_links_link ON {schema}.user_links (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX user_links_attempt ON {schema}.user_links (attempt) WHERE attempt IS NOT NULL;
CREATE INDEX user_links_redeeming ON {schema}.user_links (redeemed_under, attempt) WHERE redeemed_under IS NOT NULL;

CREATE TABLE {schema}.withdrawals (
  link          text COLLATE "C" PRIMARY KEY,
  -- The last choice that ends; 2147483647: the link itself.
  ended_to      int4 NOT NULL,
  -- Null when the user was forgotten.
  user_id       text COLLATE "C",
  connection    int4 NOT NULL,
  requested_at  int8 NOT NULL,
  -- 0: never answered.
  next_ask_at   int8 NOT NULL,
  has_receipt   bool NOT NULL
);

CREATE INDEX withdrawals_due ON {schema}.withdrawals (connection, next_ask_at, link);

CREATE TABLE {schema}.audit_log (
  id          int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action      text NOT NULL,
  actor       text,
  user_id     text COLLATE "C",
  created_at  int8 NOT NULL
);

CREATE INDEX audit_log_user ON {schema}.audit_log (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_log_created ON {schema}.audit_log (created_at, id);
`,
  },
];
