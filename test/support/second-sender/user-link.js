import { err, ok } from "neverthrow";
import { endChoice, endLink, loseAccount, userOf } from "./links.js";

/** @import { Result } from "neverthrow" */
/** @import { LinkCommand, Random, Refusal, SenderDocument, Sharing, User } from "./types.d.ts" */

const DAY_MS = 86_400_000;

/** How often a user may choose to send under one link. */
const MAX_CHOICES = 1_000;

/**
 * Carries out a user's command, or the host's word that a link has ended. A choice and its withdrawal are one write.
 *
 * @param {SenderDocument} document
 * @param {string} id
 * @param {LinkCommand} command
 * @param {Random} random
 * @returns {Result<{ isDeletionPending: boolean }, Refusal>}
 */
export function changeLink(document, id, command, random) {
  const user = userOf(document, id);
  const refused = carryOut(document, user, command, random);
  if (refused) return err(refused);
  const isUndoing = document.redemptions.some((each) => each.user === id && each.isUnwanted);
  return ok({ isDeletionPending: isUndoing || deletionOf(document, user).status === "pending" });
}

/**
 * @param {SenderDocument} document
 * @param {User} user
 * @param {LinkCommand} command
 * @param {Random} random
 * @returns {Refusal | null}
 */
function carryOut(document, user, command, random) {
  switch (command?.type) {
    case "opt-in":
      return optIn(document, user, random);
    case "opt-out":
      if (user.connection === "redeeming") loseAccount(document, user);
      if (user.link) endChoice(document, user, user.link.choice);
      return null;
    case "disconnect":
    case "end":
      loseAccount(document, user);
      endLink(document, user, command.reason ?? "disconnected", "withdrawal");
      return null;
    default:
      return { type: "invalid-command", message: "There is no such command." };
  }
}

/**
 * @param {SenderDocument} document
 * @param {User} user
 * @param {Random} random
 * @returns {Refusal | null}
 */
function optIn({ settings }, user, random) {
  if (settings.status !== "enabled") return { type: "gate-closed", message: "The feature is not enabled." };
  if (user.link) return null;
  const { held } = user;
  if (!held || held.epoch !== settings.epoch)
    return { type: "gate-closed", message: "Connect an account, under the present enabling, first." };
  const { linkId, epoch, choice } = held;
  if (choice >= MAX_CHOICES)
    return { type: "gate-closed", message: "Disconnect, and connect the account anew." };
  user.held = null;
  user.link = {
    linkId,
    epoch,
    choice: choice + 1,
    mark: 0,
    sentMark: null,
    sentIn: null,
    refresh: null,
    phaseMs: Math.floor(random.fraction() * DAY_MS),
    isUnknown: false,
  };
  return null;
}

/**
 * Whether a user's counts are sent, which gate is closed, and what became of the last deletion.
 *
 * @param {SenderDocument} document
 * @param {User} user
 * @returns {Sharing}
 */
export function sharingOf(document, user) {
  return {
    link: linkOf(document, user),
    decision: decisionOf(document, user),
    attention: user.link?.isUnknown ? "link-not-found" : null,
    deletion: deletionOf(document, user),
  };
}

/**
 * @param {SenderDocument} document
 * @param {User} user
 * @returns {Sharing["link"]}
 */
function linkOf({ settings }, user) {
  // A link of an epoch that is over is none.
  const isOpen = settings.status === "enabled" && user.held?.epoch === settings.epoch;
  const open = user.link ?? (isOpen ? user.held : null);
  if (!open) return { status: statusWithout(user) };
  const { linkId, epoch, choice } = open;
  return { status: user.link ? "sending" : "connected", consent: { linkId, epoch }, choice };
}

/**
 * What becomes of a user who has no link. A link that the cloud has ended is told of.
 *
 * @param {User} user
 */
function statusWithout({ connection, ended }) {
  if (connection === "none") return "not-connected";
  return connection === "connected" && ended?.by === "cloud" ? "ended" : connection;
}

/**
 * @param {SenderDocument} document
 * @param {User} user
 * @returns {Sharing["decision"]}
 */
function decisionOf({ settings }, user) {
  if (settings.status === "disconnected") return { isAllowed: false, gate: "github-connect" };
  if (settings.status !== "enabled") return { isAllowed: false, gate: "unified-contributions" };
  if (user.connection !== "connected") return { isAllowed: false, gate: "connected-account" };
  return user.link ? { isAllowed: true } : { isAllowed: false, gate: "send-contribution-counts" };
}

/**
 * @param {SenderDocument} document
 * @param {User} user
 * @returns {Sharing["deletion"]}
 */
function deletionOf(document, { ended }) {
  if (!ended) return { status: "none", receipt: null };
  switch (ended.by) {
    case "cloud":
      return { status: "deleted", receipt: ended.receipt };
    case "connect":
      return { status: "left-to-cloud", receipt: null };
    case "disabling": {
      const receipt = document.disabling?.receipt ?? null;
      if (receipt !== null) return { status: "deleted", receipt };
      return { status: document.disabling ? "pending" : "left-to-cloud", receipt };
    }
    case "withdrawal": {
      const withdrawal = document.withdrawals.find(({ linkId }) => linkId === ended.linkId);
      // What is no longer kept was left to the cloud, or is long over.
      if (!withdrawal) return { status: "left-to-cloud", receipt: null };
      if (withdrawal.receipt !== null) return { status: "deleted", receipt: withdrawal.receipt };
      return { status: withdrawal.unknowns > 0 ? "unknown" : "pending", receipt: null };
    }
  }
}
