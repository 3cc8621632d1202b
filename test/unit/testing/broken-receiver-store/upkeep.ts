import { type InstallationId, okAsync } from "unified-contributions";

import {
  alter,
  answering,
  at,
  type BrokenStore,
  broken,
  hidingVersions,
  OCTO,
  withReceipts,
} from "./break-receiver-store.ts";

export const UPKEEP: readonly BrokenStore[] = [
  broken("RS8", "is never done", (sound) => ({
    sweep: (query) => sound.sweep(query).map((result) => ({ ...result, isDone: false })),
  })),
  broken("RS8", "is always done", (sound) => ({
    sweep: (query) => sound.sweep(query).map((result) => ({ ...result, isDone: true })),
  })),
  broken("RS8", "does not look at the limit", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, limit: 1_000 }),
  })),
  broken("RS8", "dates the receipts of what it kills a moment early", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, at: at(query.at - 1) }),
  })),
  broken("RS8", "keeps one day too many", (sound) => ({
    sweep: (query) =>
      sound.sweep({ ...query, keepFrom: query.keepFrom.replace("03-01", "02-28") as typeof query.keepFrom }),
  })),
  broken("RS8", "keeps the last day of a window that has aged out", (sound) => ({
    sweep: (query) =>
      sound.sweep({ ...query, keepFrom: query.keepFrom.replace("03-02", "03-01") as typeof query.keepFrom }),
  })),
  broken("RS8", "kills a link whose counts have all aged out", (sound) => ({
    sweep: (query) =>
      sound
        .sweep(query)
        .andThen((result) =>
          sound
            .loadShown(OCTO.account)
            .andThen((shown) =>
              shown.length === 0 && result.trimmed > 0
                ? sound.deleteLinks(OCTO, query.at).map(() => result)
                : okAsync(result),
            ),
        ),
  })),
  broken("RS8", "forgets receipts that are as old as the bound", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, keepReceiptsFrom: at(query.keepReceiptsFrom + 1) }),
  })),
  broken("RS9", "does not count what it drops", (sound) => ({
    recover: (sessionId) => sound.recover(sessionId).map((result) => ({ ...result, links: 0 })),
  })),
  broken("RS9", "leaves the session as it was", (sound) => {
    const server = "server-1" as InstallationId;
    return {
      recover: (sessionId) =>
        sound
          .loadRegistration(server)
          .andThen((before) =>
            sound
              .recover(sessionId)
              .andThen((result) => alter(sound, server, (after) => before?.value ?? after).map(() => result)),
          ),
    };
  }),
  broken("RS9", "does not raise the version", (sound) =>
    hidingVersions(sound, (hidden) => ({
      recover: (sessionId) => {
        hidden.set("server-1" as InstallationId, 1);
        return sound.recover(sessionId);
      },
    })),
  ),
  broken("RS9", "kills the links with their counts", (sound) => ({
    recover: (sessionId) =>
      sound.recover(sessionId).andThen((result) => sound.deleteLinks(OCTO, at(0)).map(() => result)),
  })),
  broken("RS9", "drops the receipts with the counts", (sound) => {
    let isRestored = false;
    return {
      recover: (sessionId) => {
        isRestored = true;
        return sound.recover(sessionId);
      },
      ...answering(sound, ({ withdrawals }) => ({
        withdrawals: withReceipts(withdrawals, (receipt) =>
          isRestored ? { ...receipt, removed: null } : receipt,
        ),
      })),
    };
  }),
];
