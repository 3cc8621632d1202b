import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import { totalOf } from "../../domain/contribution-window.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { DeliveredReport, Delivery, DeliveryResult } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { flagIn, textOrNullIn } from "./read-row.ts";
import { registrationIn, withdrawnIn } from "./receiver-rows.ts";
import type { ReceiverStatements } from "./receiver-statements.ts";
import type { RunStatement } from "./run-statement.ts";

const GONE: RecordOutcome = { type: "gone" };
const KEPT: RecordOutcome = { type: "kept" };
const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

const STILL_THERE: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "A link that had to be deleted is still there: run unified-contributions migrate check, and let nothing else write to the tables.",
};

type Outcomes = ReadonlyMap<string, RecordOutcome>;

/** What one statement has done. */
interface Applied extends Pick<DeliveryResult, "isDetached" | "registration"> {
  readonly kept: ReadonlySet<string>;
}

/**
 * Applies the records of one request, all of them in one statement. What became of withdrawn links is read by another: they may
 * have been deleted while the first one waited for its turn, and it does not see their receipts then. One that is still there was
 * kept by something else than this package, and is never answered for as gone.
 */
export function applyDelivery(
  run: RunStatement,
  statements: ReceiverStatements,
  delivery: Delivery,
): ResultAsync<DeliveryResult | null, StorageFault> {
  const { installation, withdrawals } = delivery;
  const reports = appliedReports(delivery);
  return run(statements.applyDelivery, valuesOfDelivery(delivery, reports), ([row]) =>
    row ? appliedIn(row, installation, reports) : null,
  ).andThen((applied) => {
    if (!applied) return okAsync(null);
    return lookAgain().andThen((withdrawn) => ok(resultOf(delivery, applied, withdrawn)));
  });

  function lookAgain(): ResultAsync<Outcomes, StorageFault> {
    if (withdrawals.length === 0) return okAsync(new Map());
    return run(statements.lookAgain, [installation, textArray(withdrawals)], (rows) =>
      rows.some((row) => flagIn(row, "is_there")) ? err(STILL_THERE) : ok(withdrawnIn(rows, withdrawals)),
    ).andThen((withdrawn: Result<Outcomes, StorageFault>) => withdrawn);
  }
}

/**
 * The reports that are applied, in the order of their links, in which every statement locks them. Withdrawals come
 * first: the link that one names is deleted by then.
 */
function appliedReports({ reports, withdrawals }: Delivery): readonly DeliveredReport[] {
  const withdrawn = new Set(withdrawals);
  return reports
    .filter(({ linkId }) => !withdrawn.has(linkId))
    .sort((a, b) => (a.linkId < b.linkId ? -1 : 1));
}

function valuesOfDelivery(delivery: Delivery, reports: readonly DeliveredReport[]): readonly unknown[] {
  const { installation, sessionId, requestId, follows, withdrawals, at } = delivery;
  const windows = reports.map(({ window }) => window);
  const firstDays = windows.map(({ first }) => dayOf(first));
  return [
    ...[installation, sessionId, requestId, textArray(follows)],
    ...[firstDays.length > 0 ? Math.min(...firstDays) : null, at],
    textArray(reports.map(({ linkId }) => linkId)),
    numberArray(firstDays),
    numberArray(windows.map(({ first, counts }) => dayOf(first) + counts.length - 1)),
    numberArray(windows.map(totalOf)),
    packCounts(windows),
    textArray([...withdrawals].sort()),
  ];
}

function appliedIn(row: Row, installation: InstallationId, reports: readonly DeliveredReport[]): Applied {
  const places = textOrNullIn(row, "kept")?.split(",") ?? [];
  return {
    isDetached: !flagIn(row, "is_admitted"),
    registration: registrationIn(row, installation).value,
    kept: new Set(places.map((place) => linkAt(reports, place))),
  };
}

/** The link of a place, counted from 1. */
function linkAt(reports: readonly DeliveredReport[], place: string): string {
  const report = reports[Number(place) - 1];
  if (!report) throw new TypeError("a place that no report has");
  return report.linkId;
}

function resultOf(
  { reports, withdrawals }: Delivery,
  { isDetached, registration, kept }: Applied,
  withdrawn: Outcomes,
): DeliveryResult {
  return {
    isDetached,
    registration,
    reports: reports.map(({ linkId }) => {
      if (isDetached) return NOT_APPLIED;
      return kept.has(linkId) ? KEPT : GONE;
    }),
    withdrawals: withdrawals.map((linkId) => withdrawn.get(linkId) ?? GONE),
  };
}
