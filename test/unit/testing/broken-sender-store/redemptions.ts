import { type AttemptId, okAsync, ResultAsync, type UserId } from "unified-contributions";
import type { PendingRedemption } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";
import { type BrokenStore, broken } from "./break-sender-store.ts";

function readingRedemptions(
  sound: AuditedSenderStore,
  change: (pending: readonly PendingRedemption[]) => readonly PendingRedemption[],
): Partial<AuditedSenderStore> {
  return { pendingRedemptions: (query) => sound.pendingRedemptions(query).map(change) };
}

export const REDEMPTIONS: readonly BrokenStore[] = [
  broken("SS11", "forgets the code", (sound) =>
    readingRedemptions(sound, (pending) => pending.map((each) => ({ ...each, code: "" as never }))),
  ),
  broken("SS11", "takes all connections for the same", (sound) => ({
    pendingRedemptions: (query) =>
      ResultAsync.combine(
        [1, 2].map((connectionOrdinal) => sound.pendingRedemptions({ ...query, connectionOrdinal })),
      ).map((pages) => pages.flat()),
  })),
  broken("SS11", "has another order", (sound) =>
    readingRedemptions(sound, (pending) => [...pending].sort((a, b) => a.attempt.localeCompare(b.attempt))),
  ),
  broken("SS12", "knows attempts only until they are connected", (sound) => ({
    userOf: (attempt) =>
      sound
        .userOf(attempt)
        .andThen((user) =>
          user === null
            ? okAsync(null)
            : sound.loadLink(user).map(({ value }) => (value.link.status === "connecting" ? user : null)),
        ),
  })),
  broken("SS12", "remembers attempts that were given up", (sound) => {
    const users = new Map<AttemptId, UserId>();
    return {
      commitLink: (commit) => {
        if ("attempt" in commit.link) users.set(commit.link.attempt, commit.user);
        return sound.commitLink(commit);
      },
      userOf: (attempt) => okAsync(users.get(attempt) ?? null),
    };
  }),
];
