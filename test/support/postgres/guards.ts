import type pg from "pg";
import { keyStatements } from "../../../src/adapters/postgres/key-directory.ts";
import { ledgerStatements } from "../../../src/adapters/postgres/ledger.ts";
import { nonceStatements } from "../../../src/adapters/postgres/nonce-store.ts";
import { receiverReaderStatements } from "../../../src/adapters/postgres/receiver-reader.ts";
import { receiverStatements } from "../../../src/adapters/postgres/receiver-statements.ts";
import { senderReaderStatements } from "../../../src/adapters/postgres/sender-reader.ts";
import { senderStatements } from "../../../src/adapters/postgres/sender-statements.ts";

/** A statement of the library, and how far it is guarded. */
interface Guarded {
  readonly name: string;
  readonly sql: string;
  /** Whether it writes, and looks for triggers and rules, too. Those of the sender count what they have written. */
  readonly obeys: boolean;
}

/** Something done to a table. */
interface Deed {
  readonly title: string;
  /** The tables that it is done to, or null for all. */
  readonly tables: readonly string[] | null;
  /** What it stops: every statement, those that write, or none. */
  readonly stops: "all" | "writing" | "none";
  sql(table: string, schema: string): string;
}

/** One deed on one table. */
export interface GuardCheck {
  readonly title: string;
  /** Whether it is about the text of a statement, which a parser would write otherwise. */
  readonly isOfText: boolean;
  /**
   * Does it, runs every statement that names the table, and takes it back. Rejects if a statement is not stopped that
   * has to be, or the other way round.
   *
   * @param owner a connection as a superuser, outside a transaction
   * @param place a schema with all parts and partitioned links, and a role with the documented grants
   * @param change what a statement is changed to before it is run
   */
  run(
    owner: pg.ClientBase,
    place: { readonly schema: string; readonly role: string },
    change?: (sql: string) => string,
  ): Promise<void>;
}

/** Returns the SQL that makes a trigger, which does nothing, on a table. */
function trigger(when: string, table: string, schema: string): string {
  return `CREATE FUNCTION ${schema}.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER keep ${when} UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${schema}.never()`;
}

const CHANGED_TABLES = ["registrations", "links", "attempts", "ledger_heads", "keys", "nonces"];

const DEEDS: readonly Deed[] = [
  {
    ...{ title: "row-level security", tables: null, stops: "all" },
    sql: (table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  },
  {
    ...{ title: "a trigger before a change", tables: null, stops: "writing" },
    sql: (table, schema) => trigger("BEFORE", table, schema),
  },
  {
    ...{ title: "a rule", tables: null, stops: "writing" },
    sql: (table) => `CREATE RULE keep AS ON UPDATE TO ${table} DO ALSO NOTIFY changed`,
  },
  {
    ...{ title: "a trigger before a change of a partition", tables: ["links"], stops: "writing" },
    sql: (table, schema) => trigger("BEFORE", `${table}_0`, schema),
  },
  {
    ...{ title: "a trigger after a change", tables: CHANGED_TABLES, stops: "none" },
    sql: (table, schema) => trigger("AFTER", table, schema),
  },
  {
    ...{ title: "a trigger that is disabled", tables: CHANGED_TABLES, stops: "none" },
    sql: (table, schema) => `${trigger("BEFORE", table, schema)}; ALTER TABLE ${table} DISABLE TRIGGER keep`,
  },
  {
    title: "a trigger after a change, beside those of the host's own tables,",
    ...{ tables: ["links"], stops: "none" },
    sql: (table, schema) => `${trigger("AFTER", table, schema)};
      CREATE TABLE ${schema}.own (id int4) PARTITION BY HASH (id);
      CREATE TABLE ${schema}.own_0 PARTITION OF ${schema}.own FOR VALUES WITH (MODULUS 1, REMAINDER 0);
      CREATE TRIGGER own BEFORE UPDATE ON ${schema}.own FOR EACH ROW EXECUTE FUNCTION ${schema}.never()`,
  },
];

/** What a session of Citus has: its coordinator writes literals as its nodes read them. */
const IN_CITUS = "SET LOCAL citus.version = '13.2.2'";

const LITERALS: Deed = {
  ...{ title: "literals that the nodes would read otherwise, for statements", tables: null, stops: "all" },
  sql: () => `${IN_CITUS}; SET LOCAL standard_conforming_strings = off`,
};

/** What is done before the statements for distributed tables. */
const DISTRIBUTED_DEEDS: readonly Deed[] = [
  {
    ...{ title: "row-level security", tables: null, stops: "all" },
    sql: (table) => `${IN_CITUS}; ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  },
  LITERALS,
  {
    ...{ title: "a server without Citus for statements", tables: null, stops: "all" },
    sql: () => "SELECT 1",
  },
  { ...{ title: "nothing amiss for statements", tables: null, stops: "none" }, sql: () => IN_CITUS },
];

/** A conflict of versions says by itself that nothing was written. */
const UNGUARDED = ["sender commitState"];

/** Returns every statement of a schema, as the stores send it. */
function guardedStatements(name: string, isDistributed: boolean): readonly Guarded[] {
  const schema = `"${name}"`;
  const of = (part: string, statements: object): readonly Guarded[] =>
    Object.entries(statements as Record<string, string>).map(([name, sql]) => ({
      name: `${part} ${name}`,
      sql,
      obeys: !part.startsWith("sender") && /\b(?:INSERT INTO|DELETE FROM|UPDATE ")/.test(sql),
    }));
  const undistributed = [
    ...of("sender", senderStatements(schema)),
    ...of("sender's reader", senderReaderStatements(schema)),
    ...of("keys", keyStatements(schema)),
    ...of("nonces", nonceStatements(schema)),
  ];
  return [
    ...of("receiver", receiverStatements(schema, isDistributed)),
    ...of("receiver's reader", receiverReaderStatements(schema, isDistributed)),
    ...of("ledger", ledgerStatements(schema, isDistributed)),
    ...(isDistributed ? [] : undistributed),
  ].filter(({ name }) => !UNGUARDED.includes(name));
}

/** Returns the tables that a statement reads or writes. Its guard names them in another form. */
function tablesIn({ sql }: Guarded, schema: string): readonly string[] {
  const named = sql.matchAll(new RegExp(`(?:FROM|JOIN|INTO|UPDATE|USING|,)\\s+"${schema}"\\.(\\w+)`, "g"));
  return [...new Set([...named].flatMap(([, table]) => table ?? []))];
}

/** Every deed on every table that a statement names. */
export const guardChecks: readonly GuardCheck[] = [
  ...checksOf(DEEDS, false),
  ...checksOf(DISTRIBUTED_DEEDS, true),
];

function checksOf(deeds: readonly Deed[], isDistributed: boolean): readonly GuardCheck[] {
  const statements = guardedStatements("s", isDistributed);
  const known = [...new Set(statements.flatMap((statement) => tablesIn(statement, "s")))];
  return deeds.flatMap((deed) =>
    known
      .filter((table) => deed.tables?.includes(table) ?? true)
      .map((table) => ({
        title: `${deed.title} on ${isDistributed ? "distributed " : ""}${table}`,
        isOfText: deed === LITERALS,
        run: runOf(deed, table, isDistributed),
      })),
  );
}

function runOf(deed: Deed, table: string, isDistributed: boolean): GuardCheck["run"] {
  return async (owner, { schema, role }, change = (sql) => sql) => {
    const statements = guardedStatements(schema, isDistributed).filter((statement) =>
      tablesIn(statement, schema).includes(table),
    );
    await owner.query("BEGIN");
    try {
      await owner.query(deed.sql(`${schema}.${table}`, schema));
      await owner.query(`SET LOCAL ROLE ${role}`);
      for (const { name, sql, obeys } of statements) {
        // PostgreSQL stops some of the others, too.
        if (deed.stops === "writing" && !obeys) continue;
        const hasToStop = deed.stops !== "none";
        if ((await isStopped(owner, change(sql))) === hasToStop) continue;
        throw new Error(`${name} ${hasToStop ? "runs on" : "is stopped"}: ${deed.title} on ${table}`);
      }
    } finally {
      await owner.query("ROLLBACK");
    }
  };
}

/** What a guard ends its statement with, and what PostgreSQL says to a change in a `WITH` that a rule would replace. */
const STOPPED = ["22012", "0A000"];

/** Whether a statement is stopped. It is run with no values, and again with the same for all: either may be too odd. */
async function isStopped(client: pg.ClientBase, sql: string): Promise<boolean> {
  const parameters = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  for (const value of [null, "1"]) {
    await client.query("SAVEPOINT before");
    try {
      await client.query(
        sql,
        Array.from({ length: parameters }, () => value),
      );
    } catch (error) {
      if (STOPPED.includes((error as { readonly code?: string }).code ?? "")) return true;
    } finally {
      await client.query("ROLLBACK TO before; RELEASE before");
    }
  }
  return false;
}
