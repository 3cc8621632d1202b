import { err, ok } from "neverthrow";
import { readAnswer } from "./answer.js";
import { change } from "./document.js";
import { userOf, withdraw } from "./links.js";

/** @import { Result } from "neverthrow" */
/** @import { Answer, Message, Parts, Promised, Refusal, SenderDocument } from "./types.d.ts" */

const ATTEMPT_MS = 600_000;

/**
 * Stores an attempt, then announces it: the browser may be sent to the cloud with it.
 *
 * @param {Parts} parts
 * @param {string} id
 * @returns {Promised<{ attempt: string }>}
 */
export async function connect(parts, id) {
  const { store, clock, random } = parts;
  const attempt = random.id();
  const stored = await change(store, (document) => {
    const user = userOf(document, id);
    if (document.settings.status !== "enabled") return refuse("gate-closed", "The feature is not enabled.");
    // A link of an epoch that is over is none.
    if (user.held && user.held.epoch !== document.settings.epoch) user.held = null;
    if (user.link || user.held) return refuse("already-connected", "Disconnect the account first.");
    // A code that is still being redeemed belongs to an attempt that nobody wants any more.
    for (const redemption of document.redemptions) if (redemption.user === id) redemption.isUnwanted = true;
    Object.assign(user, { connection: "connecting", attempt, expiresAt: clock.now() + ATTEMPT_MS });
    return ok(undefined);
  });
  if (stored.isErr()) return err(stored.error);
  const answer = await say(parts, { version: 1, requestId: random.id(), type: "push", attempt });
  if (answer?.type === "pushed") return ok({ attempt });
  return refuse("not-connecting", "The cloud has not taken the attempt: try again.");
}

/**
 * Stores what the browser has brought, then asks for the link. Without an answer the next sync asks again.
 *
 * @param {Parts} parts
 * @param {{ user: string, attempt: string, code: string }} redemption
 * @returns {Promised<{ isDeletionPending: boolean }>}
 */
export async function redeem(parts, { user: id, attempt, code }) {
  const { store, clock, random } = parts;
  const stored = await change(store, (document) => {
    const user = userOf(document, id);
    if (user.connection !== "connecting" || user.attempt !== attempt)
      return refuse("unknown-attempt", "No such attempt to connect is under way.");
    if (clock.now() >= user.expiresAt)
      return refuse("attempt-expired", "The attempt to connect took too long.");
    const { connectionOrdinal } = document.settings;
    user.connection = "redeeming";
    document.redemptions.push({ user: id, attempt, code, connectionOrdinal, isUnwanted: false });
    return ok(undefined);
  });
  if (stored.isErr()) return err(stored.error);
  const answer = await say(parts, { version: 1, requestId: random.id(), type: "redeem", attempt, code });
  if (!answer) return refuse("no-answer", "The cloud has not answered: the next sync asks again.");
  return await change(store, (document) => {
    const isDeletionPending = settleRedemption(document, attempt, answer);
    const { connection } = userOf(document, id);
    return ok({ isDeletionPending, connection });
  });
}

/**
 * Applies the answer to a redemption, which is the same however often it is asked for; whether the link is withdrawn.
 *
 * @param {SenderDocument} document
 * @param {string} attempt
 * @param {Answer} answer
 * @returns {boolean}
 */
export function settleRedemption(document, attempt, answer) {
  const redemption = document.redemptions.find((each) => each.attempt === attempt);
  if (!redemption || (answer.type !== "redeemed" && answer.type !== "redemption-refused")) return false;
  document.redemptions = document.redemptions.filter((each) => each !== redemption);
  if (redemption.isUnwanted) {
    if (answer.type === "redeemed") withdraw(document, answer.linkId, null);
    return answer.type === "redeemed";
  }
  const user = userOf(document, redemption.user);
  user.connection = answer.type === "redeemed" ? "connected" : "none";
  user.held = answer.type === "redeemed" ? { linkId: answer.linkId, epoch: answer.epoch, choice: 0 } : null;
  return false;
}

/**
 * Says something outside of any session; null where no answer came.
 *
 * @param {Parts} parts
 * @param {Message} message
 * @returns {Promise<Answer | null>}
 */
async function say({ transport }, message) {
  const sent = await transport.send(message, new AbortController().signal);
  return sent.isErr() ? null : readAnswer(sent.value, message);
}

/**
 * @param {string} type
 * @param {string} message
 * @returns {Result<never, Refusal>}
 */
function refuse(type, message) {
  return err({ type, message });
}
