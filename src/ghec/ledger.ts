import { type CompletedAnswer, MAX_ENDED } from "../domain/answer.ts";
import type { InstallationId, LinkId } from "../domain/identifiers.ts";
import { isSamePlace, type LedgerPlace } from "../domain/ledger-place.ts";
import type { EndedLink } from "../domain/receipt.ts";
import type { LedgerEntry, RecordedEntry } from "./ports.ts";
import { isRecorded, lastEpochOff, type Registration, switchOff } from "./registration.ts";

/** The relation of a page of the ledger to the entries that were read before it. */
export type Continuation =
  /** The page continues the entries that were read. These entries are new. */
  | { readonly type: "continues"; readonly entries: readonly RecordedEntry[] }
  /** The entry that was read last is missing, or another has its place: the ledger has lost its last entries. */
  | { readonly type: "lost" }
  /** Unread entries were pruned: this store is older than the oldest store for which the ledger was kept. */
  | { readonly type: "pruned"; readonly readTo: LedgerPlace };

/**
 * Returns how a page stands to the last place that was read. The page begins at that place. Pure.
 *
 * @param readTo the last entry that was read, or null if there is none and the page begins at 1
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

/** Returns the place before the first entry that a ledger still has. No entry was read there, and none is missing. */
export function placeBefore({ position }: LedgerPlace): LedgerPlace {
  return { position: position - 1, entryId: "" };
}

/**
 * Returns a digest of the last entries of any number of installations, in any order.
 *
 * It is a whole number of 64 bits with its sign, "0" for no entry. Ids of entries are random, so a store and a ledger
 * with equal digests stand at the same entries.
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

/** A registration after entries of the ledger, and the links that they end. */
export interface AppliedEntries {
  readonly registration: Registration;
  readonly ended: readonly EndedLink[];
}

/**
 * Applies entries that follow the ones that were read. An entry that was applied already changes nothing. Pure.
 *
 * After an entry that switches off, the current connection is unknown: the store may have forgotten a newer one.
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

/** The deletions that a `completed` names. */
export type EndedPage = Pick<CompletedAnswer, "ended" | "heardTo" | "hasMore">;

/**
 * Returns the deletions in a page of entries for a sender that has heard of them up to a place. Pure.
 *
 * The page begins at that place, or at 1. Entries stay whole, so that the sender's next place lies between two of them.
 * A deletion that was pruned is passed over. The sender hears of it with the link's next report.
 *
 * @param limit how many entries the page was asked for
 */
export function endedIn(
  heardTo: LedgerPlace | null,
  page: readonly RecordedEntry[],
  limit: number,
): EndedPage {
  const entries = page.filter(({ place }) => !isSamePlace(place, heardTo));
  const ended: EndedLink[] = [];
  let last = heardTo;
  for (const { place, entry } of entries) {
    const links = entry.type === "links-ended" ? entry.links : [];
    if (ended.length > 0 && ended.length + links.length > MAX_ENDED)
      return { ended, heardTo: last, hasMore: true };
    ended.push(...links.slice(0, MAX_ENDED));
    last = place;
  }
  return { ended, heardTo: last, hasMore: page.length === limit };
}

/** Returns the entry that the ledger lacks for the epochs that are over, or null if it has all of them. */
export function unrecordedEpochs(registration: Registration): LedgerEntry | null {
  if (isRecorded(registration)) return null;
  const { installation, disabledAt } = registration;
  return { type: "epochs-off", installation, epoch: lastEpochOff(registration), disabledAt };
}

/** The deletions in entries that a store has not read yet. They reduce what it shows. */
export interface UnreadDeletions {
  /** The highest epoch that is off, by installation: `Infinity` if unread entries were pruned. */
  readonly epochsOff: ReadonlyMap<InstallationId, number>;
  /** The last ended choice of each link, or null for the link itself. */
  readonly ended: ReadonlyMap<LinkId, number | null>;
}

/** The value if no deletion is unread. */
export const NOTHING_UNREAD: UnreadDeletions = { epochsOff: new Map(), ended: new Map() };
