#!/usr/bin/env node
// The command line of the migrations. It takes `pg` from the project that runs it, which has to have it anyway.
import process from "node:process";
import { parseArgs } from "node:util";
import {
  MIGRATE_USAGE,
  type MigrateArguments,
  type MigrateConnection,
  mistake,
  runMigrateCommand,
} from "../adapters/postgres/command-line.ts";

/** What is used of `pg`. */
interface Driver {
  readonly default: {
    readonly Client: new (options: {
      readonly connectionString?: string;
    }) => MigrateConnection & {
      connect(): Promise<unknown>;
      on(event: "error", listener: () => void): unknown;
    };
  };
}

const NO_DRIVER = mistake("The command connects with pg, which is not installed here: npm install pg");

// Not spelled out in the import, so that nobody's bundler or compiler asks for it.
const DRIVER: string = "pg";

const args = readArguments();
if (!args) fail(MIGRATE_USAGE);
else {
  const done = await runMigrateCommand(args, { connect, print: (text) => process.stdout.write(text) });
  if (done.isErr()) fail(done.error.message);
}

function readArguments(): MigrateArguments | null {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options: { schema: text, from: text, url: text },
      allowPositionals: true,
    });
    return { ...values, words: positionals };
  } catch {
    return null;
  }
}

async function connect(url: string | undefined = process.env["DATABASE_URL"]): Promise<MigrateConnection> {
  const driver: Driver = await import(DRIVER).catch(() => Promise.reject(NO_DRIVER));
  const client = new driver.default.Client(url === undefined ? {} : { connectionString: url });
  // What is lost between two statements is said by the second.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
