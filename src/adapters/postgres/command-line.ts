import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import { orAborted } from "../../domain/in-time.ts";
import { checkPostgresSchema } from "./check-schema.ts";
import { forEachPart, type MakeClient, type Mistake, mistake } from "./command-connection.ts";
import { DISTRIBUTE_USAGE, type DistributeOptions, runDistribute } from "./distribute-command.ts";
import { MIGRATION_ABORTED, migratePostgresSchema } from "./migrate-schema.ts";
import { planMigrations } from "./migration-sql.ts";
import { migrations, type SchemaPart } from "./migrations.ts";
import { isPartitionCount } from "./partitioned-links.ts";
import { DEFAULT_SCHEMA, isSchemaName } from "./schema-name.ts";
import { SHARED_SERVER } from "./shares-server.ts";

/** How the command is used. */
export const MIGRATE_USAGE: string = `Usage: unified-contributions migrate [plan | check] <part> [<part> …] [options]

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
  --partitions <number>
                   make the receiver's table of links in so many hash partitions by installation, 2 to 256
  --url <url>      postgres://…; DATABASE_URL, or else PGHOST and its like, if left out
${DISTRIBUTE_USAGE}`;

/** The arguments of the command line, split at its options. */
export interface MigrateArguments extends DistributeOptions {
  readonly words: readonly string[];
  readonly schema?: string | undefined;
  readonly from?: string | undefined;
  readonly partitions?: string | undefined;
}

/** The parts of the process that the command needs. */
export interface MigrateProcess {
  readonly makeClient: MakeClient;
  /** Ends the command at once. No further statement begins then. */
  readonly signal?: AbortSignal | undefined;
  print(text: string): void;
  /** Prints advice that is not an error. */
  warn(text: string): void;
}

type Command = "plan" | "migrate" | "check";

/** The task that the command line asks for. */
interface Task {
  readonly command: Command;
  readonly parts: readonly SchemaPart[];
  readonly schema: string;
  readonly from: number;
  readonly partitions: number;
}

/** Does the task of the command line. The error is for the user of the command. */
export function runMigrateCommand(
  args: MigrateArguments,
  process: MigrateProcess,
): ResultAsync<void, Mistake> {
  return orAborted(process.signal, () => run(args, process), MIGRATION_ABORTED);
}

function run(args: MigrateArguments, process: MigrateProcess): ResultAsync<void, Mistake> {
  const [first, ...words] = args.words;
  if (first === "distribute") {
    return readSchemaName(args.schema).asyncAndThen((schema) => runDistribute(words, schema, args, process));
  }
  return readTask(args).asyncAndThen((task): ResultAsync<void, Mistake> => {
    if (task.command === "plan") {
      process.print(planMigrations(task.parts, task.schema, task.from, task.partitions));
      return okAsync(undefined);
    }
    return carryOut(task, args.url, process);
  });
}

function carryOut(
  { command, parts, schema, partitions }: Task,
  url: string | undefined,
  { makeClient, print, warn, signal }: MigrateProcess,
): ResultAsync<void, Mistake> {
  if (parts.includes("receiver") && parts.includes("ledger")) warn(`shared-server: ${SHARED_SERVER}\n`);
  const place = { parts, schema, url };
  if (command === "check") {
    return forEachPart(place, makeClient, (client, part) =>
      checkPostgresSchema({ client, schema, parts: [part] }),
    ).map(() => print(`${parts.join(", ")}: as this release expects.\n`));
  }
  return forEachPart(place, makeClient, (client, part) =>
    migratePostgresSchema({ client, schema, parts: [part], partitions, signal }).andThen((applied) => {
      for (const { version, title } of applied) print(`${part} ${version}: ${title}\n`);
      const isMade = applied.some(({ version }) => version === 1);
      return part === "receiver" && partitions > 0 && !isMade
        ? err(mistake(MADE_BEFORE))
        : ok(applied.length);
    }),
  ).map((steps) => print(steps.every((count) => count === 0) ? "Nothing to do.\n" : "Done.\n"));
}

const MADE_BEFORE =
  "The table of links was there already and stays as it is: --partitions counts only when migrate makes it.";

function readTask({ words, schema, from = "0", partitions = "0" }: MigrateArguments): Result<Task, Mistake> {
  const [first] = words;
  const command = isCommand(first) ? first : "migrate";
  const parts = isCommand(first) ? words.slice(1) : words;
  if (parts.length === 0 || !parts.every(isPart)) return err(mistake(MIGRATE_USAGE));
  if (!/^\d{1,6}$/.test(from)) return err(mistake("--from has to be the number of a migration, or 0."));
  if (!/^\d{1,3}$/.test(partitions) || !isPartitionCount(Number(partitions))) {
    return err(mistake("--partitions has to be a number from 2 to 256."));
  }
  if (partitions !== "0" && (command === "check" || !parts.includes("receiver"))) {
    return err(
      mistake("--partitions belongs to the part receiver, and not to check: it is about its table of links."),
    );
  }
  return readSchemaName(schema).map((name) => ({
    ...{ command, parts, schema: name },
    ...{ from: Number(from), partitions: Number(partitions) },
  }));
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
