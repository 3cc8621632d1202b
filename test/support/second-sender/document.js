import { err, ok } from "neverthrow";

/** @import { Result } from "neverthrow" */
/** @import { DocumentStore, Plan, Refusal, SenderDocument, StorageFault } from "./types.d.ts" */

const ATTEMPTS = 30;

/** @type {StorageFault} */
const CONTENTION = {
  type: "storage-fault",
  reason: "contention",
  message: "The document changed again and again while it was to be written: try again.",
};

/**
 * What a server begins with.
 *
 * @returns {SenderDocument}
 */
export function newDocument() {
  return {
    settings: { status: "disconnected", connectionOrdinal: 0 },
    heard: { epoch: 0, status: "off" },
    disabling: null,
    session: null,
    attaching: null,
    replaces: null,
    contestedBy: null,
    ownSessions: [],
    heardTo: null,
    inFlight: null,
    lease: null,
    plan: null,
    phaseMs: null,
    failures: 0,
    lastFault: null,
    lastSyncAt: null,
    users: [],
    redemptions: [],
    withdrawals: [],
  };
}

/**
 * Loads the document, lets it be changed and writes it, again from the start where somebody else was faster. A refusal
 * writes nothing.
 *
 * @template Value
 * @param {DocumentStore} store
 * @param {(document: SenderDocument) => Result<Value, Refusal>} decide changes the document that it is given
 * @returns {Promise<Result<Value, StorageFault | Refusal>>}
 */
export async function change(store, decide) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const loaded = await store.load();
    if (loaded.isErr()) return err(loaded.error);
    const { version, document } = loaded.value;
    const before = JSON.stringify(document);
    const decided = decide(document);
    if (decided.isErr() || JSON.stringify(document) === before) return decided;
    const committed = await store.commit(version, document);
    if (committed.isOk()) return decided;
    if (committed.error.type !== "version-conflict") return err(committed.error);
  }
  return err(CONTENTION);
}

/**
 * Looks at the document.
 *
 * @template Value
 * @param {DocumentStore} store
 * @param {(document: SenderDocument) => Value} look
 * @returns {Promise<Result<Value, StorageFault>>}
 */
export async function look(store, look) {
  const loaded = await store.load();
  return loaded.isErr() ? err(loaded.error) : ok(look(loaded.value.document));
}

/**
 * Something that is to happen after so many milliseconds.
 *
 * @param {number} now
 * @param {number} lengthMs
 * @returns {Plan}
 */
export function planAfter(now, lengthMs) {
  return { at: now + lengthMs, lengthMs };
}

/**
 * Whether the time of a plan has come. One that is more than twice its own length away was made by a clock that was wrong:
 * it is not believed.
 *
 * @param {Plan | null} plan
 * @param {number} now
 * @returns {boolean}
 */
export function isDue(plan, now) {
  return plan === null || now >= plan.at || plan.at - now > 2 * plan.lengthMs;
}

/**
 * The next instant that lies so many milliseconds after the beginning of an hour, or of a day.
 *
 * @param {number} now
 * @param {number} periodMs
 * @param {number} phaseMs
 * @returns {Plan}
 */
export function planAtPhase(now, periodMs, phaseMs) {
  const started = Math.floor((now - phaseMs) / periodMs);
  return { at: (started + 1) * periodMs + phaseMs, lengthMs: periodMs };
}
