import type { SchemaPart } from "./migrations.ts";

/** A table of a part after every migration. */
export interface ExpectedTable {
  readonly name: string;
  /** Each column with its type, in the spelling of `format_type`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly indexes: readonly string[];
  /** The privileges that the role of the stores needs. */
  readonly privileges: readonly ("SELECT" | "INSERT" | "UPDATE" | "DELETE")[];
}

/** The table that lists the migrations that have run. Every part has it. */
export const MIGRATIONS_TABLE: ExpectedTable = {
  name: "migrations",
  columns: { part: "text", version: "integer", compatible_from: "integer" },
  indexes: ["migrations_pkey"],
  privileges: ["SELECT"],
};

/** The tables of every part. */
export const expectedTables: Readonly<Record<SchemaPart, readonly ExpectedTable[]>> = {
  sender: [
    {
      name: "server",
      columns: { id: "integer", version: "bigint", state: "json" },
      indexes: ["server_pkey"],
      privileges: ["SELECT", "UPDATE"],
    },
    {
      name: "user_links",
      columns: {
        user_id: "text",
        version: "bigint",
        changes: "bigint",
        link: "json",
        link_id: "text",
        choice: "integer",
        connection: "integer",
        epoch: "integer",
        attempt: "text",
        redeemed_under: "integer",
        reported_session: "text",
        reported_changes: "bigint",
        reported_at: "bigint",
        refresh_at: "bigint",
        first_day: "integer",
        counts: "bytea",
        unknown_since: "bigint",
        due_rank: "bigint",
        deletion_link: "text",
        deletion_ended_to: "integer",
        deletion_connection: "integer",
        deletion_requested_at: "bigint",
        deletion_receipt: "json",
        deletion_unknown_since: "bigint",
      },
      indexes: [
        "user_links_attempt",
        "user_links_due",
        "user_links_link",
        "user_links_pkey",
        "user_links_redeeming",
      ],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
    {
      name: "withdrawals",
      columns: {
        link: "text",
        ended_to: "integer",
        user_id: "text",
        connection: "integer",
        requested_at: "bigint",
        next_ask_at: "bigint",
        has_receipt: "boolean",
      },
      indexes: ["withdrawals_due", "withdrawals_pkey"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
    {
      name: "audit_log",
      columns: { id: "bigint", action: "text", actor: "text", user_id: "text", created_at: "bigint" },
      indexes: ["audit_log_created", "audit_log_pkey", "audit_log_user"],
      privileges: ["SELECT", "INSERT", "DELETE"],
    },
  ],
  receiver: [
    {
      name: "registrations",
      columns: {
        installation: "text",
        version: "bigint",
        is_connected: "boolean",
        connection: "text",
        epoch: "integer",
        is_on: "boolean",
        disabled_at: "bigint",
        session_id: "text",
        session_ordinal: "integer",
        attached_by: "text",
        last_request_id: "text",
        is_completed: "boolean",
        read_to: "bigint",
        read_to_entry: "text",
        read_to_digest: "bigint",
        recorded_off: "integer",
        swept_to: "integer",
        swept_for: "integer",
        swept_after: "text",
      },
      indexes: [
        "registrations_digest",
        "registrations_pkey",
        "registrations_swept",
        "registrations_unrecorded",
      ],
      privileges: ["SELECT", "INSERT", "UPDATE"],
    },
    {
      name: "links",
      columns: {
        installation: "text",
        link: "text",
        attempt: "text",
        account: "text",
        epoch: "integer",
        opened_at: "bigint",
        choice: "integer",
        report_session: "integer",
        received_at: "bigint",
        first_day: "integer",
        last_day: "integer",
        counts: "bytea",
        ended_to: "integer",
        ended_at: "bigint",
        removed_first: "integer",
        removed_last: "integer",
        is_recorded: "boolean",
        end_cause: "text",
      },
      indexes: ["links_account", "links_attempt", "links_pkey", "links_recorded", "links_unrecorded"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
    {
      name: "attempts",
      columns: {
        attempt_hash: "bytea",
        installation: "text",
        link: "text",
        epoch: "integer",
        expires_at: "bigint",
        browser_hash: "bytea",
        account: "text",
        code_hash: "bytea",
      },
      indexes: ["attempts_account", "attempts_expired", "attempts_link", "attempts_pending", "attempts_pkey"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
    {
      name: "account_installations",
      columns: { account: "text", installation: "text", written_at: "bigint" },
      indexes: ["account_installations_pkey", "account_installations_written"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
    {
      name: "installation_audit_log",
      columns: {
        id: "bigint",
        installation: "text",
        action: "text",
        actor: "text",
        epoch: "integer",
        created_at: "bigint",
      },
      indexes: ["installation_audit_log_created", "installation_audit_log_pkey"],
      privileges: ["SELECT", "INSERT", "DELETE"],
    },
    {
      name: "sweep_clock",
      columns: { id: "integer", last_at: "bigint", doubted_at: "bigint" },
      indexes: ["sweep_clock_pkey"],
      privileges: ["SELECT", "INSERT", "UPDATE"],
    },
  ],
  ledger: [
    {
      name: "ledger_heads",
      columns: { installation: "text", position: "bigint", entry_id: "text", digest: "bigint" },
      indexes: ["ledger_heads_pkey"],
      privileges: ["SELECT", "INSERT", "UPDATE"],
    },
    {
      name: "ledger_entries",
      columns: {
        installation: "text",
        position: "bigint",
        entry_id: "text",
        type: "text",
        epoch: "integer",
        disabled_at: "bigint",
        links: "text[]",
        ended_to: "integer[]",
        ended_at: "bigint[]",
        removed_first: "integer[]",
        removed_last: "integer[]",
      },
      indexes: ["ledger_entries_pkey"],
      privileges: ["SELECT", "INSERT", "DELETE"],
    },
  ],
  nonces: [
    {
      name: "nonces",
      columns: { installation: "text", nonce: "text", until: "bigint" },
      indexes: ["nonces_pkey", "nonces_until"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
  ],
  keys: [
    {
      name: "keys",
      columns: {
        key_id: "text",
        thumbprint: "text",
        installation: "text",
        connection: "text",
        algorithm: "text",
        jwk: "json",
        registered_at: "bigint",
        revoked_at: "bigint",
      },
      indexes: ["keys_live", "keys_pkey", "keys_thumbprint"],
      privileges: ["SELECT", "INSERT", "UPDATE"],
    },
    {
      name: "key_challenges",
      columns: { installation: "text", challenge: "text", until: "bigint" },
      indexes: ["key_challenges_pkey"],
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    },
  ],
};
