import { isDue } from "./document.js";
import { dueWithdrawals } from "./withdrawals.js";

/** @import { DueLink, Run, SenderDocument, Want } from "./types.d.ts" */

/** How often one sync says the same before it leaves it to the next one. */
const MAX_REPETITIONS = 5;

/** After so many requests without an answer a session is replaced. */
const MAX_UNANSWERED = 32;

/**
 * What a sync says next, or null where nothing is left to say. Everything follows from the document, so that a choice made
 * meanwhile goes first.
 *
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {number} batchSize
 * @param {number} now
 * @returns {Want | null}
 */
export function choose(document, run, batchSize, now) {
  const { settings, disabling, heard } = document;
  if (settings.status === "disconnected") return null;
  const mayRepeat = (/** @type {Want["type"]} */ type) => (run.sent.get(type) ?? 0) < MAX_REPETITIONS;
  if (disabling && disabling.receipt === null && mayRepeat("disable"))
    return { type: "disable", epoch: disabling.epoch };
  const redemption = document.redemptions.find(({ attempt }) => !run.redeemed.has(attempt));
  if (redemption && mayRepeat("redeem")) {
    const { attempt, code } = redemption;
    return { type: "redeem", attempt, code };
  }
  const withdrawals = dueWithdrawals(document, now)
    .filter((each) => !run.withdrawn.has(keyOf(each)))
    .map(({ linkId, choice }) => ({ linkId, choice }));
  if (withdrawals.length > 0) return { type: "withdraw", withdrawals: withdrawals.slice(0, batchSize) };
  if (run.scope === "deletions") return null;
  if (settings.status === "disabled")
    return run.isAsked || !mayRepeat("disable") ? null : { type: "disable", epoch: heard.epoch };
  if (settings.status === "enabling")
    return heard.status === "off" && mayRepeat("enable") ? { type: "enable", after: heard.epoch } : null;
  return chooseReports(document, run, batchSize, now);
}

/**
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {number} batchSize
 * @param {number} now
 * @returns {Want | null}
 */
function chooseReports(document, run, batchSize, now) {
  const { session } = document;
  const mayAttach = (run.sent.get("attach") ?? 0) < MAX_REPETITIONS;
  if (document.attaching) return mayAttach ? { type: "attach" } : null;
  if (document.contestedBy !== null) return run.isAsked ? null : { type: "ask" };
  if (!session || session.unanswered >= MAX_UNANSWERED) return mayAttach ? { type: "attach" } : null;
  const links = dueLinks(document, run, session.id, now).slice(0, batchSize);
  if (links.length > 0) return { type: "report", links };
  const toHold = sendingLinks(document).filter(({ linkId }) => run.toHold.has(linkId));
  if (toHold.length > 0)
    return { type: "hold", linkIds: toHold.map(({ linkId }) => linkId).slice(0, batchSize) };
  return run.isCompleted ? null : { type: "complete" };
}

/**
 * The links that counts may be sent under.
 *
 * @param {SenderDocument} document
 */
export function sendingLinks({ settings, users }) {
  return users.flatMap(({ id, link }) =>
    link && settings.status === "enabled" && link.epoch === settings.epoch ? [{ user: id, ...link }] : [],
  );
}

/**
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {string} sessionId
 * @param {number} now
 * @returns {DueLink[]}
 */
function dueLinks(document, run, sessionId, now) {
  return sendingLinks(document)
    .filter(({ linkId, choice, sentIn, sentMark, mark, refresh }) => {
      if (run.reported.has(keyOf({ linkId, choice }))) return false;
      return sentIn !== sessionId || sentMark !== mark || isDue(refresh, now);
    })
    .map(({ user, linkId, choice, mark }) => ({ user, linkId, choice, mark }));
}

/**
 * The name of a choice, by which a sync remembers what has had its turn.
 *
 * @param {{ linkId: string, choice: number | null }} named
 */
export function keyOf({ linkId, choice }) {
  return `${linkId} ${choice}`;
}
