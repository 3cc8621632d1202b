import { errAsync, okAsync, Result, type ResultAsync } from "neverthrow";
import { highestEndings } from "../../domain/choice.ts";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import { digestOf } from "../../ghec/ledger.ts";
import { causeOf } from "../../ghec/link.ts";
import type { ReceiverStore, RedemptionResult, RegistrationCommit, ShownLink } from "../../ghec/ports.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import { applyDelivery } from "./apply-delivery.ts";
import type { Row } from "./client.ts";
import { byLinkId, endedArrays, endedLinkIn } from "./ended-links.ts";
import { gatherReads, type ReadOf, statementFor } from "./gather-reads.ts";
import { numberArray, textArray } from "./pack.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { flagIn, numberIn, textIn, textOrNullIn } from "./read-row.ts";
import {
  byInstallation,
  cursorIn,
  deletedLinkIn,
  registrationIn,
  shownLinkIn,
  sweepClockIn,
  unrecordedIn,
  valuesOfRegistration,
} from "./receiver-rows.ts";
import { receiverStatements } from "./receiver-statements.ts";
import { statementsOf } from "./run-statement.ts";
import { brokenUniqueIndex, storageFaultOf, UNREADABLE_ROW } from "./storage-fault-of.ts";
import { sweep } from "./sweep.ts";
import { watchClient } from "./watch-client.ts";
import { forgetAccount, forgetGone, type GoneAccount, readThroughWays } from "./ways.ts";

const DUPLICATE_LINK: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A link of this id exists: let `random.id` return ids that cannot be guessed and never repeat.",
};

const CONTENDED: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "The account kept giving other consents at the same moment: try again.",
};

const OVERTAKEN: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "The installation's registration kept changing at the same moment: try again.",
};

function openingFaultOf(error: unknown): StorageFault {
  const index = brokenUniqueIndex(error);
  if (index === null || !index.startsWith("links_")) return storageFaultOf(error);
  // A partition has its number in the names of its indexes, and a shard behind them. If it is not the primary key, the
  // other consent had not been committed when this statement began. Now the statement can end it.
  return /_pkey(?:_|$)/.test(index) ? DUPLICATE_LINK : CONTENDED;
}

/** How often a change is tried while others make theirs at the same moment. */
const MAX_TRIES = 20;

/**
 * Returns the receiver's storage in PostgreSQL 15 or later. Each method changes rows in one statement, with four
 * exceptions. `sweep` commits in chunks. `pushAttempt` first counts attempts. `deleteLinks` first voids consents, and
 * so does `commitRegistration` where a link has ended. Over distributed tables, three methods also read or write the
 * ways from accounts to installations, in statements of their own: `loadShown`, `deleteLinks` and `commitRegistration`.
 *
 * `unified-contributions migrate` makes the tables, and `checkPostgresSchema` says whether they fit.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresReceiverStore(options: PostgresOptions): ReceiverStore {
  const { schema, isDistributed } = checkOptions("createPostgresReceiverStore", options);
  const statements = receiverStatements(schema, isDistributed);
  const client = watchClient("createPostgresReceiverStore", options, "receiver-store", { ...statements });
  const run = statementsOf(client);

  function open(values: readonly unknown[], triesLeft: number): ResultAsync<RedemptionResult, StorageFault> {
    return run(statements.openLink, values, redemptionIn, openingFaultOf)
      .orElse((fault) => (fault === CONTENDED ? okAsync("overtaken" as const) : errAsync(fault)))
      .andThen((result) => {
        if (result !== "overtaken") return okAsync(result);
        return triesLeft > 1 ? open(values, triesLeft - 1) : errAsync(CONTENDED);
      });
  }

  function take(values: readonly unknown[], triesLeft: number): ResultAsync<void, StorageFault> {
    return run(statements.takeForUnrecorded, values, takenIn).andThen((isDone) => {
      if (isDone) return okAsync(undefined);
      return triesLeft > 1 ? take(values, triesLeft - 1) : errAsync(OVERTAKEN);
    });
  }

  // Most accounts have none, and then it is not asked of a distributed table.
  function voidConsents(
    account: AccountId,
    installation: InstallationId | null,
    at: Instant,
  ): ResultAsync<void, StorageFault> {
    return run(statements.hasConsents, [account, installation], ([row = {}]) =>
      flagIn(row, "has_consents"),
    ).andThen((hasConsents) => {
      if (!hasConsents) return okAsync(undefined);
      const values = [account, installation, at, causeOf({ installation })];
      return run(statements.voidConsents, values, voidedIn).map(() => undefined);
    });
  }

  // It comes before the commit. The cursor has passed those entries of the ledger then, and they are not read again.
  function voidConsentsOf({ registration, ended }: RegistrationCommit): ResultAsync<void, StorageFault> {
    const links = ended.flatMap(({ linkId, choice }) => (choice === null ? [linkId] : []));
    if (links.length === 0) return okAsync(undefined);
    const values = [registration.installation, textArray(links.sort())];
    return run(statements.voidEnded, values, voidedIn).map(() => undefined);
  }

  function readShown<Value>(
    accounts: readonly AccountId[],
    read: (rows: readonly Row[]) => Value,
    ...installation: readonly string[]
  ): ResultAsync<Value, StorageFault> {
    const [statement, value] = statementFor(accounts, statements.loadShown, statements.loadShownTogether);
    return run(statement, [...installation, value], read);
  }

  const loadShown = gatherReads((accounts: readonly AccountId[]) => {
    const read = (rows: readonly Row[]) => shownBy(accounts, rows);
    if (!isDistributed) return readShown(accounts, read);
    const readOn = (installation: string, its: readonly AccountId[]) =>
      readShown(its, (rows) => rows, installation);
    return readThroughWays(run, statements, accounts, readOn, read);
  });

  return {
    loadRegistration: (installation) =>
      run(statements.loadRegistration, [installation], ([row]) =>
        row ? registrationIn(row, installation) : null,
      ),

    commitRegistration: (commit) => {
      const [statement, values] = commitStatement(commit);
      const { installation } = commit.registration;
      return voidConsentsOf(commit)
        .andThen(() =>
          run(statements[statement], values, (rows) => ({
            version: versionIn(rows),
            gone: isDistributed ? goneIn(rows) : [],
          })),
        )
        .andThen(({ version, gone }): ResultAsync<number, StorageFault | VersionConflict> => {
          if (version === null) return errAsync({ type: "version-conflict" });
          return forgetGone(run, statements, installation, gone).map(() => version);
        });
    },

    applyDelivery: (delivery) => applyDelivery(run, statements, delivery),

    pushAttempt: ({ installation, attempt, linkId, expiresAt, limit, at }) =>
      run(statements.findRoom, [installation, attempt, at, limit], ([row = {}]) =>
        flagIn(row, "has_room"),
      ).andThen((hasRoom) =>
        run(statements.pushAttempt, [installation, attempt, expiresAt, hasRoom, linkId], ([row = {}]) => {
          if (!flagIn(row, "is_on")) return "disabled";
          return hasRoom ? "pushed" : "too-many-attempts";
        }),
      ),

    answerAttempt: ({ attempt, browser, consent, at }) => {
      const { account = null, code = null, expiresAt = null } = consent ?? {};
      const values = [attempt, browser, account, code, expiresAt, at];
      return run(statements.answerAttempt, values, ([row]) =>
        row ? { installation: textIn(row, "installation"), expiresAt: numberIn(row, "expires_at") } : null,
      );
    },

    openLink: ({ installation, attempt, code, at }) => open([installation, attempt, code, at], MAX_TRIES),

    deleteLinks: ({ account, installation }, at) => {
      const sorted = (rows: readonly Row[]) => rows.map(deletedLinkIn).sort(byLinkId);
      // The consents come first, in their own statements. A consent that is being redeemed is a link by the time of the
      // next one, and a void one is an ended link.
      return voidConsents(account, installation, at)
        .andThen(() =>
          installation === null
            ? run(statements.deleteAccount, [account, at], sorted)
            : run(statements.deleteAccountOnInstallation, [installation, at, account], sorted),
        )
        .andThen((deleted) => {
          if (!isDistributed || installation !== null) return okAsync(deleted);
          const on = deleted.map((link) => link.installation);
          return forgetAccount(run, statements, account, on, at).map(() => deleted);
        });
    },

    loadShown,

    sweep: (query) => sweep(run, statements, query, isDistributed),

    loadSweepClock: () => run(statements.loadSweepClock, [], ([row]) => (row ? sweepClockIn(row) : null)),

    saveSweepClock: ({ lastAt, doubtedAt }) =>
      run(statements.saveSweepClock, [lastAt, doubtedAt], ([row = {}]) => numberIn(row, "saved")).map(
        () => undefined,
      ),

    loadLedgerStanding: () =>
      run(statements.loadLedgerStanding, [], ([row = {}]) => ({
        digest: textIn(row, "digest"),
        hasUnrecorded: flagIn(row, "has_unrecorded"),
      })),

    loadCursors: ({ after, limit }) =>
      run(statements.loadCursors, [after ?? "", limit], (rows) => rows.map(cursorIn)),

    loadUnrecorded: (limit) => run(statements.loadUnrecorded, [limit], unrecordedIn),

    takeForUnrecorded: ({ installation, readTo }) =>
      take(
        [installation, readTo?.position ?? null, readTo?.entryId ?? null, mintVersion(), digestOf([readTo])],
        MAX_TRIES,
      ),
  };
}

/** Returns what is shown of each account that was asked for. A row that cannot be read fails its own account alone. */
function shownBy(
  accounts: readonly AccountId[],
  rows: readonly Row[],
): ReadOf<AccountId, readonly ShownLink[]> {
  const found = new Map<string, Row[]>(accounts.map((account) => [account, []]));
  for (const row of rows) {
    const own = found.get(textIn(row, "account"));
    if (!own) throw new TypeError("an account that nobody asked for");
    own.push(row);
  }
  return Result.fromThrowable(
    (account) => (found.get(account) ?? []).map(shownLinkIn).sort(byInstallation),
    () => UNREADABLE_ROW,
  );
}

function auditArrays(entries: readonly InstallationAuditEntry[]): readonly string[] {
  return [
    textArray(entries.map(({ action }) => action)),
    textArray(entries.map(({ actor }) => actor)),
    numberArray(entries.map(({ epoch }) => epoch)),
    numberArray(entries.map(({ createdAt }) => createdAt)),
  ];
}

function voidedIn([row = {}]: readonly Row[]): number {
  return numberIn(row, "voided");
}

function versionIn([row]: readonly Row[]): number | null {
  return row ? numberIn(row, "version") : null;
}

/** Returns the accounts whose ways can go, from the answer of a commit that records ends. No other answer names any. */
function goneIn(rows: readonly Row[]): readonly GoneAccount[] {
  return rows
    .filter(({ account = null }) => account !== null)
    .map((row) => ({ account: textIn(row, "account"), endedAt: numberIn(row, "ended_at") }));
}

/** Whether nothing is left to take: all was taken, or there is no such installation. */
function takenIn([row = {}]: readonly Row[]): boolean {
  return flagIn(row, "is_taken") || !flagIn(row, "is_known");
}

/** Returns the result of a redemption, or overtaken if another one of the same consent came first in the meantime. */
function redemptionIn(rows: readonly Row[]): RedemptionResult | "overtaken" {
  const [row = {}] = rows;
  if (flagIn(row, "is_overtaken")) return "overtaken";
  const linkId = textOrNullIn<LinkId>(row, "opened");
  if (linkId === null) return { type: "no-such-consent" };
  const unrecorded = rows
    .filter(({ link }) => link !== null)
    .map(endedLinkIn)
    .sort(byLinkId);
  return flagIn(row, "is_live")
    ? { type: "redeemed", linkId, epoch: numberIn(row, "epoch"), unrecorded }
    : { type: "link-ended", unrecorded };
}

type CommitStatement =
  | "insertRegistration"
  | "updateRegistration"
  | "updateRegistrationAndLinks"
  | "insertRegistrationAndMore"
  | "updateRegistrationAndMore";

function commitStatement({
  expectedVersion,
  registration,
  hidesUnreported,
  ended,
  audit,
}: RegistrationCommit): [CommitStatement, readonly unknown[]] {
  const values = [registration.installation, ...valuesOfRegistration(registration), mintVersion()];
  if (expectedVersion === 0) {
    return audit.length === 0
      ? ["insertRegistration", values]
      : ["insertRegistrationAndMore", [...values, ...auditArrays(audit)]];
  }
  const updated = [...values, expectedVersion];
  if (!hidesUnreported && ended.length + audit.length === 0) return ["updateRegistration", updated];
  // In the order of their links, in which every statement locks them.
  const links = endedArrays([...highestEndings(ended)].sort(byLinkId));
  const withLinks = [...updated, hidesUnreported, ...links];
  return audit.length === 0
    ? ["updateRegistrationAndLinks", withLinks]
    : ["updateRegistrationAndMore", [...withLinks, ...auditArrays(audit)]];
}
