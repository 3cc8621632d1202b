import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import type { PostgresClient } from "./client.ts";
import type { PostgresEvent } from "./events.ts";
import { quoteSchema } from "./schema-name.ts";

/** The options of every part in PostgreSQL. */
export interface PostgresOptions {
  /** The client that runs the statements. */
  readonly client: PostgresClient;
  /** The schema of the tables: 1 to 63 of `a–z 0–9 _`. If left out, it is `unified_contributions`. */
  readonly schema?: string;
  /**
   * A listener for failed and slow statements. docs/events.md lists all events. The part calls it while it works, so it
   * has to be quick. An error that it throws or rejects with changes nothing.
   */
  readonly onEvent?: (event: PostgresEvent) => void;
  /**
   * From how many milliseconds on a statement is reported as slow, from 1 to 2,147,483,647. If left out, it is 1,000.
   */
  readonly slowStatementMs?: number;
  /**
   * Whether Citus has distributed the tables of the receiver or of the ledger (`unified-contributions migrate
   * distribute`). Then it routes the statements of one installation to one node. If left out, it is false. A statement
   * fails if it is true without Citus.
   */
  readonly isDistributed?: boolean;
}

const OPTIONS: Readonly<Record<keyof PostgresOptions, true>> = {
  client: true,
  schema: true,
  onEvent: true,
  slowStatementMs: true,
  isDistributed: true,
};

/** From how many milliseconds on a statement is slow if a host does not say. */
export const DEFAULT_SLOW_MS = 1_000;

/** A longer delay fires at once on some platforms. */
const MAX_SLOW_MS = 2_147_483_647;

/** The place of a part's tables. */
interface TablePlace {
  /** The schema, as SQL writes it. */
  readonly schema: string;
  readonly isDistributed: boolean;
}

/** Checks the options of a factory, and returns the place of its tables. A wrong option throws a `TypeError`. */
export function checkOptions(caller: string, options: PostgresOptions): TablePlace {
  if (typeof options?.client?.query !== "function") {
    throw new TypeError(`${caller}: client needs a query method: give a pool or a client of pg.`);
  }
  refuseUnknownOptions(caller, options, OPTIONS);
  const { slowStatementMs: slowMs = DEFAULT_SLOW_MS } = options;
  if (!(Number.isInteger(slowMs) && slowMs >= 1 && slowMs <= MAX_SLOW_MS)) {
    throw new TypeError(`${caller}: slowStatementMs has to be a whole number from 1 to 2,147,483,647.`);
  }
  return { schema: quoteSchema(caller, options.schema), isDistributed: options.isDistributed ?? false };
}
