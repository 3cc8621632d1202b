import { isDue, planAfter } from "./document.js";

/** @import { Outcome, SenderDocument, Withdrawal } from "./types.d.ts" */

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;
const MAX_UNKNOWNS = 90;

/**
 * Those whose turn has come.
 *
 * @param {SenderDocument} document
 * @param {number} now
 * @returns {Withdrawal[]}
 */
export function dueWithdrawals({ settings, withdrawals }, now) {
  return withdrawals.filter(
    ({ isDone, connectionOrdinal, plan }) =>
      !isDone && connectionOrdinal === settings.connectionOrdinal && isDue(plan, now),
  );
}

/**
 * Stores what became of a withdrawal; answers the first receipt, if that is what came.
 *
 * @param {Withdrawal} withdrawal
 * @param {Outcome} outcome
 * @param {number} now
 * @returns {unknown} null where there is none
 */
export function settleWithdrawal(withdrawal, outcome, now) {
  if (outcome.type === "withdrawn" || outcome.type === "ended") {
    const isFirst = withdrawal.receipt === null;
    withdrawal.receipt ??= outcome.receipt;
    // Asked for once more a day later; then nothing is left to do but to remember it.
    withdrawal.isDone = !isFirst;
    withdrawal.plan = planAfter(now, isFirst ? DAY_MS : KEPT_MS);
    return isFirst ? outcome.receipt : null;
  }
  if (outcome.type !== "unknown") return null;
  // Counted, since a clock that is wrong could end ninety days in an instant.
  withdrawal.unknowns++;
  withdrawal.isDone = withdrawal.unknowns >= MAX_UNKNOWNS;
  withdrawal.plan = planAfter(now, withdrawal.isDone ? KEPT_MS : DAY_MS);
  return null;
}

/**
 * Forgets what has been over for ninety days.
 *
 * @param {SenderDocument} document
 * @param {number} now
 */
export function forgetOld(document, now) {
  document.withdrawals = document.withdrawals.filter(({ isDone, plan }) => !isDone || !plan || now < plan.at);
}
