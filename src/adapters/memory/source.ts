import { okAsync } from "neverthrow";
import type { UserId } from "../../domain/identifiers.ts";
import type { Contribution } from "../../ghes/payload.ts";
import type { ContributionSource } from "../../ghes/ports.ts";

/** Contributions in memory, by user. */
export interface MemorySource extends ContributionSource {
  /** Adds contributions of a user; tell the sender with `contributionsChanged`. */
  add(user: UserId, contributions: Iterable<Contribution>): void;
  /** Forgets all contributions of a user; tell the sender with `contributionsChanged`. */
  clear(user: UserId): void;
}

/** A source of contributions in memory. */
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
