import type { RequestId, SessionId } from "../../../src/domain/identifiers.ts";
import { answeredAttempt, isPending, pushedAttempt, redeemedAttempt } from "../../../src/ghec/attempt.ts";
import {
  applyEntries,
  continuationOf,
  endedIn,
  placeBefore,
  unrecordedEpochs,
} from "../../../src/ghec/ledger.ts";
import {
  applyReport,
  applyWithdrawal,
  deleteLink,
  endRecorded,
  hideLink,
  isUnreported,
  voidedLink,
} from "../../../src/ghec/link.ts";
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
  isTooFar,
  passEpoch,
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
import { currentLink, endChoice, transitionUserLink } from "../../../src/ghes/user-link.ts";

/**
 * The transitions of both sides that the search drives: the very functions of `src`. What is searched with a rule taken
 * out replaces one of them, and nothing else.
 */
export const RULES = {
  // The sender.
  applyAnswer,
  currentLink,
  endChoice,
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
  answeredAttempt,
  applyEntries,
  applyReport,
  applyWithdrawal,
  attach,
  complete,
  connect,
  continuationOf,
  deleteLink,
  disable,
  disablingReceipt,
  disconnect,
  enable,
  endedIn,
  endRecorded,
  hideLink,
  isOpen,
  isPending,
  isTooFar,
  isUnreported,
  passEpoch,
  placeBefore,
  pushedAttempt,
  redeemedAttempt,
  unrecordedEpochs,
  voidedLink,

  /** R7: a session is named like the request that attaches it. */
  sessionOf: ({ requestId }: { readonly requestId: RequestId }): SessionId =>
    requestId as string as SessionId,

  // Rules that stand in code with effects, which the model of it follows.
  /** S1: whether a choice and its withdrawal are one commit. */
  storesWithdrawals: true,
  /** S1: whether a withdrawal waits until its receipt has come. */
  keepsWithdrawals: true,
  /** S1: whether a receipt is asked for once more a day later. */
  asksTwice: true,
  /** S1: whether a withdrawal of an unknown link stays pending. */
  waitsForUnknown: true,
  /** S1: whether a withdrawal takes the place of an earlier one of the same link (SS7). */
  replacesWithdrawals: true,
  /** S1: whether an answer to a withdrawal counts only for the choice that is pending (SS4). */
  comparesWithdrawnChoices: true,
  /** S3: whether what was reported counts only for the choice under which it was (SS3). */
  comparesReportedChoices: true,
  /** S3: whether what was reported is forgotten with its session. */
  forgetsWithSession: true,
  /** S6: whether `ended` ends the link it names. */
  endsEndedLinks: true,
  /** S6: whether `unknown` ends the link it names; only where R2 is taken out. */
  endsUnknownLinks: false,
  /** S6: whether a link that `completed` names ends. */
  endsNamedLinks: true,
  /** S6: whether the place up to which links were named stays while a redemption waits for its answer. */
  waitsForRedemptions: true,
  /** S7: whether each link is reported once a day even if nothing changes. */
  refreshesDaily: true,
  /** S7: whether a link whose counts can't be read is held. */
  holdsUnreadable: true,
  /** S7: whether a sync is completed although some counts could not be read. */
  completesAlways: true,
  /** Whether an answer that no life of a sender waits for can do something: only where S3 is taken out. */
  hearsLateAnswers: false,
  /** R3: whether a withdrawal counts in any session. */
  withdrawsInAnySession: true,
  /** R6: whether a consent ends the others of its account and server. */
  replacesConsents: true,
  /** R9: whether what was not reported is deleted rather than hidden; only where R9 is taken out. */
  killsUnreported: false,
  /** R10: whether a revocation kills. */
  killsOnRevocation: true,
  /** R10: whether a revocation ends consents that are not redeemed, too. */
  voidsConsents: true,
  /** R10: whether everything is named anew to a server whose place the ledger has lost. */
  namesAnew: true,
  /** R10: whether a message registers an installation that is not registered. */
  registersByMessage: true,
  /** R11: whether a deletion is in the ledger before it is acknowledged. */
  recordsDeletions: true,
  /** R11: whether an ended choice is in the ledger, like a deleted link. */
  recordsChoices: true,
  /** R11: whether a deletion that another request made is in the ledger before it is acknowledged again. */
  recordsRepeated: true,
  /** R11: whether epochs that are over are in the ledger before anything of them is answered. */
  recordsEpochs: true,
  /** R11: whether a store that goes back takes its cursor back. */
  keepsCursorInStore: true,
  /** R11: whether a consent whose link the ledger names is void. */
  voidsEnded: true,
  /** R11: whether the ledger is read to its end before anything is minted. */
  readsBeforeMinting: true,
  /** R11: whether a look compares every cursor with its head now and then, and not only their sums. */
  comparesHeads: true,
  /** R11: whether the ledger is looked at for entries that were not read. */
  looks: true,
  /** R11: whether what is shown leaves out what unread entries name. */
  leavesOutUnread: true,
  /** R11: whether what the ledger has lost is written again. */
  rewritesLost: true,
  /** R11: whether what a crash left unrecorded is recorded by a look. */
  recordsUnrecorded: true,
};

export type Rules = typeof RULES;
