import type { Instant } from "../../domain/identifiers.ts";

/** An entry of an audit log, with the id that gives its place. */
export interface Logged<Entry> {
  /** Rises from entry to entry. */
  readonly id: number;
  readonly entry: Entry;
}

/** An audit log in memory, oldest entry first. */
export interface AuditLog<Entry> {
  append(entry: Entry): void;
  /** Removes the entries of which this holds. */
  remove(isGone: (entry: Entry) => boolean): void;
  /** Removes entries made before an instant, the oldest first, up to a limit. Returns how many, and whether any is left. */
  prune(before: Instant, limit: number): { readonly pruned: number; readonly isDone: boolean };
  all(): readonly Logged<Entry>[];
}

/** Returns a log that begins with these entries. It gives no id twice. */
export function createAuditLog<Entry extends { readonly createdAt: Instant }>(
  backup: readonly Logged<Entry>[] = [],
): AuditLog<Entry> {
  let logged = [...backup];
  let lastId = logged.at(-1)?.id ?? 0;
  return {
    append: (entry) => {
      logged.push({ id: ++lastId, entry });
    },
    remove: (isGone) => {
      logged = logged.filter(({ entry }) => !isGone(entry));
    },
    prune: (before, limit) => {
      const old = logged
        .filter(({ entry }) => entry.createdAt < before)
        .sort((a, b) => a.entry.createdAt - b.entry.createdAt);
      const gone = new Set(old.slice(0, limit));
      logged = logged.filter((one) => !gone.has(one));
      return { pruned: gone.size, isDone: gone.size === old.length };
    },
    all: () => [...logged],
  };
}
