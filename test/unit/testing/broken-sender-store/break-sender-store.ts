import { ResultAsync } from "unified-contributions";
import { createMemorySenderReader, createMemorySenderStore } from "unified-contributions/adapters/memory";
import type { LinkRecord, PendingWithdrawal, ServerCommit } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";
import type { Broken } from "../break-adapter.ts";

export type BrokenStore = Broken<() => AuditedSenderStore>;

export function broken(
  rule: string,
  mistake: string,
  breakIt: (sound: AuditedSenderStore) => Partial<AuditedSenderStore>,
): BrokenStore {
  const make = (): AuditedSenderStore => {
    const sound = createAudited();
    return { ...sound, ...breakIt(sound) };
  };
  return { rule, mistake, make };
}

/** Returns a sound store whose audit log the contract can read. */
export function createAudited(): AuditedSenderStore {
  const store = createMemorySenderStore();
  return { ...store, loadAudit: createMemorySenderReader(store).loadAudit };
}

/** A user's record is not read as it is stored. */
export function readingLink(
  sound: AuditedSenderStore,
  change: (record: LinkRecord, version: number) => Partial<LinkRecord>,
): Partial<AuditedSenderStore> {
  return {
    loadLink: (user) =>
      sound
        .loadLink(user)
        .map(({ value, version }) => ({ value: { ...value, ...change(value, version) }, version })),
  };
}

/** What a commit proves is not stored as it is given. */
export function proving(
  sound: AuditedSenderStore,
  change: (commit: ServerCommit) => Partial<ServerCommit>,
): Partial<AuditedSenderStore> {
  return { commitServer: (commit) => sound.commitServer({ ...commit, ...change(commit) }) };
}

export function readingWithdrawals(
  sound: AuditedSenderStore,
  change: (pending: readonly PendingWithdrawal[]) => readonly PendingWithdrawal[],
): Partial<AuditedSenderStore> {
  return {
    pendingWithdrawals: (query) =>
      sound.pendingWithdrawals({ ...query, after: null, limit: 1_000 }).map((pending) =>
        change(pending)
          .filter(({ nextAskAt, linkId }) => {
            const { after } = query;
            if (after === null || nextAskAt !== after.nextAskAt) return nextAskAt >= (after?.nextAskAt ?? 0);
            return linkId > after.linkId;
          })
          .slice(0, query.limit),
      ),
  };
}

export const CONFLICT = { type: "version-conflict" } as const;

export const MOMENT = (): ResultAsync<void, never> => ResultAsync.fromSafePromise(Promise.resolve());
