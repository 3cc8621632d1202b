import { err, ok, okAsync, type Result, ResultAsync } from "neverthrow";
import { checkPostgresSchema } from "./check-schema.ts";
import type { PostgresClient } from "./client.ts";
import { migratePostgresSchema } from "./migrate-schema.ts";
import { planMigrations } from "./migration-sql.ts";
import { migrations, type SchemaPart } from "./migrations.ts";
import { DEFAULT_SCHEMA, isSchemaName } from "./schema-name.ts";
import { SHARED_SERVER } from "./shares-server.ts";
import { NO_ANSWER, storageFaultOf } from "./storage-fault-of.ts";

/** How the command is used. */
export const MIGRATE_USAGE = `Usage: unified-contributions migrate [plan | check] <part> [<part> …] [options]

Runs the migrations that have not run, or with one of these words:

  plan      print the SQL, for psql; connects to nothing
  check     say whether the database is what this release expects

  sender    the tables of GitHub Enterprise Server
  receiver  the tables of GitHub Enterprise Cloud
  ledger    the ledger of deletions, which belongs on a server of its own
  nonces    the table of used nonces, on GitHub Enterprise Cloud
  keys      the tables of the servers' public keys, on GitHub Enterprise Cloud

  --schema <name>  the schema of the tables; unified_contributions if left out
  --from <number>  with plan: leave out the migrations up to this one
  --url <url>      postgres://…; DATABASE_URL, or else PGHOST and its like, if left out`;

/** The arguments of the command line, split at its options. */
export interface MigrateArguments {
  readonly words: readonly string[];
  readonly schema?: string | undefined;
  readonly from?: string | undefined;
  readonly url?: string | undefined;
}

/** A connection that the command opened, and closes. */
export interface MigrateConnection extends PostgresClient {
  end(): Promise<unknown>;
}

/** The parts of the process that the command needs. */
export interface MigrateProcess {
  /** Opens a connection; rejects with the driver's error, or with a {@link Mistake}. */
  connect(url: string | undefined): Promise<MigrateConnection>;
  print(text: string): void;
  /** Prints advice that is not an error. */
  warn(text: string): void;
}

/** A mistake that the user of the command can put right. */
export interface Mistake {
  readonly type: string;
  readonly message: string;
}

type Command = "plan" | "migrate" | "check";

/** The task that the command line asks for. */
interface Task {
  readonly command: Command;
  readonly parts: readonly SchemaPart[];
  readonly schema: string;
  readonly from: number;
}

/** Does the task of the command line. The error is for the user of the command. */
export function runMigrateCommand(
  args: MigrateArguments,
  process: MigrateProcess,
): ResultAsync<void, Mistake> {
  return readTask(args).asyncAndThen((task): ResultAsync<void, Mistake> => {
    if (task.command === "plan") {
      process.print(planMigrations(task.parts, task.schema, task.from));
      return okAsync(undefined);
    }
    return ResultAsync.fromPromise(process.connect(args.url), mistakeOf).andThen(
      (client) => new ResultAsync(carryOut(task, client, process)),
    );
  });
}

async function carryOut(
  { command, parts, schema }: Task,
  client: MigrateConnection,
  { print, warn }: MigrateProcess,
): Promise<Result<void, Mistake>> {
  try {
    if (parts.includes("receiver") && parts.includes("ledger")) warn(`shared-server: ${SHARED_SERVER}\n`);
    if (command === "check") {
      const checked = await checkPostgresSchema({ client, schema, parts });
      return checked.map(() => print(`${parts.join(", ")}: as this release expects.\n`));
    }
    const applied = await migratePostgresSchema({ client, schema, parts });
    if (applied.isErr()) return err(applied.error);
    for (const { part, version, title } of applied.value) print(`${part} ${version}: ${title}\n`);
    print(applied.value.length === 0 ? "Nothing to do.\n" : "Done.\n");
    return ok();
  } finally {
    // If closing fails, the connection is closed already.
    await client.end().catch(() => undefined);
  }
}

function readTask({ words, schema, from = "0" }: MigrateArguments): Result<Task, Mistake> {
  const [first] = words;
  const command = isCommand(first) ? first : "migrate";
  const parts = isCommand(first) ? words.slice(1) : words;
  if (parts.length === 0 || !parts.every(isPart)) return err(mistake(MIGRATE_USAGE));
  return readSchemaName(schema).andThen(
    (name): Result<Task, Mistake> =>
      /^\d{1,6}$/.test(from)
        ? ok({ command, parts, schema: name, from: Number(from) })
        : err(mistake("--from has to be the number of a migration, or 0.")),
  );
}

/** Returns the schema of the command line, or the default one if it names none. */
export function readSchemaName(schema: string = DEFAULT_SCHEMA): Result<string, Mistake> {
  return isSchemaName(schema)
    ? ok(schema)
    : err(mistake("--schema has to be 1 to 63 of a–z 0–9 _, not begin with a digit or with pg_."));
}

/** Whether a word is a command. Migrating has none. */
function isCommand(word: string | undefined): word is Exclude<Command, "migrate"> {
  return word === "plan" || word === "check";
}

function isPart(word: string): word is SchemaPart {
  return Object.hasOwn(migrations, word);
}

/** Returns a mistake with a sentence that says what is wrong and what to do. */
export function mistake(message: string): Mistake {
  return { type: "mistake", message };
}

const NOT_OPENED = mistake(
  "The server cannot be reached, and nothing was done: check the address, whether the server runs, and any firewall on the way.",
);

/** Returns the reason why a connection was not opened. It repeats nothing of the driver's error. */
export function mistakeOf(error: unknown): Mistake {
  const { type } = error as { readonly type?: unknown };
  if (type === "mistake") return error as Mistake;
  const fault = storageFaultOf(error);
  // Before there was a connection, no write can have been lost.
  return fault === NO_ANSWER ? NOT_OPENED : fault;
}
