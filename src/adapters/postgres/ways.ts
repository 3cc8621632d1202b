import { okAsync, Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { AccountId, InstallationId, Instant } from "../../domain/identifiers.ts";
import type { Row } from "./client.ts";
import { statementFor } from "./gather-reads.ts";
import { textArray } from "./pack.ts";
import { numberIn, textIn, textOrNullIn } from "./read-row.ts";
import type { RunStatement } from "./run-statement.ts";
import { UNREADABLE_ROW } from "./storage-fault-of.ts";
import type { WayReads, WayStatements } from "./way-statements.ts";

const DAY_MS = 86_400_000;

/** A sweep leaves a way as it is that was written in the last three days: not every day writes every row. */
const FRESH_MS = 3 * DAY_MS;

/** A way that was not written for a week leads to no link of its account. A sweep may miss a link on some days. */
const KEPT_MS = 7 * DAY_MS;

/** How many rows one statement writes or removes at most. */
const PAGE = 10_000;

/** An account whose last link on an installation is over and recorded, so that its way there can go. */
export interface GoneAccount {
  readonly account: AccountId;
  readonly endedAt: Instant;
}

/** The links of an installation that one chunk of a sweep has walked through, by their ids. */
export interface Walked {
  readonly installation: string;
  /** The last link before them. */
  readonly after: string;
  /** The last of them, or null if the installation has no link. */
  readonly last: string | null;
}

/**
 * Returns what is read of accounts, one statement per installation that they lead to. Each statement touches one shard.
 *
 * As many statements run at once as accounts were asked for, since those were asked for at once. So the one connection
 * of a host's transaction has one statement at a time.
 */
export function readThroughWays<Value>(
  run: RunStatement,
  { findInstallations, findInstallationsTogether }: WayReads,
  accounts: readonly AccountId[],
  readOn: (installation: string, accounts: readonly AccountId[]) => ResultAsync<readonly Row[], StorageFault>,
  read: (rows: readonly Row[]) => Value,
): ResultAsync<Value, StorageFault> {
  const [statement, value] = statementFor(accounts, findInstallations, findInstallationsTogether);
  return run(statement, [value], (rows) => [...byInstallationIn(rows, new Set(accounts))]).andThen((ways) => {
    const lanes = accounts.map((_, lane) =>
      ways
        .filter((_, place) => place % accounts.length === lane)
        .reduce<ResultAsync<readonly Row[], StorageFault>>(
          (before, [installation, its]) =>
            before.andThen((rows) => readOn(installation, its).map((more) => [...rows, ...more])),
          okAsync([]),
        ),
    );
    return ResultAsync.combine(lanes).andThen((rows) =>
      Result.fromThrowable(read, () => UNREADABLE_ROW)(rows.flat()),
    );
  });
}

function byInstallationIn(
  rows: readonly Row[],
  accounts: ReadonlySet<AccountId>,
): ReadonlyMap<string, readonly AccountId[]> {
  const found = new Map<string, AccountId[]>();
  for (const row of rows) {
    const account = textIn<AccountId>(row, "account");
    if (!accounts.has(account)) throw new TypeError("an account that nobody asked for");
    const installation = textIn(row, "installation");
    found.set(installation, [...(found.get(installation) ?? []), account]);
  }
  return found;
}

/**
 * Writes the ways to the links again that a chunk of a sweep has walked through. So a way that a node lost with its last
 * commits is back within a day. If this fails, the sweep of the next day does it.
 */
export function renewWays(
  run: RunStatement,
  statements: WayStatements,
  { installation, after, last }: Walked,
  at: Instant,
): ResultAsync<void, StorageFault> {
  if (last === null) return okAsync(undefined);
  const values = [installation, after, last, PAGE, at, at - FRESH_MS];
  return run(statements.renewWays, values, ([row = {}]) => ({
    isLast: numberIn(row, "found") < PAGE,
    reached: textOrNullIn(row, "last"),
  })).andThen(({ isLast, reached }) =>
    isLast || reached === null
      ? okAsync(undefined)
      : renewWays(run, statements, { installation, after: reached, last }, at),
  );
}

/** Removes the ways that lead to no link any more. Every sweep of the last days has passed them by. */
export function forgetOldWays(
  run: RunStatement,
  statements: WayStatements,
  at: Instant,
): ResultAsync<void, StorageFault> {
  return run(statements.forgetOldWays, [at - KEPT_MS, PAGE], ([row = {}]) => numberIn(row, "found")).andThen(
    (found) => (found < PAGE ? okAsync(undefined) : forgetOldWays(run, statements, at)),
  );
}

/**
 * Removes the ways of an account that is deleted. Those to its unrecorded links stay until the ledger has them. A way
 * that a later consent has written stays, too.
 */
export function forgetAccount(
  run: RunStatement,
  statements: WayStatements,
  account: AccountId,
  unrecordedOn: readonly InstallationId[],
  at: Instant,
): ResultAsync<void, StorageFault> {
  return run(statements.forgetAccount, [account, textArray(unrecordedOn), at], forgottenIn).map(
    () => undefined,
  );
}

/** Removes the ways of accounts to an installation that has no link of theirs any more. */
export function forgetGone(
  run: RunStatement,
  statements: WayStatements,
  installation: InstallationId,
  gone: readonly GoneAccount[],
): ResultAsync<void, StorageFault> {
  if (gone.length === 0) return okAsync(undefined);
  const endedAt = Math.min(...gone.map((one) => one.endedAt));
  const accounts = textArray(gone.map(({ account }) => account));
  return run(statements.forgetAccounts, [installation, accounts, endedAt], forgottenIn).map(() => undefined);
}

function forgottenIn([row = {}]: readonly Row[]): number {
  return numberIn(row, "forgotten");
}
