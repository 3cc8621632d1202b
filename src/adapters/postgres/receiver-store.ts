import { err, errAsync, okAsync, Result, ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { Opening, OpeningResult, ReceiverStore, RegistrationCommit } from "../../ghec/ports.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import { applyDelivery } from "./apply-delivery.ts";
import type { Row } from "./client.ts";
import { byLinkId, endedArrays, endedLinkIn } from "./ended-links.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { rowsOf } from "./read-answer.ts";
import { flagIn, numberIn, textIn } from "./read-row.ts";
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
import { queryAgain, statementsOf } from "./run-statement.ts";
import { brokenUniqueIndex, storageFaultOf, UNREADABLE_ROW } from "./storage-fault-of.ts";
import { sweep } from "./sweep.ts";
import { watchClient } from "./watch-client.ts";

const DUPLICATE_LINK: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A link of this id exists: let `random.id` give ids that nobody can guess and that never repeat.",
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

/** How often what others change at the same moment is tried. */
const MAX_TRIES = 20;

/**
 * The receiver's storage in PostgreSQL 15 or later. Each method changes rows in one statement, but for `sweep`, which
 * commits in chunks. The tables are made by `unified-contributions migrate`; `checkPostgresSchema` says whether they fit.
 *
 * @throws TypeError where an option is wrong, which is a mistake in the program
 */
export function createPostgresReceiverStore(options: PostgresOptions): ReceiverStore {
  const statements = receiverStatements(checkOptions("createPostgresReceiverStore", options));
  const client = watchClient("createPostgresReceiverStore", options, "receiver-store", { ...statements });
  const run = statementsOf(client);

  function open(values: readonly unknown[], triesLeft: number): ResultAsync<unknown, StorageFault> {
    return ResultAsync.fromPromise(queryAgain(client, statements.openLink, values), (error) => error).orElse(
      (error) => {
        const index = brokenUniqueIndex(error);
        if (index?.startsWith("links_pkey")) return err(DUPLICATE_LINK);
        if (!index?.startsWith("links_account")) return err(storageFaultOf(error));
        // The other consent had not been committed when this statement began: now it can be ended.
        return triesLeft > 1 ? open(values, triesLeft - 1) : err(CONTENDED);
      },
    );
  }

  function take(values: readonly unknown[], triesLeft: number): ResultAsync<void, StorageFault> {
    return run(statements.takeForUnrecorded, values, takenIn).andThen((isDone) => {
      if (isDone) return okAsync(undefined);
      return triesLeft > 1 ? take(values, triesLeft - 1) : errAsync(OVERTAKEN);
    });
  }

  return {
    loadRegistration: (installation) =>
      run(statements.loadRegistration, [installation], ([row]) =>
        row ? registrationIn(row, installation) : null,
      ),

    commitRegistration: (commit) => {
      const [statement, values] = commitStatement(commit);
      return run(statements[statement], values, versionIn).andThen(
        (version): ResultAsync<number, VersionConflict> =>
          version === null ? errAsync({ type: "version-conflict" }) : okAsync(version),
      );
    },

    applyDelivery: (delivery) => applyDelivery(run, statements, delivery),

    openLink: ({ linkId, installation, account, epoch, at }: Opening) =>
      open([installation, linkId, account, epoch, at], MAX_TRIES)
        .andThen(rowsOf)
        .andThen(Result.fromThrowable(openingIn, () => UNREADABLE_ROW)),

    deleteLinks: ({ account, installation }, at) => {
      const sorted = (rows: readonly Row[]) => rows.map(deletedLinkIn).sort(byLinkId);
      return installation === null
        ? run(statements.deleteAccount, [account, at], sorted)
        : run(statements.deleteAccountOnInstallation, [installation, at, account], sorted);
    },

    loadShown: (account) =>
      run(statements.loadShown, [account], (rows) => rows.map(shownLinkIn).sort(byInstallation)),

    sweep: (query) => sweep(run, statements, query),

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

function versionIn([row]: readonly Row[]): number | null {
  return row ? numberIn(row, "version") : null;
}

/** Whether nothing is left to take: all was taken, or there is no such installation. */
function takenIn([row = {}]: readonly Row[]): boolean {
  return flagIn(row, "is_taken") || !flagIn(row, "is_known");
}

function openingIn(rows: readonly Row[]): OpeningResult {
  const [row] = rows;
  if (!row || !flagIn(row, "is_on")) return { type: "disabled" };
  if (!flagIn(row, "is_opened")) return { type: "outdated-consent" };
  const ended = rows.filter(({ link }) => link !== null);
  return { type: "opened", unrecorded: ended.map(endedLinkIn).sort(byLinkId) };
}

type CommitStatement = "insertRegistration" | "updateRegistration";

function commitStatement({
  expectedVersion,
  registration,
  hidesUnreported,
  ended,
}: RegistrationCommit): [CommitStatement | `${CommitStatement}AndLinks`, readonly unknown[]] {
  const values = [registration.installation, ...valuesOfRegistration(registration), mintVersion()];
  const statement = expectedVersion === 0 ? "insertRegistration" : "updateRegistration";
  if (hidesUnreported || ended.length > 0) {
    // In the order of their ids, in which every statement locks them; of two of one link the first counts.
    const first = new Map(ended.toReversed().map((link) => [link.linkId, link]));
    const links = endedArrays([...first.values()].sort(byLinkId));
    return [`${statement}AndLinks`, [...values, expectedVersion, hidesUnreported, ...links]];
  }
  return [statement, expectedVersion === 0 ? values : [...values, expectedVersion]];
}
