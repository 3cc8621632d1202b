import { err, ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import type {
  Answer,
  RecordOutcome,
  RecordRefusal,
  RejectedAnswer,
  RejectionReason,
} from "../domain/answer.ts";
import { addDays, dateOfInstant, dayNumberAt, MAX_OFFSET_MINUTES } from "../domain/calendar-date.ts";
import type { LinkChoice } from "../domain/choice.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type {
  ConnectionId,
  InstallationId,
  Instant,
  LinkId,
  RequestId,
  SessionId,
} from "../domain/identifiers.ts";
import { isSamePlace, type LedgerPlace } from "../domain/ledger-place.ts";
import {
  type AttachMessage,
  type CompleteMessage,
  type DeliveryRecord,
  type DisableMessage,
  type EnableMessage,
  PROTOCOL_VERSION,
  type PushMessage,
  type RedeemMessage,
  type ReportRecord,
} from "../domain/message.ts";
import { parseMessage, parseRecord, type UnreadDelivery } from "../domain/parse-message.ts";
import { decideRegistration, type RegistrationDecision } from "./commit.ts";
import { connectInstallation } from "./connections.ts";
import { pushAttempt, redeem } from "./consent.ts";
import { changeRecorded, NOT_RECORDED, readEntries, record } from "./deletions.ts";
import { continuationOf, type EndedPage, endedIn } from "./ledger.ts";
import type { DeliveredReport, Delivery, DeliveryResult, ReceiverOptions } from "./ports.ts";
import { signDisabling, signEndings, signOutcomes } from "./receipts.ts";
import {
  admit,
  attach,
  complete,
  currentSession,
  disable,
  disablingReceipt,
  enable,
  isTooFar,
  type Registration,
  registerByMessage,
} from "./registration.ts";
import type { SpareRead } from "./spare-read.ts";

/** The parts that answer a message. */
export interface AnsweringParts extends ReceiverOptions {
  readonly spare: SpareRead;
}

/** The connection over which a message comes. */
export interface Connection {
  readonly installation: InstallationId;
  /** The connection whose credentials authenticated the message, or null if the host does not name it. */
  readonly connectionId: ConnectionId | null;
}

/** Reads a message and answers it. A message that is not understood as a whole is `rejected`, and changes nothing. */
export function answerMessage(
  options: AnsweringParts,
  from: Connection,
  input: unknown,
): ResultAsync<Answer, StorageFault> {
  const parsed = parseMessage(input);
  if (parsed.isErr()) return okAsync(rejected(parsed.error.requestId, parsed.error.reason));
  const message = parsed.value;
  switch (message.type) {
    case "deliver":
      return answerDelivery(options, from, message);
    case "push":
      return answerConnecting(options, from, message, () => pushAttempt(options, from.installation, message));
    case "redeem":
      return answerConnecting(options, from, message, () => redeem(options, from.installation, message));
    case "attach":
    case "enable":
    case "disable":
      return changeRecorded(options, from.installation, "server", decideFrom(options, from, message)).andThen(
        (answer) => signAnswer(options, from.installation, answer),
      );
    case "complete":
      return answerCompletion(options, from, message);
  }
}

/** Signs the receipt of a disabling. No other answer to a control message has one. */
function signAnswer(
  options: ReceiverOptions,
  installation: InstallationId,
  answer: Answer,
): ResultAsync<Answer, StorageFault> {
  return answer.type === "disabled"
    ? signDisabling(options, installation, answer.receipt).map((receipt) => ({ ...answer, receipt }))
    : okAsync(answer);
}

/** Answers a message that connects a user. It reads the ledger to its end before it opens a link (R11). */
function answerConnecting(
  options: ReceiverOptions,
  { installation, connectionId }: Connection,
  message: PushMessage | RedeemMessage,
  act: () => ResultAsync<Content<Exclude<Answer, RejectedAnswer>>, StorageFault>,
): ResultAsync<Answer, StorageFault> {
  return connectInstallation(options, installation, connectionId, "server").andThen((registration) =>
    act().map((content) => answered(registration, message, content).value),
  );
}

/** A delivery, and the connection over which it came. */
type SentDelivery = Delivery & Connection;

type ControlMessage = AttachMessage | EnableMessage | DisableMessage | CompleteMessage;

/** An answer, and the registration after the message. */
interface AnswerDecision extends RegistrationDecision<Answer> {
  readonly registration: Registration;
}

function decideFrom(
  { clock, random }: ReceiverOptions,
  { installation, connectionId }: Connection,
  message: ControlMessage,
): (before: Registration | null) => AnswerDecision {
  const at = clock.now();
  const newSession = random.id() as SessionId;
  return (before) =>
    decide(registerByMessage(before, installation, connectionId, newSession, at), message, at);
}

/** A `complete` mints nothing and acknowledges no deletion, so it does not wait for the ledger (R11). */
function answerCompletion(
  options: AnsweringParts,
  from: Connection,
  message: CompleteMessage,
): ResultAsync<Answer, StorageFault> {
  const { store, clock } = options;
  const origin = { actor: "server", at: clock.now() } as const;
  return decideRegistration(store, from.installation, origin, decideFrom(options, from, message)).andThen(
    ({ registration, value: answer }) =>
      answer.type === "completed"
        ? loadEnded(options, registration, message.heardTo).map((page): Answer => ({ ...answer, ...page }))
        : ok(answer),
  );
}

/** How many entries of the ledger are read for one `completed`. */
const ENDED_ENTRIES = 100;

/**
 * Returns the links of an installation that were deleted since a place, in the order of the ledger.
 *
 * It reads nothing if the sender has heard of everything that the store has read. If the ledger has lost that place, it
 * begins anew. If the ledger cannot be read in time, or the receipts cannot be signed, it names nothing yet.
 */
function loadEnded(
  options: AnsweringParts,
  { installation, readTo }: Registration,
  heardTo: LedgerPlace | null,
): ResultAsync<EndedPage, never> {
  const nothing: EndedPage = { ended: [], heardTo, hasMore: false };
  if (isSamePlace(readTo, heardTo)) return okAsync(nothing);
  const read = (): ResultAsync<EndedPage, StorageFault> =>
    readEntries(options, installation, heardTo?.position ?? 1, ENDED_ENTRIES)
      .andThen((page) =>
        continuationOf(heardTo, page).type === "lost"
          ? readEntries(options, installation, 1, ENDED_ENTRIES).map((whole) =>
              endedIn(null, whole, ENDED_ENTRIES),
            )
          : ok(endedIn(heardTo, page, ENDED_ENTRIES)),
      )
      .andThen((page) => signEndings(options, installation, page.ended).map((ended) => ({ ...page, ended })));
  return options.spare.read(read).orElse(() => ok(nothing));
}

function decide(before: Registration, message: ControlMessage, at: Instant): AnswerDecision {
  switch (message.type) {
    case "attach": {
      const attached = attach(before, message, message.requestId as string as SessionId, at);
      if (!attached) {
        return answered(before, message, { type: "attach-refused", current: currentSession(before) });
      }
      if (attached !== before && isTooFar(before, message.featureSwitch.epoch)) {
        return { registration: before, value: rejected(message.requestId, "epoch-too-far") };
      }
      return answered(attached, message, { type: "attached", sessionId: attached.session.id });
    }
    case "enable":
      if (isTooFar(before, message.after)) {
        return { registration: before, value: rejected(message.requestId, "epoch-too-far") };
      }
      return answered(enable(before, message.after), message, { type: "switched" });
    case "disable": {
      const disabled = disable(before, message.epoch, at);
      return answered(disabled, message, {
        type: "disabled",
        receipt: disablingReceipt(disabled, message.epoch, at),
      });
    }
    case "complete":
      return admit(before, message).match(
        ({ registration }) =>
          answered(complete(registration), message, {
            ...{ type: "completed", ended: [], heardTo: message.heardTo, hasMore: false },
          }),
        () => answered(before, message, { type: "detached", current: currentSession(before), outcomes: [] }),
      );
  }
}

/** The fields of an answer beside its envelope. */
type Content<Kind> = Kind extends Answer ? Omit<Kind, "version" | "requestId" | "featureSwitch"> : never;

function answered(
  registration: Registration,
  message: { readonly requestId: RequestId },
  content: Content<Exclude<Answer, RejectedAnswer>>,
): AnswerDecision {
  const { requestId } = message;
  const value = {
    version: PROTOCOL_VERSION,
    requestId,
    featureSwitch: registration.featureSwitch,
    ...content,
  } as Answer;
  return { registration, value };
}

function answerDelivery(
  options: ReceiverOptions,
  from: Connection,
  message: UnreadDelivery,
): ResultAsync<Answer, StorageFault> {
  const { requestId, sessionId, follows } = message;
  const at = options.clock.now();
  const { reports, withdrawals, places } = readRecords(message.records, at);
  const delivery = { ...from, sessionId, follows, requestId, reports, withdrawals, at };
  // Not `map`: the objects that its callback can reach stay on the heap until a full collection, here every record.
  const applied = applyRecorded(options, delivery);
  const signed = applied.andThen((result) => signOutcomes(options, delivery, result));
  return signed.andThen((result) => {
    const outcomes = outcomesOf(places, result);
    const { registration } = result;
    const { value } = result.isDetached
      ? answered(registration, message, { type: "detached", current: currentSession(registration), outcomes })
      : answered(registration, message, { type: "delivered", outcomes });
    return ok(value);
  });
}

/**
 * Applies a delivery, and records its deletions before the answer (L1).
 *
 * The order is: first the store, then the ledger, then the answer.
 */
function applyRecorded(
  options: ReceiverOptions,
  delivery: SentDelivery,
): ResultAsync<DeliveryResult, StorageFault> {
  return apply(options, delivery).andThen((result) => {
    const { unrecorded: links } = result;
    if (links.length === 0) return okAsync(result);
    return record(options, { type: "links-ended", installation: delivery.installation, links }).andThen(() =>
      withFirstReceipts(options, delivery, result),
    );
  });
}

/**
 * Reads the receipts of recorded deletions once more. A receipt that was acknowledged before a restore is the first
 * one.
 */
function withFirstReceipts(
  options: ReceiverOptions,
  delivery: SentDelivery,
  result: DeliveryResult,
): ResultAsync<DeliveryResult, StorageFault> {
  const withdrawals = result.unrecorded.map(({ linkId, choice }) => ({ linkId, choice }));
  return apply(options, { ...delivery, reports: [], withdrawals }).andThen((again) => {
    if (again.unrecorded.length > 0) return err(NOT_RECORDED);
    const recorded = new Map(withdrawals.map(({ linkId }, index) => [linkId, again.withdrawals[index]]));
    const corrected = (outcome: RecordOutcome, linkId: LinkId): RecordOutcome => {
      const first = recorded.get(linkId);
      return "receipt" in outcome && first && "receipt" in first
        ? { ...outcome, receipt: first.receipt }
        : outcome;
    };
    const reports = result.reports.map((outcome, index) =>
      corrected(outcome, (delivery.reports[index] as DeliveredReport).linkId),
    );
    const withdrawn = result.withdrawals.map((outcome, index) =>
      corrected(outcome, (delivery.withdrawals[index] as LinkChoice).linkId),
    );
    return ok({ ...result, reports, withdrawals: withdrawn });
  });
}

/**
 * Applies a delivery. If the store has forgotten the installation's connection, it registers the installation first.
 */
function apply(
  options: ReceiverOptions,
  { connectionId, ...delivery }: SentDelivery,
): ResultAsync<DeliveryResult, StorageFault> {
  const { store } = options;
  return callPort(() => store.applyDelivery(delivery), STORAGE_THREW).andThen((result) => {
    if (result) return okAsync(result);
    return connectInstallation(options, delivery.installation, connectionId, "server")
      .andThen(() => callPort(() => store.applyDelivery(delivery), STORAGE_THREW))
      .andThen((again) => (again ? ok(again) : err(NOT_REGISTERED)));
  });
}

const NOT_REGISTERED: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "An installation that was just registered is missing: let no other program write to the store.",
};

function rejected(requestId: RequestId | null, reason: RejectionReason): Answer {
  const supported = { first: PROTOCOL_VERSION, last: PROTOCOL_VERSION };
  return { version: PROTOCOL_VERSION, type: "rejected", requestId, reason, supported };
}

/** The records of a request after reading, and the place of each outcome. */
export interface ReadRecords {
  readonly reports: readonly DeliveredReport[];
  readonly withdrawals: readonly LinkChoice[];
  /** The place of each record's outcome, in the order of the records. */
  readonly places: readonly Place[];
}

/** The place of a record's outcome. */
export type Place =
  | { readonly in: "reports"; readonly index: number }
  | { readonly in: "withdrawals"; readonly index: number }
  | { readonly in: "refused"; readonly reason: RecordRefusal };

/**
 * Reads untrusted records one by one. Each is taken or refused by name, and a bad record does not affect the others
 * (R13).
 */
export function readRecords(records: readonly unknown[], now: Instant): ReadRecords {
  const lastDayAllowed = dayNumberAt(addDays(dateOfInstant(now, MAX_OFFSET_MINUTES), 1));
  const reports: DeliveredReport[] = [];
  const withdrawals: LinkChoice[] = [];
  const places: Place[] = [];
  const read = records.map(parseRecord);
  const named = withdrawnIn(read);
  for (const parsed of read) {
    if (parsed.isErr()) {
      places.push({ in: "refused", reason: parsed.error });
      continue;
    }
    const record = parsed.value;
    if (record.type === "withdraw") {
      const { linkId, choice } = record;
      places.push({ in: "withdrawals", index: withdrawals.push({ linkId, choice }) - 1 });
    } else if (record.type === "report" && isAhead(record, lastDayAllowed)) {
      places.push({ in: "refused", reason: "clock-ahead" });
    } else if (named.has(record.linkId)) {
      places.push({ in: "refused", reason: "duplicate-link" });
    } else {
      const { linkId, choice } = record;
      named.add(linkId);
      const window = record.type === "report" ? { first: record.first, counts: record.counts } : null;
      places.push({ in: "reports", index: reports.push({ linkId, choice, window }) - 1 });
    }
  }
  return { reports, withdrawals, places };
}

/** Returns the links that records withdraw. A report beside the withdrawal of its link would leave the order open. */
function withdrawnIn(read: readonly Result<DeliveryRecord, RecordRefusal>[]): Set<LinkId> {
  const withdrawn = new Set<LinkId>();
  for (const parsed of read) {
    if (parsed.isOk() && parsed.value.type === "withdraw") withdrawn.add(parsed.value.linkId);
  }
  return withdrawn;
}

/** Returns the outcomes in the order of the records. */
export function outcomesOf(places: readonly Place[], result: DeliveryResult): readonly RecordOutcome[] {
  return places.map((place) =>
    place.in === "refused"
      ? { type: "refused", reason: place.reason }
      : (result[place.in][place.index] as RecordOutcome),
  );
}

/** R12: whether a window ends more than a day after today in the furthest zone, and so comes from a wrong clock. */
function isAhead(record: ReportRecord, lastDayAllowed: number): boolean {
  return dayNumberAt(record.first) + record.counts.length - 1 > lastDayAllowed;
}
