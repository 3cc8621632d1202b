import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import { forEachPart, type MakeClient, type Mistake, mistake } from "./command-connection.ts";
import {
  type DistributedPart,
  distributePostgresSchema,
  isColocation,
  isDistributedPart,
  planDistribution,
} from "./distribute.ts";

/** The part of the usage that is about distributing. */
export const DISTRIBUTE_USAGE = `
  distribute [receiver] [ledger] --shards <number>
            print and run what distributes the tables with Citus; of the receiver if no part is named
  --colocate-with <table>
            with distribute: none (if left out), default, or a table of yours with a column of the same type
  --print   with distribute: print the SQL only; connects to nothing`;

/** The options of the command line. */
export interface DistributeOptions {
  readonly shards?: string | undefined;
  readonly colocateWith?: string | undefined;
  /** Whether the command only prints. */
  readonly isPrinting?: boolean;
  readonly url?: string | undefined;
}

/** The parts of the process that the command needs. */
interface DistributeProcess {
  readonly makeClient: MakeClient;
  readonly signal?: AbortSignal | undefined;
  print(text: string): void;
}

/** Distributes the tables of the command line. The error is for the user of the command. */
export function runDistribute(
  words: readonly string[],
  schema: string,
  { shards = "", colocateWith = "none", isPrinting = false, url }: DistributeOptions,
  { makeClient, print, signal }: DistributeProcess,
): ResultAsync<void, Mistake> {
  return readParts(words)
    .andThen((parts) => readNumbers(parts, shards, colocateWith))
    .asyncAndThen((query): ResultAsync<void, Mistake> => {
      if (isPrinting) return okAsync(print(planDistribution({ ...query, schema })));
      return forEachPart({ parts: query.parts, schema, url }, makeClient, (client, part) =>
        distributePostgresSchema(
          { ...query, client, schema, signal, parts: [part as DistributedPart] },
          print,
        ),
      ).map((counts) => print(counts.every((count) => count === 0) ? "Nothing to do.\n" : "Done.\n"));
    });
}

function readParts(words: readonly string[]): Result<readonly DistributedPart[], Mistake> {
  const parts = words.length === 0 ? (["receiver"] as const) : words;
  return parts.every(isDistributedPart)
    ? ok(parts)
    : err(
        mistake(
          "distribute takes the parts receiver and ledger: the tables of the others are not distributed.",
        ),
      );
}

function readNumbers(parts: readonly DistributedPart[], shards: string, colocateWith: string) {
  if (!/^[1-9]\d{0,3}$/.test(shards)) return err(mistake("--shards has to be a number from 1 to 9,999."));
  if (!isColocation(colocateWith)) {
    return err(mistake("--colocate-with has to be none, default, or the name of a table, with its schema."));
  }
  return ok({ parts, shards: Number(shards), colocateWith });
}
