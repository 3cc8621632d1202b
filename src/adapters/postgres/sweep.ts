import { err, ok, okAsync, type Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { SweepQuery, SweepResult } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { dayOf } from "./pack.ts";
import { numberIn, textIn, textOrNullIn } from "./read-row.ts";
import { NOTHING_SWEPT, type ReceiverStatements } from "./receiver-statements.ts";
import type { RunStatement } from "./run-statement.ts";
import { forgetOldWays, renewWays, type Walked } from "./ways.ts";

/** The first day that counts can have. No registration that was swept for it is unswept. */
const BEFORE_ALL_DAYS = NOTHING_SWEPT + 1;

/** How many links one statement changes at most, so that none holds its locks for long. */
const CHUNK = 10_000;

/** How many installations one sweep looks at. The others are left to the next. */
const MAX_INSTALLATIONS = 100;

/**
 * How many statements in a row may remove nothing and find more. Others may have removed the rows that each of them
 * found. After one more, something must keep the rows.
 */
const MAX_IDLE = 100;

const NO_PROGRESS: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "A sweep finds rows again and again and removes none: run unified-contributions migrate check, and let no other program write to the tables.",
};

/** The numbers of one statement. */
interface Chunk extends Omit<SweepResult, "isDone"> {
  /** Whether it found fewer links than it might have taken. Then nothing is left of its installation. */
  readonly isLast: boolean;
}

const NOTHING_LEFT: Chunk = { deleted: 0, trimmed: 0, forgotten: 0, isLast: true };

/** Removes at most `limit` links of one installation. */
type RunChunk = (limit: number) => ResultAsync<Chunk, StorageFault>;

/**
 * Runs one sweep, and returns its numbers. It takes one installation after another, in chunks that are committed
 * separately, so finished chunks stay finished. No chunk begins once the signal has spoken. It fails only if nothing was
 * removed. Otherwise the next sweep meets the fault again.
 */
export function sweep(
  run: RunStatement,
  statements: ReceiverStatements,
  query: SweepQuery,
  isDistributed: boolean,
): ResultAsync<SweepResult, StorageFault> {
  const { keep, limit, at, signal } = query;
  if (signal?.aborted) return okAsync({ deleted: 0, trimmed: 0, forgotten: 0, isDone: false });
  const hasWays = isDistributed && keep !== null;
  const keepFrom = keep ? dayOf(keep.counts) : BEFORE_ALL_DAYS;
  const keepReceiptsFrom = keep?.receipts ?? 0;
  return run(statements.findUnswept, [keepFrom, MAX_INSTALLATIONS + 1], installationsIn).andThen((unswept) =>
    run(statements.findForgotten, [keepReceiptsFrom, MAX_INSTALLATIONS + 1], installationsIn).andThen(
      (forgotten) => {
        const sweeps = unswept.slice(0, MAX_INSTALLATIONS).map(
          (installation): RunChunk =>
            (most) => {
              const values = [installation, keepFrom, most];
              if (!hasWays) return run(statements.sweepInstallation, values, chunkUpTo(most));
              return run(statements.sweepInstallation, values, (rows) => ({
                chunk: chunkUpTo(most)(rows),
                walked: walkedIn(rows, installation),
              })).andThen(({ chunk, walked }) => renewWays(run, statements, walked, at).map(() => chunk));
            },
        );
        const forgets = forgotten.slice(0, MAX_INSTALLATIONS).map(
          (installation): RunChunk =>
            (most) =>
              run(statements.forget, [installation, keepReceiptsFrom, most], chunkUpTo(most)),
        );
        const forgetAttempts: RunChunk = (most) =>
          run(statements.forgetAttempts, [at, most], chunkUpTo(most));
        const forgetAudit: RunChunk = (most) =>
          run(statements.forgetAudit, [keep?.audit ?? 0, most], chunkUpTo(most));
        const forgetWays: RunChunk = () => forgetOldWays(run, statements, at).map(() => NOTHING_LEFT);
        const isAll = unswept.length <= MAX_INSTALLATIONS && forgotten.length <= MAX_INSTALLATIONS;
        const others = keep ? [forgetAttempts, forgetAudit] : [];
        // Only after the ways to all live links were written again.
        if (hasWays && isAll) others.push(forgetWays);
        const runs = [...sweeps, ...forgets, ...others].map(endingIfIdle);
        return new ResultAsync(runChunks(runs, limit, signal, isAll));
      },
    ),
  );
}

/** Returns the same function, except that too many chunks in a row that remove nothing end in a fault. */
function endingIfIdle(runChunk: RunChunk): RunChunk {
  let idle = 0;
  return (limit) =>
    runChunk(limit).andThen((chunk) => {
      const removed = chunk.deleted + chunk.trimmed + chunk.forgotten;
      idle = removed > 0 || chunk.isLast ? 0 : idle + 1;
      return idle > MAX_IDLE ? err(NO_PROGRESS) : ok(chunk);
    });
}

/** Runs each one until it finds no more, and all of them until the limit is reached or the signal has spoken. */
async function runChunks(
  runs: readonly RunChunk[],
  limit: number,
  signal: AbortSignal | undefined,
  isAll: boolean,
): Promise<Result<SweepResult, StorageFault>> {
  const removed = { deleted: 0, trimmed: 0, forgotten: 0 };
  let left = limit;
  for (const runChunk of runs) {
    for (let isLast = false; !isLast; ) {
      if (left === 0 || signal?.aborted) return ok({ ...removed, isDone: false });
      const chunk = await runChunk(Math.min(left, CHUNK));
      if (chunk.isErr()) return left === limit ? err(chunk.error) : ok({ ...removed, isDone: false });
      removed.deleted += chunk.value.deleted;
      removed.trimmed += chunk.value.trimmed;
      removed.forgotten += chunk.value.forgotten;
      left = limit - removed.deleted - removed.trimmed - removed.forgotten;
      isLast = chunk.value.isLast;
    }
  }
  return ok({ ...removed, isDone: isAll && left > 0 });
}

function installationsIn(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => textIn(row, "installation"));
}

function walkedIn([row = {}]: readonly Row[], installation: string): Walked {
  return { installation, after: textIn(row, "after"), last: textOrNullIn(row, "last") };
}

/** Returns the function that reads the numbers of a statement that looked for at most so many rows. */
function chunkUpTo(most: number): (rows: readonly Row[]) => Chunk {
  return ([row = {}]) => ({
    deleted: numberIn(row, "deleted"),
    trimmed: numberIn(row, "trimmed"),
    forgotten: numberIn(row, "forgotten"),
    isLast: numberIn(row, "found") < most,
  });
}
