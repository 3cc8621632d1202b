// Servers that speak to a store, and reports that can be told apart by what is kept of them: each carries a mark.
import type {
  AccountId,
  CalendarDate,
  ContributionWindow,
  InstallationId,
  Instant,
  LinkId,
  ResultAsync,
} from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore } from "unified-contributions/storage";
import type { RequestId } from "unified-contributions/wire";
import { openLinkIn } from "../consents.ts";
import { SENDING } from "../ghec-states.ts";
import { HQ, linkId, requestId } from "../values.ts";

export const NOW: Instant = 1_772_366_400_000 as Instant;
/** The first day of every marked window. */
export const FIRST_DAY = "2026-02-28" as CalendarDate;

/** The value of an operation that has to succeed. */
export async function valueFrom<Value>(
  operation: ResultAsync<Value, { readonly type: string; readonly message?: string }>,
): Promise<Value> {
  const result = await operation;
  if (result.isOk()) return result.value;
  throw new Error(`${result.error.type}: ${result.error.message}`);
}

/** Two days of counts that say nothing but this mark, 0 to 4,294,967,295. */
export function markedWindow(mark: number): ContributionWindow {
  return { first: FIRST_DAY, counts: [Math.floor(mark / 65_536), mark % 65_536] };
}

/** The mark of {@link markedWindow}. */
export function markOf({ counts: [high = 0, low = 0] }: ContributionWindow): number {
  return high * 65_536 + low;
}

/** The marks that are shown of the links of these numbers, in their order; what shows nothing is left out. */
export async function shownMarks(
  store: ReceiverStore,
  numbers: readonly number[],
): Promise<readonly number[]> {
  const marks: number[] = [];
  for (const number of numbers) {
    const shown = await valueFrom(store.loadShown(accountOf(number)));
    marks.push(...shown.map(({ window }) => markOf(window)));
  }
  return marks;
}

/** Registers a server that is on and attached; its links are opened with {@link openLinks}. */
export async function registerServer(store: ReceiverStore, installation = HQ): Promise<Registration> {
  const registration = { ...SENDING, installation, readTo: null };
  await valueFrom(
    store.commitRegistration({
      expectedVersion: 0,
      registration,
      hidesUnreported: false,
      ended: [],
      audit: [],
    }),
  );
  return registration;
}

/** Opens links of these numbers, each of an account of its own, and answers them. */
export async function openLinks(
  store: ReceiverStore,
  numbers: readonly number[],
  installation: InstallationId = HQ,
): Promise<readonly LinkId[]> {
  for (const number of numbers) {
    const id = linkId(number);
    const account = accountOf(number);
    await valueFrom(openLinkIn(store, { linkId: id, installation, account, at: NOW }));
  }
  return numbers.map(linkId);
}

/** The account of the link of this number. */
export function accountOf(number: number): AccountId {
  return `account-${number}` as AccountId;
}

/** What else a request has. Its withdrawals are of whole links. */
interface DeliveryChanges extends Partial<Omit<Delivery, "withdrawals">> {
  readonly withdrawals?: readonly LinkId[];
}

/** A request that reports these links with a mark; it is the next one whichever of those of the session came last. */
export function deliveryOf(
  number: number,
  linkIds: readonly LinkId[],
  { withdrawals = [], ...rest }: DeliveryChanges = {},
  follows: readonly RequestId[] = Array.from({ length: number - 5 }, (_, at) => requestId(at + 5)),
): Delivery {
  return {
    installation: HQ,
    sessionId: SENDING.session.id,
    requestId: requestId(number),
    follows,
    reports: linkIds.map((linkId) => ({ linkId, choice: 1, window: markedWindow(number) })),
    withdrawals: withdrawals.map((linkId) => ({ linkId, choice: null })),
    at: NOW,
    ...rest,
  };
}
