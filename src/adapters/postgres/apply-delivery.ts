import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import { covers, highestEndings, type LinkChoice } from "../../domain/choice.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import type { DeliveredReport, Delivery, DeliveryResult } from "../../ghec/ports.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import type { Row } from "./client.ts";
import { byLinkId, columnOfChoice, endedLinkIn } from "./ended-links.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { flagIn, numberIn, textIn, textOrNullIn } from "./read-row.ts";
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
  /** The last ending of the link, or null if there is none. */
  readonly ended: EndedLink | null;
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
 * the first one waited, and is withdrawn once more. Another one may be opened meanwhile, so that repeats itself. If a
 * link is live after it was withdrawn once more, something outside of this package kept it. It is never acknowledged as
 * deleted.
 */
export function applyDelivery(
  run: RunStatement,
  statements: ReceiverStatements,
  delivery: Delivery,
): ResultAsync<DeliveryResult | null, StorageFault> {
  const { installation, withdrawals } = delivery;
  // In the order of their links, in which every statement locks them.
  const reports = [...delivery.reports].sort(byLinkId);
  return run(statements.applyDelivery, valuesOfDelivery(delivery, reports), ([row]) =>
    row ? appliedIn(row, installation, reports) : null,
  ).andThen((applied) => {
    if (!applied) return okAsync(null);
    return lookAgain(applied)
      .andThen((found) => withdrawAgain(applied, found, new Set()))
      .map((found) => resultOf(delivery, applied, found));
  });

  /** Withdraws the links that are live once more, unless one of them was live before. Returns how all of them stand. */
  function withdrawAgain(
    applied: Applied,
    found: FoundLinks,
    before: ReadonlySet<string>,
  ): ResultAsync<FoundLinks, StorageFault> {
    const left = withdrawals.filter((withdrawal) => isLeft(found, withdrawal)).map(({ linkId }) => linkId);
    if (left.length === 0) return okAsync(found);
    if (left.some((linkId) => before.has(linkId))) return errAsync(STILL_THERE);
    return run(statements.applyDelivery, valuesOfDelivery(delivery, []), () => applied)
      .andThen(lookAgain)
      .andThen((next) => withdrawAgain(applied, next, new Set([...before, ...left])));
  }

  function lookAgain({ kept }: Applied): ResultAsync<FoundLinks, StorageFault> {
    const named = new Set<string>(withdrawals.map(({ linkId }) => linkId));
    for (const { linkId } of delivery.reports) if (!kept.has(linkId)) named.add(linkId);
    if (named.size === 0) return okAsync(new Map());
    return run(statements.lookAgain, [installation, textArray([...named].sort())], (rows) =>
      foundIn(rows, named),
    );
  }
}

function valuesOfDelivery(delivery: Delivery, reports: readonly DeliveredReport[]): readonly unknown[] {
  const { installation, sessionId, requestId, follows, at } = delivery;
  const withdrawals = [...highestEndings(delivery.withdrawals)].sort(byLinkId);
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
    textArray(withdrawals.map(({ linkId }) => linkId)),
    mintVersion(),
    numberArray(withdrawals.map(({ choice }) => columnOfChoice(choice))),
    numberArray(reports.map(({ choice }) => choice)),
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
    rows.map((row): [string, Found] => {
      const linkId = textIn(row, "link");
      if (!named.has(linkId)) throw new TypeError("a link that no record names");
      if (numberIn(row, "ended_to") === 0) return [linkId, { ended: null, isUnrecorded: false }];
      return [linkId, { ended: endedLinkIn(row), isUnrecorded: !flagIn(row, "is_recorded") }];
    }),
  );
}

/** Whether a link is there, and what was withdrawn of it has not ended. */
function isLeft(found: FoundLinks, { linkId, choice }: LinkChoice): boolean {
  const link = found.get(linkId);
  return link !== undefined && !(link.ended && covers(link.ended.choice, choice));
}

function resultOf(
  { reports, withdrawals }: Delivery,
  { isDetached, registration, kept }: Applied,
  found: FoundLinks,
): DeliveryResult {
  return {
    isDetached,
    registration,
    reports: reports.map(({ linkId, choice }): RecordOutcome => {
      if (isDetached) return NOT_APPLIED;
      if (kept.has(linkId)) return KEPT;
      const link = found.get(linkId);
      if (!link) return UNKNOWN;
      const { ended } = link;
      return ended && covers(ended.choice, choice)
        ? { type: "ended", choice: ended.choice, receipt: ended.receipt }
        : NOT_APPLIED;
    }),
    withdrawals: withdrawals.map(({ linkId }): RecordOutcome => {
      const ended = found.get(linkId)?.ended;
      return ended ? { type: "withdrawn", receipt: ended.receipt } : UNKNOWN;
    }),
    unrecorded: [...found.values()]
      .flatMap(({ ended, isUnrecorded }) => (ended && isUnrecorded ? [ended] : []))
      .sort(byLinkId),
  };
}
