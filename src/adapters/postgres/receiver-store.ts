import { err, errAsync, ok, okAsync, Result, ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import { isOpaqueId } from "../../domain/identifiers.ts";
import type {
  LinkSelection,
  Opening,
  OpeningResult,
  ReceiverStore,
  Recovery,
  RegistrationCommit,
} from "../../ghec/ports.ts";
import { applyDelivery } from "./apply-delivery.ts";
import type { Row } from "./client.ts";
import { textArray } from "./pack.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { rowsOf, rowsOfBoth } from "./read-answer.ts";
import { flagIn, numberIn } from "./read-row.ts";
import { deletedLinkIn, registrationIn, shownWindowIn, valuesOfRegistration } from "./receiver-rows.ts";
import { receiverStatements } from "./receiver-statements.ts";
import { queryAgain, statementsOf } from "./run-statement.ts";
import { brokenUniqueIndex, storageFaultOf, UNREADABLE_ROW } from "./storage-fault-of.ts";
import { sweep } from "./sweep.ts";

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

const INVALID_SESSION: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "The session is no id: let `random.id` give 16 to 64 characters of A–Z a–z 0–9 _ -.",
};

/** How often a consent is tried when others of the same account are given at the same moment. */
const MAX_TRIES = 20;

/**
 * The receiver's storage in PostgreSQL 15 or later. Each method changes rows in one statement, but for `sweep`, which
 * commits in chunks. The tables are made by `unified-contributions-migrate`; `checkPostgresSchema` says whether they fit.
 *
 * @throws TypeError where an option is wrong, which is a mistake in the program
 */
export function createPostgresReceiverStore(options: PostgresOptions): ReceiverStore {
  const statements = receiverStatements(checkOptions("createPostgresReceiverStore", options));
  const { client } = options;
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
        .andThen(Result.fromThrowable(openingIn, () => UNREADABLE_ROW))
        .andThen((opening) => opening),

    deleteLinks: (selection, at) => {
      const [statement, values] = deletionStatement(selection);
      return run(statements[statement], [values[0], at, ...values.slice(1)], (rows) =>
        rows.map(deletedLinkIn).sort((a, b) => (a.linkId < b.linkId ? -1 : 1)),
      );
    },

    loadShown: (account) =>
      run(statements.loadShown, [account], (rows) =>
        rows.map(shownWindowIn).sort((a, b) => (a.installation < b.installation ? -1 : 1)),
      ),

    sweep: (query) => sweep(run, statements, query),

    recover: (sessionId) => {
      // Several statements take no values: the id is written into them, and is none that could end its quotes.
      if (!isOpaqueId(sessionId)) return errAsync(INVALID_SESSION);
      const text = statements.recover.replace("{session}", `'${sessionId}'`);
      return ResultAsync.fromPromise(queryAgain(client, text, []), storageFaultOf)
        .andThen(rowsOfBoth)
        .andThen(Result.fromThrowable(recoveryIn, () => UNREADABLE_ROW));
    },
  };
}

function versionIn([row]: readonly Row[]): number | null {
  return row ? numberIn(row, "version") : null;
}

function recoveryIn([vacated = {}, emptied = {}]: readonly Row[]): Recovery {
  return { installations: numberIn(vacated, "changed"), links: numberIn(emptied, "changed") };
}

function openingIn([row]: readonly Row[]): Result<OpeningResult, StorageFault> {
  if (!row || !flagIn(row, "is_on")) return ok({ type: "disabled" });
  if (flagIn(row, "is_deleted")) return err(DUPLICATE_LINK);
  return ok(flagIn(row, "is_opened") ? { type: "opened" } : { type: "outdated-consent" });
}

function commitStatement({
  expectedVersion,
  registration,
  deletesUnreported,
  at,
}: RegistrationCommit): [
  "insertRegistration" | "updateRegistration" | "updateRegistrationAndDelete",
  readonly unknown[],
] {
  const values = [registration.installation, ...valuesOfRegistration(registration)];
  if (expectedVersion === 0) return ["insertRegistration", values];
  return deletesUnreported
    ? ["updateRegistrationAndDelete", [...values, expectedVersion, at]]
    : ["updateRegistration", [...values, expectedVersion]];
}

function deletionStatement(
  selection: LinkSelection,
): ["deleteAccount" | "deleteAccountOnInstallation" | "deleteLinks", string[]] {
  switch (selection.type) {
    case "account":
      return ["deleteAccount", [selection.account]];
    case "account-on-installation":
      return ["deleteAccountOnInstallation", [selection.installation, selection.account]];
    case "links":
      return ["deleteLinks", [selection.installation, textArray([...selection.linkIds].sort())]];
  }
}
