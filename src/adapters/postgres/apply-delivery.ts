import { ok, okAsync, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import { totalOf } from "../../domain/contribution-window.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { DeliveredReport, Delivery, DeliveryResult } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { textOrNullIn } from "./read-row.ts";
import { packedRowsIn, registrationIn, withdrawnIn } from "./receiver-rows.ts";
import type { ReceiverStatements } from "./receiver-statements.ts";
import type { RunStatement } from "./run-statement.ts";

const GONE: RecordOutcome = { type: "gone" };
const KEPT: RecordOutcome = { type: "kept" };
const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

type Outcomes = ReadonlyMap<string, RecordOutcome>;

/** What one statement has done. */
interface Applied extends Pick<DeliveryResult, "isDetached" | "registration"> {
  readonly kept: ReadonlySet<string | undefined>;
  /** The links that died of it, each with its receipt. */
  readonly killed: Outcomes;
}

/**
 * Applies the records of one request, all of them in one statement. Withdrawn links that were dead before are looked up
 * by another: they may have died while the first one waited for its turn, and it does not see their receipts then.
 */
export function applyDelivery(
  run: RunStatement,
  statements: ReceiverStatements,
  delivery: Delivery,
): ResultAsync<DeliveryResult | null, StorageFault> {
  const reports = appliedReports(delivery);
  return run(statements.applyDelivery, valuesOfDelivery(delivery, reports), ([row]) =>
    row ? appliedIn(row, reports) : null,
  ).andThen((applied) => {
    if (!applied) return okAsync(null);
    return findReceipts(applied.killed).andThen((dead) => ok(resultOf(delivery, applied, dead)));
  });

  function findReceipts(killed: Outcomes): ResultAsync<Outcomes, StorageFault> {
    const others = delivery.withdrawals.filter((linkId) => !killed.has(linkId));
    return others.length === 0
      ? okAsync(new Map())
      : run(statements.findReceipts, [delivery.installation, textArray(others)], withdrawnIn);
  }
}

/**
 * The reports that are applied, in the order of their links, in which every statement locks them. Withdrawals come
 * first: what one names is dead by then.
 */
function appliedReports({ reports, withdrawals }: Delivery): readonly DeliveredReport[] {
  const withdrawn = new Set(withdrawals);
  return reports
    .filter(({ linkId }) => !withdrawn.has(linkId))
    .sort((one, other) => (one.linkId < other.linkId ? -1 : 1));
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

function appliedIn(row: Row, reports: readonly DeliveredReport[]): Applied {
  const places = textOrNullIn(row, "kept")?.split(",") ?? [];
  return {
    isDetached: row["is_admitted"] !== true,
    registration: registrationIn(row).value,
    kept: new Set(places.map((place) => reports[Number(place) - 1]?.linkId)),
    killed: withdrawnIn(packedRowsIn(row, "withdrawn")),
  };
}

function resultOf(
  { reports, withdrawals }: Delivery,
  { isDetached, registration, kept, killed }: Applied,
  dead: Outcomes,
): DeliveryResult {
  return {
    isDetached,
    registration,
    reports: reports.map(({ linkId }) => {
      if (isDetached) return NOT_APPLIED;
      return kept.has(linkId) ? KEPT : GONE;
    }),
    withdrawals: withdrawals.map((linkId) => killed.get(linkId) ?? dead.get(linkId) ?? GONE),
  };
}
