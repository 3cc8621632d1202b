import { ok } from "neverthrow";
import { connect, redeem } from "./connect.js";
import { change, look } from "./document.js";
import { userOf } from "./links.js";
import { changeSettings } from "./settings.js";
import { loseSession } from "./switch.js";
import { nextSyncOf, sync } from "./sync.js";
import { changeLink, sharingOf } from "./user-link.js";

/** @import { Parts, SecondSender, SenderDocument, ServerStatus } from "./types.d.ts" */

/**
 * Makes a sender that was written from docs/protocol.md and docs/wire.md and shares no code with the library: it shows that
 * the documents suffice.
 *
 * @param {Parts} parts
 * @returns {SecondSender}
 */
export function createSecondSender(parts) {
  const { store, clock, random } = parts;
  return {
    changeSettings: (command) => change(store, (document) => changeSettings(document, command)),
    connect: (user) => connect(parts, user),
    redeem: (redemption) => redeem(parts, redemption),
    changeLink: (user, command) => change(store, (document) => changeLink(document, user, command, random)),
    contributionsChanged: (users) =>
      change(store, (document) => {
        for (const { id, link } of document.users) if (link && users.includes(id)) link.mark++;
        return ok(undefined);
      }),
    sharing: (user) => look(store, (document) => sharingOf(document, userOf(document, user))),
    status: () => look(store, (document) => statusOf(document, clock.now())),
    sync: (options = {}) => sync(parts, options),
    takeOver: () =>
      change(store, (document) => {
        if (document.contestedBy !== null) loseSession(document, document.contestedBy);
        document.contestedBy = null;
        return ok(undefined);
      }),
  };
}

/**
 * @param {SenderDocument} document
 * @param {number} now
 * @returns {ServerStatus}
 */
function statusOf(document, now) {
  const { settings, heard, disabling, failures, lastFault, lastSyncAt, contestedBy, withdrawals } = document;
  return {
    settings,
    featureSwitch: heard,
    disabling,
    failures,
    lastFault,
    lastSyncAt,
    nextSyncAt: nextSyncOf(document, now),
    isContested: contestedBy !== null,
    pendingWithdrawals: withdrawals.filter(
      ({ isDone, receipt, unknowns }) => !isDone && receipt === null && unknowns === 0,
    ).length,
  };
}
