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
import type { DeletedLink } from "../../ghec/link.ts";
import type {
  Delivery,
  DeliveryResult,
  Opening,
  OpeningResult,
  ReceiverStore,
  ShownWindow,
} from "../../ghec/ports.ts";
import type { ReceiverSession, Registration } from "../../ghec/registration.ts";
import { answerOf, type ContractCheck, check, expectEqual, type MakeFresh } from "../contract.ts";

/** A check of a receiver's store. */
export type ReceiverStoreCheck = ContractCheck<MakeFresh<ReceiverStore>>;

/** Declares a check of a receiver's store. */
export const receiverCheck: typeof check<ReceiverStore> = check;

/** 2026-03-01T12:00:00Z, the present of every check. */
export const NOW: Instant = 1_772_366_400_000 as Instant;

export const SERVER: InstallationId = "server-1" as InstallationId;
export const OTHER_SERVER: InstallationId = "server-2" as InstallationId;
export const OCTO: AccountId = "octo-cloud" as AccountId;
export const MONA: AccountId = "mona-cloud" as AccountId;
export const HUBOT: AccountId = "hubot-cloud" as AccountId;

/** What is reported unless a check says otherwise: 3 contributions on 28 February, 1 on 1 March. */
export const WINDOW: ContributionWindow = { first: "2026-02-28" as CalendarDate, counts: [3, 1] };

/** What the receipt of {@link WINDOW} says was removed. */
export const REMOVED = { first: "2026-02-28", last: "2026-03-01", contributions: 4 } as const;

/** An instant so many milliseconds after the present. */
export function after(milliseconds: number): Instant {
  return (NOW + milliseconds) as Instant;
}

/** The link id of this name; they are ordered as the names are. */
export function linkId(name: string): LinkId {
  return `${name}_0123456789abcdef` as LinkId;
}

/** The request id of this number. */
export function requestId(number: number): RequestId {
  return `request_${String(number).padStart(8, "0")}` as RequestId;
}

/** The id of the session with this ordinal. */
export function sessionId(ordinal: number): SessionId {
  return `session_${String(ordinal).padStart(8, "0")}` as SessionId;
}

/** What a check changes of a registration. */
export interface RegistrationChanges {
  readonly installation?: InstallationId;
  readonly isConnected?: boolean;
  readonly connectionId?: ConnectionId;
  readonly epoch?: number;
  readonly status?: FeatureSwitch["status"];
  readonly session?: Partial<ReceiverSession>;
}

/** A registration that is connected, switched on in epoch 1 and held by a server, unless told. */
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
    disabledAt: status === "off" ? NOW : null,
    session,
  };
}

/** Writes a registration over whatever stands; answers its version. */
export async function register(store: ReceiverStore, changed: RegistrationChanges = {}): Promise<number> {
  const registration = registrationOf(changed);
  const stored = await answerOf(store.loadRegistration(registration.installation));
  const expectedVersion = stored?.version ?? 0;
  return answerOf(
    store.commitRegistration({ expectedVersion, registration, deletesUnreported: false, at: NOW }),
  );
}

/** A registration, which has to be there, with its version. */
export async function stored(
  store: ReceiverStore,
  installation: InstallationId = SERVER,
): Promise<{ readonly value: Registration; readonly version: number }> {
  const found = await answerOf(store.loadRegistration(installation));
  if (!found) throw new Error("the registration is gone");
  return found;
}

/** A consent of the first account to the first installation in epoch 1, unless told. */
export function openingOf(name: string, changed: Partial<Opening> = {}): Opening {
  return { linkId: linkId(name), installation: SERVER, account: OCTO, epoch: 1, at: NOW, ...changed };
}

/** Opens a link; answers what became of it. */
export function open(
  store: ReceiverStore,
  name: string,
  changed: Partial<Opening> = {},
): Promise<OpeningResult> {
  return answerOf(store.openLink(openingOf(name, changed)));
}

/** What a check changes of a delivery; a report is a link's name, or its name and window. */
export interface DeliveryChanges extends Partial<Omit<Delivery, "reports" | "withdrawals">> {
  readonly reports?: readonly (string | readonly [string, ContributionWindow])[];
  readonly withdrawals?: readonly string[];
}

/** A request of the first session of the first installation, which follows the one of the number before, unless told. */
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
      const [name, window] = typeof report === "string" ? [report, WINDOW] : report;
      return { linkId: linkId(name), window };
    }),
    withdrawals: withdrawals.map(linkId),
  };
}

/** Delivers a request whose installation is registered and connected; answers what became of it. */
export async function deliver(
  store: ReceiverStore,
  number: number,
  changed: DeliveryChanges = {},
): Promise<DeliveryResult> {
  const result = await answerOf(store.applyDelivery(deliveryOf(number, changed)));
  if (!result) throw new Error("the installation is registered and connected, and the answer was null");
  return result;
}

/** Opens a link and reports {@link WINDOW} for it in the request of this number. */
export async function openReported(
  store: ReceiverStore,
  name: string,
  number: number,
  changed: Partial<Opening> = {},
): Promise<void> {
  const { installation = SERVER } = changed;
  expectEqual("the answer to openLink", await open(store, name, changed), { type: "opened" });
  const { reports } = await deliver(store, number, { installation, reports: [name] });
  expectEqual("the outcome of the first report", reports, [KEPT]);
}

export const KEPT: RecordOutcome = { type: "kept" };
export const GONE: RecordOutcome = { type: "gone" };
export const NOT_APPLIED: RecordOutcome = { type: "not-applied" };

/** What may be shown of an account. */
export function shown(store: ReceiverStore, account: AccountId = OCTO): Promise<readonly ShownWindow[]> {
  return answerOf(store.loadShown(account));
}

/** The counts that may be shown of an account, one list an installation. */
export async function shownCounts(
  store: ReceiverStore,
  account: AccountId = OCTO,
): Promise<(readonly number[])[]> {
  return (await shown(store, account)).map(({ window }) => window.counts);
}

/** Deletes an account's links, the first account's unless told. */
export function deleteLinksOf(
  store: ReceiverStore,
  at: Instant,
  account: AccountId = OCTO,
): Promise<readonly DeletedLink[]> {
  return answerOf(store.deleteLinks({ type: "account", account }, at));
}

/** The outcome of withdrawing a link in the next request of the current session: says when a deleted one was deleted. */
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

/** The outcome of withdrawing a link that was or is deleted at an instant, with what was removed. */
export function withdrawn(deletedAt: Instant, removed: typeof REMOVED | null): unknown {
  return { type: "withdrawn", receipt: { deletedAt, removed } };
}
