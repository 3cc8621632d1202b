import { ok, okAsync, type ResultAsync } from "neverthrow";
import type { Answer, RejectedAnswer, RejectionReason } from "../domain/answer.ts";
import { callPlug, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { InstallationId, Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import {
  type AttachMessage,
  type CompleteMessage,
  type DisableMessage,
  type EnableMessage,
  PROTOCOL_VERSION,
} from "../domain/message.ts";
import { parseMessage, type UnreadDelivery } from "../domain/parse-message.ts";
import { load, note } from "./exit.ts";
import { ingest, outcomesOf } from "./ingest.ts";
import type { LedgerEntry } from "./ports.ts";
import type { ReceiverOptions } from "./receiver-options.ts";
import {
  admit,
  attach,
  complete,
  currentSession,
  disable,
  disablingReceipt,
  enable,
  type Registration,
} from "./registration.ts";
import { type RegistrationDecision, updateRegistration } from "./update-registration.ts";

/** Reads a message and answers it. What is not understood as a whole is `rejected`, and changes nothing. */
export function answerMessage(
  options: ReceiverOptions,
  installation: InstallationId,
  input: unknown,
): ResultAsync<Answer, StorageFault> {
  const parsed = parseMessage(input);
  if (parsed.isErr()) return okAsync(rejected(parsed.error.requestId, parsed.error.reason));
  const message = parsed.value;
  return message.type === "deliver"
    ? answerDelivery(options, installation, message)
    : answerControl(options, installation, message);
}

/** A deletion that the sender asked for. */
type SenderExit = Extract<LedgerEntry, { readonly type: "installation-disabled" | "links-withdrawn" }>;

type ControlMessage = AttachMessage | EnableMessage | DisableMessage | CompleteMessage;

function answerControl(
  options: ReceiverOptions,
  installation: InstallationId,
  message: ControlMessage,
): ResultAsync<Answer, StorageFault> {
  const at = options.clock.now();
  const newSession = options.chance.id() as SessionId;
  const noted =
    message.type === "disable"
      ? noteOf(options, { type: "installation-disabled", installation, epoch: message.epoch, at })
      : okAsync(undefined);
  return noted.andThen(() =>
    updateRegistration<Answer>(options.store, installation, at, (before) =>
      before?.isConnected
        ? decide(before, message, newSession, at)
        : { registration: before, said: rejected(message.requestId, "unknown-installation") },
    ),
  );
}

function decide(
  before: Registration,
  message: ControlMessage,
  newSession: SessionId,
  at: Instant,
): RegistrationDecision<Answer> {
  switch (message.type) {
    case "attach": {
      const attached = attach(before, message, newSession, at);
      return attached
        ? say(attached, message, { type: "attached", session: attached.session.id })
        : say(before, message, { type: "attach-refused", current: currentSession(before) });
    }
    case "enable":
      return say(enable(before, message.after), message, { type: "switched" });
    case "disable": {
      const disabled = disable(before, message.epoch, at);
      return say(disabled, message, {
        type: "disabled",
        receipt: disablingReceipt(disabled, message.epoch, at),
      });
    }
    case "complete":
      return admit(before, message).match(
        ({ registration }) => say(complete(registration), message, { type: "completed" }),
        () => say(before, message, { type: "detached", current: currentSession(before), outcomes: [] }),
      );
  }
}

/** What an answer says beside its envelope. */
type Saying<Kind> = Kind extends Answer ? Omit<Kind, "version" | "requestId" | "switch"> : never;

function say(
  registration: Registration,
  message: { readonly requestId: RequestId },
  saying: Saying<Exclude<Answer, RejectedAnswer>>,
): RegistrationDecision<Answer> {
  const { requestId } = message;
  const said = { version: PROTOCOL_VERSION, requestId, switch: registration.switch, ...saying } as Answer;
  return { registration, said };
}

function answerDelivery(
  options: ReceiverOptions,
  installation: InstallationId,
  message: UnreadDelivery,
): ResultAsync<Answer, StorageFault> {
  const { requestId, session, follows } = message;
  const { store, clock } = options;
  const at = clock.now();
  const { reports, withdrawals, places } = ingest(message.records, at);
  const delivery = { installation, session, follows, requestId, reports, withdrawals, at };
  const noted =
    withdrawals.length > 0
      ? noteOf(options, { type: "links-withdrawn", installation, links: withdrawals, at })
      : okAsync(undefined);
  const applied = noted.andThen(() => callPlug(() => store.applyDelivery(delivery), STORAGE_THREW));
  // Not `map`: what its callback can reach stays on the heap until a full collection, here every record.
  return applied.andThen((result) => {
    if (!result) return ok(rejected(requestId, "unknown-installation"));
    const outcomes = outcomesOf(places, result);
    const { registration } = result;
    const { said } = result.isDetached
      ? say(registration, message, { type: "detached", current: currentSession(registration), outcomes })
      : say(registration, message, { type: "delivered", outcomes });
    return ok(said);
  });
}

/** The ledger first (L1), and only for a server that is connected, so that no other can fill it. */
function noteOf(options: ReceiverOptions, entry: SenderExit): ResultAsync<void, StorageFault> {
  return load(options, entry.installation).andThen((registration) =>
    registration?.isConnected ? note(options, entry) : okAsync(undefined),
  );
}

function rejected(requestId: RequestId | null, reason: RejectionReason): Answer {
  const supported = { first: PROTOCOL_VERSION, last: PROTOCOL_VERSION };
  return { version: PROTOCOL_VERSION, type: "rejected", requestId, reason, supported };
}
