import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import type { SimulationOptions } from "unified-contributions/testing/simulation";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { copyRows, freshSchema, type TestDatabase } from "./test-database.ts";

type Stores = Required<Pick<SimulationOptions, "makeSenderStore" | "makeReceiverStore" | "makeLedger">>;

type SimulatedPart = Extract<SchemaPart, "sender" | "receiver" | "ledger">;

/** The storage of one simulated world. */
export interface SimulatedStores extends Stores {
  /** Gives every schema of the world back, for the next one. */
  clear(): void;
}

/** Keeps a simulated world in a database: each storage in a schema of its own, and each backup in another. */
export function simulatedStores(database: TestDatabase): SimulatedStores {
  const taken: [SimulatedPart, string][] = [];
  const free: Record<SimulatedPart, string[]> = { sender: [], receiver: [], ledger: [] };
  const pristine: Partial<Record<SimulatedPart, string>> = {};

  // Making tables takes longer than most worlds do, so those of an earlier one are emptied and used again.
  async function schemaFor(part: SimulatedPart, backup?: unknown): Promise<string> {
    pristine[part] ??= await freshSchema(database, part);
    const schema = free[part].pop() ?? (await freshSchema(database, part));
    taken.push([part, schema]);
    await copyRows(database, typeof backup === "string" ? backup : pristine[part], schema, part);
    return schema;
  }

  const { client } = database;
  return {
    makeSenderStore: async (backup) => {
      const schema = await schemaFor("sender", backup);
      const store = createPostgresSenderStore({ client, schema });
      return { ...store, snapshot: () => schemaFor("sender", schema) };
    },
    makeReceiverStore: async (backup) => {
      const schema = await schemaFor("receiver", backup);
      const store = createPostgresReceiverStore({ client, schema });
      return { ...store, snapshot: () => schemaFor("receiver", schema) };
    },
    makeLedger: async () => createPostgresLedger({ client, schema: await schemaFor("ledger") }),
    clear: () => {
      for (const [part, schema] of taken.splice(0)) free[part].push(schema);
    },
  };
}
