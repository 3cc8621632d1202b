/** @import { EndedLink, SenderDocument, User } from "./types.d.ts" */

/**
 * Whether an ending covers a choice, or the link itself where the choice is null.
 *
 * @param {number | null} ended the last choice that has ended, or null for the link itself
 * @param {number | null} choice
 */
function covers(ended, choice) {
  return ended === null || (choice !== null && choice <= ended);
}

/**
 * The record of a user, made where there is none.
 *
 * @param {SenderDocument} document
 * @param {string} id
 * @returns {User}
 */
export function userOf(document, id) {
  const found = document.users.find((user) => user.id === id);
  if (found) return found;
  /** @type {User} */
  const user = {
    id,
    connection: "none",
    attempt: null,
    expiresAt: 0,
    held: null,
    link: null,
    ended: null,
  };
  document.users.push(user);
  return user;
}

/**
 * Ends a user's link. Where nothing else deletes its counts, its withdrawal becomes pending with the same write.
 *
 * @param {SenderDocument} document
 * @param {User} user
 * @param {string} reason
 * @param {EndedLink["by"]} by
 * @param {unknown} [receipt]
 */
export function endLink(document, user, reason, by, receipt = null) {
  if (!user.link) return;
  const { linkId, epoch } = user.link;
  user.link = null;
  user.ended = { linkId, epoch, reason, by, receipt };
  if (by === "withdrawal") withdraw(document, linkId, null);
}

/**
 * Ends a choice of a user's link, and those before it. The user stays connected, and the choice is withdrawn.
 *
 * @param {SenderDocument} document
 * @param {User} user
 * @param {number} choice
 */
export function endChoice(document, user, choice) {
  const { link, held } = user;
  if (held) held.choice = Math.max(held.choice, choice);
  if (!link || link.choice > choice) return;
  const { linkId, epoch } = link;
  user.link = null;
  user.held = { linkId, epoch, choice };
  user.ended = { linkId, epoch, reason: "opted-out", by: "withdrawal", receipt: null };
  withdraw(document, linkId, choice);
}

/**
 * Ends the link of a user who may send and does not, since the cloud has deleted it.
 *
 * @param {User} user
 * @param {unknown} receipt
 */
export function endHeld(user, receipt) {
  if (!user.held) return;
  const { linkId, epoch } = user.held;
  user.ended = { linkId, epoch, reason: "ended-on-cloud", by: "cloud", receipt };
  user.held = null;
  user.connection = "none";
  user.attempt = null;
}

/**
 * Takes a user's account away. A link that is open is withdrawn, and one that may be open once it is known.
 *
 * @param {SenderDocument} document
 * @param {User} user
 */
export function loseAccount(document, user) {
  for (const redemption of document.redemptions)
    if (redemption.user === user.id) redemption.isUnwanted = true;
  if (user.held) {
    const { linkId, epoch } = user.held;
    user.ended = { linkId, epoch, reason: "disconnected", by: "withdrawal", receipt: null };
    withdraw(document, linkId, null);
  }
  user.connection = "none";
  user.attempt = null;
  user.held = null;
}

/**
 * Ends every link.
 *
 * @param {SenderDocument} document
 * @param {string} reason
 * @param {EndedLink["by"]} by
 */
export function endAllLinks(document, reason, by) {
  for (const user of document.users) endLink(document, user, reason, by);
}

/**
 * A new epoch has ended the links of older ones. They are withdrawn all the same: that is what gets receipts.
 *
 * @param {SenderDocument} document
 * @param {number} epoch
 */
export function endLinksBefore(document, epoch) {
  for (const user of document.users)
    if (user.link && user.link.epoch < epoch) endLink(document, user, "switched-off", "withdrawal");
}

/**
 * Makes a withdrawal pending, in place of one of the same link that ends less.
 *
 * @param {SenderDocument} document
 * @param {string} linkId
 * @param {number | null} choice the choice that ends, or null for the link itself
 */
export function withdraw(document, linkId, choice) {
  const known = document.withdrawals.find((each) => each.linkId === linkId);
  if (known && covers(known.choice, choice)) return;
  document.withdrawals = document.withdrawals.filter((each) => each !== known);
  const { connectionOrdinal } = document.settings;
  document.withdrawals.push({
    linkId,
    choice,
    connectionOrdinal,
    plan: null,
    receipt: null,
    unknowns: 0,
    isDone: false,
  });
}
