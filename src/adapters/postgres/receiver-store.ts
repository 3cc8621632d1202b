import { err, errAsync, ok, okAsync, type Result, ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import { totalOf } from "../../domain/contribution-window.ts";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import { isOpaqueId } from "../../domain/identifiers.ts";
import type {
  DeliveredReport,
  Delivery,
  DeliveryResult,
  KillSelection,
  Opening,
  OpeningResult,
  ReceiverStore,
  RegistrationCommit,
} from "../../ghec/ports.ts";
import { type Row, rowCountsOf } from "./client.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { numberIn, textOrNullIn } from "./read-row.ts";
import {
  killedLinkIn,
  packedRowsIn,
  registrationIn,
  shownWindowIn,
  valuesOfRegistration,
  withdrawnIn,
} from "./receiver-rows.ts";
import { receiverStatements } from "./receiver-statements.ts";
import { queryAgain, queryRows, statementsOf } from "./run-statement.ts";
import { brokenUniqueIndex, storageFaultOf } from "./storage-fault-of.ts";
import { sweep } from "./sweep.ts";

const DUPLICATE_LINK: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A link of this id exists: let `chance.id` give ids that nobody can guess and that never repeat.",
};

const CONTENDED: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "The account kept giving other consents at the same moment: try again.",
};

const INVALID_SESSION: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "The session is no id: let `chance.id` give 16 to 64 characters of A–Z a–z 0–9 _ -.",
};

/** How often a consent is tried when others of the same account are given at the same moment. */
const MOST_TRIES = 20;

const GONE: RecordOutcome = { type: "gone" };
const KEPT: RecordOutcome = { type: "kept" };
const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

/**
 * The receiver's storage in PostgreSQL 15 or later. Each method is one statement, but for `sweep`, which commits in
 * chunks. The tables are made by `unified-contributions-migrate`; `checkPostgresSchema` says whether they fit.
 *
 * @throws TypeError where an option is wrong, which is a mistake in the program
 */
export function createPostgresReceiverStore(options: PostgresOptions): ReceiverStore {
  const statements = receiverStatements(checkOptions("createPostgresReceiverStore", options));
  const { client } = options;
  const run = statementsOf(client);

  function open(values: readonly unknown[], triesLeft: number): ResultAsync<readonly Row[], StorageFault> {
    return ResultAsync.fromPromise(queryRows(client, statements.openLink, values), (error) => error).orElse(
      (error) => {
        const index = brokenUniqueIndex(error);
        if (index?.startsWith("links_pkey")) return err(DUPLICATE_LINK);
        if (!index?.startsWith("links_account")) return err(storageFaultOf(error));
        // The other consent had not been committed when this statement began: now it can be ended.
        return triesLeft > 1 ? open(values, triesLeft - 1) : err(CONTENDED);
      },
    );
  }

  /**
   * Withdrawn links that were dead before are looked up by a statement of their own: they may have died while the first
   * one waited for its turn, and it does not see their receipts then.
   */
  function answerDelivery(
    row: Row,
    delivery: Delivery,
    applied: readonly DeliveredReport[],
  ): ResultAsync<DeliveryResult, StorageFault> {
    const killed = withdrawnIn(packedRowsIn(row, "withdrawn"));
    const others = delivery.withdrawals.filter((link) => !killed.has(link));
    const found: ResultAsync<ReadonlyMap<string, RecordOutcome>, StorageFault> = others.length === 0
      ? okAsync(new Map())
      : run(statements.findReceipts, [delivery.installation, textArray(others)], withdrawnIn);
    return found.andThen((dead) =>
      ok(deliveryResultIn(row, delivery, applied, (link) => killed.get(link) ?? dead.get(link) ?? GONE)),
    );
  }

  return {
    loadRegistration: (installation) =>
      run(statements.loadRegistration, [installation], ([row]) => (row ? registrationIn(row) : null)),

    commitRegistration: (commit) => {
      const [statement, values] = commitStatement(commit);
      return run(statements[statement], values, versionIn).andThen(
        (version): ResultAsync<number, VersionConflict> =>
          version === null ? errAsync({ type: "version-conflict" }) : okAsync(version),
      );
    },

    applyDelivery: (delivery) => {
      const applied = appliedReports(delivery);
      return run(
        statements.applyDelivery,
        valuesOfDelivery(delivery, applied),
        ([row]) => row ?? null,
      ).andThen((row) => (row ? answerDelivery(row, delivery, applied) : okAsync(null)));
    },

    openLink: ({ link, installation, account, epoch, at }: Opening) =>
      open([installation, link, account, epoch, at], MOST_TRIES).andThen(openingIn),

    killLinks: (selection, at) => {
      const [statement, values] = killStatement(selection);
      return run(statements[statement], [values[0], at, ...values.slice(1)], (rows) =>
        rows.map(killedLinkIn).sort((one, other) => (one.link < other.link ? -1 : 1)),
      );
    },

    loadShown: (account) =>
      run(statements.loadShown, [account], (rows) =>
        rows.map(shownWindowIn).sort((one, other) => (one.installation < other.installation ? -1 : 1)),
      ),

    sweep: (query) => sweep(run, statements, query),

    restore: (session) => {
      // Several statements take no values: the id is written into them, and is none that could end its quotes.
      if (!isOpaqueId(session)) return errAsync(INVALID_SESSION);
      const text = statements.restore.replace("{session}", `'${session}'`);
      return ResultAsync.fromPromise(queryAgain(client, text, []), storageFaultOf).map((answer) => {
        const [installations = 0, links = 0] = rowCountsOf(answer);
        return { installations, links };
      });
    },
  };
}

function versionIn([row]: readonly Row[]): number | null {
  return row ? numberIn(row, "version") : null;
}

function openingIn([row]: readonly Row[]): Result<OpeningResult, StorageFault> {
  if (row?.["is_on"] !== true) return ok({ type: "disabled" });
  if (row["is_dead"] === true) return err(DUPLICATE_LINK);
  return ok(row["is_opened"] === true ? { type: "opened" } : { type: "outdated-consent" });
}

function commitStatement({
  expectedVersion,
  registration,
  killsUnreported,
  at,
}: RegistrationCommit): [
  "insertRegistration" | "updateRegistration" | "updateRegistrationAndKill",
  readonly unknown[],
] {
  const values = [registration.installation, ...valuesOfRegistration(registration)];
  if (expectedVersion === 0) return ["insertRegistration", values];
  return killsUnreported
    ? ["updateRegistrationAndKill", [...values, expectedVersion, at]]
    : ["updateRegistration", [...values, expectedVersion]];
}

function killStatement(
  selection: KillSelection,
): ["killAccount" | "killAccountOnInstallation" | "killLinks", string[]] {
  switch (selection.type) {
    case "account":
      return ["killAccount", [selection.account]];
    case "account-on-installation":
      return ["killAccountOnInstallation", [selection.installation, selection.account]];
    case "links":
      return ["killLinks", [selection.installation, textArray([...selection.links].sort())]];
  }
}

/**
 * The reports that are applied, in the order of their links, in which every statement locks them. Withdrawals come
 * first: what one names is dead by then.
 */
function appliedReports({ reports, withdrawals }: Delivery): readonly DeliveredReport[] {
  const withdrawn = new Set(withdrawals);
  return reports
    .filter(({ link }) => !withdrawn.has(link))
    .sort((one, other) => (one.link < other.link ? -1 : 1));
}

function valuesOfDelivery(delivery: Delivery, reports: readonly DeliveredReport[]): readonly unknown[] {
  const { installation, session, requestId, follows, withdrawals, at } = delivery;
  const windows = reports.map(({ window }) => window);
  const firstDays = windows.map(({ first }) => dayOf(first));
  return [
    ...[installation, session, requestId, textArray(follows)],
    ...[firstDays.length > 0 ? Math.min(...firstDays) : null, at],
    textArray(reports.map(({ link }) => link)),
    numberArray(firstDays),
    numberArray(windows.map(({ first, counts }) => dayOf(first) + counts.length - 1)),
    numberArray(windows.map(totalOf)),
    packCounts(windows),
    textArray([...withdrawals].sort()),
  ];
}

function deliveryResultIn(
  row: Row,
  { reports, withdrawals }: Delivery,
  applied: readonly DeliveredReport[],
  withdrawalOf: (link: string) => RecordOutcome,
): DeliveryResult {
  const { registration } = registrationIn(row);
  const isDetached = row["is_admitted"] !== true;
  const places = textOrNullIn(row, "kept")?.split(",") ?? [];
  const kept = new Set(places.map((place) => applied[Number(place) - 1]?.link));
  return {
    isDetached,
    registration,
    reports: reports.map(({ link }) => {
      if (isDetached) return NOT_APPLIED;
      return kept.has(link) ? KEPT : GONE;
    }),
    withdrawals: withdrawals.map(withdrawalOf),
  };
}
