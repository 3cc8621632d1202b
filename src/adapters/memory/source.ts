import { okAsync } from "neverthrow";
import type { UserId } from "../../domain/identifiers.ts";
import type { Contribution } from "../../ghes/payload.ts";
import type { ContributionSource } from "../../ghes/ports.ts";

/** Contributions in memory, kept by user. */
export interface MemorySource extends ContributionSource {
  /** Adds contributions of a user. Tell the sender with `contributionsChanged`. */
  add(user: UserId, contributions: Iterable<Contribution>): void;
  /** Removes all contributions of a user. Tell the sender with `contributionsChanged`. */
  clear(user: UserId): void;
}

/** Returns an empty source of contributions in memory. */
export function createMemorySource(): MemorySource {
  const byUser = new Map<UserId, Contribution[]>();
  return {
    add: (user, contributions) => {
      const known = byUser.get(user) ?? [];
      for (const contribution of contributions) known.push(contribution);
      byUser.set(user, known);
    },
    clear: (user) => {
      byUser.delete(user);
    },
    read: ({ users }) =>
      okAsync(
        new Map(
          users.map((user) => [
            user,
            { type: "contributions" as const, contributions: byUser.get(user) ?? [] },
          ]),
        ),
      ),
  };
}
