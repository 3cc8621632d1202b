import type { Instant, UserId } from "unified-contributions";
import type { LinkRecord, Reported, WithdrawnLink } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { type BrokenStore, broken, proving, readingLink } from "./break-sender-store.ts";

/** What a commit has stored of withdrawals is noted beside it. */
function noting(
  sound: AuditedSenderStore,
  note: (answer: WithdrawnLink) => void,
): Partial<AuditedSenderStore> {
  return {
    commitServer: (commit) =>
      sound.commitServer(commit).map((version) => {
        for (const answer of commit.withdrawn) note(answer);
        return version;
      }),
  };
}

const LATEST = 253_402_300_799_999 as Instant;

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
  broken("SS3", "stores a proof with its user, who is connected under the link", (sound) => {
    const proofs = new Map<string, Reported>();
    return {
      ...proving(sound, ({ reported }) => {
        for (const { reported: proof } of reported) proofs.set(proof.linkId, proof);
        return {};
      }),
      ...readingLink(sound, ({ link, reported }) => ({
        reported: link.status === "connected" ? (proofs.get(link.consent.linkId) ?? null) : reported,
      })),
    };
  }),
  broken("SS3", "stores a proof of an earlier choice of the same link", (sound) => {
    const proofs = new Map<UserId, Reported>();
    return {
      commitServer: (commit) =>
        sound.commitServer(commit).map((version) => {
          for (const { user, reported } of commit.reported) proofs.set(user, reported);
          return version;
        }),
      ...readingLink(sound, ({ user, link, reported }) => {
        const proof = proofs.get(user);
        const isOfLink = link.status === "sending" && link.consent.linkId === proof?.linkId;
        return { reported: reported ?? (isOfLink ? proof : null) };
      }),
      commitLink: (commit) => {
        proofs.delete(commit.user);
        return sound.commitLink(commit);
      },
    };
  }),
  broken("SS3", "takes the instant of a report from whatever answer came last", (sound) => {
    const instants = new Map<UserId, Instant>();
    return {
      ...proving(sound, ({ reported }) => {
        for (const { user, reported: answer } of reported)
          if (answer.type === "kept") instants.set(user, answer.reportedAt);
        return {};
      }),
      ...readingLink(sound, ({ user, reported }) => ({
        reported:
          reported?.type === "kept"
            ? { ...reported, reportedAt: instants.get(user) ?? reported.reportedAt }
            : reported,
      })),
    };
  }),
  broken("SS3", "stores no link that is not known", (sound) =>
    proving(sound, ({ reported }) => ({
      reported: reported.filter(({ reported: answer }) => answer.type === "kept"),
    })),
  ),
  broken("SS3", "takes a link for unknown for ever", (sound) => {
    const lost = new Set<string>();
    return proving(sound, ({ reported }) => ({
      reported: reported.filter(({ reported: { linkId, type } }) => {
        if (type === "unknown") lost.add(linkId);
        return type === "unknown" || !lost.has(linkId);
      }),
    }));
  }),
  broken("SS4", "asks for no receipt twice", (sound) =>
    proving(sound, ({ withdrawn }) => ({
      withdrawn: withdrawn.map((answer) => ({
        ...answer,
        nextAskAt: answer.receipt ? null : answer.nextAskAt,
      })),
    })),
  ),
  broken("SS4", "asks for every receipt at once again", (sound) =>
    proving(sound, ({ withdrawn }) => ({
      withdrawn: withdrawn.map((answer) => ({ ...answer, nextAskAt: answer.nextAskAt && (0 as never) })),
    })),
  ),
  broken("SS4", "forgets that a receipt has come", (sound) => ({
    pendingWithdrawals: (query) =>
      sound
        .pendingWithdrawals(query)
        .map((pending) => pending.map((withdrawal) => ({ ...withdrawal, hasReceipt: false }))),
  })),
  broken("SS4", "stores the second receipt", (sound) => {
    const receipts = new Map<string, WithdrawnLink["receipt"]>();
    return {
      ...noting(sound, ({ linkId, receipt }) => {
        if (receipt) receipts.set(linkId, receipt);
      }),
      ...readingLink(sound, ({ deletion }) => ({
        deletion: deletion && { ...deletion, receipt: receipts.get(deletion.linkId) ?? null },
      })),
    };
  }),
  broken("SS4", "leaves the signature of a receipt out", (sound) =>
    readingLink(sound, ({ deletion }) => ({
      deletion: deletion?.receipt
        ? {
            ...deletion,
            receipt: { deletedAt: deletion.receipt.deletedAt, removed: deletion.receipt.removed },
          }
        : deletion,
    })),
  ),
  broken("SS4", "keeps no signature that comes after its receipt", (sound) => {
    const bare = new Set<string>();
    return proving(sound, ({ withdrawn }) => ({
      withdrawn: withdrawn.map((answer) => {
        const { linkId, receipt } = answer;
        if (!receipt) return answer;
        if (receipt.signature === undefined) bare.add(linkId);
        if (!bare.has(linkId)) return answer;
        return { ...answer, receipt: { deletedAt: receipt.deletedAt, removed: receipt.removed } };
      }),
    }));
  }),
  broken("SS4", "keeps the signature of the last answer", (sound) => {
    const signatures = new Map<string, string | undefined>();
    return {
      ...noting(sound, ({ linkId, receipt }) => {
        if (receipt) signatures.set(linkId, receipt.signature);
      }),
      ...readingLink(sound, ({ deletion }) => {
        if (!deletion?.receipt) return {};
        const { deletedAt, removed } = deletion.receipt;
        const signature = signatures.get(deletion.linkId);
        return {
          deletion: { ...deletion, receipt: { deletedAt, removed, ...(signature && { signature }) } },
        };
      }),
    };
  }),
  broken("SS4", "takes the signature of any receipt for that of the first", (sound) => {
    const signatures = new Map<string, string>();
    return {
      ...noting(sound, ({ linkId, receipt }) => {
        if (receipt?.signature !== undefined && !signatures.has(linkId))
          signatures.set(linkId, receipt.signature);
      }),
      ...readingLink(sound, ({ deletion }) => {
        const signature = deletion && signatures.get(deletion.linkId);
        return {
          deletion: signature
            ? { ...deletion, receipt: deletion.receipt && { ...deletion.receipt, signature } }
            : deletion,
        };
      }),
    };
  }),
  broken("SS4", "stores when a link was last not found", (sound) => {
    const lost = new Map<string, WithdrawnLink["answeredAt"]>();
    return {
      ...noting(sound, ({ linkId, receipt, answeredAt }) => {
        if (receipt) lost.delete(linkId);
        else lost.set(linkId, answeredAt);
      }),
      ...readingLink(sound, ({ deletion }) => ({
        deletion: deletion && { ...deletion, notFoundSince: lost.get(deletion.linkId) ?? null },
      })),
    };
  }),
  broken("SS4", "says of a link that has its receipt that it is not found", (sound) => {
    const lost = new Map<string, WithdrawnLink["answeredAt"]>();
    return {
      ...noting(sound, ({ linkId, receipt, answeredAt }) => {
        if (!receipt && !lost.has(linkId)) lost.set(linkId, answeredAt);
      }),
      ...readingLink(sound, ({ deletion }) => ({
        deletion: deletion && { ...deletion, notFoundSince: lost.get(deletion.linkId) ?? null },
      })),
    };
  }),
  broken("SS4", "says nothing of a link that is not found after its receipt", (sound) =>
    readingLink(sound, ({ deletion }) => ({
      deletion: deletion && { ...deletion, notFoundSince: deletion.receipt ? null : deletion.notFoundSince },
    })),
  ),
  broken("SS4", "lets withdrawals wait for ever", (sound) => proving(sound, () => ({ withdrawn: [] }))),
  broken("SS4", "takes a receipt that removed nothing for none", (sound) =>
    proving(sound, ({ withdrawn }) => ({
      withdrawn: withdrawn.filter(({ receipt }) => receipt?.removed !== null),
    })),
  ),
  broken("SS4", "reads the first receipt of a commit alone", (sound) =>
    proving(sound, ({ withdrawn }) => ({ withdrawn: withdrawn.slice(0, 1) })),
  ),
  broken("SS4", "takes one receipt for all that wait", (sound) => ({
    commitServer: (commit) =>
      sound
        .pendingWithdrawals({
          connectionOrdinal: 1,
          now: LATEST,
          after: null,
          limit: 100,
        })
        .andThen((pending) =>
          sound.commitServer({
            ...commit,
            withdrawn: commit.withdrawn.flatMap((answer) =>
              pending.map(({ linkId, choice }) => ({ ...answer, linkId, choice })),
            ),
          }),
        ),
  })),
  broken("SS4", "takes the answer about any choice of a link for the one that waits", (sound) => ({
    commitServer: (commit) =>
      sound
        .pendingWithdrawals({ connectionOrdinal: 1, now: LATEST, after: null, limit: 100 })
        .andThen((pending) => {
          const choices = new Map(pending.map(({ linkId, choice }) => [linkId, choice]));
          const withdrawn = commit.withdrawn.map((answer) => ({
            ...answer,
            choice: choices.get(answer.linkId) ?? null,
          }));
          return sound.commitServer({ ...commit, withdrawn });
        }),
  })),
  broken("SS4", "gives a receipt of a choice to no user who sends again", (sound) => {
    const sends = new Set<UserId>();
    return {
      commitLink: (commit) => {
        if (commit.link.status === "sending" && commit.link.choice > 1) sends.add(commit.user);
        return sound.commitLink(commit);
      },
      ...readingLink(sound, ({ user, deletion }) => ({
        deletion: deletion && sends.has(user) ? { ...deletion, receipt: null } : deletion,
      })),
    };
  }),
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
        for (const { linkId, choice, receipt, answeredAt: requestedAt } of withdrawn) {
          const deletion = { linkId, choice, connectionOrdinal: 1, requestedAt, receipt };
          receipts.set(linkId, { ...deletion, notFoundSince: null });
        }
        return {};
      }),
      ...readingLink(sound, ({ link, deletion }) => ({
        deletion: (link.status === "sending" && receipts.get(link.consent.linkId)) || deletion,
      })),
    };
  }),
];
