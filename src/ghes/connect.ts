import { err, ok, type Result, type ResultAsync, safeTry } from "neverthrow";
import type { Answer, RejectedAnswer } from "../domain/answer.ts";
import { ATTEMPT_MS, CODE_MS } from "../domain/consent.ts";
import { callPort, STORAGE_THREW, type StorageFault, type TransportFault } from "../domain/fault.ts";
import type { AttemptId, ConsentCode, Instant, RequestId, UserId } from "../domain/identifiers.ts";
import { type Message, PROTOCOL_VERSION, type PushMessage, type RedeemMessage } from "../domain/message.ts";
import { type ChangedLink, changeLink } from "./commit.ts";
import { type ConnectingCommand, finishRedeeming, transitionConnecting } from "./connecting.ts";
import type { SenderConfiguration } from "./options.ts";
import type { PendingRedemption } from "./ports.ts";
import { messageRejected } from "./refusal-messages.ts";
import type { MessageRejected, ServerState } from "./server-state.ts";
import { changed } from "./user-link.ts";
import { refusalOf, refuse, type UserLinkRefusal } from "./user-link-refusal.ts";

/** An attempt to connect that GitHub Enterprise Cloud knows. */
export interface StartedConnecting {
  /** The host keeps it in a cookie of the user's browser, and in the address to which it sends the browser. */
  readonly attempt: AttemptId;
  /** The instant from which the attempt no longer counts, that instant included. */
  readonly expiresAt: Instant;
}

/** A browser that has come back from GitHub Enterprise Cloud. */
export interface Redemption {
  /**
   * The signed-in user if this browser's cookie names the attempt, else null. A code that reached another browser is
   * worthless from then on, in any browser.
   */
  readonly user: UserId | null;
  /** The attempt in the address. */
  readonly attempt: AttemptId;
  /** The code in the address. */
  readonly code: ConsentCode;
}

/** The reasons why a user cannot connect. */
export type ConnectFault = UserLinkRefusal | AskFault | StorageFault;

/** The reasons why GitHub Enterprise Cloud gave no usable answer. */
type AskFault = TransportFault | MessageRejected;

/** The parts that connecting needs. */
export interface ConnectingParts extends Pick<SenderConfiguration, "store" | "clock" | "random"> {
  /** Sends a message outside of any session, and so beside a sync. Returns its answer. */
  ask(message: Message): ResultAsync<Answer, TransportFault>;
}

/** Stores an attempt, then announces it to GitHub Enterprise Cloud (R6). */
export function connect(parts: ConnectingParts, user: UserId): ResultAsync<StartedConnecting, ConnectFault> {
  const { store, clock, random } = parts;
  return safeTry<StartedConnecting, ConnectFault>(async function* () {
    const server = yield* loadServer(parts);
    const { link } = (yield* callPort(() => store.loadLink(user), STORAGE_THREW)).value;
    // An earlier redemption comes first: its link may have to be withdrawn.
    if (link.status === "redeeming") yield* redeemStored(parts, server, { ...link, user });

    const attempt = random.id() as AttemptId;
    const at = clock.now();
    const expiresAt = (at + ATTEMPT_MS + CODE_MS) as Instant;
    yield* change(parts, server, user, { type: "start-connecting", at, attempt, expiresAt });
    const requestId = random.id() as RequestId;
    const message: PushMessage = { version: PROTOCOL_VERSION, requestId, type: "push", attempt };
    const answer = yield* understood(parts, message);
    if (answer.type !== "push-refused") return ok({ attempt, expiresAt });
    return refuse(answer.reason === "disabled" ? "unified-contributions-disabled" : answer.reason);
  });
}

/** Stores that the browser has come back, then asks GitHub Enterprise Cloud for the link (R6). */
export function redeem(
  parts: ConnectingParts,
  { user, attempt, code }: Redemption,
): ResultAsync<ChangedLink, ConnectFault> {
  const { store, clock } = parts;
  return safeTry<ChangedLink, ConnectFault>(async function* () {
    const server = yield* loadServer(parts);
    const owner = yield* callPort(() => store.userOf(attempt), STORAGE_THREW);
    if (owner === null) return refuse("no-such-attempt");
    if (owner !== user) {
      yield* endAttempt(parts, server, owner, attempt);
      return refuse("no-such-attempt");
    }
    const at = clock.now();
    const started = yield* change(parts, server, user, { type: "start-redeeming", at, attempt, code });
    const { link } = started;
    if (link.status !== "redeeming") return ok(started);
    const answered = yield* redeemStored(parts, server, { ...link, user });
    return answered.refusal ? err(answered.refusal) : ok(answered.changed);
  });
}

/** Ends an attempt whose code has reached another browser, so that the code is worthless there (R6). */
function endAttempt(
  { store, clock }: ConnectingParts,
  server: ServerState,
  owner: UserId,
  attempt: AttemptId,
): ResultAsync<ChangedLink, StorageFault> {
  return changeLink<never>(store, server, owner, clock.now(), ({ link }) =>
    link.status === "connecting" && link.attempt === attempt ? changed(link.before) : ok(null),
  );
}

/** The answer to a redemption, and the user's link after it. */
export interface AnsweredRedemption {
  readonly changed: ChangedLink;
  /** The reason why there is no link, or null if there is one. */
  readonly refusal: UserLinkRefusal | null;
}

/** Sends a stored redemption and stores its answer. However often the sender asks, the answer is the same. */
export function redeemStored(
  parts: ConnectingParts,
  server: ServerState,
  { user, attempt, code }: PendingRedemption,
): ResultAsync<AnsweredRedemption, AskFault | StorageFault> {
  const { store, clock, random } = parts;
  const requestId = random.id() as RequestId;
  const message: RedeemMessage = { version: PROTOCOL_VERSION, requestId, type: "redeem", attempt, code };
  return understood(parts, message).andThen((answer) => {
    const consent = answer.type === "redeemed" ? { linkId: answer.linkId, epoch: answer.epoch } : null;
    const refusal = answer.type === "redemption-refused" ? refusalNamed(answer.reason) : null;
    const command = { type: "finish-redeeming", at: clock.now(), attempt, consent } as const;
    return changeLink<never>(store, server, user, command.at, ({ link }, context) =>
      ok(finishRedeeming(link, command, context)),
    ).map((finished) => ({ changed: finished, refusal }));
  });
}

function refusalNamed(reason: Extract<Answer, { type: "redemption-refused" }>["reason"]): UserLinkRefusal {
  return refusalOf(reason === "link-ended" ? reason : "redemption-refused");
}

/**
 * Sends a message and fails if the receiver did not understand it. Only a sync draws conclusions from the switch in
 * the answer.
 */
function understood(
  { ask }: ConnectingParts,
  message: PushMessage | RedeemMessage,
): ResultAsync<Exclude<Answer, RejectedAnswer>, AskFault> {
  return ask(message).andThen(
    (answer): Result<Exclude<Answer, RejectedAnswer>, MessageRejected> =>
      answer.type === "rejected" ? err(messageRejected(answer.reason)) : ok(answer),
  );
}

function loadServer({ store }: ConnectingParts): ResultAsync<ServerState, StorageFault> {
  return callPort(() => store.loadServer(), STORAGE_THREW).map(({ value }) => value);
}

function change(
  { store }: ConnectingParts,
  server: ServerState,
  user: UserId,
  command: ConnectingCommand,
): ResultAsync<ChangedLink, UserLinkRefusal | StorageFault> {
  return changeLink(store, server, user, command.at, ({ link }, context) =>
    transitionConnecting(link, command, context),
  );
}
