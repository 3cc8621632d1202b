import type { Migration } from "./migration.ts";

/** The tables of the receiver's store, one migration after another. */
export const receiverMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "registrations, links and receipts",
    sql: `
CREATE TABLE {schema}.registrations (
  installation     text COLLATE "C" PRIMARY KEY,
  version          int8 NOT NULL,
  is_connected     bool NOT NULL,
  connection       text,
  epoch            int4 NOT NULL,
  is_on            bool NOT NULL,
  disabled_at      int8,
  session_id       text NOT NULL,
  session_ordinal  int4 NOT NULL,
  attached_by      text,
  last_request_id  text,
  is_completed     bool NOT NULL,
  -- No link has ended, and none has counts of days before this one (days since 1970-01-01) …
  swept_to         int4 NOT NULL,
  -- … where the sweep that is under way has got to: links up to this one are done.
  swept_after      text COLLATE "C" NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX registrations_swept ON {schema}.registrations (swept_to);

-- The live links. The counts are two bytes a day, the high one first; the three columns before them say of which days
-- they are, and how many contributions in all.
CREATE TABLE {schema}.links (
  installation     text COLLATE "C" NOT NULL,
  link             text COLLATE "C" NOT NULL,
  account          text COLLATE "C" NOT NULL,
  epoch            int4 NOT NULL,
  opened_in        int4 NOT NULL,
  opened_at        int8 NOT NULL,
  report_session   int4,
  received_at      int8,
  first_day        int4,
  last_day         int4,
  contributions    int4,
  counts           bytea,
  PRIMARY KEY (installation, link)
) WITH (fillfactor = 90);

-- One live link of an account and installation; and the way to all links of an account.
CREATE UNIQUE INDEX links_account ON {schema}.links (account, installation);

-- What is left of the deleted ones: when they were deleted, of which days counts were removed, and how many contributions in all.
CREATE TABLE {schema}.receipts (
  installation     text COLLATE "C" NOT NULL,
  link             text COLLATE "C" NOT NULL,
  deleted_at       int8 NOT NULL,
  first_day        int4,
  last_day         int4,
  contributions    int4,
  PRIMARY KEY (installation, link)
);

CREATE INDEX receipts_deleted ON {schema}.receipts (deleted_at);
`,
  },
];
