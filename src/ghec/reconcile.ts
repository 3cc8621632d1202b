import { err, ok, okAsync, ResultAsync, safeTry } from "neverthrow";
import { covers } from "../domain/choice.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { isSamePlace } from "../domain/ledger-place.ts";
import type { EndedLink } from "../domain/receipt.ts";
import { catchUp, inTurn, loadBeginning, readEntries, recordUnrecorded } from "./deletions.ts";
import { continuationOf, NOTHING_UNREAD, type UnreadDeletions } from "./ledger.ts";
import type { InstallationQuery, LedgerCursor, ReceiverOptions, RecordedEntry } from "./ports.ts";

/** The result of a reconciliation of the store with the ledger. All numbers are 0 if nothing was new. */
export interface Reconciliation {
  /** How many entries the store had not read, or had lost. */
  readonly entries: number;
  /** How many entries were written to the ledger because it lacked them. */
  readonly recorded: number;
  /**
   * The installations that were switched off because unread entries were pruned, since the last reconciliation that was
   * answered. This reconciliation or another call found them. Their owners have to turn GitHub Connect off and on.
   */
  readonly cutOff: readonly InstallationId[];
}

/** How many installations, or entries of one, are read at once. */
const PAGE = 1_000;

/**
 * Makes the store and the ledger agree (R11).
 *
 * The ledger gets the entries that a crash kept from it. The store reads the entries that it has not read or has lost.
 * Finished steps stay finished, so it can be repeated after a fault. An installation with something corrupt does not
 * hold up the others. If nothing is new, it reads each of the two once.
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
      // Deletions that the ledger had lost are unrecorded after the reading.
      ...(isRead ? [] : [readAll, recordAll]),
    ];
    return inTurn(steps, (step) => step()).map(() => ({ entries, recorded, cutOff }));
  });
}

/** Returns the deletions that the ledger has and the store has not read, for callers that may only read. */
export function loadUnread(options: ReceiverOptions): ResultAsync<UnreadDeletions, StorageFault> {
  return loadStanding(options).andThen(({ isRead }) => {
    if (isRead) return okAsync(NOTHING_UNREAD);
    const epochsOff = new Map<InstallationId, number>();
    const ended = new Map<LinkId, number | null>();
    const unread = { epochsOff, ended };
    return differingFrom(options)
      .andThen((differing) => inTurn(differing, (cursor) => addUnread(options, cursor, epochsOff, ended)))
      .map(() => unread)
      .orElse((fault) => (fault.reason === "corrupt" ? ok(unread) : err(fault)));
  });
}

/** Adds the deletions in one installation's entries above its cursor. */
function addUnread(
  options: ReceiverOptions,
  { installation, readTo }: LedgerCursor,
  epochsOff: Map<InstallationId, number>,
  ended: Map<LinkId, number | null>,
): ResultAsync<void, StorageFault> {
  const addLink = ({ linkId, choice }: EndedLink): void => {
    if (!covers(ended.has(linkId) ? (ended.get(linkId) ?? null) : 0, choice)) ended.set(linkId, choice);
  };
  const addEntry = ({ entry }: RecordedEntry): void => {
    if (entry.type === "links-ended") entry.links.forEach(addLink);
    else epochsOff.set(installation, Math.max(epochsOff.get(installation) ?? 0, entry.epoch));
  };
  return safeTry<void, StorageFault>(async function* () {
    let last = readTo;
    for (;;) {
      const page = yield* readEntries(options, installation, last?.position ?? 1, PAGE);
      const continuation = continuationOf(last, page);
      if (continuation.type === "lost") {
        // The ledger has lost entries that were read, so everything that is left in it may be unread.
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

/** Returns the cursors that are not at their heads. */
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

/**
 * How long a call waits for the ledger at most, in milliseconds. Then it goes on with the last deletions that it knows.
 */
const DEADLINE_MS = 2_000;

/** After how many milliseconds a look that failed or came too late is tried again. */
const RETRY_MS = 5_000;

/** After how many milliseconds a look that has not ended is given up, and another one begins. */
const GIVEN_UP_MS = 300_000;

/** A look at the ledger that is repeated once it is a minute old. */
export interface FreshLook<Seen> {
  /**
   * Returns the value of the last look, after a new look if that is more than a minute old. Before the first, it is
   * `nothing`.
   */
  look(): ResultAsync<Seen, never>;
}

/**
 * Returns a look that repeats when a caller asks and the last one is more than a minute old. Concurrent calls share
 * one.
 *
 * While the ledger cannot be read, everything goes on. The time for which a lost deletion can be shown counts from the
 * ledger's return.
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
      // A look that was given up does not change the times.
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
      // An adapter may break its contract and reject.
      .catch(() => end(RETRY_MS));
    return { ordinal, since, done };
  };

  const wait = async (now: Instant): Promise<Seen> => {
    if (running && Math.abs(now - running.since) >= GIVEN_UP_MS) running = null;
    running ??= begin(now);
    const { done } = running;
    const inTime = new AbortController();
    const late = clock.wait(DEADLINE_MS, inTime.signal, true).then(() => {
      // Later callers do not wait for a look that hangs.
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
