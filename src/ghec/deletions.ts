import { err, errAsync, ok, okAsync, type ResultAsync, safeTry } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { InstallationId, SessionId } from "../domain/identifiers.ts";
import { isSamePlace, type LedgerPlace } from "../domain/ledger-place.ts";
import type { InstallationActor } from "./audit.ts";
import {
  changeRegistration,
  decideRegistration,
  loadRegistration,
  type RegistrationDecision,
} from "./commit.ts";
import { applyEntries, continuationOf, placeBefore, unrecordedEpochs } from "./ledger.ts";
import type { DeletedLink } from "./link.ts";
import type { ReceiverParts } from "./options.ts";
import type { LedgerEntry, LinkSelection, ReceiverOptions, RecordedEntry } from "./ports.ts";
import { passEpoch, type Registration, unconnected } from "./registration.ts";
import { tellRecording } from "./telling.ts";

/** How many entries are read at once. Each can name 1,000 links. */
const PAGE = 100;

/** The result of reading one installation's entries to their end. */
export interface CaughtUp {
  /** The registration after reading, or null if there is none. */
  readonly registration: Registration | null;
  /** How many entries were new to the store. */
  readonly entries: number;
  /** Whether unread entries were pruned, so that the installation was switched off. */
  readonly isCutOff: boolean;
}

/** How often reading may stand still, or begin again, before it is a fault. */
const MAX_IDLE = 20;

const NO_PROGRESS: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "Reading the ledger of deletions makes no progress: check that no other program writes to it or to the store's registrations.",
};

/**
 * Reads an installation's entries in the ledger to their end, and applies them (R11).
 *
 * The cursor moves in the commit that applies a page. A restore of the store therefore takes the cursor back, too.
 */
export function catchUp(
  options: ReceiverParts,
  installation: InstallationId,
): ResultAsync<CaughtUp, StorageFault> {
  return safeTry<CaughtUp, StorageFault>(async function* () {
    let entries = 0;
    let isCutOff = false;
    let progress = NO_PROGRESS_YET;
    while (progress.idle < MAX_IDLE && progress.restarts < MAX_IDLE) {
      const registration = yield* loadRegistration(options.store, installation);
      const readTo = registration?.readTo ?? null;
      const step = yield* readOn(options, installation, readTo);
      if (step.isAtEnd) return ok({ registration, entries, isCutOff });
      if (step.isCutOff) options.onCutOff?.(installation);
      entries += step.entries;
      isCutOff ||= step.isCutOff;
      progress = progressAfter(progress, readTo?.position ?? 0, step);
    }
    return err(NO_PROGRESS);
  });
}

/** How far reading has come, no matter which process moved the cursor. */
interface Progress {
  /** The highest position that the cursor had. */
  readonly reached: number;
  /** How often the cursor has stood still since then. */
  readonly idle: number;
  readonly restarts: number;
}

const NO_PROGRESS_YET: Progress = { reached: -1, idle: 0, restarts: 0 };

function progressAfter({ reached, idle, restarts }: Progress, position: number, step: ReadingStep): Progress {
  if (step.isRestart) return { ...NO_PROGRESS_YET, restarts: restarts + 1 };
  return position > reached
    ? { reached: position, idle: 0, restarts }
    : { reached, idle: idle + 1, restarts };
}

/** The result of reading one page. */
interface ReadingStep {
  /** How many entries were applied: 0 if another process has read on in the meantime. */
  readonly entries: number;
  readonly isAtEnd: boolean;
  /** Whether the ledger had lost entries that were read, so that reading begins again. */
  readonly isRestart: boolean;
  readonly isCutOff: boolean;
}

const NO_STEP: ReadingStep = { entries: 0, isAtEnd: false, isRestart: false, isCutOff: false };

function readOn(
  options: ReceiverParts,
  installation: InstallationId,
  readTo: LedgerPlace | null,
): ResultAsync<ReadingStep, StorageFault> {
  return readEntries(options, installation, readTo?.position ?? 1).andThen((page) => {
    const continuation = continuationOf(readTo, page);
    switch (continuation.type) {
      case "lost":
        return beginAgain(options, installation).map(() => ({ ...NO_STEP, isRestart: true }));
      case "pruned":
        return cutOff(options, installation, readTo, continuation.readTo).map((isCutOff) => ({
          ...NO_STEP,
          isCutOff,
        }));
      case "continues": {
        const { entries } = continuation;
        if (entries.length === 0) return okAsync({ ...NO_STEP, isAtEnd: true });
        return apply(options, installation, readTo, entries).map((isApplied) => ({
          ...NO_STEP,
          entries: isApplied ? entries.length : 0,
        }));
      }
    }
  });
}

/** Returns a page of an installation's entries, from a position on. */
export function readEntries(
  { ledger }: ReceiverOptions,
  installation: InstallationId,
  from: number,
  limit: number = PAGE,
): ResultAsync<readonly RecordedEntry[], StorageFault> {
  return callPort(() => ledger.read({ installation, from, limit }), STORAGE_THREW);
}

/**
 * Begins again after the ledger has lost entries that were read.
 *
 * The store takes its deletions for unrecorded, and reads from the first entry that is left.
 */
function beginAgain(options: ReceiverOptions, installation: InstallationId): ResultAsync<void, StorageFault> {
  return loadBeginning(options, installation).andThen((readTo) =>
    callPort(() => options.store.takeForUnrecorded({ installation, readTo }), STORAGE_THREW),
  );
}

/**
 * Returns the place before the first entry that the ledger still has of an installation, or null if none was pruned.
 */
export function loadBeginning(
  options: ReceiverOptions,
  installation: InstallationId,
): ResultAsync<LedgerPlace | null, StorageFault> {
  return readEntries(options, installation, 1, 1).map(([first]) =>
    first && first.place.position > 1 ? placeBefore(first.place) : null,
  );
}

/** Applies entries to the state that they follow. Returns false if another process has read on in the meantime. */
function apply(
  options: ReceiverOptions,
  installation: InstallationId,
  readTo: LedgerPlace | null,
  entries: readonly RecordedEntry[],
): ResultAsync<boolean, StorageFault> {
  return changeFrom(options, installation, readTo, (before) => applyEntries(before, entries));
}

/**
 * Switches an installation off because unread entries were pruned.
 *
 * The store cannot know which deletions they held, so nothing is shown until the owner turns GitHub Connect off and on.
 */
function cutOff(
  options: ReceiverOptions,
  installation: InstallationId,
  readTo: LedgerPlace | null,
  first: LedgerPlace,
): ResultAsync<boolean, StorageFault> {
  const at = options.clock.now();
  return changeFrom(options, installation, readTo, (before) => ({
    registration: { ...passEpoch(before, at), readTo: first },
  }));
}

function changeFrom(
  { store, clock, random }: ReceiverOptions,
  installation: InstallationId,
  readTo: LedgerPlace | null,
  change: (before: Registration) => Omit<RegistrationDecision<never>, "value">,
): ResultAsync<boolean, StorageFault> {
  const sessionId = random.id() as SessionId;
  const origin = { actor: "ledger", at: clock.now() } as const;
  return changeRegistration<boolean>(store, installation, origin, (stored) => {
    const before = stored ?? unconnected(installation, sessionId);
    return isSamePlace(before.readTo, readTo)
      ? { ...change(before), value: true }
      : { registration: stored, value: false };
  });
}

/**
 * Makes a deletion durable that the store has committed (L1).
 *
 * The ledger has it, and the store knows that, before any caller gets an answer.
 */
export function record(options: ReceiverOptions, entry: LedgerEntry): ResultAsync<void, StorageFault> {
  return tellRecording(options, entry, () => append(options, entry));
}

function append(options: ReceiverOptions, entry: LedgerEntry): ResultAsync<void, StorageFault> {
  const { ledger, random } = options;
  const { installation } = entry;
  return callPort(() => ledger.append(entry, random.id()), STORAGE_THREW).andThen((place) =>
    catchUp(options, installation).andThen(({ registration }) => {
      const readTo = registration?.readTo ?? null;
      if (readTo?.entryId === place.entryId) return okAsync(undefined);
      if (!readTo || readTo.position < place.position) return errAsync(NOT_RECORDED);
      // Another entry was read last. It comes after this one, or has taken the place of one that was lost.
      return hasEntry(options, installation, place).andThen((isThere) =>
        isThere ? ok(undefined) : err(NOT_RECORDED),
      );
    }),
  );
}

/** Whether the ledger has this entry at its place, and not another. */
export function hasEntry(
  options: ReceiverOptions,
  installation: InstallationId,
  { position, entryId }: LedgerPlace,
): ResultAsync<boolean, StorageFault> {
  return readEntries(options, installation, position, 1).map(([there]) => there?.place.entryId === entryId);
}

/**
 * The fault of a ledger that lost its last entries between writing and reading. The lost deletions are still
 * unrecorded.
 */
export const NOT_RECORDED: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message: "The ledger of deletions does not have the entry that was just written: try again.",
};

/** The largest number of links that one entry names. */
const MAX_LINKS = 1_000;

/** The largest number of unrecorded pages that are written at once. The others wait for the next time. */
const MAX_PAGES = 1_000;

/**
 * Does {@link record} for each deletion that a crash left out of the ledger, and returns how many entries it wrote.
 *
 * An entry that the ledger has and the store has not marked is only read. An installation with something corrupt does
 * not hold up the others.
 */
export function recordUnrecorded(options: ReceiverOptions): ResultAsync<number, StorageFault> {
  return safeTry<number, StorageFault>(async function* () {
    let recorded = 0;
    const corrupt = new Map<InstallationId, StorageFault>();
    const recordOne = (entry: LedgerEntry): ResultAsync<void, StorageFault> =>
      recordUnread(options, entry)
        .andThen((count) => {
          recorded += count;
          return ok(undefined);
        })
        .mapErr((fault) => {
          corrupt.set(entry.installation, fault);
          return fault;
        });
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const unrecorded = yield* callPort(() => options.store.loadUnrecorded(MAX_LINKS), STORAGE_THREW);
      const entries = unrecorded.filter(({ installation }) => !corrupt.has(installation));
      if (entries.length === 0) break;
      yield* corruptionOf(inTurn(entries, recordOne));
    }
    const [fault] = corrupt.values();
    return fault ? err(fault) : ok(recorded);
  });
}

/**
 * Does one thing after another.
 *
 * A corrupt thing does not hold up the others, and its fault comes last. Any other fault concerns a whole storage and
 * ends the loop.
 */
export function inTurn<Thing>(
  things: readonly Thing[],
  act: (thing: Thing) => ResultAsync<void, StorageFault>,
): ResultAsync<void, StorageFault> {
  return safeTry<void, StorageFault>(async function* () {
    let corrupt: StorageFault | null = null;
    for (const thing of things) {
      const fault = yield* corruptionOf(act(thing));
      corrupt ??= fault;
    }
    return corrupt ? err(corrupt) : ok(undefined);
  });
}

/** Returns the fault of a corrupt thing as a value, or null if it succeeded. Any other fault stays an error. */
function corruptionOf(done: ResultAsync<void, StorageFault>): ResultAsync<StorageFault | null, StorageFault> {
  return done.map(() => null).orElse((fault) => (fault.reason === "corrupt" ? ok(fault) : err(fault)));
}

/** Reads before it writes: an entry that the ledger has already, or that cannot be marked, is not written again. */
function recordUnread(options: ReceiverOptions, entry: LedgerEntry): ResultAsync<number, StorageFault> {
  return catchUp(options, entry.installation).andThen(({ entries }) =>
    entries > 0 ? okAsync(0) : record(options, entry).map(() => 1),
  );
}

/**
 * Changes a registration on the word of an actor, and returns the value of the decision.
 *
 * It reads the ledger to its end before it mints an epoch or a session (R11). It gives no answer while an epoch that is
 * over is unrecorded.
 */
export function changeRecorded<Value>(
  options: ReceiverOptions,
  installation: InstallationId,
  actor: InstallationActor,
  decide: (before: Registration | null) => RegistrationDecision<Value>,
): ResultAsync<Value, StorageFault> {
  const { store, clock } = options;
  return settle(options, installation)
    .andThen(() => decideRegistration(store, installation, { actor, at: clock.now() }, decide))
    .andThen(({ registration, value }) =>
      (registration ? recordEpochs(options, registration) : okAsync(undefined)).map(() => value),
    );
}

/** Reads an installation's entries to their end, and records which of its epochs are over. */
export function settle(
  options: ReceiverOptions,
  installation: InstallationId,
): ResultAsync<void, StorageFault> {
  return catchUp(options, installation).andThen(({ registration }) =>
    registration ? recordEpochs(options, registration) : okAsync(undefined),
  );
}

function recordEpochs(options: ReceiverOptions, registration: Registration): ResultAsync<void, StorageFault> {
  const entry = unrecordedEpochs(registration);
  return entry ? record(options, entry) : okAsync(undefined);
}

/** Ends an account's links, and returns those whose end was not acknowledged before (R10). */
export function deleteLinks(
  options: ReceiverOptions,
  selection: LinkSelection,
): ResultAsync<readonly DeletedLink[], StorageFault> {
  const { store, clock } = options;
  return callPort(() => store.deleteLinks(selection, clock.now()), STORAGE_THREW).andThen((deleted) =>
    [...new Set(deleted.map(({ installation }) => installation))]
      .reduce<ResultAsync<void, StorageFault>>(
        (before, installation) =>
          before.andThen(() =>
            record(options, {
              type: "links-ended",
              installation,
              links: deleted
                .filter((link) => link.installation === installation)
                .map(({ linkId, receipt }) => ({ linkId, choice: null, receipt })),
            }),
          ),
        okAsync(undefined),
      )
      .map(() => deleted.map((link) => ({ ...link, isRecorded: true, account: null }))),
  );
}
