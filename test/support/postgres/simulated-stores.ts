import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  type SchemaPart,
} from "unified-contributions/adapters/postgres";
import type { SimulationOptions } from "unified-contributions/testing";
import { copySchema, freshSchema, type TestDatabase } from "./test-database.ts";

type Stores = Required<Pick<SimulationOptions, "makeSenderStore" | "makeReceiverStore" | "makeLedger">>;

/** The storage of one simulated world. */
export interface SimulatedStores extends Stores {
  /** Drops every schema that the world has made. */
  clear(): Promise<void>;
}

/** Keeps a simulated world in a database: each storage in a schema of its own, and each backup in another. */
export function simulatedStores(database: TestDatabase): SimulatedStores {
  const schemas: string[] = [];

  async function schemaFor(part: SchemaPart, backup?: unknown): Promise<string> {
    const schema =
      typeof backup === "string"
        ? await copySchema(database, backup, part)
        : await freshSchema(database, part);
    schemas.push(schema);
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
    clear: async () => {
      for (const schema of schemas.splice(0)) await client.query(`DROP SCHEMA ${schema} CASCADE`, []);
    },
  };
}
