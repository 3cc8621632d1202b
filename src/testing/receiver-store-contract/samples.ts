import type { RecordOutcome } from "../../domain/answer.ts";
import type { CalendarDate } from "../../domain/calendar-date.ts";
import type { ContributionWindow } from "../../domain/contribution-window.ts";
import type { FeatureSwitch } from "../../domain/feature-switch.ts";
import type {
  AccountId,
  ConnectionId,
  InstallationId,
  Instant,
  LinkId,
  RequestId,
  SessionId,
} from "../../domain/identifiers.ts";
import type { LedgerPlace } from "../../domain/ledger-place.ts";
import type { DeletionReceipt, EndedLink } from "../../domain/receipt.ts";
import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import type { DeletedLink } from "../../ghec/link.ts";
import type { Delivery, DeliveryResult, LedgerEntry, ReceiverStore, ShownLink } from "../../ghec/ports.ts";
import type { ReceiverSession, Registration } from "../../ghec/registration.ts";
import { answerOf, type ContractCheck, check, expectEqual, type MakeFresh } from "../contract.ts";

/** A check of a receiver's store. */
export type ReceiverStoreCheck = ContractCheck<MakeFresh<ReceiverStore>>;

/** Returns a check of a receiver's store. */
export const receiverCheck: typeof check<ReceiverStore> = check;

/** 2026-03-01T12:00:00Z, the present of every check. */
export const NOW: Instant = 1_772_366_400_000 as Instant;

export const SERVER: InstallationId = "server-1" as InstallationId;
export const OTHER_SERVER: InstallationId = "server-2" as InstallationId;
export const OCTO: AccountId = "octo-cloud" as AccountId;
export const MONA: AccountId = "mona-cloud" as AccountId;
export const HUBOT: AccountId = "hubot-cloud" as AccountId;

/** The window that is reported unless a check changes it: 3 contributions on 28 February, 1 on 1 March. */
export const WINDOW: ContributionWindow = { first: "2026-02-28" as CalendarDate, counts: [3, 1] };

/** Other counts of the same first day. */
export const FIVE: ContributionWindow = { ...WINDOW, counts: [5] };

/** The days that the receipt of {@link WINDOW} names as removed. */
export const REMOVED: NonNullable<DeletionReceipt["removed"]> = {
  first: "2026-02-28" as CalendarDate,
  last: "2026-03-01" as CalendarDate,
};

/** Returns the instant this many milliseconds after the present. */
export function after(milliseconds: number): Instant {
  return (NOW + milliseconds) as Instant;
}

/** Returns the link id of this name. The ids are ordered as the names are. */
export function linkId(name: string): LinkId {
  return `${name}_0123456789abcdef` as LinkId;
}

/** Returns the request id of this number. */
export function requestId(number: number): RequestId {
  return `request_${String(number).padStart(8, "0")}` as RequestId;
}

/** Returns the id of the session with this ordinal. */
export function sessionId(ordinal: number): SessionId {
  return `session_${String(ordinal).padStart(8, "0")}` as SessionId;
}

/** The changes of a check to a registration. */
export interface RegistrationChanges {
  readonly installation?: InstallationId;
  readonly isConnected?: boolean;
  readonly connectionId?: ConnectionId;
  readonly epoch?: number;
  readonly status?: FeatureSwitch["status"];
  readonly disabledAt?: Instant | null;
  readonly session?: Partial<ReceiverSession>;
  readonly readTo?: LedgerPlace | null;
  readonly recordedOff?: number;
}

/** Returns a registration that is connected, switched on in epoch 1 and held by a server, unless changed. */
export function registrationOf(changed: RegistrationChanges = {}): Registration {
  const { installation = SERVER, isConnected = true, epoch = 1, status = "on" } = changed;
  const ordinal = changed.session?.ordinal ?? 1;
  const { attachedBy = requestId(0) } = changed.session ?? {};
  const session: ReceiverSession = {
    id: sessionId(ordinal),
    ordinal,
    attachedBy,
    lastRequestId: attachedBy,
    isCompleted: false,
    ...changed.session,
  };
  return {
    installation,
    isConnected,
    connectionId: changed.connectionId ?? null,
    featureSwitch: { epoch, status },
    disabledAt: status === "off" ? (changed.disabledAt ?? NOW) : null,
    session,
    readTo: changed.readTo ?? null,
    recordedOff: changed.recordedOff ?? 0,
  };
}

/** Returns a place in an installation's entries of the ledger. */
export function placeOf(position: number): LedgerPlace {
  return { position, entryId: `entry_${String(position).padStart(10, "0")}` };
}

/** Writes a registration over the stored one, with entries of the audit log, and returns its version. */
export async function register(
  store: ReceiverStore,
  changed: RegistrationChanges = {},
  audit: readonly InstallationAuditEntry[] = [],
): Promise<number> {
  const registration = registrationOf(changed);
  const stored = await answerOf(store.loadRegistration(registration.installation));
  const expectedVersion = stored?.version ?? 0;
  return answerOf(
    store.commitRegistration({ expectedVersion, registration, hidesUnreported: false, ended: [], audit }),
  );
}

/** Commits the stored registration with links that have ended in the ledger, and returns its version. */
export async function commitEnded(
  store: ReceiverStore,
  ended: readonly EndedLink[],
  installation: InstallationId = SERVER,
): Promise<number> {
  const { value: registration, version: expectedVersion } = await stored(store, installation);
  return answerOf(
    store.commitRegistration({
      expectedVersion,
      registration,
      hidesUnreported: false,
      ended,
      audit: [],
    }),
  );
}

/** Returns an ending as the ledger has it, without counts and of the link itself unless changed. */
export function endedOf(
  name: string,
  deletedAt: Instant,
  removed: DeletionReceipt["removed"] = null,
  choice: number | null = null,
): EndedLink {
  return { linkId: linkId(name), choice, receipt: { deletedAt, removed } };
}

/** Returns a stored registration with its version. It has to be there. */
export async function stored(
  store: ReceiverStore,
  installation: InstallationId = SERVER,
): Promise<{ readonly value: Registration; readonly version: number }> {
  const found = await answerOf(store.loadRegistration(installation));
  if (!found) throw new Error("the registration is gone");
  return found;
}

/**
 * The changes of a check to a delivery. A report is a link's name, or its name and window, which is null for a hold. The
 * choice is the first if it is left out. A withdrawal is a link's name, or its name and a choice.
 */
export interface DeliveryChanges extends Partial<Omit<Delivery, "reports" | "withdrawals">> {
  readonly reports?: readonly (
    | string
    | readonly [name: string, window: ContributionWindow | null, choice?: number]
  )[];
  readonly withdrawals?: readonly (string | readonly [name: string, choice: number])[];
}

/**
 * Returns a request of the first session of the first installation, unless changed. It follows the number before it.
 */
export function deliveryOf(number: number, changed: DeliveryChanges = {}): Delivery {
  const { reports = [], withdrawals = [], ...rest } = changed;
  return {
    installation: SERVER,
    sessionId: sessionId(1),
    requestId: requestId(number),
    follows: [requestId(number - 1)],
    at: NOW,
    ...rest,
    reports: reports.map((report) => {
      const [name, window, choice = 1] = typeof report === "string" ? [report, WINDOW] : report;
      return { linkId: linkId(name), choice, window };
    }),
    withdrawals: withdrawals.map((withdrawal) => {
      const [name, choice] = typeof withdrawal === "string" ? [withdrawal, null] : withdrawal;
      return { linkId: linkId(name), choice };
    }),
  };
}

/** Delivers a request whose installation is registered and connected, and returns the result. */
export async function deliver(
  store: ReceiverStore,
  number: number,
  changed: DeliveryChanges = {},
): Promise<DeliveryResult> {
  const result = await answerOf(store.applyDelivery(deliveryOf(number, changed)));
  if (!result) throw new Error("the installation is registered and connected, and the answer was null");
  return result;
}

export const KEPT: RecordOutcome = { type: "kept" };
export const UNKNOWN: RecordOutcome = { type: "unknown" };
export const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

/**
 * Returns the links of an account that may be shown. A store may answer calls together that come at once, and has to
 * answer the same.
 */
export async function shown(store: ReceiverStore, account: AccountId = OCTO): Promise<readonly ShownLink[]> {
  const alone = await answerOf(store.loadShown(account));
  const [together] = await Promise.all([store.loadShown(account), store.loadShown(HUBOT)]);
  expectEqual("what is shown to an account that is not alone", together.unwrapOr([]), alone);
  return alone;
}

/** Returns the reports of an account that may be shown, and since when. */
export async function shownReports(
  store: ReceiverStore,
  account: AccountId = OCTO,
): Promise<Pick<ShownLink, "window" | "receivedAt">[]> {
  return (await shown(store, account)).map(({ window, receivedAt }) => ({ window, receivedAt }));
}

/** Returns the counts of an account that may be shown, one list per installation. */
export async function shownCounts(
  store: ReceiverStore,
  account: AccountId = OCTO,
): Promise<(readonly number[])[]> {
  return (await shown(store, account)).map(({ window }) => window.counts);
}

/** Deletes an account's links on all installations; the first account's unless changed. */
export function deleteLinksOf(
  store: ReceiverStore,
  at: Instant,
  account: AccountId = OCTO,
): Promise<readonly DeletedLink[]> {
  return answerOf(store.deleteLinks({ account, installation: null }, at));
}

/**
 * Returns a deleted link that is not known to be in the ledger; the first account's on the first installation unless
 * changed.
 */
export function unrecordedOf(
  name: string,
  deletedAt: Instant,
  removed: DeletionReceipt["removed"],
  changed: Partial<Pick<DeletedLink, "account" | "installation" | "openedAt" | "cause">> = {},
): DeletedLink {
  const { linkId, receipt } = endedOf(name, deletedAt, removed);
  return {
    status: "deleted",
    linkId,
    installation: SERVER,
    openedAt: NOW,
    cause: "account-deleted",
    receipt,
    isRecorded: false,
    account: OCTO,
    ...changed,
  };
}

/** Returns the links that the store still has to write to the ledger, in the order of its answer. */
export async function unrecordedLinks(store: ReceiverStore): Promise<readonly EndedLink[]> {
  const entries: readonly LedgerEntry[] = await answerOf(store.loadUnrecorded(1_000));
  return entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
}

/**
 * Returns the outcome of withdrawing a link in the next request of the session. It says when a deleted link was
 * deleted.
 */
export async function withdrawNext(
  store: ReceiverStore,
  name: string,
  at: Instant,
  installation: InstallationId = SERVER,
): Promise<RecordOutcome | undefined> {
  const { session } = (await stored(store, installation)).value;
  const request = {
    installation,
    sessionId: session.id,
    requestId: `withdrawal_of_${name}` as RequestId,
    follows: session.lastRequestId === null ? [] : [session.lastRequestId],
    withdrawals: [name],
    at,
  };
  return (await deliver(store, 1, request)).withdrawals[0];
}

/** Returns the outcome of withdrawing a link that was or is deleted at an instant, with what was removed. */
export function withdrawn(deletedAt: Instant, removed: DeletionReceipt["removed"]): RecordOutcome {
  return { type: "withdrawn", receipt: { deletedAt, removed } };
}

/**
 * Returns the outcome of a report or a hold after an ending at an instant, with what was removed. The link itself has
 * ended unless a choice is given.
 */
export function ended(
  deletedAt: Instant,
  removed: DeletionReceipt["removed"],
  choice: number | null = null,
): RecordOutcome {
  return { type: "ended", choice, receipt: { deletedAt, removed } };
}
