import { err, errAsync, ok, okAsync, type ResultAsync, safeTry } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { InstallationId, SessionId } from "../domain/identifiers.ts";
import type { InstallationActor } from "./audit.ts";
import { changeRegistration, loadRegistration, type RegistrationDecision } from "./commit.ts";
import { applyEntries, continuationOf, isSamePlace, placeBefore, unrecordedEpochs } from "./ledger.ts";
import type { DeletedLink } from "./link.ts";
import type { LedgerEntry, LinkSelection, ReceiverOptions, ReceiverParts, RecordedEntry } from "./ports.ts";
import { type LedgerPlace, passEpoch, type Registration, unconnected } from "./registration.ts";
import { tellRecording } from "./telling.ts";

/** How many entries are read at once: each can name 1,000 links. */
const PAGE = 100;

/** What reading one installation's entries to their end has done. */
export interface CaughtUp {
  /** The registration then, or null where there is none. */
  readonly registration: Registration | null;
  /** How many entries were new to the store. */
  readonly entries: number;
  /** Whether entries that the store had never read were pruned, so that the installation was switched off. */
  readonly isCutOff: boolean;
}

/** How often reading may come to the same place, or begin again, before something else must be wrong. */
const MAX_IDLE = 20;

const NO_PROGRESS: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "Reading the ledger of deletions does not get on: check that nothing else writes to it or to the store's registrations.",
};

/**
 * Reads an installation's entries in the ledger to their end and applies them (R11). The cursor moves in the commit that
 * applies a page, so that whatever takes the store back takes the cursor back, too.
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

/** How far reading has come, whoever moved the cursor. */
interface Progress {
  /** The highest position that the cursor had. */
  readonly reached: number;
  /** How often it has not moved on since. */
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

/** What reading one page has done. */
interface ReadingStep {
  /** How many entries were applied: none where another process has read on meanwhile. */
  readonly entries: number;
  readonly isAtEnd: boolean;
  /** Whether the ledger had lost what was read, so that it is read from its beginning. */
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

/** A page of an installation's entries, from a position on. */
export function readEntries(
  { ledger }: ReceiverOptions,
  installation: InstallationId,
  from: number,
  limit: number = PAGE,
): ResultAsync<readonly RecordedEntry[], StorageFault> {
  return callPort(() => ledger.read({ installation, from, limit }), STORAGE_THREW);
}

/** The ledger has lost what was read: whatever is deleted here is written down again, and read from the first entry left. */
function beginAgain(options: ReceiverOptions, installation: InstallationId): ResultAsync<void, StorageFault> {
  return loadBeginning(options, installation).andThen((readTo) =>
    callPort(() => options.store.takeForUnrecorded({ installation, readTo }), STORAGE_THREW),
  );
}

/** The place before the first entry that the ledger still has of an installation; null where none was pruned. */
export function loadBeginning(
  options: ReceiverOptions,
  installation: InstallationId,
): ResultAsync<LedgerPlace | null, StorageFault> {
  return readEntries(options, installation, 1, 1).map(([first]) =>
    first && first.place.position > 1 ? placeBefore(first.place) : null,
  );
}

/** Applies entries to the state that they follow; false where another process has read on meanwhile. */
function apply(
  options: ReceiverOptions,
  installation: InstallationId,
  readTo: LedgerPlace | null,
  entries: readonly RecordedEntry[],
): ResultAsync<boolean, StorageFault> {
  return changeFrom(options, installation, readTo, (before) => applyEntries(before, entries));
}

/** Nothing that was read tells what was pruned: whatever is shown may be dead, until its owner enables it anew. */
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
 * Makes a deletion that the store has committed durable (L1): the ledger has it, and the store knows that, before
 * anybody is told that it is done.
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
      // Another entry was read last: it comes after this one, or has taken the place of one that was lost.
      return hasEntry(options, installation, place).andThen((isThere) =>
        isThere ? ok(undefined) : err(NOT_RECORDED),
      );
    }),
  );
}

/** Whether the ledger has an entry, and no other in its place. */
export function hasEntry(
  options: ReceiverOptions,
  installation: InstallationId,
  { position, entryId }: LedgerPlace,
): ResultAsync<boolean, StorageFault> {
  return readEntries(options, installation, position, 1).map(([there]) => there?.place.entryId === entryId);
}

/** A ledger that lost its last entries between writing and reading; what it should have is still unrecorded. */
export const NOT_RECORDED: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The ledger of deletions does not have what was just written to it: try again.",
};

/** How many links one entry names at the most. */
const MAX_LINKS = 1_000;

/** How many pages of what is unrecorded are written at once; the others wait for the next time. */
const MAX_PAGES = 1_000;

/**
 * {@link record}s what a crash left between the store and the ledger; answers how many entries that were. What it left
 * between the ledger and the mark is only read. An installation of which something is corrupt holds no other up.
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
 * Does one thing after another. What is corrupt holds nothing else up, and its fault comes last; any other fault is that
 * of a whole storage, and ends it.
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

/** The fault of what is corrupt, or null where nothing is; any other fault stays one. */
function corruptionOf(done: ResultAsync<void, StorageFault>): ResultAsync<StorageFault | null, StorageFault> {
  return done.map(() => null).orElse((fault) => (fault.reason === "corrupt" ? ok(fault) : err(fault)));
}

/** Reads first: what is in the ledger already, or cannot be marked, is not written again. */
function recordUnread(options: ReceiverOptions, entry: LedgerEntry): ResultAsync<number, StorageFault> {
  return catchUp(options, entry.installation).andThen(({ entries }) =>
    entries > 0 ? okAsync(0) : record(options, entry).map(() => 1),
  );
}

/**
 * Changes a registration by somebody's word. What mints an epoch or a session has read the ledger to its end (R11), and
 * nothing is answered while an epoch that is over is unrecorded.
 */
export function changeRecorded<Value>(
  options: ReceiverOptions,
  installation: InstallationId,
  actor: InstallationActor,
  decide: (before: Registration | null) => RegistrationDecision<Value>,
): ResultAsync<Value, StorageFault> {
  const { store, clock } = options;
  return settle(options, installation)
    .andThen(() =>
      changeRegistration(store, installation, { actor, at: clock.now() }, (before) => {
        const decision = decide(before);
        return { ...decision, value: decision };
      }),
    )
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

/** Ends an account's links (R10), and answers those that were not acknowledged before. */
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
                .map(({ linkId, receipt }) => ({ linkId, receipt })),
            }),
          ),
        okAsync(undefined),
      )
      .map(() => deleted.map((link) => ({ ...link, isRecorded: true, account: null }))),
  );
}
