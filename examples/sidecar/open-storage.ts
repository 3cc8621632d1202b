import pg from "pg";
import { okAsync, ResultAsync } from "unified-contributions";
import { openPglite } from "unified-contributions/adapters/pglite";
import {
  createPostgresSenderStore,
  migratePostgresSchema,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import type { SenderStore } from "unified-contributions/storage";
import { type Mistake, mistake, refuse } from "../demo/mistake.ts";
import { createUsers, USERS_TABLE, type Users } from "./users.ts";

/** Where a sidecar keeps what it keeps. */
export interface Storage {
  readonly store: SenderStore;
  readonly users: Users;
  /** Waits for what is under way, then ends every connection. */
  close(): Promise<void>;
}

/** A folder on a disk of this machine, or the address of a PostgreSQL. */
export type StoragePlace = { readonly folder: string } | { readonly postgres: string };

interface Connection {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

/** Opens the storage, and makes its tables where there are none. */
export function openStorage(place: StoragePlace): ResultAsync<Storage, Mistake> {
  return ("folder" in place ? openFolder(place.folder) : connect(place.postgres)).andThen(
    ({ client, close }) =>
      migratePostgresSchema({ client, parts: ["sender"] })
        .andThen(() =>
          ResultAsync.fromPromise(Promise.resolve(client.query(USERS_TABLE, [])), () => NO_TABLE),
        )
        .map(
          (): Storage => ({
            store: createPostgresSenderStore({ client }),
            users: createUsers(client),
            close,
          }),
        )
        .orElse((fault) => ResultAsync.fromSafePromise(close()).andThen(() => refuse(sentenceOf(fault)))),
  );
}

function sentenceOf(fault: { readonly message: string; readonly reason?: unknown }): string {
  return fault.reason === "unavailable" || fault.reason === "outcome-unknown"
    ? "storage: the database cannot be reached. Check that it runs, and that the address is right."
    : `storage: ${fault.message}`;
}

const NO_TABLE = mistake(
  "The role may not make the schema `sidecar`: give it CREATE on the database, or make schema and table for it.",
);

function openFolder(folder: string): ResultAsync<Connection, Mistake> {
  return openPglite(folder).mapErr(({ message }) => mistake(`storage.folder: ${message}`));
}

/** docs/deploying.md says why. */
const LIMITS = {
  max: 10,
  connectionTimeoutMillis: 5_000,
  statement_timeout: 8_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 10_000,
};

function connect(connectionString: string): ResultAsync<Connection, Mistake> {
  const pool = new pg.Pool({
    connectionString,
    application_name: "unified-contributions-sidecar",
    ...LIMITS,
  });
  // An idle connection can end. Without a listener, that would end the process.
  pool.on("error", () => undefined);
  return okAsync({ client: pool, close: () => pool.end() });
}
