import { type DeletionReceipt, type LinkId, okAsync } from "unified-contributions";
import type { EndedLink, ReceiverStore, RegistrationCommit } from "unified-contributions/storage";
import { type BrokenStore, broken } from "./break-receiver-store.ts";

/** What is known of a link's choices. */
interface Known {
  /** The choice of the last report. */
  reported: number;
  /** The last choice that was withdrawn or that the ledger has ended, and its receipt; null if none. */
  ended: { readonly choice: number; readonly receipt: DeletionReceipt; readonly isRecorded: boolean } | null;
}

/** Notes what becomes of choices, on their way to a sound store. */
function noting(
  sound: ReceiverStore,
  rest: (known: (link: LinkId) => Known) => {
    readonly ending?: (ended: EndedLink, commit: RegistrationCommit) => readonly EndedLink[];
    readonly broken?: Partial<ReceiverStore>;
  },
): Partial<ReceiverStore> {
  const links = new Map<LinkId, Known>();
  const known = (link: LinkId): Known => {
    const found = links.get(link) ?? { reported: 0, ended: null };
    links.set(link, found);
    return found;
  };
  const { ending = (ended) => [ended], broken: methods = {} } = rest(known);
  return {
    applyDelivery: (delivery) =>
      sound.applyDelivery(delivery).map((result) => {
        for (const { linkId, choice } of delivery.reports) known(linkId).reported = choice;
        for (const [place, { linkId, choice }] of delivery.withdrawals.entries()) {
          const outcome = result?.withdrawals[place];
          if (choice === null || outcome?.type !== "withdrawn") continue;
          if (choice > (known(linkId).ended?.choice ?? 0))
            known(linkId).ended = { choice, receipt: outcome.receipt, isRecorded: false };
        }
        return result;
      }),
    commitRegistration: (commit) => {
      const ended = commit.ended.flatMap((one) => ending(one, commit));
      for (const { linkId, choice, receipt } of commit.ended) {
        if (choice !== null) known(linkId).ended = { choice, receipt, isRecorded: true };
      }
      return sound.commitRegistration({ ...commit, ended });
    },
    ...methods,
  };
}

export const CHOICE_ENDINGS: readonly BrokenStore[] = [
  broken("RS3", "hides what ends in the same commit, too", (sound) => ({
    commitRegistration: (commit) =>
      sound
        .commitRegistration(commit)
        .andThen((expectedVersion) =>
          commit.hidesUnreported
            ? sound.commitRegistration({ ...commit, expectedVersion, ended: [], audit: [] })
            : okAsync(expectedVersion),
        ),
  })),
  broken("RS5", "takes a link of which a choice has ended for ended", (sound) =>
    noting(sound, (known) => ({
      broken: {
        openLink: (redemption) =>
          sound
            .openLink(redemption)
            .map((result) =>
              result.type === "redeemed" && known(result.linkId).ended?.isRecorded === false
                ? { type: "link-ended", unrecorded: result.unrecorded }
                : result,
            ),
      },
    })),
  ),
  broken("RS5", "does not say that it has replaced a link of which a choice has ended", (sound) =>
    noting(sound, (known) => ({
      broken: {
        openLink: (redemption) =>
          sound
            .openLink(redemption)
            .map((result) =>
              result.type === "redeemed"
                ? { ...result, unrecorded: result.unrecorded.filter(({ linkId }) => !known(linkId).ended) }
                : result,
            ),
      },
    })),
  ),
  broken("RS6", "forgets the account of a link whose choice is recorded", (sound) =>
    noting(sound, (known) => ({
      broken: {
        deleteLinks: (selection, when) =>
          sound
            .deleteLinks(selection, when)
            .map((deleted) => deleted.filter(({ linkId }) => !known(linkId).ended?.isRecorded)),
      },
    })),
  ),
  broken("RS8", "forgets links of which the receipt of a choice is old", (sound) =>
    noting(sound, (known) => ({
      broken: {
        sweep: (query) =>
          sound.sweep(query).map((result) => ({
            ...result,
            forgotten: result.forgotten + (known("a_0123456789abcdef" as LinkId).ended?.isRecorded ? 1 : 0),
          })),
      },
    })),
  ),
  broken("RS10", "does not see an ended choice", (sound) => ({
    loadLedgerStanding: () =>
      sound.loadLedgerStanding().andThen((standing) =>
        sound.loadUnrecorded(1_000).map((entries) => ({
          ...standing,
          hasUnrecorded: entries.some(
            (entry) => entry.type === "epochs-off" || entry.links.some(({ choice }) => choice === null),
          ),
        })),
      ),
  })),
  broken("RS11", "ends the link of a choice that the ledger has", (sound) =>
    noting(sound, () => ({
      ending: (ended, { hidesUnreported }) => [
        ended.receipt.removed && !hidesUnreported ? { ...ended, choice: null } : ended,
      ],
    })),
  ),
  broken("RS11", "deletes the counts of later choices, too", (sound) =>
    noting(sound, (known) => ({
      ending: (ended, { hidesUnreported }) => {
        const { choice, linkId } = ended;
        return hidesUnreported || choice === null
          ? [ended]
          : [{ ...ended, choice: Math.max(choice, known(linkId).reported) }];
      },
    })),
  ),
  broken("RS11", "keeps the receipt of a choice that was not recorded", (sound) =>
    noting(sound, (known) => ({
      ending: (ended) => {
        const last = known(ended.linkId).ended;
        const isSame = last?.choice === ended.choice && !last?.isRecorded;
        return [isSame && last ? { ...ended, receipt: last.receipt } : ended];
      },
    })),
  ),
  broken("RS11", "records a choice when an earlier one is recorded", (sound) =>
    noting(sound, (known) => ({
      ending: (ended) => {
        const last = known(ended.linkId).ended;
        const isEarlier = ended.choice !== null && last !== null && ended.choice < last.choice;
        return [isEarlier && !last.isRecorded ? { ...ended, choice: last.choice } : ended];
      },
    })),
  ),
  broken("RS11", "ends nothing more of a link of which a choice has ended", (sound) =>
    noting(sound, (known) => ({
      ending: (ended) => {
        const last = known(ended.linkId).ended;
        return last && last.choice !== ended.choice ? [] : [ended];
      },
    })),
  ),
  broken("RS12", "goes on telling of choices that are recorded", (sound) =>
    noting(sound, (known) => ({
      broken: {
        loadUnrecorded: (limit) =>
          sound.loadUnrecorded(limit).map((entries) => {
            const linkId = "a_0123456789abcdef" as LinkId;
            const last = known(linkId).ended;
            if (entries.length > 0 || !last?.isRecorded) return entries;
            const links = [{ linkId, choice: last.choice, receipt: last.receipt }];
            return [{ type: "links-ended", installation: "server-1" as never, links }];
          }),
      },
    })),
  ),
  broken("RS12", "tells of deleted links alone", (sound) => ({
    loadUnrecorded: (limit) =>
      sound
        .loadUnrecorded(limit)
        .map((entries) =>
          entries.map((entry) =>
            entry.type === "links-ended" && entry.links.some(({ choice }) => choice === null)
              ? { ...entry, links: entry.links.filter(({ choice }) => choice === null) }
              : entry,
          ),
        ),
  })),
  broken("RS13", "takes back what was recorded of deleted links alone", (sound) => ({
    takeForUnrecorded: (cursor) =>
      sound.takeForUnrecorded(cursor).andThen(() =>
        sound.loadUnrecorded(1_000).andThen((entries) =>
          sound.loadRegistration(cursor.installation).andThen((stored) => {
            if (!stored) return okAsync(undefined);
            const ended = entries.flatMap((entry): readonly EndedLink[] =>
              entry.type === "links-ended" ? entry.links.filter(({ choice }) => choice !== null) : [],
            );
            const { value: registration, version: expectedVersion } = stored;
            return sound
              .commitRegistration({ expectedVersion, registration, hidesUnreported: false, ended, audit: [] })
              .map(() => undefined)
              .orElse(() => okAsync(undefined));
          }),
        ),
      ),
  })),
];
