import { ResultAsync } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  type MemoryReceiverSnapshot,
  type MemorySenderSnapshot,
} from "unified-contributions/adapters/memory";
import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  type PostgresOptions,
} from "unified-contributions/adapters/postgres";
import type { DeletionLedger, ReceiverStore, SenderStore } from "unified-contributions/storage";
import { inject } from "vitest";
import type { SchemaPart } from "../../src/adapters/postgres/migrations.ts";
import { lentSchema } from "./postgres/lent-schema.ts";
import { projectDatabase } from "./postgres/project-database.ts";

/** A storage that can be backed up: the backup is a storage of its own, which goes on from this moment. */
export type Stored<Store> = Store & { backUp(): Promise<Stored<Store>> };

/** Makes fresh storages of one kind. */
export interface Storage {
  /** Of how many moments that a test could look at it looks at one: a database takes longer than memory. */
  readonly oneMomentIn: number;
  senderStore(): Stored<SenderStore>;
  receiverStore(): Stored<ReceiverStore>;
  ledger(): DeletionLedger;
}

function memorySenderStore(backup?: MemorySenderSnapshot): Stored<SenderStore> {
  const store = createMemorySenderStore(backup);
  return { ...store, backUp: async () => memorySenderStore(store.snapshot()) };
}

function memoryReceiverStore(backup?: MemoryReceiverSnapshot): Stored<ReceiverStore> {
  const store = createMemoryReceiverStore(backup);
  return { ...store, backUp: async () => memoryReceiverStore(store.snapshot()) };
}

/** Storages in the memory of the test. */
const MEMORY: Storage = {
  oneMomentIn: 1,
  senderStore: memorySenderStore,
  receiverStore: memoryReceiverStore,
  ledger: createMemoryLedger,
};

/** Storages in the project's database, each in a schema of its own. */
const DATABASE: Storage = {
  oneMomentIn: 11,
  senderStore: () => inSchema("sender", createPostgresSenderStore, lentSchema("sender")),
  receiverStore: () => inSchema("receiver", createPostgresReceiverStore, lentSchema("receiver")),
  ledger: () => inSchema("ledger", createPostgresLedger, lentSchema("ledger")),
};

/** A storage at once, over a schema that is still being made: its methods wait for it. */
function inSchema<Store extends object>(
  part: SchemaPart,
  create: (options: PostgresOptions) => Store,
  schema: Promise<string>,
): Stored<Store> {
  const made = Promise.all([projectDatabase(), schema]).then(([{ client, isDistributed = false }, name]) =>
    create({ client, schema: name, isDistributed }),
  );
  // The methods have the names that they have over any client.
  const names = Object.keys(create({ client: { query: () => Promise.reject() } }));
  const methods = names.map((name) => {
    const call = (store: Store, input: readonly unknown[]): ResultAsync<unknown, unknown> =>
      (Reflect.get(store, name) as (...input: readonly unknown[]) => ResultAsync<unknown, unknown>)(...input);
    return [
      name,
      (...input: readonly unknown[]) =>
        ResultAsync.fromSafePromise(made).andThen((store) => call(store, input)),
    ];
  });
  return {
    ...Object.fromEntries(methods),
    backUp: async () => {
      const copy = await lentSchema(part, await schema);
      return inSchema(part, create, Promise.resolve(copy));
    },
  };
}

/** The storage of the project that the test runs in. */
export const STORAGE: Storage = inject("database") ? DATABASE : MEMORY;
