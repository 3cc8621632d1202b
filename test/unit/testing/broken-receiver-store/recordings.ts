import type {} from "unified-contributions";
import {
  type AccountId,
  errAsync,
  type InstallationId,
  type LinkId,
  okAsync,
  ResultAsync,
} from "unified-contributions";
import type { DeletedLink } from "unified-contributions/ghec";
import type { EndedLink, ReceiverStore, RegistrationCommit } from "unified-contributions/storage";

import {
  alter,
  answering,
  at,
  type BrokenStore,
  broken,
  CORRUPT,
  hidingVersions,
} from "./break-receiver-store.ts";
import { noting } from "./openings.ts";

/** The links that the ledger has as ended are not taken as they are. */
function ending(
  sound: ReceiverStore,
  change: (ended: readonly EndedLink[], commit: RegistrationCommit) => readonly EndedLink[],
): Partial<ReceiverStore> {
  return {
    commitRegistration: (commit) =>
      sound.commitRegistration({ ...commit, ended: change(commit.ended, commit) }),
  };
}

/** What deletions by account have answered, by link. */
function remembering(
  sound: ReceiverStore,
  remember: (dead: ReadonlyMap<LinkId, DeletedLink>) => Partial<ReceiverStore>,
): Partial<ReceiverStore> {
  const dead = new Map<LinkId, DeletedLink>();
  return {
    deleteLinks: (selection, when) =>
      sound.deleteLinks(selection, when).map((killed) => {
        for (const link of killed) dead.set(link.linkId, link);
        return killed;
      }),
    ...remember(dead),
  };
}

export const RECORDINGS: readonly BrokenStore[] = [
  broken("RS11", "gives the ledger's receipts a new date", (sound) =>
    remembering(sound, (dead) =>
      ending(sound, (ended) =>
        ended.map(({ linkId, choice, receipt }) => ({
          linkId,
          choice,
          receipt:
            choice === null && receipt.removed && !dead.has(linkId)
              ? { ...receipt, deletedAt: at(0) }
              : receipt,
        })),
      ),
    ),
  ),
  broken("RS11", "does not record what it ends by the ledger", (sound) => {
    const accounts = new Map<LinkId, AccountId>();
    const unrecorded = new Map<LinkId, DeletedLink>();
    const dead = new Set<LinkId>();
    const { known: attempts, noted } = noting(sound);
    return {
      ...noted,
      openLink: (redemption) => {
        const attempt = attempts.get(redemption.attempt);
        const account = attempt?.brought?.consent?.account;
        if (account !== undefined) accounts.set(attempt?.pushed.linkId as LinkId, account);
        return noted.openLink(redemption);
      },
      ...ending(sound, (ended, { registration: { installation } }) => {
        for (const link of ended) {
          const account = accounts.get(link.linkId) ?? null;
          if (link.choice !== null || account === null || dead.has(link.linkId)) continue;
          unrecorded.set(link.linkId, {
            status: "deleted",
            ...link,
            installation,
            openedAt: at(0),
            cause: "recorded",
            isRecorded: false,
            account,
          });
        }
        return ended;
      }),
      deleteLinks: (selection, when) =>
        sound.deleteLinks(selection, when).map((killed) => {
          for (const { linkId } of killed) dead.add(linkId);
          return [
            ...killed,
            ...[...unrecorded.values()].filter(({ account }) => account === selection.account),
          ];
        }),
    };
  }),
  broken("RS11", "keeps the receipt of what was not recorded", (sound) =>
    remembering(sound, (dead) =>
      ending(sound, (ended) =>
        ended.map(({ linkId, choice, receipt }) => ({
          linkId,
          choice,
          receipt: dead.get(linkId)?.receipt ?? receipt,
        })),
      ),
    ),
  ),
  broken("RS11", "takes the ledger's last word for its first", (sound) => {
    const receipts = new Map<LinkId, EndedLink["receipt"]>();
    return {
      ...ending(sound, (ended) => {
        for (const { linkId, receipt } of ended) receipts.set(linkId, receipt);
        return ended;
      }),
      ...answering(sound, ({ withdrawals }, delivery) => ({
        withdrawals: withdrawals.map((outcome, place) => {
          const receipt = receipts.get(delivery.withdrawals[place]?.linkId as LinkId);
          return outcome.type === "withdrawn" && receipt ? { ...outcome, receipt } : outcome;
        }),
      })),
    };
  }),
  broken("RS11", "takes the last of a page for the first", (sound) =>
    ending(sound, (ended) => ended.toReversed()),
  ),
  broken("RS11", "ends links of other installations", (sound) => {
    const owners = new Map<LinkId, InstallationId>();
    return {
      pushAttempt: (pushed) => {
        owners.set(pushed.linkId, pushed.installation);
        return sound.pushAttempt(pushed);
      },
      commitRegistration: (commit) =>
        sound.commitRegistration(commit).andThen((version) => {
          const { installation } = commit.registration;
          const foreign = commit.ended.flatMap(({ linkId }) => owners.get(linkId) ?? []);
          return ResultAsync.combine(
            foreign
              .filter((owner) => owner !== installation)
              .map((owner) =>
                sound.loadRegistration(owner).andThen((stored) =>
                  stored
                    ? sound.commitRegistration({
                        ...commit,
                        expectedVersion: stored.version,
                        registration: stored.value,
                      })
                    : okAsync(0),
                ),
              ),
          ).map(() => version);
        }),
    };
  }),
  broken("RS11", "ends nothing if links are hidden in the same commit", (sound) =>
    ending(sound, (ended, { hidesUnreported }) =>
      hidesUnreported ? ended.filter(({ choice }) => choice !== null) : ended,
    ),
  ),
  broken("RS11", "ends 1,000 links at once", (sound) => ending(sound, (ended) => ended.slice(0, 1_000))),
  broken("RS13", "forgets to take back which epochs are recorded", (sound) => ({
    takeForUnrecorded: (cursor) =>
      sound.loadRegistration(cursor.installation).andThen((stored) =>
        sound
          .takeForUnrecorded(cursor)
          .andThen(() =>
            alter(sound, cursor.installation, (after) => ({
              ...after,
              recordedOff: stored?.value.recordedOff ?? 0,
            })),
          )
          .map(() => undefined),
      ),
  })),
  broken("RS13", "takes the cursor back and nothing else", (sound) => ({
    takeForUnrecorded: ({ installation, readTo }) =>
      alter(sound, installation, (before) => ({ ...before, readTo, recordedOff: 0 })).map(() => undefined),
  })),
  broken("RS13", "takes every installation for lost", (sound) => ({
    takeForUnrecorded: (cursor) =>
      sound
        .takeForUnrecorded(cursor)
        .andThen(() => sound.loadCursors({ after: null, limit: 100 }))
        .andThen((cursors) =>
          ResultAsync.combine(
            cursors
              .filter(({ installation }) => installation !== cursor.installation)
              .map((other) => sound.takeForUnrecorded(other)),
          ),
        )
        .map(() => undefined),
  })),
  broken("RS13", "does not change the version", (sound) =>
    hidingVersions(sound, (hidden) => ({
      takeForUnrecorded: (cursor) => hidden(cursor.installation, () => sound.takeForUnrecorded(cursor)),
    })),
  ),
  broken("RS13", "takes an installation that is not registered for a fault", (sound) => ({
    takeForUnrecorded: (cursor) =>
      sound
        .loadRegistration(cursor.installation)
        .andThen((stored) => (stored ? sound.takeForUnrecorded(cursor) : errAsync(CORRUPT))),
  })),
];
