import { settleRedemption } from "./connect.js";
import { planAtPhase } from "./document.js";
import { endChoice, endHeld, endLink } from "./links.js";
import { hearSwitch, loseSession } from "./switch.js";
import { settleWithdrawal } from "./withdrawals.js";

/** @import { Answer, Current, DueLink, Message, Outcome, OutRecord, SenderDocument, Tally } from "./types.d.ts" */

const DAY_MS = 86_400_000;
const MAX_OWN_SESSIONS = 1_000;

/**
 * Applies the answer to the request in flight.
 *
 * @param {SenderDocument} document
 * @param {Message} message
 * @param {Answer} answer
 * @param {{ now: number, links: readonly DueLink[] }} context the links of a report, with the marks they had when it was read
 * @returns {Tally}
 */
export function applyAnswer(document, message, answer, { now, links }) {
  /** @type {Tally} */
  const tally = { kept: 0, ended: 0, unknown: 0, refused: [], receipts: [], hasMore: false };
  document.inFlight = null;
  if (answer.type === "rejected") {
    // Nothing was applied; the same attach would be rejected again.
    if (message.type === "attach") document.attaching = null;
    return tally;
  }
  if (answer.type === "disabled" && document.disabling && answer.receipt.epoch >= document.disabling.epoch)
    document.disabling.receipt ??= answer.receipt;
  if (message.type === "redeem") settleRedemption(document, message.attempt, answer);
  applySession(document, message, answer);
  if (answer.type === "completed") hearEnded(document, answer, tally);
  if (message.type === "deliver" && (answer.type === "delivered" || answer.type === "detached"))
    for (const [index, outcome] of answer.outcomes.entries())
      settle(document, /** @type {OutRecord} */ (message.records[index]), outcome, { tally, now, links });
  hearSwitch(document, answer.featureSwitch);
  return tally;
}

/**
 * Ends the links that were deleted. One of them may belong to a redemption whose answer is still on its way: then they are
 * told once more.
 *
 * @param {SenderDocument} document
 * @param {Extract<Answer, { type: "completed" }>} answer
 * @param {Tally} tally
 */
function hearEnded(document, { ended, heardTo, hasMore }, tally) {
  for (const { linkId, choice, receipt } of ended) {
    const user = document.users.find(({ link, held }) => link?.linkId === linkId || held?.linkId === linkId);
    if (!user) continue;
    if (choice !== null) {
      endChoice(document, user, choice);
      continue;
    }
    tally.ended++;
    if (user.link?.linkId === linkId) endLink(document, user, "ended-on-cloud", "cloud", receipt);
    else endHeld(user, receipt);
  }
  if (ended.length > 0 && document.redemptions.length > 0) return;
  document.heardTo = heardTo;
  tally.hasMore = hasMore;
}

/**
 * @param {SenderDocument} document
 * @param {Message} message
 * @param {Exclude<Answer, { type: "rejected" }>} answer
 */
function applySession(document, message, answer) {
  switch (answer.type) {
    case "attached":
      document.attaching = null;
      document.contestedBy = null;
      document.replaces = null;
      document.session = { id: answer.sessionId, follows: [message.requestId], unanswered: 0 };
      if (message.type === "attach" && message.replaces !== null) remember(document, message.replaces);
      remember(document, answer.sessionId);
      return;
    case "attach-refused":
      document.attaching = null;
      document.session = null;
      return hearSession(document, answer.current);
    case "delivered":
    case "completed":
      if (document.session) {
        document.session.follows = [message.requestId];
        document.session.unanswered = 0;
      }
      return;
    case "detached": {
      // While an attach waits for its answer, only that answer can tell.
      if (document.attaching) return;
      const { session } = document;
      const isNamed = "sessionId" in message && message.sessionId !== null;
      if (session?.id !== answer.current.id) return hearSession(document, answer.current);
      // The session stands, and has forgotten the last request, or has another one that this server never sent.
      if (isNamed) loseSession(document, session.id);
    }
  }
}

/**
 * Another session stands than the one that is held.
 *
 * @param {SenderDocument} document
 * @param {Current} current
 */
function hearSession(document, current) {
  if (current.isVacant || document.ownSessions.includes(current.id)) {
    document.contestedBy = null;
    loseSession(document, current.id);
  } else {
    document.contestedBy = current.id;
    document.session = null;
    document.replaces = null;
  }
}

/**
 * @param {SenderDocument} document
 * @param {string} sessionId
 */
function remember(document, sessionId) {
  if (!document.ownSessions.includes(sessionId))
    document.ownSessions = [...document.ownSessions, sessionId].slice(-MAX_OWN_SESSIONS);
}

/**
 * @param {SenderDocument} document
 * @param {OutRecord} record
 * @param {Outcome} outcome
 * @param {{ tally: Tally, now: number, links: readonly DueLink[] }} context
 */
function settle(document, record, outcome, { tally, now, links }) {
  if (record.type === "withdraw") {
    const withdrawal = document.withdrawals.find(
      ({ linkId, choice }) => linkId === record.linkId && choice === record.choice,
    );
    if (outcome.type === "unknown") tally.unknown++;
    const receipt = withdrawal ? settleWithdrawal(withdrawal, outcome, now) : null;
    if (receipt !== null) tally.receipts.push(receipt);
    return;
  }
  const user = document.users.find(({ link }) => link?.linkId === record.linkId);
  if (!user?.link) return;
  switch (outcome.type) {
    case "ended":
      tally.ended++;
      if (outcome.choice === null) endLink(document, user, "ended-on-cloud", "cloud", outcome.receipt);
      else endChoice(document, user, outcome.choice);
      return;
    case "kept":
    case "unknown":
      // What came under an earlier choice says nothing of the present one.
      if (user.link.choice !== record.choice) return;
      user.link.isUnknown = outcome.type === "unknown";
      if (outcome.type === "unknown") tally.unknown++;
      if (record.type === "hold") return;
      if (outcome.type === "kept") tally.kept++;
      user.link.sentIn = document.session?.id ?? null;
      user.link.sentMark = links.find(({ linkId }) => linkId === record.linkId)?.mark ?? null;
      user.link.refresh = planAtPhase(now, DAY_MS, user.link.phaseMs);
      return;
    case "refused":
      tally.refused.push(record);
  }
}
