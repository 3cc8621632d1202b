import type { LinkId, UserId } from "../../domain/identifiers.ts";
import type { DueLink, DueQuery, LinkRecord } from "../../ghes/ports.ts";

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
  const entries = new Map<LinkId, LinkRecord>();
  const linkOf = new Map<UserId, LinkId>();
  const due = new Set<LinkId>();
  // The links that are not due, by the minute in which they will be.
  const later = new Map<number, Set<LinkId>>();
  // The instant up to which links were moved from later to due.
  let movedTo = 0;
  // The due links in order. It is null if a link was added since, or if half of the links are no longer due.
  let ordered: readonly LinkId[] | null = null;
  let stale = 0;

  function update(record: LinkRecord): void {
    if (!scope) return;
    remove(linkOf.get(record.user));
    const { link, reported, changes } = record;
    if (link.status !== "sending") return;
    if (link.connectionOrdinal !== scope.connectionOrdinal || link.consent.epoch !== scope.epoch) return;
    const id = link.consent.linkId;
    entries.set(id, record);
    linkOf.set(record.user, id);
    const isAnswered = reported?.linkId === id && reported.sessionId === scope.sessionId;
    // A link that the receiver does not know waits for its day, even if its counts have changed.
    const waits = isAnswered && (reported.type === "unknown" || reported.changes === changes);
    if (waits) schedule(id, reported.refreshAt);
    else makeDue(id);
  }

  function remove(id: LinkId | undefined): void {
    if (id === undefined) return;
    const record = entries.get(id);
    if (!record) return;
    entries.delete(id);
    linkOf.delete(record.user);
    if (due.delete(id) && ordered && ++stale > ordered.length / 2) ordered = null;
    if (record.reported) later.get(minuteOf(record.reported.refreshAt))?.delete(id);
  }

  function schedule(id: LinkId, refreshAt: number): void {
    const minute = minuteOf(refreshAt);
    const sameMinute = later.get(minute);
    if (sameMinute) sameMinute.add(id);
    else later.set(minute, new Set([id]));
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
        if ((entries.get(id)?.reported?.refreshAt ?? 0) > now) continue;
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
        ordered = [...due].sort();
        stale = 0;
      }
      const page: DueLink[] = [];
      for (let index = firstAbove(ordered, after); index < ordered.length && page.length < limit; index++) {
        const id = ordered[index] as LinkId;
        const record = due.has(id) ? entries.get(id) : undefined;
        if (record?.link.status === "sending")
          page.push({
            user: record.user,
            linkId: id,
            choice: record.link.choice,
            changes: record.changes,
            reported: reportedOf(record, id),
          });
      }
      return page;
    },
  };
}

function reportedOf({ reported }: LinkRecord, linkId: LinkId): LinkRecord["reported"] {
  return reported?.linkId === linkId ? reported : null;
}

function minuteOf(instant: number): number {
  return Math.floor(instant / MINUTE_MS);
}

/** Returns the index of the first id above this one. */
function firstAbove(ordered: readonly LinkId[], after: LinkId | null): number {
  if (after === null) return 0;
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const id = ordered[middle] as LinkId;
    if (id > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
