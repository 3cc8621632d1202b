import { err, ok, type Result, type ResultAsync } from "neverthrow";
import type { Clock } from "../../domain/environment.ts";
import type { StorageFault } from "../../domain/fault.ts";
import {
  type AccountId,
  type InstallationId,
  parseAccountId,
  parseInstallationId,
  parseUserId,
  type UserId,
} from "../../domain/identifiers.ts";
import { inspectServer, inspectUser } from "../../ghes/inspect.ts";
import { forEachPart, type MakeClient, type Mistake, mistake } from "./command-connection.ts";
import { readSchemaName } from "./command-line.ts";
import {
  lookAtAudit,
  lookAtInstallationAudit,
  lookAtInstallations,
  lookAtWithdrawals,
  type PageOptions,
} from "./inspect-pages.ts";
import {
  accountLines,
  installationLines,
  type Lines,
  quoted,
  receiptLines,
  serverLines,
  userLines,
} from "./inspect-text.ts";
import type { SchemaPart } from "./migrations.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { createPostgresReceiverReader } from "./receiver-reader.ts";
import { createPostgresSenderReader } from "./sender-reader.ts";

/** How the command is used. */
export const INSPECT_USAGE = `Usage: unified-contributions inspect <what> [options]

Says how things stand, and what is in the way. It only reads, and reads no counts.

In the database of GitHub Enterprise Server:
  server             gates, session, syncs, and what there is to do
  user <id>          gates, the last report, and what became of a deletion
  withdrawals        the deletions that wait for their receipts, page by page
  audit server       every change with its author, page by page
  audit user <id>    the same of one user

In the database of GitHub Enterprise Cloud:
  installations            connection and switch of each, page by page
  installation <id>        connection, switch, session, links, and what waits
  audit installation <id>  every change of it, page by page
  account <id>             the servers that the account lets send
  receipts <id>            the account's receipts that wait for the ledger

  --schema <name>  the schema of the tables; unified_contributions if left out
  --url <url>      postgres://…; DATABASE_URL, or else PGHOST and its like, if left out
  --json           as JSON; an instant is the milliseconds since 1970 in it
  --limit <number> how many of a page, 1 to 1,000; 50 if left out
  --after <text>   the page behind the one that ended with this`;

/** How many links, users or withdrawals are looked at. A larger number is printed as "at least" this one. */
const LOOK_AT = 10_000;

/** The arguments of the command line, split at its options. */
interface InspectArguments extends PageOptions {
  readonly words: readonly string[];
  readonly schema?: string | undefined;
  readonly url?: string | undefined;
  readonly isJson?: boolean;
}

/** The parts of the process that the command needs. */
interface InspectProcess {
  readonly makeClient: MakeClient;
  print(text: string): void;
  /** The clock of the machine. A call of the database may take two minutes. */
  readonly clock: Clock;
}

/** The result of a look: a value for programs, and lines for people. */
interface Found {
  readonly value: unknown;
  readonly lines: Lines;
}

/** Looks into a database. It fails with a mistake if nothing is stored under the id. */
type Look = (options: PostgresOptions, clock: Clock) => ResultAsync<Found, StorageFault | Mistake>;

/** A look, and the part whose tables it reads. */
interface Task {
  readonly part: SchemaPart;
  readonly look: Look;
}

const NO_PAGES = mistake(
  "--after and --limit are for installations, withdrawals and audit, which have pages.",
);

/** Does the task of the command line. The error is for the user of the command. */
export function runInspectCommand(
  { words, schema, url, isJson = false, ...page }: InspectArguments,
  process: InspectProcess,
): ResultAsync<void, Mistake> {
  return readTask(words, page)
    .andThen((task) => readSchemaName(schema).map((name) => ({ ...task, schema: name })))
    .asyncAndThen(({ part, look, schema }) =>
      forEachPart({ parts: [part], schema, url }, process.makeClient, (client) =>
        look({ client, schema }, process.clock),
      ),
    )
    .map(([found]) => found as Found)
    .map(({ value, lines }) =>
      process.print(isJson ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join("\n")}\n`),
    );
}

const USAGE = err(mistake(INSPECT_USAGE));

function readTask([what, id, more, ...rest]: readonly string[], page: PageOptions): Result<Task, Mistake> {
  if (rest.length > 0) return USAGE;
  if (what === "audit") return readAudit(id, more, page);
  if (more !== undefined) return USAGE;
  if (what === "installations" && id === undefined) return lookAtInstallations(page).map(ofReceiver);
  if (what === "withdrawals" && id === undefined) return lookAtWithdrawals(page).map(ofSender);
  if (page.after !== undefined || page.limit !== undefined) return err(NO_PAGES);
  if (what === "server" && id === undefined) return ok(ofSender(lookAtServer));
  if (id === undefined) return USAGE;
  switch (what) {
    case "user":
      return parseUserId(id).map((user) => ofSender(lookAtUser(user)));
    case "installation":
      return parseInstallationId(id).map((installation) => ofReceiver(lookAtInstallation(installation)));
    case "account":
      return parseAccountId(id).map((account) => ofReceiver(lookAtAccount(account, accountLines)));
    case "receipts":
      return parseAccountId(id).map((account) => ofReceiver(lookAtAccount(account, receiptLines)));
    default:
      return USAGE;
  }
}

function readAudit(of: string | undefined, id: string | undefined, page: PageOptions): Result<Task, Mistake> {
  if (of === "server" && id === undefined) return lookAtAudit(null, page).map(ofSender);
  if (id === undefined) return USAGE;
  switch (of) {
    case "user":
      return parseUserId(id).andThen((user) => lookAtAudit(user, page).map(ofSender));
    case "installation":
      return parseInstallationId(id).andThen((installation) =>
        lookAtInstallationAudit(installation, page).map(ofReceiver),
      );
    default:
      return USAGE;
  }
}

function ofSender(look: Look): Task {
  return { part: "sender", look };
}

function ofReceiver(look: Look): Task {
  return { part: "receiver", look };
}

const lookAtServer: Look = (options, clock) =>
  inspectServer({ reader: createPostgresSenderReader(options), clock }, LOOK_AT).map((value) => ({
    value,
    lines: serverLines(value),
  }));

function lookAtUser(user: UserId): Look {
  const unknown = `Nothing is stored about the user ${quoted(user)}: they never began to connect, or the id is another.`;
  return (options, clock) =>
    inspectUser({ reader: createPostgresSenderReader(options), clock }, user).andThen(
      orUnknown(unknown, userLines),
    );
}

function lookAtInstallation(installation: InstallationId): Look {
  const unknown = `The installation ${quoted(installation)} is not registered: its server has never called and its owner has not connected it, or the id is another.`;
  return (options) =>
    createPostgresReceiverReader(options)
      .loadInstallation({ installation, lookAt: LOOK_AT })
      .andThen(orUnknown(unknown, installationLines));
}

function lookAtAccount(account: AccountId, lines: typeof accountLines): Look {
  const unknown = `Nothing is stored under the account ${quoted(account)}: no server sends for it, the ledger has all of its deletions, or the id is another.`;
  return (options) =>
    createPostgresReceiverReader(options)
      .loadAccount(account)
      .map((found) => (found.senders.length + found.unrecorded.length === 0 ? null : found))
      .andThen(orUnknown(unknown, lines));
}

/** Returns the value with its lines, or a mistake if nothing is stored under the id. */
function orUnknown<Value>(
  unknown: string,
  lines: (value: Value) => Lines,
): (value: Value | null) => Result<Found, Mistake> {
  return (value) => (value === null ? err(mistake(unknown)) : ok({ value, lines: lines(value) }));
}
