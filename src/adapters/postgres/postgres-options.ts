import type { PostgresClient } from "./client.ts";
import { quoteSchema } from "./schema-name.ts";

/** Where the tables are. */
export interface PostgresOptions {
  /** What runs the statements. */
  readonly client: PostgresClient;
  /** The schema of the tables: 1 to 63 of `a–z 0–9 _`; `unified_contributions` if left out. */
  readonly schema?: string;
}

/** Checks the options of a factory and answers the schema as SQL writes it; a wrong one throws a `TypeError`. */
export function checkOptions(caller: string, options: PostgresOptions): string {
  if (typeof options?.client?.query !== "function") {
    throw new TypeError(`${caller}: client needs a query method: give a pool or a client of pg.`);
  }
  return quoteSchema(caller, options.schema);
}
