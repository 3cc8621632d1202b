import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import type { SimulationOptions } from "unified-contributions/testing/simulation";
import { expectedTables } from "../../../src/adapters/postgres/expected-tables.ts";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import type { InstallationId } from "../../../src/domain/identifiers.ts";
import { createSchemaPool, type SchemaPool } from "./schema-pool.ts";
import type { TestDatabase } from "./test-database.ts";

type Stores = Required<Pick<SimulationOptions, "makeSenderStore" | "makeReceiverStore" | "makeLedger">>;

type SimulatedPart = Extract<SchemaPart, "sender" | "receiver" | "ledger">;

/** The storage of one simulated world. */
export interface SimulatedStores extends Stores {
  /** Gives every schema of the world back, for the next one. */
  clear(): void;
}

/** Lets a receiver's schema hold of one installation what another one holds. */
async function takeRowsOf(
  { client }: TestDatabase,
  installation: InstallationId,
  from: string,
  to: string,
): Promise<void> {
  const tables = expectedTables.receiver.filter(({ columns }) => "installation" in columns);
  for (const { name } of tables) {
    await client.query(`DELETE FROM ${to}.${name} WHERE installation = $1`, [installation]);
    await client.query(
      `INSERT INTO ${to}.${name} OVERRIDING USER VALUE SELECT * FROM ${from}.${name} WHERE installation = $1`,
      [installation],
    );
  }
}

/**
 * Keeps a simulated world in a database: each storage in a schema of its own, and each backup in another.
 *
 * @param client runs the statements of the stores
 * @param pool has the schemas; one of its own if left out
 */
export function simulatedStores(
  database: TestDatabase,
  client: PostgresClient = database.client,
  pool: SchemaPool = createSchemaPool(database),
): SimulatedStores {
  const { isDistributed = false } = database;
  const lent = pool.lend();

  function schemaFor(part: SimulatedPart, backup?: unknown): Promise<string> {
    return lent.take(part, typeof backup === "string" ? backup : undefined);
  }

  return {
    makeSenderStore: async (backup) => {
      const schema = await schemaFor("sender", backup);
      const store = createPostgresSenderStore({ client, schema });
      return { ...store, snapshot: () => schemaFor("sender", schema) };
    },
    makeReceiverStore: async (backup) => {
      const schema = await schemaFor("receiver", backup);
      const store = createPostgresReceiverStore({ client, schema, isDistributed });
      return {
        ...store,
        snapshot: () => schemaFor("receiver", schema),
        snapshotWith: async (installation, earlier) => {
          const mixed = await schemaFor("receiver", schema);
          await takeRowsOf(database, installation, String(earlier), mixed);
          return mixed;
        },
      };
    },
    makeLedger: async (backup) => {
      const schema = await schemaFor("ledger", backup);
      const ledger = createPostgresLedger({ client, schema, isDistributed });
      return { ...ledger, snapshot: () => schemaFor("ledger", schema) };
    },
    clear: lent.giveBack,
  };
}
