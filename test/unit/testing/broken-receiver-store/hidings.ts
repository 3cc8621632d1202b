import { type ContributionWindow, type LinkId, okAsync } from "unified-contributions";
import type { ReceiverStore } from "unified-contributions/storage";

import {
  answering,
  at,
  type BrokenStore,
  broken,
  delivering,
  OCTO,
  withReceipts,
} from "./break-receiver-store.ts";

type CommitRegistration = ReceiverStore["commitRegistration"];

/** Does something else where counts are to be hidden. */
function hiding(sound: ReceiverStore, hide: CommitRegistration): Partial<ReceiverStore> {
  return {
    commitRegistration: (commit) =>
      commit.hidesUnreported ? hide(commit) : sound.commitRegistration(commit),
  };
}

export const HIDINGS: readonly BrokenStore[] = [
  broken("RS3", "hides nothing", (sound) =>
    hiding(sound, (commit) => sound.commitRegistration({ ...commit, hidesUnreported: false })),
  ),
  broken("RS3", "hides nothing if links end in the same commit", (sound) =>
    hiding(sound, (commit) =>
      sound.commitRegistration({ ...commit, hidesUnreported: commit.ended.length === 0 }),
    ),
  ),
  broken("RS3", "kills what it should hide", (sound) =>
    hiding(sound, (commit) =>
      sound
        .commitRegistration(commit)
        .andThen((version) => sound.deleteLinks(OCTO, at(0)).map(() => version)),
    ),
  ),
  broken("RS3", "kills links without counts", (sound) =>
    hiding(sound, (commit) =>
      sound.loadShown(OCTO.account).andThen((shown) =>
        sound.commitRegistration(commit).andThen((version) => {
          const isDone = shown.length > 0 || commit.ended.length > 0;
          return isDone ? okAsync(version) : sound.deleteLinks(OCTO, at(0)).map(() => version);
        }),
      ),
    ),
  ),
  broken("RS3", "brings back at a hold what it has hidden", (sound) => {
    const windows = new Map<LinkId, ContributionWindow>();
    let hasHidden = false;
    return {
      ...hiding(sound, (commit) => {
        hasHidden = true;
        return sound.commitRegistration(commit);
      }),
      ...delivering(sound, ({ reports }) => {
        for (const { linkId, window } of reports) if (window) windows.set(linkId, window);
        return {
          reports: reports.map(({ linkId, choice, window }) => ({
            linkId,
            choice,
            window: window ?? (hasHidden ? (windows.get(linkId) ?? null) : null),
          })),
        };
      }),
    };
  }),
  broken("RS3", "hides every link of the installation", (sound) =>
    hiding(sound, (commit) => {
      const { registration } = commit;
      const { session } = registration;
      const later = { ...registration, session: { ...session, ordinal: session.ordinal + 100 } };
      return sound
        .commitRegistration({ ...commit, registration: later })
        .andThen((expectedVersion) =>
          sound.commitRegistration({ ...commit, expectedVersion, hidesUnreported: false, ended: [] }),
        );
    }),
  ),
  broken("RS3", "hides what was held alone", (sound) => ({
    applyDelivery: (delivery) =>
      sound.loadRegistration(delivery.installation).andThen((stored) => {
        const isSecond = stored?.value.session.ordinal === 2 && !stored.value.session.isCompleted;
        if (!isSecond || delivery.reports.some(({ window }) => window)) return sound.applyDelivery(delivery);
        return sound
          .applyDelivery({ ...delivery, reports: [] })
          .map(
            (result) =>
              result && { ...result, reports: delivery.reports.map(() => ({ type: "kept" as const })) },
          );
      }),
  })),
  broken("RS3", "hides with every completed sync, asked or not", (sound) => ({
    commitRegistration: (commit) =>
      sound.commitRegistration({ ...commit, hidesUnreported: commit.registration.session.isCompleted }),
  })),
  broken("RS3", "gives the receipts of dead links a new date", (sound) => {
    let completedAt = at(0);
    return {
      ...hiding(sound, (commit) => {
        if (commit.ended.length === 0) completedAt = at(Number.MAX_SAFE_INTEGER);
        return sound.commitRegistration(commit);
      }),
      ...answering(sound, ({ withdrawals }) => ({
        withdrawals: withReceipts(withdrawals, (receipt) =>
          receipt.deletedAt < completedAt ? { ...receipt, deletedAt: completedAt } : receipt,
        ),
      })),
    };
  }),
];
