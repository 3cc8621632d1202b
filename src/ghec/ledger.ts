import type { InstallationId, LinkId } from "../domain/identifiers.ts";
import type { EndedLink, LedgerEntry, RecordedEntry } from "./ports.ts";
import { isRecorded, type LedgerPlace, lastEpochOff, type Registration, switchOff } from "./registration.ts";

/** How a page of the ledger stands to what was read of it before. */
export type Continuation =
  /** It goes on behind what was read: these entries are new. */
  | { readonly type: "continues"; readonly entries: readonly RecordedEntry[] }
  /** The entry that was read last is not there, or another is: the ledger has lost its last entries. */
  | { readonly type: "lost" }
  /** Entries that were never read were pruned: this store is older than the oldest that the ledger was kept for. */
  | { readonly type: "pruned"; readonly readTo: LedgerPlace };

/**
 * How a page that was read from the last place on, that one included, stands to it. Pure.
 *
 * @param readTo the last entry that was read, or null where none was and the page begins at 1
 */
export function continuationOf(readTo: LedgerPlace | null, page: readonly RecordedEntry[]): Continuation {
  const [first] = page;
  const last = readTo?.position ?? 0;
  if (!first) return readTo ? { type: "lost" } : { type: "continues", entries: [] };
  if (first.place.position > last + 1) {
    return { type: "pruned", readTo: placeBefore(first.place) };
  }
  if (first.place.position > last) return { type: "continues", entries: page };
  return first.place.entryId === readTo?.entryId
    ? { type: "continues", entries: page.slice(1) }
    : { type: "lost" };
}

/** The place before the first entry that a ledger still has: nothing was read of it, and nothing is missing. */
export function placeBefore({ position }: LedgerPlace): LedgerPlace {
  return { position: position - 1, entryId: "" };
}

/** Whether two places are the same one, or both none. */
export function isSamePlace(a: LedgerPlace | null, b: LedgerPlace | null): boolean {
  return a?.position === b?.position && a?.entryId === b?.entryId;
}

/**
 * A digest of the last entries of any number of installations, in any order: a whole number of 64 bits with its sign,
 * "0" for none. Ids of entries are random, so that a store and a ledger with equal digests stand at the same entries.
 */
export function digestOf(places: Iterable<LedgerPlace | null>): string {
  let digest = 0n;
  for (const place of places) if (place) digest ^= hashOf(place.entryId);
  return String(BigInt.asIntN(64, digest));
}

/** FNV-1a of 64 bits. */
function hashOf(entryId: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < entryId.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(entryId.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash;
}

/** What entries of the ledger do to a registration, and the links that they end. */
export interface AppliedEntries {
  readonly registration: Registration;
  readonly ended: readonly EndedLink[];
}

/**
 * Applies entries that follow what was read. Pure; whatever was applied already changes nothing. Which connection stands
 * is not known any more where an entry switches off: the store has forgotten what came after, a new connection perhaps.
 */
export function applyEntries(before: Registration, entries: readonly RecordedEntry[]): AppliedEntries {
  const ended: EndedLink[] = [];
  let registration = before;
  for (const { place, entry } of entries) {
    registration = { ...registration, readTo: place };
    if (entry.type === "links-ended") {
      ended.push(...entry.links);
    } else {
      const switched = switchOff(registration, entry.epoch, entry.disabledAt);
      registration = {
        ...switched,
        connectionId: switched === registration ? registration.connectionId : null,
        recordedOff: Math.max(registration.recordedOff, entry.epoch),
      };
    }
  }
  return { registration, ended };
}

/** What the ledger has to be told of a registration, or null: the epochs that are over. */
export function unrecordedEpochs(registration: Registration): LedgerEntry | null {
  if (isRecorded(registration)) return null;
  const { installation, disabledAt } = registration;
  return { type: "epochs-off", installation, epoch: lastEpochOff(registration), disabledAt };
}

/** What the entries that a store has not read yet take away from what it shows. */
export interface UnreadDeletions {
  /** The highest epoch that is off, by installation; `Infinity` where entries that were never read were pruned. */
  readonly epochsOff: ReadonlyMap<InstallationId, number>;
  readonly ended: ReadonlySet<LinkId>;
}

/** Nothing is unread. */
export const NOTHING_UNREAD: UnreadDeletions = { epochsOff: new Map(), ended: new Set() };
