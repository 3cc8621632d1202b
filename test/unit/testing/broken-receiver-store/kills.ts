import { type AccountId, errAsync, type LinkId, okAsync, ResultAsync } from "unified-contributions";
import type { DeletedLink } from "unified-contributions/ghec";

import { at, type BrokenStore, broken, CORRUPT } from "./break-receiver-store.ts";

export const KILLS: readonly BrokenStore[] = [
  broken("RS6", "does not say which days of several were removed", (sound) => ({
    deleteLinks: (selection, when) =>
      sound.deleteLinks(selection, when).map((killed) =>
        killed.map((link) => {
          const { removed } = link.receipt;
          const isOneDay = removed?.first === removed?.last;
          return isOneDay ? link : { ...link, receipt: { ...link.receipt, removed: null } };
        }),
      ),
  })),
  broken("RS6", "kills an account's links on every installation", (sound) => ({
    deleteLinks: (selection, when) => sound.deleteLinks({ ...selection, installation: null }, when),
  })),
  broken("RS6", "kills links of accounts whose ids begin alike", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks({ ...selection, account: `${selection.account}-2` as AccountId }, when)
        .andThen(() => sound.deleteLinks(selection, when)),
  })),
  broken("RS6", "does not find links that are cut off", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .andThen((killed) =>
          ResultAsync.combine(killed.map(({ installation }) => sound.loadRegistration(installation))).map(
            (stored) => killed.filter((_, place) => stored[place]?.value.isConnected),
          ),
        ),
  })),
  broken("RS6", "answers with what it kills itself alone", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .map((killed) => killed.filter(({ receipt }) => receipt.deletedAt === when)),
  })),
  broken("RS6", "answers with links that the ledger has already", (sound) => {
    const dead = new Map<LinkId, DeletedLink>();
    return {
      deleteLinks: (selection, when) =>
        sound.deleteLinks(selection, when).map((killed) => {
          for (const link of killed) dead.set(link.linkId, link);
          return [...dead.values()].filter(({ account }) => account === selection.account);
        }),
    };
  }),
  broken("RS6", "answers with whatever is unrecorded", (sound) => ({
    deleteLinks: (selection, when) =>
      sound.deleteLinks(selection, when).andThen((killed) =>
        sound.loadUnrecorded(100).map((entries) =>
          entries.flatMap((entry) =>
            entry.type === "links-ended"
              ? entry.links.map((link): DeletedLink => {
                  const { installation } = entry;
                  const { account } = selection;
                  const known = killed.find(({ linkId }) => linkId === link.linkId);
                  return (
                    known ?? {
                      status: "deleted",
                      ...link,
                      installation,
                      openedAt: at(0),
                      cause: "recorded",
                      isRecorded: false,
                      account,
                    }
                  );
                })
              : [],
          ),
        ),
      ),
  })),
  broken("RS6", "answers nothing while another deletion runs", (sound) => {
    let isDeleting = false;
    return {
      deleteLinks: (selection, when) => {
        if (isDeleting) return okAsync([]);
        isDeleting = true;
        return ResultAsync.fromSafePromise(Promise.resolve()).andThen(() => {
          isDeleting = false;
          return sound.deleteLinks(selection, when);
        });
      },
    };
  }),
  broken("RS6", "puts ids in the order of a language", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .map((killed) => killed.toSorted((one, other) => one.linkId.localeCompare(other.linkId, "en"))),
  })),
  broken("RS6", "takes an account without links for a fault", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .andThen((killed) =>
          killed.length === 0 && selection.account === "nobody" ? errAsync(CORRUPT) : okAsync(killed),
        ),
  })),
];
