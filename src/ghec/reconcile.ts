import { err, ok, okAsync, ResultAsync, safeTry } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { catchUp, inTurn, loadBeginning, readEntries, recordUnrecorded } from "./deletions.ts";
import { continuationOf, isSamePlace, NOTHING_UNREAD, type UnreadDeletions } from "./ledger.ts";
import type { InstallationQuery, LedgerCursor, ReceiverOptions, RecordedEntry } from "./ports.ts";

/** What a reconciliation of the store with the ledger has done; all zero where nothing was new. */
export interface Reconciliation {
  /** How many entries the store had not read, or had lost. */
  readonly entries: number;
  /** How many entries were written that the ledger did not have. */
  readonly recorded: number;
  /**
   * The installations that were switched off because entries that the store had never read were pruned, by this
   * reconciliation or by another call since the last one that was answered: their owners have to enable the feature again.
   */
  readonly cutOff: readonly InstallationId[];
}

/** How many installations, or entries of one, are read at once. */
const PAGE = 1_000;

/**
 * Makes the store and the ledger agree (R11): the ledger gets what a crash kept from it, the store reads what it has not
 * read or has lost. Whatever was done stays done, so that it can be repeated after a fault; an installation of which
 * something is corrupt holds no other up. Where nothing is new, one read of each.
 */
export function reconcile(options: ReceiverOptions): ResultAsync<Reconciliation, StorageFault> {
  return loadStanding(options).andThen(({ isRead, hasUnrecorded }) => {
    let recorded = 0;
    let entries = 0;
    const cutOff: InstallationId[] = [];
    const recordAll = (): ResultAsync<void, StorageFault> =>
      recordUnrecorded(options).andThen((count) => {
        recorded += count;
        return ok(undefined);
      });
    const readOne = ({ installation }: LedgerCursor): ResultAsync<void, StorageFault> =>
      catchUp(options, installation).andThen((caughtUp) => {
        entries += caughtUp.entries;
        if (caughtUp.isCutOff) cutOff.push(installation);
        return ok(undefined);
      });
    const readAll = (): ResultAsync<void, StorageFault> =>
      differingFrom(options).andThen((differing) => inTurn(differing, readOne));
    const steps = [
      ...(hasUnrecorded ? [recordAll] : []),
      // What the ledger had lost is unrecorded once it is read.
      ...(isRead ? [] : [readAll, recordAll]),
    ];
    return inTurn(steps, (step) => step()).map(() => ({ entries, recorded, cutOff }));
  });
}

/** What the ledger has that the store has not read, for those who may only read. */
export function loadUnread(options: ReceiverOptions): ResultAsync<UnreadDeletions, StorageFault> {
  return loadStanding(options).andThen(({ isRead }) => {
    if (isRead) return okAsync(NOTHING_UNREAD);
    const epochsOff = new Map<InstallationId, number>();
    const ended = new Set<LinkId>();
    const unread = { epochsOff, ended };
    return differingFrom(options)
      .andThen((differing) => inTurn(differing, (cursor) => addUnread(options, cursor, epochsOff, ended)))
      .map(() => unread)
      .orElse((fault) => (fault.reason === "corrupt" ? ok(unread) : err(fault)));
  });
}

/** Adds what one installation's entries above its cursor name. */
function addUnread(
  options: ReceiverOptions,
  { installation, readTo }: LedgerCursor,
  epochsOff: Map<InstallationId, number>,
  ended: Set<LinkId>,
): ResultAsync<void, StorageFault> {
  const addEntry = ({ entry }: RecordedEntry): void => {
    if (entry.type === "links-ended") for (const { linkId } of entry.links) ended.add(linkId);
    else epochsOff.set(installation, Math.max(epochsOff.get(installation) ?? 0, entry.epoch));
  };
  return safeTry<void, StorageFault>(async function* () {
    let last = readTo;
    for (;;) {
      const page = yield* readEntries(options, installation, last?.position ?? 1, PAGE);
      const continuation = continuationOf(last, page);
      if (continuation.type === "lost") {
        // The ledger has lost what was read: everything that is left in it may be unread.
        const beginning = yield* loadBeginning(options, installation);
        return addUnread(options, { installation, readTo: beginning }, epochsOff, ended);
      }
      if (continuation.type === "pruned") epochsOff.set(installation, Number.POSITIVE_INFINITY);
      const entries = continuation.type === "continues" ? continuation.entries : [];
      entries.forEach(addEntry);
      const end = entries.at(-1);
      if (!end) return ok(undefined);
      last = end.place;
    }
  });
}

function loadStanding({
  store,
  ledger,
}: ReceiverOptions): ResultAsync<{ isRead: boolean; hasUnrecorded: boolean }, StorageFault> {
  return callPort(() => store.loadLedgerStanding(), STORAGE_THREW).andThen(({ digest, hasUnrecorded }) =>
    callPort(() => ledger.loadDigest(), STORAGE_THREW).map((ofLedger) => ({
      isRead: ofLedger === digest,
      hasUnrecorded,
    })),
  );
}

/** The cursors that are not at their heads. */
function differingFrom({
  store,
  ledger,
}: ReceiverOptions): ResultAsync<readonly LedgerCursor[], StorageFault> {
  return allPages((query) => callPort(() => store.loadCursors(query), STORAGE_THREW)).andThen((cursors) =>
    allPages((query) => callPort(() => ledger.loadHeads(query), STORAGE_THREW)).map((heads) => {
      const headOf = new Map(heads.map((head) => [head.installation, head.readTo]));
      const known = new Set(cursors.map(({ installation }) => installation));
      const forgotten = heads.filter(({ installation }) => !known.has(installation));
      return [
        ...cursors.filter(
          ({ installation, readTo }) => !isSamePlace(readTo, headOf.get(installation) ?? null),
        ),
        ...forgotten.map(({ installation }) => ({ installation, readTo: null })),
      ];
    }),
  );
}

function allPages(
  load: (query: InstallationQuery) => ResultAsync<readonly LedgerCursor[], StorageFault>,
): ResultAsync<readonly LedgerCursor[], StorageFault> {
  return safeTry<readonly LedgerCursor[], StorageFault>(async function* () {
    const all: LedgerCursor[] = [];
    for (;;) {
      const after = all.at(-1)?.installation ?? null;
      const page: readonly LedgerCursor[] = yield* load({ after, limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return ok(all);
    }
  });
}

/** How old the last look at the ledger may be, in milliseconds. */
const FRESH_MS = 60_000;

/** How long a call waits for the ledger at the most, in milliseconds; then it goes on with what is known. */
const DEADLINE_MS = 2_000;

/** After how many milliseconds a look that failed or came too late is tried again. */
const RETRY_MS = 5_000;

/** After how many milliseconds a look that has not ended is given up, and another one begun. */
const GIVEN_UP_MS = 300_000;

/** A look at the ledger that is repeated once it is a minute old. */
export interface FreshLook<Seen> {
  /** What the last look saw, after another where that is more than a minute old; at first `nothing`. */
  look(): ResultAsync<Seen, never>;
}

/**
 * Repeats a look at the ledger whenever somebody asks and the last one is more than a minute old. Calls at one time
 * share one. While the ledger cannot be read, everything goes on: how long a deletion that the store has lost can be
 * shown counts from the ledger's return.
 */
export function createFreshLook<Seen>(
  { clock }: Pick<ReceiverOptions, "clock">,
  nothing: Seen,
  read: () => ResultAsync<Seen, StorageFault>,
): FreshLook<Seen> {
  let seen = nothing;
  let seenBy = 0;
  let from = 0;
  let until = 0;
  let begun = 0;
  let running: { readonly ordinal: number; readonly since: Instant; readonly done: Promise<void> } | null =
    null;

  const isFresh = (now: Instant): boolean => from <= now && now < until;

  const begin = (since: Instant): NonNullable<typeof running> => {
    const ordinal = ++begun;
    const end = (milliseconds: number): void => {
      // One that was given up says nothing of the time.
      if (running?.ordinal !== ordinal) return;
      running = null;
      from = since;
      until = since + milliseconds;
    };
    const done = read()
      .match(
        (value) => {
          if (ordinal > seenBy) {
            seen = value;
            seenBy = ordinal;
          }
          end(FRESH_MS);
        },
        () => end(RETRY_MS),
      )
      // An adapter that answers against its contract.
      .catch(() => end(RETRY_MS));
    return { ordinal, since, done };
  };

  const wait = async (now: Instant): Promise<Seen> => {
    if (running && Math.abs(now - running.since) >= GIVEN_UP_MS) running = null;
    running ??= begin(now);
    const { done } = running;
    const inTime = new AbortController();
    const late = clock.wait(DEADLINE_MS, inTime.signal, true).then(() => {
      // One that hangs is not waited for by everybody who comes.
      if (inTime.signal.aborted) return;
      from = now;
      until = now + RETRY_MS;
    });
    await Promise.race([done, late]);
    inTime.abort("in time");
    return seen;
  };

  return {
    look: () => {
      const now = clock.now();
      return isFresh(now) ? okAsync(seen) : ResultAsync.fromSafePromise(wait(now));
    },
  };
}
