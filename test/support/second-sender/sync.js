import { err, ok } from "neverthrow";
import { readAnswer } from "./answer.js";
import { applyAnswer } from "./apply.js";
import { choose, keyOf, sendingLinks } from "./choose.js";
import { change, look, planAfter, planAtPhase } from "./document.js";
import { loseSession } from "./switch.js";
import { countsOf, daysOfWindow } from "./window.js";
import { forgetOld } from "./withdrawals.js";

/** @import { Result } from "neverthrow" */
/** @import { Answer, Message, OutRecord, Parts, Refusal, Run, SenderDocument, Settings, StorageFault, SyncOutcome, SyncReport, Tally, Want } from "./types.d.ts" */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DEFAULT_BATCH_SIZE = 500;
const DEFAULT_LEASE_MS = 600_000;

/** @typedef {StorageFault | Refusal} Fault */
/** @typedef {ReadonlyMap<string, number[] | null>} Counts by link; null where they could not be read */

/**
 * Syncs once: says one thing after the other until nothing is left to say, or an answer does not come.
 *
 * @param {Parts} parts
 * @param {{ scope?: "everything" | "deletions", signal?: AbortSignal }} options
 * @returns {Promise<Result<SyncReport, Fault>>}
 */
export async function sync(parts, { scope = "everything", signal = new AbortController().signal }) {
  /** @type {Run} */
  const run = {
    token: parts.random.id(),
    scope,
    signal,
    isAsked: false,
    isCompleted: false,
    reported: new Set(),
    withdrawn: new Set(),
    redeemed: new Set(),
    toHold: new Set(),
    sent: new Map(),
    requests: 0,
    kept: 0,
    ended: 0,
    unknown: 0,
    failed: 0,
    receipts: [],
    fault: null,
    retryAfterMs: 0,
  };
  const begun = await change(parts.store, (document) => ok(begin(parts, document, run)));
  if (begun.isErr()) return err(begun.error);
  if (begun.value) return ok(reportOf(run, begun.value.outcome, begun.value));
  for (;;) {
    const step = await takeStep(parts, run);
    if (step.isErr()) return err(step.error);
    if (step.value !== "go-on") return finish(parts, run, step.value);
  }
}

/**
 * Takes the lease, or answers why not.
 *
 * @param {Parts} parts
 * @param {SenderDocument} document
 * @param {Run} run
 * @returns {{ outcome: SyncOutcome, isContested: boolean, nextSyncAt: number | null } | null}
 */
function begin({ clock, random, leaseMs = DEFAULT_LEASE_MS }, document, run) {
  const now = clock.now();
  const state = { isContested: document.contestedBy !== null, nextSyncAt: nextSyncOf(document, now) };
  if (document.settings.status === "disconnected") return { outcome: "disconnected", ...state };
  const { lease } = document;
  if (lease && now < lease.until && lease.until - now <= 2 * lease.lengthMs)
    return { outcome: "busy", ...state };
  document.phaseMs ??= Math.floor(random.fraction() * HOUR_MS);
  forgetOld(document, now);
  document.lease = { token: run.token, until: now + leaseMs, lengthMs: leaseMs };
  return null;
}

/**
 * When the next sync is due: now, if there is no plan that can be believed.
 *
 * @param {SenderDocument} document
 * @param {number} now
 * @returns {number | null}
 */
export function nextSyncOf({ settings, plan }, now) {
  if (settings.status === "disconnected") return null;
  return plan && plan.at - now <= 2 * plan.lengthMs ? plan.at : now;
}

/**
 * One request and its answer.
 *
 * @param {Parts} parts
 * @param {Run} run
 * @returns {Promise<Result<"go-on" | SyncOutcome, Fault>>}
 */
async function takeStep(parts, run) {
  const { store, clock, random, batchSize = DEFAULT_BATCH_SIZE, pauseMs = 0 } = parts;
  if (run.requests > 0 && pauseMs > 0) await clock.wait(pauseMs, run.signal);
  if (run.signal.aborted) return ok("aborted");
  const wanted = await look(store, (document) => ({
    want: choose(document, run, batchSize, clock.now()),
    isContested: document.contestedBy !== null,
    settings: document.settings,
  }));
  if (wanted.isErr()) return err(wanted.error);
  const { want } = wanted.value;
  if (!want) return ok(endOf(run, wanted.value));

  const counts = want.type === "report" ? await readCounts(parts, run, want) : null;
  const requestId = random.id();
  const planned = await change(store, (document) =>
    ok(plan(parts, document, run, { want, counts, requestId })),
  );
  if (planned.isErr()) return err(planned.error);
  if (typeof planned.value === "string") return ok(planned.value);

  const { message } = planned.value;
  const links = want.type === "report" ? want.links : [];
  run.requests++;
  run.sent.set(want.type, (run.sent.get(want.type) ?? 0) + 1);
  const sent = await parts.transport.send(message, run.signal);
  if (run.signal.aborted && sent.isErr()) return ok("aborted");
  if (sent.isErr()) {
    const { type, reason, message: words, retryAfterMs } = sent.error;
    run.fault = { type, reason, message: words };
    run.retryAfterMs = retryAfterMs ?? 0;
    return ok("failed");
  }
  const answer = readAnswer(sent.value, message);
  if (!answer) {
    run.fault = { type: "transport-fault", reason: "invalid-answer", message: "That was no answer." };
    return ok("failed");
  }
  const applied = await change(store, (document) => {
    if (document.lease?.token !== run.token || document.inFlight !== message.requestId) return ok(null);
    renew(parts, document, run);
    return ok(applyAnswer(document, message, answer, { now: clock.now(), links }));
  });
  if (applied.isErr()) return err(applied.error);
  if (!applied.value) return ok("superseded");
  if (answer.type === "rejected") {
    run.fault = { type: "rejected", reason: answer.reason, message: "The receiver rejected a message." };
    return ok("failed");
  }
  note(run, message, answer, applied.value);
  return ok("go-on");
}

/**
 * How a sync ends that has nothing left to say.
 *
 * @param {Run} run
 * @param {{ isContested: boolean, settings: Settings }} state
 * @returns {SyncOutcome}
 */
function endOf(run, { isContested, settings: { status } }) {
  if (run.scope === "deletions" || status === "disconnected" || status === "disabled") return "completed";
  if (status === "enabled" && isContested) return "contested";
  if (status === "enabled" && run.isCompleted) return "completed";
  run.fault = { type: "unsettled", reason: "unsettled", message: "The two sides do not come to terms." };
  return "failed";
}

/**
 * Notes what has been said and answered in this sync.
 *
 * @param {Run} run
 * @param {Message} message
 * @param {Answer} answer
 * @param {Tally} tally
 */
function note(run, message, answer, { kept, ended, unknown, refused, receipts, hasMore }) {
  run.isAsked = true;
  run.kept += kept;
  run.ended += ended;
  run.unknown += unknown;
  run.failed += refused.length;
  run.receipts.push(...receipts);
  if (answer.type === "completed") run.isCompleted = !hasMore;
  if (answer.type === "attached") {
    // A new session knows of nothing yet.
    run.isCompleted = false;
    run.reported.clear();
    run.toHold.clear();
  }
  if (message.type === "redeem") run.redeemed.add(message.attempt);
  if (message.type !== "deliver") return;
  for (const record of message.records) {
    if (record.type === "withdraw") run.withdrawn.add(keyOf(record));
    else run.reported.add(keyOf(record));
    run.toHold.delete(record.linkId);
  }
  for (const { type, linkId } of refused) if (type === "report") run.toHold.add(linkId);
}

/**
 * Reads the counts that are about to be sent.
 *
 * @param {Parts} parts
 * @param {Run} run
 * @param {Extract<Want, { type: "report" }>} want
 * @returns {Promise<{ first: string, of: Counts }>}
 */
async function readCounts({ source, clock, timeZone = "UTC" }, run, { links }) {
  const days = daysOfWindow(clock.now(), timeZone);
  const first = /** @type {string} */ (days[0]);
  const read = await source.read({
    users: links.map(({ user }) => user),
    days: { first, last: /** @type {string} */ (days.at(-1)) },
  });
  const of = new Map(
    links.map(({ user, linkId }) => [linkId, read.isOk() ? countsOf(read.value.get(user), days) : null]),
  );
  for (const counts of of.values()) if (!counts) run.failed++;
  return { first, of };
}

/**
 * Stores the request before it leaves, and makes it. Where something else has to be said first by now, nothing is.
 *
 * @param {Parts} parts
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {{ want: Want, counts: { first: string, of: Counts } | null, requestId: string }} planned
 * @returns {"go-on" | "superseded" | { message: Message }}
 */
function plan(parts, document, run, { want, counts, requestId }) {
  const { clock, batchSize = DEFAULT_BATCH_SIZE } = parts;
  if (document.lease?.token !== run.token) return "superseded";
  const present = choose(document, run, batchSize, clock.now());
  if (present?.type !== want.type) return "go-on";
  const message = makeMessage(document, want.type === "report" ? want : present, counts, requestId);
  if (!message) return "go-on";
  document.inFlight = message.requestId;
  renew(parts, document, run);
  return { message };
}

/**
 * @param {SenderDocument} document
 * @param {Want} want
 * @param {{ first: string, of: Counts } | null} counts
 * @param {string} requestId
 * @returns {Message | null}
 */
function makeMessage(document, want, counts, requestId) {
  /** @type {{ version: 1, requestId: string }} */
  const head = { version: 1, requestId };
  switch (want.type) {
    case "disable":
      return { ...head, type: "disable", epoch: want.epoch };
    case "enable":
      if (document.settings.status === "enabling") document.settings.asked = want.after;
      return { ...head, type: "enable", after: want.after };
    case "redeem":
      return { ...head, ...want };
    case "attach":
      return { version: 1, type: "attach", ...planAttach(document, requestId) };
    case "complete": {
      const { sessionId, follows } = followUp(document, requestId);
      return sessionId === null
        ? null
        : { ...head, type: "complete", sessionId, follows, heardTo: document.heardTo };
    }
    default: {
      const records = recordsOf(document, want, counts);
      if (records.length === 0 && want.type !== "ask") return null;
      const { sessionId, follows } = followUp(document, requestId);
      return { ...head, type: "deliver", sessionId, follows, records };
    }
  }
}

/**
 * The request that attaches is repeated as it is until it is answered.
 *
 * @param {SenderDocument} document
 * @param {string} requestId
 */
function planAttach(document, requestId) {
  if (document.session) loseSession(document, document.session.id);
  document.attaching ??= { requestId, replaces: document.replaces, featureSwitch: document.heard };
  return document.attaching;
}

/**
 * Stores a request as one that may be the last of its session; answers those that it may follow.
 *
 * @param {SenderDocument} document
 * @param {string} requestId
 * @returns {{ sessionId: string | null, follows: string[] }}
 */
function followUp({ session, attaching }, requestId) {
  if (!session || attaching) return { sessionId: null, follows: [] };
  const { follows } = session;
  session.follows = [...follows, requestId];
  session.unanswered++;
  return { sessionId: session.id, follows };
}

/**
 * @param {SenderDocument} document
 * @param {Want} want
 * @param {{ first: string, of: Counts } | null} counts
 * @returns {OutRecord[]}
 */
function recordsOf(document, want, counts) {
  if (want.type === "withdraw") return want.withdrawals.map((each) => ({ type: "withdraw", ...each }));
  // Who has opted out meanwhile is not among them any more, nor with an earlier choice.
  const sending = new Map(sendingLinks(document).map(({ linkId, choice }) => [linkId, choice]));
  if (want.type === "hold")
    return want.linkIds.flatMap((linkId) => {
      const choice = sending.get(linkId);
      return choice === undefined ? [] : [{ type: "hold", linkId, choice }];
    });
  if (want.type !== "report" || !counts) return [];
  return want.links
    .filter(({ linkId, choice }) => sending.get(linkId) === choice)
    .map(({ linkId, choice }) => {
      const read = counts.of.get(linkId);
      if (!read) return { type: "hold", linkId, choice };
      return {
        type: "report",
        linkId,
        choice,
        source: "GitHub Enterprise Server",
        first: counts.first,
        counts: read,
      };
    });
}

/**
 * @param {Parts} parts
 * @param {SenderDocument} document
 * @param {Run} run
 */
function renew({ clock, leaseMs = DEFAULT_LEASE_MS }, document, run) {
  document.lease = { token: run.token, until: clock.now() + leaseMs, lengthMs: leaseMs };
}

/**
 * Gives the lease back and plans the next attempt.
 *
 * @param {Parts} parts
 * @param {Run} run
 * @param {SyncOutcome} outcome
 * @returns {Promise<Result<SyncReport, Fault>>}
 */
async function finish({ store, clock, random }, run, outcome) {
  const jitter = 0.5 + random.fraction() / 2;
  const ended = await change(store, (document) => {
    const now = clock.now();
    if (document.lease?.token === run.token) {
      document.lease = null;
      if (outcome === "failed") planRetry(document, run, now, jitter);
      else if (outcome !== "aborted" && outcome !== "superseded") planNext(document, run, now);
    }
    return ok({ isContested: document.contestedBy !== null, nextSyncAt: nextSyncOf(document, now) });
  });
  return ended.map((state) => reportOf(run, outcome, state));
}

/**
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {number} now
 */
function planNext(document, { scope }, now) {
  if (scope === "deletions") return;
  document.failures = 0;
  document.lastFault = null;
  document.lastSyncAt = now;
  document.plan = planAtPhase(now, HOUR_MS, document.phaseMs ?? 0);
}

/**
 * @param {SenderDocument} document
 * @param {Run} run
 * @param {number} now
 * @param {number} jitter
 */
function planRetry(document, { fault, retryAfterMs }, now, jitter) {
  document.failures++;
  document.lastFault = fault;
  const backOff = Math.min(MINUTE_MS * 2 ** Math.min(document.failures - 1, 10), HOUR_MS) * jitter;
  document.plan = planAfter(now, Math.min(Math.max(Math.ceil(backOff), retryAfterMs), DAY_MS));
}

/**
 * @param {Run} run
 * @param {SyncOutcome} outcome
 * @param {{ isContested: boolean, nextSyncAt: number | null }} state
 * @returns {SyncReport}
 */
function reportOf(
  { requests, kept, ended, unknown, failed, receipts, fault },
  outcome,
  { isContested, nextSyncAt },
) {
  return {
    outcome,
    requests,
    kept,
    unchanged: 0,
    ended,
    unknown,
    failed,
    receipts,
    fault,
    isContested,
    nextSyncAt,
  };
}
