import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  Instant,
} from "../../domain/identifiers.ts";
import type { GivenConsent, OpenAttempt, PushedAttempt, PushResult } from "../../ghec/attempt.ts";
import type { ReceiverStore, Redemption, RedemptionResult } from "../../ghec/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { after, deliver, KEPT, linkId, NOW, OCTO, SERVER } from "./samples.ts";

/** Returns the attempt of this name. */
function attemptId(name: string): AttemptId {
  return `${name}_attempt_01234567` as AttemptId;
}

/** Returns the browser of this name. */
function browserId(name: string): BrowserId {
  return `${name}_browser_01234567` as BrowserId;
}

/** Returns the code of this name. */
export function codeOf(name: string): ConsentCode {
  return `${name}_code_0123456789` as ConsentCode;
}

/**
 * Pushes an attempt of the first installation that expires a minute after the present, unless changed. Its link has the
 * same name.
 */
export function push(
  store: ReceiverStore,
  name: string,
  changed: Partial<PushedAttempt> = {},
): Promise<PushResult> {
  const pushed = {
    installation: SERVER,
    attempt: attemptId(name),
    linkId: linkId(name),
    expiresAt: after(60_000),
    limit: 10_000,
    at: NOW,
  };
  return answerOf(store.pushAttempt({ ...pushed, ...changed }));
}

/** The changes of a check to an answer in the browser of an attempt's name. */
export interface AnswerChanges extends Partial<GivenConsent> {
  /** The name of the browser; that of the attempt if left out. */
  readonly browser?: string;
  readonly at?: Instant;
}

/** A browser brings an attempt whose owner has not consented yet. */
export function bring(
  store: ReceiverStore,
  name: string,
  { browser = name, at = NOW }: AnswerChanges = {},
): Promise<OpenAttempt | null> {
  const brought = { attempt: attemptId(name), browser: browserId(browser), consent: null, at };
  return answerOf(store.answerAttempt(brought));
}

/**
 * The first account's owner consents. The code has the attempt's name, and expires a minute after the present.
 */
export function consent(
  store: ReceiverStore,
  name: string,
  changed: AnswerChanges = {},
): Promise<OpenAttempt | null> {
  const {
    browser = name,
    at = NOW,
    account = OCTO,
    code = codeOf(name),
    expiresAt = after(60_000),
  } = changed;
  const given = { account, code, expiresAt };
  return answerOf(
    store.answerAttempt({ attempt: attemptId(name), browser: browserId(browser), consent: given, at }),
  );
}

/** Returns the redemption of an attempt with its code. Both have this name, unless changed. */
export function redemptionOf(name: string, changed: Partial<Redemption> = {}): Redemption {
  return {
    installation: SERVER,
    attempt: attemptId(name),
    code: codeOf(name),
    at: NOW,
    ...changed,
  };
}

/** Redeems a consent, and returns the result. */
export function redeem(
  store: ReceiverStore,
  name: string,
  changed: Partial<Redemption> = {},
): Promise<RedemptionResult> {
  return answerOf(store.openLink(redemptionOf(name, changed)));
}

/** The account and installation of a link to open, and when; the first ones and now if left out. */
export interface OpeningChanges {
  readonly installation?: InstallationId;
  readonly account?: AccountId;
  readonly at?: Instant;
}

/** Pushes an attempt, consents and redeems it, all with one name, and returns the result. */
export async function open(
  store: ReceiverStore,
  name: string,
  { installation = SERVER, account = OCTO, at = NOW }: OpeningChanges = {},
): Promise<RedemptionResult> {
  const expiresAt = (at + 60_000) as Instant;
  await push(store, name, { installation, expiresAt, at });
  await consent(store, name, { account, expiresAt, at });
  return redeem(store, name, { installation, at });
}

/** Opens a link and reports {@link WINDOW} for it in the request of this number. */
export async function openReported(
  store: ReceiverStore,
  name: string,
  number: number,
  changed: OpeningChanges = {},
): Promise<void> {
  const { installation = SERVER } = changed;
  expectEqual("the type of the answer to openLink", (await open(store, name, changed)).type, "redeemed");
  const { reports } = await deliver(store, number, { installation, reports: [name] });
  expectEqual("the outcome of the first report", reports, [KEPT]);
}

/**
 * Opens a link, reports {@link WINDOW} for it under the first choice, and withdraws that choice after five
 * milliseconds. It takes the requests of this number and of the next one.
 */
export async function openDeselected(
  store: ReceiverStore,
  name: string,
  number: number,
  changed: OpeningChanges = {},
): Promise<void> {
  const { installation = SERVER } = changed;
  await openReported(store, name, number, changed);
  const deselected = { installation, withdrawals: [[name, 1]] as const, at: after(5) };
  const { withdrawals } = await deliver(store, number + 1, deselected);
  expectEqual("the outcome of withdrawing the first choice", withdrawals[0]?.type, "withdrawn");
}

/** Returns the result of a redemption that opened the link of this name, now or before. */
export function redeemed(name: string, epoch = 1): RedemptionResult {
  return { type: "redeemed", linkId: linkId(name), epoch, unrecorded: [] };
}

export const NO_SUCH_CONSENT: RedemptionResult = { type: "no-such-consent" };
