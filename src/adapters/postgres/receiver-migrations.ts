import type { Migration } from "./migration.ts";

/** The tables of the receiver's store, one migration after another. */
export const receiverMigrations: readonly Migration[] = [
  {
    version: 1,
    compatibleFrom: 1,
    title: "registrations, links, attempts, audit log and the clock of the sweeps",
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
  -- The position and the id of the last entry of the ledger that was read, or null.
  read_to          int8,
  read_to_entry    text,
  -- The digest of that entry's id: 0 for none.
  read_to_digest   int8 NOT NULL,
  -- The ledger has every epoch up to this one as off.
  recorded_off     int4 NOT NULL,
  -- No live link is of an epoch that is over, and none has counts of days before this one (days since 1970-01-01) …
  swept_to         int4 NOT NULL,
  -- … where the sweep that is under way has got to, and for which day: links up to this one are done.
  swept_for        int4 NOT NULL,
  swept_after      text COLLATE "C" NOT NULL
) WITH (fillfactor = 70);

-- So that the digest of all is read without the rows.
CREATE INDEX registrations_digest ON {schema}.registrations (read_to_digest);
CREATE INDEX registrations_swept ON {schema}.registrations (swept_to);
CREATE INDEX registrations_unrecorded ON {schema}.registrations (installation)
  WHERE recorded_off < CASE WHEN is_on THEN epoch - 1 ELSE epoch END;

-- The links. The counts are two bytes a day, the high one first; the two columns before them say of which days they are.
-- A link that is deleted stays as its receipt: without its counts, of which the days remain.
-- A choice is one selection of "Send my contribution counts" under the link: 1 for the first.
CREATE TABLE {schema}.links (
  installation     text COLLATE "C" NOT NULL,
  link             text COLLATE "C" NOT NULL,
  -- The one whose redemption has opened it, or the SHA-256 of one that was void before.
  attempt          text COLLATE "C" NOT NULL,
  -- Null once the ledger has the deletion.
  account          text COLLATE "C",
  epoch            int4 NOT NULL,
  opened_at        int8 NOT NULL,
  -- The choice of the last report.
  choice           int4,
  report_session   int4,
  received_at      int8,
  first_day        int4,
  last_day         int4,
  counts           bytea,
  -- The last choice that has ended: 0 if none has, 2147483647 if the link itself is deleted.
  ended_to         int4 NOT NULL DEFAULT 0,
  -- Of that ending, its receipt and whether the ledger is known to have it; null if nothing has ended.
  ended_at         int8,
  removed_first    int4,
  removed_last     int4,
  is_recorded      bool,
  -- What has ended the link, or null while it is live.
  end_cause        text,
  PRIMARY KEY (installation, link),
  CONSTRAINT links_ended CHECK (
    (ended_to > 0) = (ended_at IS NOT NULL) AND (ended_to > 0) = (is_recorded IS NOT NULL)
    AND COALESCE(choice > ended_to, counts IS NULL)
    AND CASE WHEN ended_to < 2147483647 THEN end_cause IS NULL AND account IS NOT NULL ELSE end_cause IS NOT NULL END
    AND (removed_first IS NULL) = (removed_last IS NULL) AND (ended_to > 0 OR removed_first IS NULL)),
  -- A report goes whole, or leaves its choice, its session and its time.
  CONSTRAINT links_reported CHECK (
    (choice IS NULL) = (report_session IS NULL) AND (choice IS NOT NULL OR received_at IS NULL)
    AND (counts IS NULL) = (first_day IS NULL) AND (counts IS NULL) = (last_day IS NULL)
    AND (counts IS NULL OR received_at IS NOT NULL))
) WITH (fillfactor = 90);

-- The way to an account's links that are live or unrecorded, of which one of each installation at the most is live.
CREATE UNIQUE INDEX links_account
  ON {schema}.links (account, installation, (CASE WHEN ended_to < 2147483647 THEN '' ELSE link END))
  WHERE account IS NOT NULL;
CREATE UNIQUE INDEX links_attempt ON {schema}.links (installation, attempt);
-- IS FALSE and not NOT, also in statements: PostgreSQL believes that NOT holds for most rows where most are null.
CREATE INDEX links_unrecorded ON {schema}.links (installation, link) WHERE is_recorded IS FALSE;
CREATE INDEX links_recorded ON {schema}.links (installation, ended_at) WHERE is_recorded AND ended_to = 2147483647;

-- The attempts to connect that were not redeemed yet. What a browser carries is here as its SHA-256 alone.
CREATE TABLE {schema}.attempts (
  attempt_hash     bytea PRIMARY KEY,
  installation     text COLLATE "C" NOT NULL,
  -- The link that it may open.
  link             text COLLATE "C" NOT NULL,
  epoch            int4 NOT NULL,
  expires_at       int8 NOT NULL,
  -- Null until a browser has brought it.
  browser_hash     bytea,
  -- Both null until an account's owner has consented.
  account          text COLLATE "C",
  code_hash        bytea
);

CREATE INDEX attempts_pending ON {schema}.attempts (installation, expires_at);
CREATE INDEX attempts_expired ON {schema}.attempts (expires_at);
CREATE INDEX attempts_account ON {schema}.attempts (account) WHERE account IS NOT NULL;
CREATE INDEX attempts_link ON {schema}.attempts (link);

-- The way from an account to the installations that may hold links of it, where an engine distributes the links by
-- installation. Elsewhere the index links_account is the way, and this table stays empty.
CREATE TABLE {schema}.account_installations (
  account          text COLLATE "C" NOT NULL,
  installation     text COLLATE "C" NOT NULL,
  -- The time of the consent, or of the sweep that found a link.
  written_at       int8 NOT NULL,
  PRIMARY KEY (account, installation)
);

CREATE INDEX account_installations_written ON {schema}.account_installations (written_at);

-- What has become of installations: no person, and an ending of many links in one row.
CREATE TABLE {schema}.installation_audit_log (
  id               int8 GENERATED ALWAYS AS IDENTITY,
  installation     text COLLATE "C" NOT NULL,
  action           text NOT NULL,
  actor            text NOT NULL,
  epoch            int4 NOT NULL,
  created_at       int8 NOT NULL,
  PRIMARY KEY (installation, id)
);

CREATE INDEX installation_audit_log_created ON {schema}.installation_audit_log (created_at);

-- One row at the most.
CREATE TABLE {schema}.sweep_clock (
  id               int4 PRIMARY KEY CHECK (id = 1),
  last_at          int8 NOT NULL,
  doubted_at       int8
);
`,
  },
];
