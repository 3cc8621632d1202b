import { applyReport, applyWithdrawal, deleteLink, isUnreported } from "../../../src/ghec/link.ts";
import {
  admit,
  attach,
  complete,
  connect,
  disable,
  disablingReceipt,
  disconnect,
  enable,
  isOpen,
  vacate,
} from "../../../src/ghec/registration.ts";
import { linkContextOf, withSettings } from "../../../src/ghes/server-state.ts";
import { transitionSettings } from "../../../src/ghes/settings.ts";
import { applyAnswer, takeOver } from "../../../src/ghes/sync/answers.ts";
import {
  nextControlRequest,
  planCompletion,
  planDelivery,
  planSwitchCheck,
  reportingScope,
} from "../../../src/ghes/sync/requests.ts";
import { currentLink, transitionUserLink } from "../../../src/ghes/user-link.ts";

/**
 * The transitions of both sides that the search drives: the very functions of `src`. What is searched with a rule taken
 * out replaces one of them, and nothing else.
 */
export const RULES = {
  // The sender.
  applyAnswer,
  currentLink,
  linkContextOf,
  nextControlRequest,
  planCompletion,
  planDelivery,
  planSwitchCheck,
  reportingScope,
  takeOver,
  transitionSettings,
  transitionUserLink,
  withSettings,
  // The receiver.
  admit,
  applyReport,
  applyWithdrawal,
  attach,
  complete,
  connect,
  disable,
  disablingReceipt,
  disconnect,
  enable,
  isOpen,
  isUnreported,
  killLink: deleteLink,
  vacate,

  // Rules that stand in code with effects, which the model of it follows.
  /** S1: whether a choice and its withdrawal are one commit. */
  storesWithdrawals: true,
  /** S1: whether a withdrawal waits until its receipt has come. */
  keepsWithdrawals: true,
  /** S3: whether what was reported is forgotten with its session. */
  forgetsWithSession: true,
  /** S6: whether `gone` ends the link it names. */
  endsGoneLinks: true,
  /** S7: whether each link is reported once a day even if nothing changes. */
  refreshesDaily: true,
  /** Whether an answer that no life of a sender waits for can do something: only where S3 is taken out. */
  hearsLateAnswers: false,
  /** R3: whether a withdrawal counts in any session. */
  withdrawsInAnySession: true,
  /** R6: whether a consent ends the others of its account and server. */
  replacesConsents: true,
  /** R10: whether a revocation kills. */
  killsOnRevocation: true,
  /** R11: whether a restore drops all counts. */
  dropsCounts: true,
  /** R11: whether the ledger is replayed after a restore. */
  replaysLedger: true,
};

export type Rules = typeof RULES;
