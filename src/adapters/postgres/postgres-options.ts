import type { PostgresClient } from "./client.ts";
import type { PostgresEvent } from "./events.ts";
import { quoteSchema } from "./schema-name.ts";

/** Where the tables are. */
export interface PostgresOptions {
  /** What runs the statements. */
  readonly client: PostgresClient;
  /** The schema of the tables: 1 to 63 of `a–z 0–9 _`; `unified_contributions` if left out. */
  readonly schema?: string;
  /**
   * Told of failed and of slow statements: docs/events.md lists all events. It is called while the part works, so that it has
   * to be quick; what it throws or rejects with changes nothing.
   */
  readonly onEvent?: (event: PostgresEvent) => void;
  /** From how many milliseconds on a statement is told to be slow: 1 to 2,147,483,647; 1,000 if left out. */
  readonly slowStatementMs?: number;
}

/** From how many milliseconds on a statement is slow if a host does not say. */
export const DEFAULT_SLOW_MS = 1_000;

/** A longer delay fires at once on some platforms. */
const MAX_SLOW_MS = 2_147_483_647;

/** Checks the options of a factory and answers the schema as SQL writes it; a wrong one throws a `TypeError`. */
export function checkOptions(caller: string, options: PostgresOptions): string {
  if (typeof options?.client?.query !== "function") {
    throw new TypeError(`${caller}: client needs a query method: give a pool or a client of pg.`);
  }
  const { slowStatementMs: slowMs = DEFAULT_SLOW_MS } = options;
  if (!(Number.isInteger(slowMs) && slowMs >= 1 && slowMs <= MAX_SLOW_MS)) {
    throw new TypeError(`${caller}: slowStatementMs has to be a whole number from 1 to 2,147,483,647.`);
  }
  return quoteSchema(caller, options.schema);
}
