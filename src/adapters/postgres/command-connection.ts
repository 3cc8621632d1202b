import { err, ok, okAsync, type Result, ResultAsync } from "neverthrow";
import type { PostgresClient } from "./client.ts";
import type { SchemaPart } from "./migrations.ts";
import { NO_ANSWER, storageFaultOf } from "./storage-fault-of.ts";

/** A mistake that the user of the command can put right. */
export interface Mistake {
  readonly type: string;
  readonly message: string;
}

/** Returns a mistake with a sentence that says what is wrong and what to do. */
export function mistake(message: string): Mistake {
  return { type: "mistake", message };
}

/** A client of `pg` that is not connected yet. The command connects it, and closes it. */
export interface CommandClient extends PostgresClient {
  readonly host: string;
  readonly port: number;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** The place of the tables that a command works on. */
interface CommandPlace {
  readonly parts: readonly SchemaPart[];
  readonly schema: string;
  /** The address of the database, or nothing for that of the environment. */
  readonly url: string | undefined;
}

/** Makes a client for an address, or for the address of the environment. It rejects with a {@link Mistake}. */
export type MakeClient = (url: string | undefined) => Promise<CommandClient>;

const NOT_OPENED = mistake(
  "The server cannot be reached, and nothing was done: check the address, whether the server runs, and any firewall on the way.",
);

const NO_ADDRESS = mistake(
  "The address of the database cannot be read: give postgres://user:password@host:5432/database, with special characters as %40 and its like.",
);

/**
 * Runs a task for one part after another over one connection, which it closes. The first mistake ends it. Its message
 * names the part, the schema, the database and the host, and never a role or a password.
 */
export function forEachPart<Value>(
  { parts, schema, url }: CommandPlace,
  makeClient: MakeClient,
  task: (client: PostgresClient, part: SchemaPart) => ResultAsync<Value, Mistake>,
): ResultAsync<readonly Value[], Mistake> {
  return ResultAsync.fromPromise(makeClient(url), mistakeOf).andThen((client) => {
    const place = `${schema} of ${placeOf(client)}`;
    const run = async (): Promise<Result<readonly Value[], Mistake>> => {
      const values: Value[] = [];
      for (const part of parts) {
        const result = await (values.length === 0 ? connected(client) : okAsync(undefined)).andThen(() =>
          task(client, part),
        );
        if (result.isErr())
          return err(mistake(`${result.error.message} (The part ${part} in the schema ${place}.)`));
        values.push(result.value);
      }
      return ok(values);
    };
    // If closing fails, the connection is closed already.
    return new ResultAsync(run().finally(() => client.end().catch(() => undefined)));
  });
}

function connected(client: CommandClient): ResultAsync<unknown, Mistake> {
  return ResultAsync.fromPromise(client.connect(), (error) => {
    const fault = storageFaultOf(error);
    // Before there was a connection, no write can have been lost.
    return fault === NO_ANSWER ? NOT_OPENED : fault;
  });
}

/** Returns the database and the host. It never repeats the role, whose name is also the default of the database's. */
function placeOf({ host, port, database, user }: CommandClient): string {
  const named =
    database === undefined || database === user
      ? "the database with the role's name"
      : `the database ${database}`;
  return host.startsWith("/") ? `${named} at the socket ${host}` : `${named} on ${host}:${port}`;
}

/** Returns the reason why a client cannot be made. It repeats nothing of the driver's error, which holds the address. */
function mistakeOf(error: unknown): Mistake {
  const { type } = error as { readonly type?: unknown };
  return type === "mistake" ? (error as Mistake) : NO_ADDRESS;
}
