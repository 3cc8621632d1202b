import { resolve } from "node:path";
import pg from "pg";
import { okAsync, ResultAsync } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
} from "unified-contributions/adapters/memory";
import { openPglite } from "unified-contributions/adapters/pglite";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
  migratePostgresSchema,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import type { DeletionLedger, ReceiverStore, SenderStore } from "unified-contributions/storage";
import { createFileLedger } from "../own-store/file-ledger.ts";
import { type Mistake, mistake, refuse } from "./mistake.ts";

/** The storage of both sides. Yours are two databases; the ledger is in a third place, whose backups are not theirs. */
export interface Stores {
  readonly senderStore: SenderStore;
  readonly receiverStore: ReceiverStore;
  readonly ledger: DeletionLedger;
  close(): Promise<void>;
}

/** A client, and what ends it. */
interface Connection {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

/**
 * Opens the storage that `--store` names, and makes its tables if they are missing. The storage is a database at
 * `postgres://…`, a database in a folder, or memory if `--store` is left out. The ledger is a file outside of the
 * database, so it knows the deletions that a restored backup has forgotten.
 */
export function openStores(place: string | null): ResultAsync<Stores, Mistake> {
  if (place === null) return okAsync(memoryStores());
  return (isAddress(place) ? connect(place) : openFolder(place)).andThen(({ client, close }) =>
    migratePostgresSchema({ client, parts: ["sender", "receiver"] })
      .map(
        (): Stores => ({
          senderStore: createPostgresSenderStore({ client }),
          receiverStore: createPostgresReceiverStore({ client }),
          ledger: createFileLedger(ledgerBeside(place)),
          close,
        }),
      )
      .orElse(({ message }) =>
        ResultAsync.fromSafePromise(close()).andThen(() => refuse(`--store: ${message}`)),
      ),
  );
}

/** Beside the folder; in the current one for a database that is somewhere else. */
function ledgerBeside(place: string): string {
  return isAddress(place) ? "unified-contributions-ledger.jsonl" : `${resolve(place)}-ledger.jsonl`;
}

export function isAddress(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place);
}

function connect(connectionString: string): ResultAsync<Connection, Mistake> {
  const pool = new pg.Pool({ connectionString });
  // An idle connection can end. Without a listener, that would end the process.
  pool.on("error", () => undefined);
  return okAsync({ client: pool, close: () => pool.end() });
}

function openFolder(folder: string): ResultAsync<Connection, Mistake> {
  return openPglite(folder).mapErr(({ message }) => mistake(`--store: ${message}`));
}

/** Storage that ends with the process. */
export function memoryStores(): Stores {
  return {
    senderStore: createMemorySenderStore(),
    receiverStore: createMemoryReceiverStore(),
    ledger: createMemoryLedger(),
    close: () => Promise.resolve(),
  };
}
