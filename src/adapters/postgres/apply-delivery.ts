import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { DeliveredReport, Delivery, DeliveryResult } from "../../ghec/ports.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import type { Row } from "./client.ts";
import { byLinkId, receiptIn } from "./ended-links.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { flagIn, textIn, textOrNullIn } from "./read-row.ts";
import { registrationIn } from "./receiver-rows.ts";
import type { ReceiverStatements } from "./receiver-statements.ts";
import type { RunStatement } from "./run-statement.ts";

const UNKNOWN: RecordOutcome = { type: "unknown" };
const KEPT: RecordOutcome = { type: "kept" };
const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

const STILL_THERE: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "A link that had to be deleted is still there: run unified-contributions migrate check, and let no other program write to the tables.",
};

/** A link that is there. */
interface Found {
  /** Null if the link is live. */
  readonly receipt: DeletionReceipt | null;
  readonly isUnrecorded: boolean;
}

/** The links of the installation that were looked up, by their ids. */
type FoundLinks = ReadonlyMap<string, Found>;

/** The result of one statement. */
interface Applied extends Pick<DeliveryResult, "isDetached" | "registration"> {
  readonly kept: ReadonlySet<string>;
}

/**
 * Applies the records of one request in one statement, and returns the result, or null if the installation is not
 * connected.
 *
 * A second statement reads the links that were withdrawn or not kept. Another transaction may have deleted them while
 * the first statement waited, which does not see their receipts then. A withdrawn link that is live was opened while
 * the first one waited, and is withdrawn once more. If it is live even then, something outside of this package kept it.
 * It is never acknowledged as deleted.
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
    return lookAgain(applied)
      .andThen((found) => {
        if (!withdrawals.some((linkId) => isLive(found, linkId))) return okAsync(found);
        const again = valuesOfDelivery(delivery, []);
        return run(statements.applyDelivery, again, () => applied).andThen(lookAgain);
      })
      .andThen((found) => resultOf(delivery, applied, found));
  });

  function lookAgain({ kept }: Applied): ResultAsync<FoundLinks, StorageFault> {
    const named = new Set<string>(withdrawals);
    for (const { linkId } of delivery.reports) if (!kept.has(linkId)) named.add(linkId);
    if (named.size === 0) return okAsync(new Map());
    return run(statements.lookAgain, [installation, textArray([...named].sort())], (rows) =>
      foundIn(rows, named),
    );
  }
}

/**
 * Returns the reports to apply, in the order of their links, in which every statement locks them. Withdrawals come
 * first: a link that one names is deleted by then.
 */
function appliedReports({ reports, withdrawals }: Delivery): readonly DeliveredReport[] {
  const withdrawn = new Set(withdrawals);
  return reports.filter(({ linkId }) => !withdrawn.has(linkId)).sort(byLinkId);
}

function valuesOfDelivery(delivery: Delivery, reports: readonly DeliveredReport[]): readonly unknown[] {
  const { installation, sessionId, requestId, follows, withdrawals, at } = delivery;
  const windows = reports.map(({ window }) => window);
  const firstDays = windows.map((window) => window && dayOf(window.first));
  const earliest = firstDays.reduce<number | null>(
    (day, first) => (first === null || (day !== null && day <= first) ? day : first),
    null,
  );
  return [
    ...[installation, sessionId, requestId, textArray(follows), earliest, at],
    textArray(reports.map(({ linkId }) => linkId)),
    numberArray(firstDays),
    numberArray(windows.map((window) => window && dayOf(window.first) + window.counts.length - 1)),
    packCounts(windows),
    textArray([...withdrawals].sort()),
    mintVersion(),
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

/** Returns the link of a place, counted from 1. */
function linkAt(reports: readonly DeliveredReport[], place: string): string {
  const report = reports[Number(place) - 1];
  if (!report) throw new TypeError("a place that no report has");
  return report.linkId;
}

/** Returns the links that were found. Throws if the request does not name one of them. */
function foundIn(rows: readonly Row[], named: ReadonlySet<string>): FoundLinks {
  return new Map(
    rows.map((row) => {
      const linkId = textIn(row, "link");
      if (!named.has(linkId)) throw new TypeError("a link that no record names");
      const isLive = row["deleted_at"] === null;
      const receipt = isLive ? null : receiptIn(row);
      return [linkId, { receipt, isUnrecorded: !isLive && !flagIn(row, "is_recorded") }];
    }),
  );
}

function isLive(found: FoundLinks, linkId: string): boolean {
  return found.get(linkId)?.receipt === null;
}

function resultOf(
  { reports, withdrawals }: Delivery,
  { isDetached, registration, kept }: Applied,
  found: FoundLinks,
): Result<DeliveryResult, StorageFault> {
  if (withdrawals.some((linkId) => isLive(found, linkId))) return err(STILL_THERE);
  return ok({
    isDetached,
    registration,
    reports: reports.map(({ linkId }): RecordOutcome => {
      if (isDetached) return NOT_APPLIED;
      if (kept.has(linkId)) return KEPT;
      const link = found.get(linkId);
      if (!link) return UNKNOWN;
      return link.receipt ? { type: "ended", receipt: link.receipt } : NOT_APPLIED;
    }),
    withdrawals: withdrawals.map((linkId): RecordOutcome => {
      const receipt = found.get(linkId)?.receipt;
      return receipt ? { type: "withdrawn", receipt } : UNKNOWN;
    }),
    unrecorded: [...found]
      .flatMap(([linkId, { receipt, isUnrecorded }]) =>
        receipt && isUnrecorded ? [{ linkId: linkId as Delivery["withdrawals"][number], receipt }] : [],
      )
      .sort(byLinkId),
  });
}
