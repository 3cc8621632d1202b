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
import type { GivenConsent, OpenAttempt } from "./attempt.ts";
import { record } from "./deletions.ts";
import type { ReceiverOptions } from "./ports.ts";

/** A browser with an attempt to connect, as it opens the page that asks for the consent. */
export interface ConsentRequest {
  /** The attempt that the browser has brought from the server, in the address. */
  readonly attempt: AttemptId;
  /**
   * The id that the host keeps in a cookie of this browser and of no other. The first browser that brings an attempt
   * owns it.
   */
  readonly browser: BrowserId;
}

/** An account's owner consents in the browser that owns the attempt. */
export interface AccountConsent extends ConsentRequest {
  /** The account whose owner is signed in and has confirmed on the page. */
  readonly account: AccountId;
}

/** The code that the browser takes back to the server, in the address. */
export interface ConsentGiven {
  /** It counts once, within a minute, for this attempt and from its server alone. */
  readonly code: ConsentCode;
}

/** The refusal of a consent. There is one answer for all reasons. */
export interface ConsentRefusal {
  /** The attempt is unknown, expired or void, the feature is off, or another browser or account owns the attempt. */
  readonly type: "no-such-attempt";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const NO_SUCH_ATTEMPT: ConsentRefusal = {
  type: "no-such-attempt",
  message: "This attempt to connect cannot be answered here and now: start connecting again on the server.",
};

/** How many attempts of one installation may be under way at once. */
const MAX_ATTEMPTS = 10_000;

/** Returns the installation that asks for a consent. From now on the attempt belongs to this browser. */
export function offerConsent(
  options: ReceiverOptions,
  request: ConsentRequest,
): ResultAsync<OpenAttempt, ConsentRefusal | StorageFault> {
  return answerAttempt(options, request, null);
}

/** Returns a code for the consent. It neither opens nor ends a link: the redemption does that. */
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

/**
 * Takes an attempt that a server announces, and returns whether it was taken (R6). The id of its link is minted now, so
 * that the ledger can have a consent as over before it is redeemed (R10).
 */
export function pushAttempt(
  { store, clock, random }: ReceiverOptions,
  installation: InstallationId,
  { attempt }: PushMessage,
): ResultAsync<{ type: "pushed" } | Pick<PushRefusedAnswer, "type" | "reason">, StorageFault> {
  const at = clock.now();
  const expiresAt = (at + ATTEMPT_MS) as Instant;
  const linkId = random.id() as LinkId;
  const pushed = { installation, attempt, linkId, expiresAt, limit: MAX_ATTEMPTS, at };
  return callPort(() => store.pushAttempt(pushed), STORAGE_THREW).map((result) =>
    result === "pushed" ? { type: result } : { type: "push-refused", reason: result },
  );
}

/**
 * Opens the link of a consent, and records first the links that it ends (C3, R6).
 *
 * The caller has read the ledger before (R11).
 */
export function redeem(
  options: ReceiverOptions,
  installation: InstallationId,
  { attempt, code }: RedeemMessage,
): ResultAsync<
  Pick<RedeemedAnswer, "type" | "linkId" | "epoch"> | Pick<RedemptionRefusedAnswer, "type" | "reason">,
  StorageFault
> {
  const { store, clock } = options;
  const redemption = { installation, attempt, code, at: clock.now() };
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
