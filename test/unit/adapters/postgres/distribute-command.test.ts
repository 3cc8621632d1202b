import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandClient, mistake } from "../../../../src/adapters/postgres/command-connection.ts";
import { type MigrateArguments, runMigrateCommand } from "../../../../src/adapters/postgres/command-line.ts";
import { distributePostgresSchema } from "../../../../src/adapters/postgres/distribute.ts";
import { openPglite } from "../../../support/postgres/pglite.ts";
import { freshSchema, type TestDatabase } from "../../../support/postgres/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

/** The test's database as the command sees it. It answers as Citus would where PostgreSQL cannot. */
const makeClient = (citus: (sql: string) => object[] | undefined) => async (): Promise<CommandClient> => ({
  ...{ host: "db.example", port: 5432, database: "cloud", user: "app" },
  query: (text, values) => {
    const rows = citus(text);
    return rows ? Promise.resolve({ rows, rowCount: rows.length }) : database.client.query(text, values);
  },
  connect: async () => undefined,
  end: async () => undefined,
});

const WITHOUT_CITUS = makeClient(() => undefined);

/** A coordinator that has distributed these tables. */
const coordinatorWith = (...tables: readonly string[]) =>
  makeClient((sql) => {
    if (sql.includes("has_citus")) return [{ has_citus: "true" }];
    if (sql.includes("pg_dist_partition")) return tables.map((table) => ({ table }));
    return sql.includes("create_distributed_table") ? [{ create_distributed_table: "" }] : undefined;
  });

/** Runs the command; answers what it printed, or why it failed. */
async function distribute(
  args: Partial<MigrateArguments>,
  client: () => Promise<CommandClient> = WITHOUT_CITUS,
): Promise<string> {
  let printed = "";
  const { words = [], ...rest } = args;
  const done = await runMigrateCommand(
    { shards: "32", ...rest, words: ["distribute", ...words] },
    { makeClient: client, print: (text) => (printed += text), warn: () => undefined },
  );
  return done.match(
    () => printed,
    ({ message }) => `failed: ${message}`,
  );
}

const RECEIVER = `SELECT create_distributed_table('s.registrations', 'installation', colocate_with => 'none', shard_count => 32);
SELECT create_distributed_table('s.links', 'installation', colocate_with => 's.registrations');
SELECT create_distributed_table('s.installation_audit_log', 'installation', colocate_with => 's.registrations');
SELECT create_distributed_table('s.account_installations', 'account', colocate_with => 'none', shard_count => 32);
`;

/** What finds the accounts of the links that are there, at every run. */
const FILLING = `INSERT INTO s.account_installations (account, installation, written_at)
SELECT l.account, l.installation, COALESCE((SELECT c.last_at FROM s.sweep_clock AS c), 0)
FROM s.links AS l WHERE l.account IS NOT NULL GROUP BY l.account, l.installation
ON CONFLICT (account, installation) DO NOTHING;
`;

describe("unified-contributions migrate distribute", () => {
  it("prints the statements of the receiver, and of the ledger if it is named, and connects to nothing", async () => {
    const nowhere = () => Promise.reject(mistake("it has connected"));
    const printed = { schema: "s", isPrinting: true };

    expect(await distribute(printed, nowhere)).toBe(RECEIVER + FILLING);
    expect(await distribute({ ...printed, words: ["receiver"] }, nowhere)).toBe(RECEIVER + FILLING);
    expect(await distribute({ ...printed, words: ["ledger"], colocateWith: "app.servers" }, nowhere)).toBe(
      `SELECT create_distributed_table('s.ledger_heads', 'installation', colocate_with => 'app.servers');
SELECT create_distributed_table('s.ledger_entries', 'installation', colocate_with => 's.ledger_heads');
`,
    );
    expect(await distribute({ ...printed, colocateWith: "default" }, nowhere)).toMatch(
      /'s\.registrations', 'installation', colocate_with => 'default', shard_count => 32/,
    );
  });

  it("refuses a database without Citus, and says what to do", async () => {
    const schema = await freshSchema(database, "receiver");

    expect(await distribute({ schema })).toMatch(
      /^failed: The database has no Citus, and nothing was done: add citus to shared_preload_libraries, .* migrate with --partitions instead\./,
    );
  });

  it("refuses a schema whose tables are not there", async () => {
    const schema = await freshSchema(database, "sender");

    expect(await distribute({ schema }, coordinatorWith())).toMatch(
      /^failed: The tables of receiver are not there: run unified-contributions migrate first\./,
    );
  });

  it("tells a program the reason as a word, and every part that is missing", async () => {
    const schema = await freshSchema(database, "sender");
    const query = { ...{ schema, shards: 32, colocateWith: "none" }, parts: ["receiver", "ledger"] } as const;
    const client = await coordinatorWith()();

    expect(
      (await distributePostgresSchema({ ...query, client }, () => undefined))._unsafeUnwrapErr(),
    ).toEqual({
      type: "schema-problem",
      reason: "no-tables",
      message: "The tables of receiver, ledger are not there: run unified-contributions migrate first.",
    });
  });

  it("looks for the tables that are distributed in this schema alone", async () => {
    const schema = await freshSchema(database, "ledger");
    const asked: unknown[] = [];
    const client = await coordinatorWith()();
    const noting: typeof client.query = (text, values) => {
      if (text.includes("pg_dist_partition")) asked.push(values);
      return client.query(text, values);
    };

    await distribute({ schema, words: ["ledger"] }, async () => ({ ...client, query: noting }));

    expect(asked).toEqual([[schema]]);
  });

  it("prints and runs what distributes each table that is not distributed yet", async () => {
    const schema = await freshSchema(database, "receiver", "ledger");
    const own = (sql: string) => sql.replaceAll(/\bs\./g, `${schema}.`);
    const [registrations = "", ...others] = own(RECEIVER).split(/(?<=\n)/);
    const rest = `${others.join("")}${own(FILLING)}Done.\n`;
    const all = ["registrations", "links", "installation_audit_log", "account_installations"];

    expect(await distribute({ schema }, coordinatorWith())).toBe(`${registrations}${rest}`);
    expect(await distribute({ schema }, coordinatorWith("registrations"))).toBe(rest);
    expect(await distribute({ schema }, coordinatorWith(...all))).toBe(`${own(FILLING)}Done.\n`);
    const ledger = { schema, words: ["ledger"] };
    expect(await distribute(ledger, coordinatorWith("ledger_heads", "ledger_entries"))).toBe(
      "Nothing to do.\n",
    );
    const both = coordinatorWith(...all, "ledger_heads", "ledger_entries");
    expect(await distribute({ schema, words: ["receiver", "ledger"] }, both)).toBe(`${own(FILLING)}Done.\n`);
  });

  it.each(["1", "9", "10", "9999"])("takes %s for a number of shards", async (shards) => {
    const plan = await distribute({ words: ["ledger"], schema: "s", isPrinting: true, shards });

    expect(plan).toBe(
      `SELECT create_distributed_table('s.ledger_heads', 'installation', colocate_with => 'none', shard_count => ${shards});
SELECT create_distributed_table('s.ledger_entries', 'installation', colocate_with => 's.ledger_heads');
`,
    );
  });

  it.each(["", "0", "01", "10000", "-1", "+5", "x5", "5x", "5e0", "5 "])(
    "does not take %j for a number of shards",
    async (shards) => {
      expect(await distribute({ schema: "s", isPrinting: true, shards })).toBe(
        "failed: --shards has to be a number from 1 to 9,999.",
      );
    },
  );

  it.each(["", "a'b", "1a", "A", "a.", ".a", "a.1", "a.b.c", "a b", "a".repeat(64), `a.${"b".repeat(64)}`])(
    "does not take %j for a table",
    async (colocateWith) => {
      expect(await distribute({ schema: "s", isPrinting: true, colocateWith })).toBe(
        "failed: --colocate-with has to be none, default, or the name of a table, with its schema.",
      );
    },
  );

  it.each(["servers", "_", "app.servers", `${"a".repeat(63)}.${"b_1".repeat(21)}`])(
    "takes %s for a table, whose number of shards then counts",
    async (colocateWith) => {
      expect(await distribute({ words: ["ledger"], schema: "s", isPrinting: true, colocateWith })).toMatch(
        new RegExp(`'s\\.ledger_heads', 'installation', colocate_with => '${colocateWith}'\\);\n`),
      );
    },
  );

  it.each([[["sender"]], [["receiver", "sender"]], [["receiver", "toString"]]])(
    "does not take the parts %j",
    async (words) => {
      expect(await distribute({ words, schema: "s", isPrinting: true })).toBe(
        "failed: distribute takes the parts receiver and ledger: the tables of the others are not distributed.",
      );
    },
  );

  it.each<[string, Partial<MigrateArguments>, RegExp]>([
    ["no number of shards", { shards: undefined }, /--shards has to be/],
    ["no schema's name", { schema: "a.b" }, /--schema has to be/],
  ])("given %s, says what it takes", async (_, args, says) => {
    expect(await distribute(args)).toMatch(says);
  });
});
