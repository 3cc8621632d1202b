import { okAsync, ResultAsync, type UserId } from "unified-contributions";
import type { LinkRecord, PendingWithdrawal, Reported, Withdrawal } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { type BrokenStore, broken, MOMENT, readingLink, readingWithdrawals } from "./break-sender-store.ts";

/** Reads what was known of a user even if it was of another link, where the mistake says so. */
function remembering(
  sound: AuditedSenderStore,
  isRemembered: (record: LinkRecord, known: Reported) => boolean,
): Partial<AuditedSenderStore> {
  const known = new Map<UserId, Reported>();
  return {
    loadLink: (user) =>
      sound.loadLink(user).map(({ value, version }) => {
        if (value.reported) known.set(user, value.reported);
        const last = value.reported ?? known.get(user) ?? null;
        const isShown = value.reported !== null || (last !== null && isRemembered(value, last));
        return { value: { ...value, reported: isShown ? last : null }, version };
      }),
  };
}

export const CHOICES: readonly BrokenStore[] = [
  broken("SS7", "loses when a withdrawal was asked for", (sound) =>
    readingLink(sound, ({ deletion }) => ({
      deletion: deletion && { ...deletion, requestedAt: 0 as never },
    })),
  ),
  broken("SS7", "leaves a withdrawal in its old place if it is requested again", (sound) => {
    const asked = new Set<string>();
    return {
      commitLink: (commit) => {
        const { withdraw } = commit;
        const name = withdraw && `${withdraw.linkId} ${withdraw.choice}`;
        const isAnew = name !== null && asked.has(name);
        if (name) asked.add(name);
        return sound.commitLink(isAnew ? { ...commit, withdraw: null } : commit);
      },
    };
  }),
  broken("SS7", "withdraws the latest of a user's links alone", (sound) => {
    const latest = new Map<UserId, string>();
    const overtaken = new Set<string>();
    return {
      commitLink: (commit) => {
        const { user, withdraw } = commit;
        return sound.commitLink(commit).map((version) => {
          if (!withdraw) return version;
          const before = latest.get(user) ?? "";
          if (before !== withdraw.linkId) overtaken.add(before);
          latest.set(user, withdraw.linkId);
          return version;
        });
      },
      ...readingWithdrawals(sound, (pending) => pending.filter(({ linkId }) => !overtaken.has(linkId))),
    };
  }),
  broken("SS7", "leaves the withdrawal of an earlier choice pending beside the later", (sound) => {
    const asked = new Map<string, Withdrawal>();
    const earlier: PendingWithdrawal[] = [];
    return {
      commitLink: (commit) =>
        sound.commitLink(commit).map((version) => {
          const { withdraw } = commit;
          if (!withdraw) return version;
          const before = asked.get(withdraw.linkId);
          const isAnother = before !== undefined && before.choice !== withdraw.choice;
          if (isAnother) earlier.push({ ...before, nextAskAt: 0 as never, hasReceipt: false });
          asked.set(withdraw.linkId, withdraw);
          return version;
        }),
      ...readingWithdrawals(sound, (pending) => [...pending, ...earlier]),
    };
  }),
  broken("SS7", "forgets the last deletion when its user sends again", (sound) =>
    readingLink(sound, ({ link, deletion }) => ({ deletion: link.status === "sending" ? null : deletion })),
  ),
  broken("SS7", "remembers what was known of another link", (sound) =>
    remembering(sound, ({ link }) => link.status === "sending"),
  ),
  broken("SS7", "remembers what was known of an earlier choice", (sound) =>
    remembering(sound, ({ link }, { linkId }) => link.status === "sending" && link.consent.linkId === linkId),
  ),
  broken("SS7", "remembers what was known of a link that sends no more", (sound) =>
    remembering(sound, ({ link }) => link.status !== "sending"),
  ),
  broken("SS7", "forgets what is known with every choice", (sound) => {
    const chosen = new Set<UserId>();
    return {
      commitLink: (commit) =>
        sound.commitLink(commit).map((version) => {
          chosen.add(commit.user);
          return version;
        }),
      commitServer: (commit) => {
        for (const { user } of commit.reported) chosen.delete(user);
        return sound.commitServer(commit);
      },
      ...readingLink(sound, ({ user, reported }) => ({ reported: chosen.has(user) ? null : reported })),
    };
  }),
  broken("SS8", "counts the first user alone", (sound) => ({
    markChanged: (users) => sound.markChanged(users.slice(0, 1)),
  })),
  broken("SS8", "counts a user who is named twice two times", (sound) => ({
    markChanged: (users) =>
      ResultAsync.combine(users.map((user) => sound.markChanged([user]))).map(() => undefined),
  })),
  broken("SS8", "counts a change for a user who is unknown", (sound) => {
    const marked = new Set<UserId>();
    return {
      markChanged: (users) => {
        for (const user of users) marked.add(user);
        return sound.markChanged(users);
      },
      ...readingLink(sound, ({ user, changes }, version) => ({
        changes: version === 0 && marked.has(user) ? 1 : changes,
      })),
    };
  }),
  broken("SS8", "counts no change of a user who does not send", (sound) =>
    readingLink(sound, ({ link, changes }) => ({ changes: link.status === "sending" ? changes : 0 })),
  ),
  broken("SS8", "counts from 0 again with every choice", (sound) => {
    const before = new Map<UserId, number>();
    return {
      commitLink: (commit) =>
        sound.commitLink(commit).andThen((version) =>
          sound.loadLink(commit.user).map(({ value }) => {
            before.set(commit.user, value.changes);
            return version;
          }),
        ),
      ...readingLink(sound, ({ user, changes }) => ({ changes: changes - (before.get(user) ?? 0) })),
    };
  }),
  broken("SS8", "loses a change that is counted while another is", (sound) => {
    let isCounting = false;
    return {
      markChanged: (users) => {
        if (isCounting) return okAsync(undefined);
        isCounting = true;
        return MOMENT().andThen(() => {
          isCounting = false;
          return sound.markChanged(users);
        });
      },
    };
  }),
];
