#!/usr/bin/env node
// The command line of the package. It takes `pg` from the project that runs it, which needs `pg` anyway.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { KEYS_USAGE, runKeysCommand } from "../adapters/http-signatures/keys-command.ts";
import { type CommandClient, mistake } from "../adapters/postgres/command-connection.ts";
import { MIGRATE_USAGE, runMigrateCommand } from "../adapters/postgres/command-line.ts";
import { INSPECT_USAGE, runInspectCommand } from "../adapters/postgres/inspect-command.ts";
import { systemClock } from "../adapters/system/index.ts";

const USAGE = `Usage: unified-contributions <tool> …

  migrate  make the tables in PostgreSQL, and check them
  inspect  show the state of a server, a user, an installation or an account, and audit logs
  keys     make, show, check and prove the keys that sign

Each tool without further words prints its usage.`;

/** The used parts of `pg`. */
interface Driver {
  readonly default: {
    readonly Client: new (options: {
      readonly connectionString?: string;
    }) => CommandClient & { on(event: "error", listener: () => void): unknown };
  };
}

const NO_DRIVER = mistake("The command connects with pg, which is not installed here: npm install pg");

// Kept out of the import, so that no bundler or compiler looks for it.
const DRIVER: string = "pg";

const print = (text: string): void => {
  process.stdout.write(text);
};

const [tool, ...rest] = process.argv.slice(2);
if (tool === "migrate") await migrate(rest);
else if (tool === "inspect") await inspect(rest);
else if (tool === "keys") await handleKeys(rest);
else fail(tool === undefined ? USAGE : `There is no tool "${tool}".\n\n${USAGE}`);

async function migrate(given: readonly string[]): Promise<void> {
  const isPrinting = given.includes("--print");
  const args = readArguments(
    given.filter((word) => word !== "--print"),
    ...(["schema", "from", "partitions", "url", "shards", "colocate-with"] as const),
  );
  if (args === null) return fail(MIGRATE_USAGE);
  const { "colocate-with": colocateWith, ...values } = args.values;
  const warn = (text: string): void => {
    process.stderr.write(`Warning: ${text}`);
  };
  const stop = new AbortController();
  const end = (): void => stop.abort();
  // The second one ends the process, as always.
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  const done = await runMigrateCommand(
    { ...values, colocateWith, isPrinting, words: args.words },
    { makeClient, print, warn, signal: stop.signal },
  );
  if (done.isErr()) fail(done.error.message);
  // A connection that waits for a lock would keep the process.
  if (stop.signal.aborted) process.exit();
}

async function inspect(given: readonly string[]): Promise<void> {
  const isJson = given.includes("--json");
  const args = readArguments(
    given.filter((word) => word !== "--json"),
    "schema",
    "url",
    "after",
    "limit",
  );
  if (args === null) return fail(INSPECT_USAGE);
  const asked = { ...args.values, words: args.words, isJson };
  const done = await runInspectCommand(asked, { makeClient, print, clock: systemClock });
  if (done.isErr()) fail(done.error.message);
}

async function handleKeys(given: readonly string[]): Promise<void> {
  const args = readArguments(given, "algorithm", "challenge", "installation", "cloud");
  if (args === null) return fail(KEYS_USAGE);
  const done = await runKeysCommand(
    { ...args.values, words: args.words },
    {
      read: (path) => readFile(path, "utf8"),
      writeNew: (path, text) => writeFile(path, text, { flag: "wx", mode: 0o600 }),
      print,
    },
  );
  if (done.isErr()) fail(done.error.message);
}

/** Returns a tool's words and options, or null if an option is unknown. */
function readArguments<Option extends string>(
  given: readonly string[],
  ...names: readonly Option[]
): {
  readonly words: readonly string[];
  readonly values: { readonly [Name in Option]?: string | undefined };
} | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
      allowPositionals: true,
    });
    return { words: positionals, values: values as { readonly [Name in Option]?: string } };
  } catch {
    return null;
  }
}

async function makeClient(url: string | undefined = process.env["DATABASE_URL"]): Promise<CommandClient> {
  const driver: Driver = await import(DRIVER).catch(() => Promise.reject(NO_DRIVER));
  const client = new driver.default.Client(url === undefined ? {} : { connectionString: url });
  // The second of two statements reports a connection that was lost in between.
  client.on("error", () => undefined);
  return client;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
