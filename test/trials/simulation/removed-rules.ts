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
    without: "looking at the switch",
    file: "src/ghec/link.ts",
    from: "if (!isOpen(registration, link.epoch)) return GONE;",
    to: "",
    missed: { seed: 10, hours: 300, breaks: "I2" },
  },
  {
    rule: "R1",
    without: "looking at the switch before something is shown",
    file: "src/adapters/memory/receiver-store.ts",
    from: ".filter(isShown)",
    to: "",
    missed: { seed: 2, hours: 300, breaks: "I2" },
  },
  {
    rule: "R2",
    without: "asking whose link is withdrawn",
    file: "src/ghec/link.ts",
    from: "if (!link || link.installation !== installation) return GONE;",
    to: "if (!link) return GONE;",
    missed: { seed: 13, hours: 300, breaks: "I3" },
  },
  {
    rule: "R3",
    without: "deleting: a withdrawal only drops the counts",
    file: "src/ghec/link.ts",
    from: 'return { outcome: { type: "withdrawn", receipt: deleted.receipt }, link: deleted };',
    to: 'return { outcome: { type: "withdrawn", receipt: deleted.receipt }, link: { ...link, report: null } };',
    missed: { seed: 10, hours: 300, breaks: "I2" },
  },
  {
    rule: "R3",
    without: "withdrawals outside of the session that stands",
    file: "src/adapters/memory/receiver-store.ts",
    from: "apply(applyWithdrawal(links.get(id) ?? null, installation, at)),",
    to: 'admit(stored.value, delivery).isErr() ? { type: "not-applied" as const } : apply(applyWithdrawal(links.get(id) ?? null, installation, at)),',
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "R4",
    without: "switching off an epoch that is still to come",
    file: "src/ghec/registration.ts",
    from: 'return withSwitch(before, newerSwitch(before.featureSwitch, { epoch, status: "off" }), at);',
    to: 'return epoch === before.featureSwitch.epoch ? withSwitch(before, { epoch, status: "off" }, at) : before;',
    missed: { seed: 3, hours: 300, breaks: "I7" },
  },
  {
    rule: "R6",
    without: "ending the other links of the account",
    file: "src/adapters/memory/receiver-store.ts",
    from: "liveLinks(byAccount.get(account)).filter((link) => link.installation === installation),",
    to: "[],",
    missed: { seed: 1, hours: 300, breaks: "I5" },
  },
  {
    rule: "R7",
    without: "taking the sender's newer switch",
    file: "src/ghec/registration.ts",
    from: "...withSwitch(before, newerSwitch(before.featureSwitch, message.featureSwitch), at),",
    to: "...before,",
    missed: { seed: 26, hours: 300, breaks: "I7" },
  },
  {
    rule: "R8",
    without: "the chain: any request of the session is taken",
    file: "src/ghec/registration.ts",
    from: 'if (!request.follows.includes(last)) return err("detached");',
    to: "",
    missed: { seed: 6, hours: 300, breaks: "I7" },
  },
  {
    rule: "R9",
    without: "deleting what the session never reported",
    file: "src/ghec/link.ts",
    from: "return link.openedIn < session.ordinal && link.report?.session !== session.ordinal;",
    to: "return false;",
    missed: { seed: 1, hours: 300, breaks: "I1" },
  },
  {
    rule: "R10",
    without: "deleting on revocation",
    file: "src/ghec/deletions.ts",
    from: "deleteLinksOf(options, deletion)",
    to: "okAsync([])",
    missed: { seed: 1, hours: 300, breaks: "I2" },
  },
  {
    rule: "R10",
    without: "ending the epoch when Connect goes off",
    file: "src/ghec/registration.ts",
    from: 'return { ...before, isConnected: false, featureSwitch: { epoch, status: "off" }, disabledAt: at };',
    to: "return { ...before, isConnected: false };",
    missed: { seed: 5, hours: 300, breaks: "I2" },
  },
  {
    rule: "R10",
    without: "ending the connection before",
    file: "src/ghec/registration.ts",
    from: "return before.isConnected && connectionId !== null && before.connectionId !== connectionId;",
    to: "return false;",
    missed: { seed: 20, hours: 300, breaks: "I2" },
  },
  {
    rule: "R11",
    without: "dropping the counts",
    file: "src/adapters/memory/receiver-store.ts",
    from: "put({ ...link, report: { ...link.report, window: null } });",
    to: "",
    missed: { seed: 107, hours: 300, breaks: "I4" },
  },
  {
    rule: "R11",
    without: "voiding the sessions",
    file: "src/adapters/memory/receiver-store.ts",
    from: "value: vacate(registration, sessionId),",
    to: "value: registration,",
    missed: { seed: 50, hours: 300, breaks: "I7" },
  },
  {
    rule: "R12",
    without: "refusing a wrong clock",
    file: "src/ghec/messages.ts",
    from: "} else if (isAhead(record, lastDayAllowed)) {",
    to: "} else if (false) {",
    missed: { seed: 482, hours: 200, breaks: "I7" },
  },
  {
    rule: "S1",
    without: "storing the withdrawal with the choice",
    file: "src/adapters/memory/sender-store.ts",
    from: "if (withdraw) withdrawals.set(withdraw.linkId, { ...withdraw, user });",
    to: "",
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "S1",
    without: "waiting for the receipt of a withdrawal",
    file: "src/adapters/memory/sender-store.ts",
    from: ".sort((a, b) => (a.linkId < b.linkId ? -1 : 1))\n        .slice(0, limit)",
    to: ".map((each) => { withdrawals.delete(each.linkId); return each; }).slice(0, limit)",
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "S5",
    without: "leaving the session of another copy alone",
    file: "src/ghes/sync/answers.ts",
    from: "return current.isVacant || current.id === session.sessionId",
    to: "return true || current.isVacant",
    missed: { seed: 8, hours: 300, breaks: "I8" },
  },
  {
    rule: "S6",
    without: "hearing of the switch",
    file: "src/ghes/sync/answers.ts",
    from: "const adopted = newerSwitch(before.featureSwitch, heard);",
    to: "const adopted = before.featureSwitch;",
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "S6",
    without: "ending the link that is gone",
    file: "src/ghes/sync/reports.ts",
    from: "yield* endGoneLink(context, server, due);",
    to: "",
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "S7",
    without: "reporting each link once a day",
    file: "src/ghes/sync/reports.ts",
    from: "const refreshAt = earlier(nextRefreshAt(due.linkId, query.now), tomorrow);",
    to: "const refreshAt = LATEST;",
    missed: { seed: 1, hours: 300, breaks: "I7" },
  },
  {
    rule: "S7",
    without: "completing syncs",
    file: "src/ghes/sync/sync.ts",
    from: "return ok<Attempt>(yield* complete(context));",
    to: 'return ok<Attempt>("completed");',
    missed: { seed: 3, hours: 300, breaks: "I7" },
  },
  {
    rule: "I6",
    without: "building the record field by field",
    file: "src/ghes/sync/reports.ts",
    from: 'record: { type: "report", linkId: due.linkId, source, first, counts }',
    to: 'record: { ...due, type: "report", linkId: due.linkId, source, first, counts }',
    missed: { seed: 1, hours: 300, breaks: "I6" },
  },
];
