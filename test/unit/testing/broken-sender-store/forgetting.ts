import { errAsync, okAsync } from "unified-contributions";
import { type BrokenStore, broken, CONFLICT } from "./break-sender-store.ts";

export const FORGETTING: readonly BrokenStore[] = [
  broken("SS13", "forgets nothing", () => ({ forgetUser: () => okAsync(undefined) })),
  broken("SS13", "forgets whatever the version is", (sound) => ({
    forgetUser: ({ user }) =>
      sound.loadLink(user).andThen(({ version }) => sound.forgetUser({ user, expectedVersion: version })),
  })),
  broken("SS13", "takes a user of whom nothing is stored for a conflict", (sound) => ({
    forgetUser: (forgotten) =>
      forgotten.expectedVersion === 0 ? errAsync(CONFLICT) : sound.forgetUser(forgotten),
  })),
  broken("SS13", "forgets the withdrawals, too", (sound) => {
    const forgotten = new Set<string>();
    const withdrawals = new Map<string, string>();
    return {
      commitLink: (commit) => {
        if (commit.withdraw) withdrawals.set(commit.withdraw.linkId, commit.user);
        return sound.commitLink(commit);
      },
      forgetUser: (given) =>
        sound.forgetUser(given).andThen(() => {
          forgotten.add(given.user);
          return okAsync(undefined);
        }),
      pendingWithdrawals: (query) =>
        sound
          .pendingWithdrawals(query)
          .map((page) => page.filter(({ linkId }) => !forgotten.has(withdrawals.get(linkId) ?? ""))),
    };
  }),
  broken("SS13", "forgets whose the withdrawals of others are", (sound) => {
    let isForgetting = false;
    return {
      forgetUser: (forgotten) =>
        sound.forgetUser(forgotten).andThen(() => {
          isForgetting = true;
          return okAsync(undefined);
        }),
      loadLink: (user) =>
        sound.loadLink(user).map((stored) => {
          const { deletion } = stored.value;
          const isLost = isForgetting && deletion?.linkId.startsWith("c");
          return isLost && deletion
            ? { ...stored, value: { ...stored.value, deletion: { ...deletion, receipt: null } } }
            : stored;
        }),
    };
  }),
  broken("SS13", "remembers who had a link", (sound) => {
    const owners = new Map<string, string>();
    return {
      commitLink: (commit) => {
        const { link, user } = commit;
        if (!("consent" in link)) return sound.commitLink(commit);
        const owner = owners.get(link.consent.linkId) ?? user;
        if (owner !== user) {
          return sound
            .loadLink(user)
            .andThen(({ version }) =>
              version === commit.expectedVersion
                ? errAsync({ type: "storage-fault", reason: "corrupt", message: "Taken." } as const)
                : errAsync(CONFLICT),
            );
        }
        return sound.commitLink(commit).map((version) => {
          owners.set(link.consent.linkId, user);
          return version;
        });
      },
    };
  }),
  broken("SS14", "removes the newest first", (sound) => ({
    pruneAudit: ({ before, limit }) =>
      limit === 1 ? sound.pruneAudit({ before, limit: 2 }).map(() => 1) : sound.pruneAudit({ before, limit }),
  })),
  broken("SS14", "removes those first that were written first", (sound) => ({
    pruneAudit: ({ before, limit }) =>
      sound
        .loadAudit({ user: null, after: 0, limit: 100 })
        .map((log) => log.map(({ entry }) => entry.createdAt).find((createdAt) => createdAt < before))
        .andThen((first) =>
          limit === 1 && first !== undefined
            ? sound.pruneAudit({ before: (first + 1) as typeof before, limit: 2 }).map(() => 1)
            : sound.pruneAudit({ before, limit }),
        ),
  })),
  broken("SS14", "removes those of the instant itself", (sound) => ({
    pruneAudit: ({ before, limit }) => sound.pruneAudit({ before: (before + 1) as typeof before, limit }),
  })),
];
