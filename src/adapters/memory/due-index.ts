import type { LinkId, UserId } from "../../domain/identifiers.ts";
import type { DueLink, DuePlace, DueQuery, LinkRecord } from "../../ghes/ports.ts";
import { duePlaceOf } from "../../ghes/reader.ts";

const MINUTE_MS = 60_000;

/** Finds the links that are due without looking at those that are not. */
export interface DueIndex {
  /** Takes a record that was written. The store calls it for every such record. */
  update(record: LinkRecord): void;
  /** Returns the page that a query asks for. */
  page(query: DueQuery): readonly DueLink[];
}

type Scope = Pick<DueQuery, "connectionOrdinal" | "epoch" | "sessionId">;

/** Returns an index over these records. It is rebuilt if a query names another connection, epoch or session. */
export function createDueIndex(records: () => Iterable<LinkRecord>): DueIndex {
  let scope: Scope | null = null;
  const entries = new Map<LinkId, DueLink>();
  const linkOf = new Map<UserId, LinkId>();
  const due = new Set<LinkId>();
  // The links that are not due, by the minute in which they will be.
  const later = new Map<number, Set<LinkId>>();
  // The instant up to which links were moved from later to due.
  let movedTo = 0;
  // The due links in order. It is null if a link was added since, or if half of the links are no longer due.
  let ordered: readonly DueLink[] | null = null;
  let stale = 0;

  function update({ user, link, changes, reported }: LinkRecord): void {
    if (!scope) return;
    remove(linkOf.get(user));
    if (link.status !== "sending") return;
    if (link.connectionOrdinal !== scope.connectionOrdinal || link.consent.epoch !== scope.epoch) return;
    const place = duePlaceOf(link, { reported, changes });
    entries.set(place.linkId, { ...place, user, choice: link.choice, changes, reported });
    linkOf.set(user, place.linkId);
    if (place.answeredIn === scope.sessionId) schedule(place);
    else makeDue(place.linkId);
  }

  function remove(id: LinkId | undefined): void {
    const entry = id && entries.get(id);
    if (!entry) return;
    entries.delete(entry.linkId);
    linkOf.delete(entry.user);
    if (due.delete(entry.linkId) && ordered && ++stale > ordered.length / 2) ordered = null;
    later.get(minuteOf(entry.dueFrom))?.delete(entry.linkId);
  }

  function schedule({ linkId, dueFrom }: DuePlace): void {
    const minute = minuteOf(dueFrom);
    const sameMinute = later.get(minute);
    if (sameMinute) sameMinute.add(linkId);
    else later.set(minute, new Set([linkId]));
  }

  function makeDue(id: LinkId): void {
    due.add(id);
    ordered = null;
  }

  function moveDue(now: number): void {
    movedTo = now;
    const minutes = [...later].filter(([minute]) => minute <= minuteOf(now));
    for (const [minute, ids] of minutes) {
      for (const id of ids) {
        if ((entries.get(id)?.dueFrom ?? 0) > now) continue;
        ids.delete(id);
        makeDue(id);
      }
      if (ids.size === 0) later.delete(minute);
    }
  }

  function rebuild(next: Scope): void {
    scope = next;
    entries.clear();
    linkOf.clear();
    due.clear();
    later.clear();
    ordered = null;
    for (const record of records()) update(record);
  }

  return {
    update,
    page: ({ connectionOrdinal, epoch, sessionId, now, after, limit }) => {
      const isSameScope =
        scope?.connectionOrdinal === connectionOrdinal &&
        scope.epoch === epoch &&
        scope.sessionId === sessionId;
      // A clock that went back makes links due later again.
      if (!isSameScope || now < movedTo) rebuild({ connectionOrdinal, epoch, sessionId });
      moveDue(now);
      if (!ordered) {
        ordered = [...due].flatMap((id) => entries.get(id) ?? []).sort(comparePlaces);
        stale = 0;
      }
      const page: DueLink[] = [];
      for (let index = firstBehind(ordered, after); index < ordered.length && page.length < limit; index++) {
        const entry = ordered[index] as DueLink;
        if (due.has(entry.linkId)) page.push(entry);
      }
      return page;
    },
  };
}

function minuteOf(instant: number): number {
  return Math.floor(instant / MINUTE_MS);
}

/** Compares places by their sessions, then by their instants, the latest first, then by their links. */
function comparePlaces(one: DuePlace, other: DuePlace): number {
  return (
    compareTexts(one.answeredIn ?? "", other.answeredIn ?? "") ||
    other.dueFrom - one.dueFrom ||
    compareTexts(one.linkId, other.linkId)
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Returns the index of the first link behind this place. */
function firstBehind(ordered: readonly DueLink[], place: DuePlace | null): number {
  if (place === null) return 0;
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePlaces(ordered[middle] as DueLink, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
