import { err, ok, type Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import {
  type Instant,
  type InvalidIdentifier,
  parseAccountId,
  parseInstallationId,
  parseUserId,
} from "../../domain/identifiers.ts";
import { inspectServer, inspectUser } from "../../ghes/inspect.ts";
import { type MigrateConnection, type Mistake, mistake, mistakeOf, readSchemaName } from "./command-line.ts";
import {
  accountLines,
  installationLines,
  type Lines,
  quoted,
  receiptLines,
  serverLines,
  userLines,
} from "./inspect-text.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { createPostgresReceiverReader } from "./receiver-reader.ts";
import { createPostgresSenderReader } from "./sender-reader.ts";

/** How the command is used. */
export const INSPECT_USAGE = `Usage: unified-contributions inspect <what> [options]

Says how things stand, and what is in the way. It only reads, and reads no counts.

In the database of GitHub Enterprise Server:
  server             gates, session, syncs, and what there is to do
  user <id>          gates, the last report, and what became of a deletion

In the database of GitHub Enterprise Cloud:
  installation <id>  connection, switch, session, links, and what waits
  account <id>       the servers that the account lets send
  receipts <id>      the account's receipts that wait for the ledger

  --schema <name>  the schema of the tables; unified_contributions if left out
  --url <url>      postgres://…; DATABASE_URL, or else PGHOST and its like, if left out
  --json           as JSON; an instant is the milliseconds since 1970 in it`;

/** How many links, users or withdrawals are looked at. A larger number is printed as "at least" this one. */
const LOOK_AT = 10_000;

/** The arguments of the command line, split at its options. */
interface InspectArguments {
  readonly words: readonly string[];
  readonly schema?: string | undefined;
  readonly url?: string | undefined;
  readonly isJson?: boolean;
}

/** The parts of the process that the command needs. */
interface InspectProcess {
  /** Opens a connection; rejects with the driver's error, or with a {@link Mistake}. */
  connect(url: string | undefined): Promise<MigrateConnection>;
  print(text: string): void;
  /** The present, in milliseconds since 1970. */
  now(): number;
}

/** The result of a look: a value for programs, and lines for people. */
interface Found {
  readonly value: unknown;
  readonly lines: Lines;
}

/** Looks into a database. It fails with a mistake if nothing is stored under the id. */
type Look = (options: PostgresOptions, now: Instant) => ResultAsync<Found, StorageFault | Mistake>;

/** Does the task of the command line. The error is for the user of the command. */
export function runInspectCommand(
  { words, schema, url, isJson = false }: InspectArguments,
  process: InspectProcess,
): ResultAsync<void, Mistake> {
  return readLook(words)
    .andThen((look) => readSchemaName(schema).map((name) => ({ look, name })))
    .asyncAndThen(({ look, name }) =>
      ResultAsync.fromPromise(process.connect(url), mistakeOf).andThen((client) =>
        closing(client, look({ client, schema: name }, process.now() as Instant)),
      ),
    )
    .map(({ value, lines }) =>
      process.print(isJson ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join("\n")}\n`),
    );
}

/** Closes the connection after a look. If closing fails, the connection is closed already. */
function closing<Value, Fault>(
  client: MigrateConnection,
  looked: ResultAsync<Value, Fault>,
): ResultAsync<Value, Fault> {
  const close = async (): Promise<Result<Value, Fault>> => {
    const result = await looked;
    await client.end().catch(() => undefined);
    return result;
  };
  return new ResultAsync(close());
}

function readLook([what, id, ...more]: readonly string[]): Result<Look, Mistake> {
  if (more.length > 0) return err(mistake(INSPECT_USAGE));
  if (what === "server" && id === undefined) return ok(lookAtServer);
  if (id === undefined) return err(mistake(INSPECT_USAGE));
  switch (what) {
    case "user":
      return parsed(parseUserId(id), (user) => (options, now) => {
        const parts = { reader: createPostgresSenderReader(options), clock: { now: () => now } };
        return inspectUser(parts, user).andThen(
          orUnknown(
            `Nothing is stored about the user ${quoted(id)}: they never began to connect, or the id is another.`,
            userLines,
          ),
        );
      });
    case "installation":
      return parsed(
        parseInstallationId(id),
        (installation) => (options) =>
          createPostgresReceiverReader(options)
            .loadInstallation({ installation, lookAt: LOOK_AT })
            .andThen(
              orUnknown(
                `The installation ${quoted(id)} is not registered: its server has never called and its owner has not connected it, or the id is another.`,
                installationLines,
              ),
            ),
      );
    case "account":
      return lookAtAccount(id, accountLines);
    case "receipts":
      return lookAtAccount(id, receiptLines);
    default:
      return err(mistake(INSPECT_USAGE));
  }
}

const lookAtServer: Look = (options, now) =>
  inspectServer({ reader: createPostgresSenderReader(options), clock: { now: () => now } }, LOOK_AT).map(
    (value) => ({ value, lines: serverLines(value) }),
  );

function lookAtAccount(id: string, lines: typeof accountLines): Result<Look, Mistake> {
  const unknown = `Nothing is stored under the account ${quoted(id)}: no server sends for it, the ledger has all of its deletions, or the id is another.`;
  return parsed(
    parseAccountId(id),
    (account) => (options) =>
      createPostgresReceiverReader(options)
        .loadAccount(account)
        .map((found) => (found.senders.length + found.unrecorded.length === 0 ? null : found))
        .andThen(orUnknown(unknown, lines)),
  );
}

function parsed<Id>(id: Result<Id, InvalidIdentifier>, look: (id: Id) => Look): Result<Look, Mistake> {
  return id.map(look);
}

/** Returns the value with its lines, or a mistake if nothing is stored under the id. */
function orUnknown<Value>(
  unknown: string,
  lines: (value: Value) => Lines,
): (value: Value | null) => Result<Found, Mistake> {
  return (value) => (value === null ? err(mistake(unknown)) : ok({ value, lines: lines(value) }));
}
