import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { PushRefusedAnswer, RedeemedAnswer, RedemptionRefusedAnswer } from "../domain/answer.ts";
import { ATTEMPT_MS, CODE_MS } from "../domain/consent.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
} from "../domain/identifiers.ts";
import type { PushMessage, RedeemMessage } from "../domain/message.ts";
import { record } from "./deletions.ts";
import type { GivenConsent, OpenAttempt, ReceiverOptions } from "./ports.ts";

/** A browser with an attempt to connect, as it opens the page that asks for the consent. */
export interface ConsentRequest {
  /** What the browser has brought from the server, in the address. */
  readonly attempt: AttemptId;
  /** What the host keeps in a cookie of this browser, and in no other: the first browser that brings an attempt has it. */
  readonly browser: BrowserId;
}

/** An account's owner consents in the browser that has the attempt. */
export interface AccountConsent extends ConsentRequest {
  /** Who is signed in, and has confirmed it on the page. */
  readonly account: AccountId;
}

/** What the browser takes back to the server, in the address. */
export interface ConsentGiven {
  /** It counts once, for a minute, for this attempt, and from its server alone. */
  readonly code: ConsentCode;
}

/** Why a consent cannot be given: one answer, whatever the reason. */
export interface ConsentRefusal {
  /** The attempt is unknown, has expired or is void, the feature is off, or another browser or account has the attempt. */
  readonly type: "no-such-attempt";
  /** What is wrong and what to do. */
  readonly message: string;
}

const NO_SUCH_ATTEMPT: ConsentRefusal = {
  type: "no-such-attempt",
  message: "This attempt to connect cannot be answered here and now: start connecting again on the server.",
};

/** How many attempts of one installation may be under way at once. */
const MAX_ATTEMPTS = 10_000;

/** Says what a consent is asked for; from now on the attempt belongs to this browser. */
export function offerConsent(
  options: ReceiverOptions,
  request: ConsentRequest,
): ResultAsync<OpenAttempt, ConsentRefusal | StorageFault> {
  return answerAttempt(options, request, null);
}

/** Gives a code for the consent. It opens no link and ends none: that is for the redemption to do. */
export function giveConsent(
  options: ReceiverOptions,
  { account, ...request }: AccountConsent,
): ResultAsync<ConsentGiven, ConsentRefusal | StorageFault> {
  const code = options.random.id() as ConsentCode;
  const expiresAt = (options.clock.now() + CODE_MS) as Instant;
  return answerAttempt(options, request, { account, code, expiresAt }).map(() => ({ code }));
}

function answerAttempt(
  { store, clock }: ReceiverOptions,
  { attempt, browser }: ConsentRequest,
  consent: GivenConsent | null,
): ResultAsync<OpenAttempt, ConsentRefusal | StorageFault> {
  const brought = { attempt, browser, consent, at: clock.now() };
  return callPort(() => store.answerAttempt(brought), STORAGE_THREW).andThen((open) =>
    open ? okAsync(open) : errAsync(NO_SUCH_ATTEMPT),
  );
}

/** Takes an attempt that a server announces (R6). */
export function pushAttempt(
  { store, clock }: ReceiverOptions,
  installation: InstallationId,
  { attempt }: PushMessage,
): ResultAsync<{ type: "pushed" } | Pick<PushRefusedAnswer, "type" | "reason">, StorageFault> {
  const at = clock.now();
  const expiresAt = (at + ATTEMPT_MS) as Instant;
  const pushed = { installation, attempt, expiresAt, limit: MAX_ATTEMPTS, at };
  return callPort(() => store.pushAttempt(pushed), STORAGE_THREW).map((result) =>
    result === "pushed" ? { type: result } : { type: "push-refused", reason: result },
  );
}

/** Opens the link of a consent (C3, R6); to be called once the ledger was read (R11). What it ends is recorded first. */
export function redeem(
  options: ReceiverOptions,
  installation: InstallationId,
  { attempt, code }: RedeemMessage,
): ResultAsync<
  Pick<RedeemedAnswer, "type" | "linkId" | "epoch"> | Pick<RedemptionRefusedAnswer, "type" | "reason">,
  StorageFault
> {
  const { store, random, clock } = options;
  const redemption = { installation, attempt, code, linkId: random.id() as LinkId, at: clock.now() };
  return callPort(() => store.openLink(redemption), STORAGE_THREW).andThen((result) => {
    const links = result.type === "no-such-consent" ? [] : result.unrecorded;
    const recorded: ResultAsync<void, StorageFault> =
      links.length > 0 ? record(options, { type: "links-ended", installation, links }) : okAsync(undefined);
    return recorded.map(() =>
      result.type === "redeemed"
        ? { type: result.type, linkId: result.linkId, epoch: result.epoch }
        : { type: "redemption-refused" as const, reason: result.type },
    );
  });
}
