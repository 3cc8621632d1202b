import type { UserId } from "unified-contributions";
import type { LinkRecord, Reported } from "unified-contributions/storage";

import { type BrokenStore, broken, proving, readingLink } from "./break-sender-store.ts";

export const PROOFS: readonly BrokenStore[] = [
  broken("SS3", "stores the first proof of a commit alone", (sound) =>
    proving(sound, ({ reported }) => ({ reported: reported.slice(0, 1) })),
  ),
  broken("SS3", "keeps the first proof", (sound) => {
    const known = new Set<UserId>();
    return proving(sound, ({ reported }) => {
      const first = reported.filter(({ user }) => !known.has(user));
      for (const { user } of first) known.add(user);
      return { reported: first };
    });
  }),
  broken("SS3", "stores a proof with its user, whatever they send under", (sound) => {
    const proofs = new Map<UserId, Reported>();
    return {
      commitServer: (commit) =>
        sound.commitServer(commit).map((version) => {
          for (const { user, reported } of commit.reported) proofs.set(user, reported);
          return version;
        }),
      ...readingLink(sound, ({ user, reported, changes }) => ({
        reported: changes === 0 ? (reported ?? proofs.get(user) ?? null) : reported,
      })),
      commitLink: (commit) =>
        sound.commitLink(commit).map((version) => {
          proofs.delete(commit.user);
          return version;
        }),
    };
  }),
  broken("SS4", "lets withdrawals wait for ever", (sound) => proving(sound, () => ({ withdrawn: [] }))),
  broken("SS4", "takes a receipt that removed nothing for none", (sound) =>
    proving(sound, ({ withdrawn }) => ({
      withdrawn: withdrawn.filter(({ receipt }) => receipt.removed !== null),
    })),
  ),
  broken("SS4", "reads the first receipt of a commit alone", (sound) =>
    proving(sound, ({ withdrawn }) => ({ withdrawn: withdrawn.slice(0, 1) })),
  ),
  broken("SS4", "takes one receipt for all that wait", (sound) => ({
    commitServer: (commit) =>
      sound.pendingWithdrawals({ connectionOrdinal: 1, after: null, limit: 100 }).andThen((pending) =>
        sound.commitServer({
          ...commit,
          withdrawn: commit.withdrawn.flatMap(({ receipt }) =>
            pending.map(({ linkId }) => ({ linkId, receipt })),
          ),
        }),
      ),
  })),
  broken("SS4", "forgets a receipt with the user's next choice", (sound) => {
    const chosen = new Set<UserId>();
    return {
      commitLink: (commit) => {
        if (commit.link.status === "ended") chosen.add(commit.user);
        return sound.commitLink(commit);
      },
      ...readingLink(sound, ({ user, deletion }) => ({
        deletion: deletion && chosen.has(user) ? { ...deletion, receipt: null } : deletion,
      })),
    };
  }),
  broken("SS4", "takes a receipt for the deletion of a link that still sends", (sound) => {
    const receipts = new Map<string, LinkRecord["deletion"]>();
    return {
      ...proving(sound, ({ withdrawn }) => {
        for (const { linkId, receipt } of withdrawn) {
          receipts.set(linkId, { linkId, connectionOrdinal: 1, requestedAt: receipt.deletedAt, receipt });
        }
        return {};
      }),
      ...readingLink(sound, ({ link, deletion }) => ({
        deletion: (link.status === "sending" && receipts.get(link.consent.linkId)) || deletion,
      })),
    };
  }),
];
