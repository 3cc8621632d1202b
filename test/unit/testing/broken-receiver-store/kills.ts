import { type AccountId, errAsync, okAsync, ResultAsync } from "unified-contributions";
import type { DeletedLink } from "unified-contributions/ghec";

import { type BrokenStore, broken, CORRUPT } from "./break-receiver-store.ts";

export const KILLS: readonly BrokenStore[] = [
  broken("RS6", "does not say what was removed", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .map((killed) => killed.map((link) => ({ ...link, receipt: { ...link.receipt, removed: null } }))),
  })),
  broken("RS6", "kills an account's links on every installation", (sound) => ({
    deleteLinks: (selection, when) =>
      sound.deleteLinks(
        selection.type === "links" ? selection : { type: "account", account: selection.account },
        when,
      ),
  })),
  broken("RS6", "kills links of accounts whose ids begin alike", (sound) => ({
    deleteLinks: (selection, when) =>
      selection.type === "links"
        ? sound.deleteLinks(selection, when)
        : sound
            .deleteLinks({ type: "account", account: `${selection.account}-2` as AccountId }, when)
            .andThen(() => sound.deleteLinks(selection, when)),
  })),
  broken("RS6", "answers as often as a link is named", (sound) => ({
    deleteLinks: (selection, when) =>
      sound
        .deleteLinks(selection, when)
        .map((killed) =>
          selection.type === "links"
            ? selection.linkIds.flatMap((named) => killed.filter(({ linkId }) => linkId === named))
            : killed,
        ),
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
  broken("RS6", "answers with links that were dead already", (sound) => {
    const dead: DeletedLink[] = [];
    return {
      deleteLinks: (selection, when) =>
        sound.deleteLinks(selection, when).map((killed) => {
          dead.push(...killed);
          return [...dead];
        }),
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
          killed.length === 0 && selection.type === "account" && selection.account === "nobody"
            ? errAsync(CORRUPT)
            : okAsync(killed),
        ),
  })),
];
