import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  type PostgresOptions,
} from "unified-contributions/adapters/postgres";
import { createCloudOver, createServerOver, START } from "../world.ts";

/** Both sides over one schema, which has the tables of the sender, the receiver and the ledger. */
export function createSidesOver(options: PostgresOptions) {
  const cloud = createCloudOver(
    createPostgresReceiverStore(options),
    createPostgresLedger(options),
    START,
    1,
  );
  return { cloud, server: createServerOver(createPostgresSenderStore(options), cloud, {}) };
}
