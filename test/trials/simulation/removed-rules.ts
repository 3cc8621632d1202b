/** A rule of the protocol, taken out of the code by a change of a few characters. */
export interface RemovedRule {
  /** Its number in the protocol. */
  readonly rule: string;
  /** What does not happen any more. */
  readonly without: string;
  /** Where the rule stands. */
  readonly file: string;
  /** What stands there, once. */
  readonly from: string;
  readonly to: string;
  /** A world in which it is missed, and the invariant that then breaks. */
  readonly missed: { readonly seed: number; readonly hours: number; readonly breaks: string };
}

/** The rules that the simulation misses within a few worlds, each in the code that keeps it. */
export const REMOVED_RULES: readonly RemovedRule[] = [
  {
    rule: "R1",
    without: "looking at the switch before something is shown",
    file: "src/adapters/memory/receiver-store.ts",
    from: ".filter(isShown)",
    to: "",
    missed: { seed: 2, hours: 200, breaks: "I2" },
  },
  {
    rule: "R1",
    without: "refusing reports of a choice that has ended",
    file: "src/ghec/link.ts",
    from: "if (withdrawn && covers(withdrawn.choice, choice)) return ended(withdrawn.receipt, withdrawn.choice);",
    to: "",
    missed: { seed: 11, hours: 200, breaks: "I2" },
  },
  {
    rule: "R2",
    without: "asking whose link is withdrawn",
    file: "src/ghec/link.ts",
    from: "if (!link || link.installation !== installation) return UNKNOWN;",
    to: "if (!link) return UNKNOWN;",
    missed: { seed: 15, hours: 200, breaks: "I3" },
  },
  {
    rule: "R3",
    without: "deleting: a withdrawal only drops the counts",
    file: "src/ghec/link.ts",
    from: "return withdrawn(deleted.receipt, deleted);",
    to: "return withdrawn(deleted.receipt, { ...link, report: null });",
    missed: { seed: 7, hours: 200, breaks: "I2" },
  },
  {
    rule: "R3",
    without: "ending: an opt-out only drops the counts",
    file: "src/ghec/link.ts",
    from: "{ ...link, report, withdrawn: { choice, receipt, isRecorded: false } }",
    to: "{ ...link, report }",
    missed: { seed: 2, hours: 200, breaks: "I2" },
  },
  {
    rule: "R3",
    without: "withdrawals outside of the session that stands",
    file: "src/adapters/memory/receiver-store.ts",
    from: "apply(applyWithdrawal(links.get(linkId) ?? null, installation, choice, at));",
    to: 'admit(stored.value, delivery).isErr() ? { type: "not-applied" } : apply(applyWithdrawal(links.get(linkId) ?? null, installation, choice, at));',
    missed: { seed: 2, hours: 200, breaks: "I7" },
  },
  {
    rule: "R6",
    without: "ending the other links of the account",
    file: "src/adapters/memory/receiver-store.ts",
    from: 'end(others, installation, "replaced", at).map(endedLink)',
    to: 'end([], installation, "replaced", at).map(endedLink)',
    missed: { seed: 2, hours: 200, breaks: "I2" },
  },
  {
    rule: "R9",
    without: "hiding what the session never reported",
    file: "src/ghec/link.ts",
    from: "return link.report?.session !== session.ordinal;",
    to: "return false;",
    missed: { seed: 15, hours: 300, breaks: "I1" },
  },
  {
    rule: "R9",
    without: "hiding alone: it deletes",
    file: "src/adapters/memory/receiver-store.ts",
    from: "if (isUnreported(link, session) && !named.has(link.linkId)) put(hideLink(link));",
    to: "if (isUnreported(link, session)) put(deleteLink(link, 'withdrawn', 0 as Instant));",
    missed: { seed: 2000, hours: 200, breaks: "I3" },
  },
  {
    rule: "R10",
    without: "naming what was deleted when a sync is completed",
    file: "src/ghec/messages.ts",
    from: "if (isSamePlace(readTo, heardTo)) return okAsync(nothing);",
    to: "return okAsync(nothing);",
    missed: { seed: 5, hours: 200, breaks: "I7" },
  },
  {
    rule: "R10",
    without: "deleting on revocation",
    file: "src/ghec/deletions.ts",
    from: "store.deleteLinks(selection, clock.now())",
    to: "okAsync([])",
    missed: { seed: 729, hours: 200, breaks: "I2" },
  },
  {
    rule: "R10",
    without: "ending consents that are not redeemed yet",
    file: "src/adapters/memory/receiver-store.ts",
    from: "const voided = attempts.voidConsents(account, installation);",
    to: "const voided: readonly StoredAttempt[] = [];",
    missed: { seed: 2, hours: 200, breaks: "I2" },
  },
  {
    rule: "R10",
    without: "ending the epoch when Connect goes off",
    file: "src/ghec/registration.ts",
    from: "return { ...passEpoch(before, at), isConnected: false };",
    to: "return { ...before, isConnected: false };",
    missed: { seed: 2, hours: 200, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "writing a withdrawal into the ledger",
    file: "src/ghec/messages.ts",
    from: "if (links.length === 0) return okAsync(result);",
    to: "return okAsync(result);",
    missed: { seed: 9668, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "writing a revocation into the ledger",
    file: "src/ghec/deletions.ts",
    from: "[...new Set(deleted.map(({ installation }) => installation))]",
    to: "[]",
    missed: { seed: 103, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "writing into the ledger which consents were never redeemed",
    file: "src/adapters/memory/receiver-store.ts",
    from: "for (const attempt of voided) put(voidedLink(attempt, account, cause, at));",
    to: "",
    missed: { seed: 43, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "writing into the ledger which epochs are over",
    file: "src/ghec/deletions.ts",
    from: "return entry ? record(options, entry) : okAsync(undefined);",
    to: "return okAsync(undefined);",
    missed: { seed: 6512, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "writing down what a newer consent has ended",
    file: "src/ghec/consent.ts",
    from: "links.length > 0 ? record(",
    to: "false ? record(",
    missed: { seed: 1673, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "reading the ledger before something is shown",
    file: "src/ghec/receiver.ts",
    from: "unread.look().andThen((deletions) =>",
    to: "okAsync(NOTHING_UNREAD).andThen((deletions) =>",
    missed: { seed: 2, hours: 300, breaks: "I2" },
  },
  {
    rule: "S1",
    without: "storing the withdrawal with the choice",
    file: "src/adapters/memory/sender-store.ts",
    from: "withdrawals.set(withdraw.linkId, { ...withdraw, user, nextAskAt, hasReceipt: false });",
    to: "",
    missed: { seed: 2, hours: 200, breaks: "I7" },
  },
  {
    rule: "S1",
    without: "waiting for the receipt of a withdrawal",
    file: "src/adapters/memory/sender-store.ts",
    from: ".slice(0, limit)\n        .map(\n",
    to: ".slice(0, limit)\n        .map((each) => { withdrawals.delete(each.linkId); return each; })\n        .map(\n",
    missed: { seed: 2, hours: 200, breaks: "I7" },
  },
  {
    rule: "S5",
    without: "replacing a session that was its own",
    file: "src/ghes/sync/answers.ts",
    from: "current.isVacant || knownSessions.includes(current.id)",
    to: "current.isVacant",
    missed: { seed: 6725, hours: 300, breaks: "I7" },
  },
  {
    rule: "S6",
    without: "hearing of the switch",
    file: "src/ghes/sync/answers.ts",
    from: "const adopted = newerSwitch(before.featureSwitch, heard);",
    to: "const adopted = before.featureSwitch;",
    missed: { seed: 2, hours: 200, breaks: "I7" },
  },
  {
    rule: "S6",
    without: "ending the link that has ended",
    file: "src/ghes/sync/ended.ts",
    from: "return ok(isMeant ? change(link, context, at) : null);",
    to: "return ok(null);",
    missed: { seed: 3, hours: 200, breaks: "I7" },
  },
  {
    rule: "I6",
    without: "building the record field by field",
    file: "src/ghes/sync/reports.ts",
    from: "record: reportOf(due, built.value.payload)",
    to: "record: { ...due, ...reportOf(due, built.value.payload) }",
    missed: { seed: 2, hours: 200, breaks: "I6" },
  },
];
