import { type AccountId, errAsync, okAsync } from "unified-contributions";
import type { Opening, ReceiverStore } from "unified-contributions/storage";

import { type BrokenStore, broken, CORRUPT } from "./break-receiver-store.ts";

/** Opens a link beside one that its account has of the installation already, instead of in its place. */
function openingBeside(
  sound: ReceiverStore,
  isBeside: (opening: Opening, earlier: Opening) => boolean,
): Partial<ReceiverStore> {
  const openings: Opening[] = [];
  return {
    openLink: (opening) => {
      const { installation, account } = opening;
      const earlier = openings.find(
        (other) => other.installation === installation && other.account === account,
      );
      openings.push(opening);
      return earlier && isBeside(opening, earlier)
        ? sound.openLink({ ...opening, account: `${account} again ${openings.length}` as AccountId })
        : sound.openLink(opening);
    },
  };
}

export const OPENINGS: readonly BrokenStore[] = [
  broken("RS5", "has room for UUIDs alone", (sound) => ({
    openLink: (opening) => (opening.linkId.length > 36 ? errAsync(CORRUPT) : sound.openLink(opening)),
  })),
  broken("RS5", "calls a consent outdated where it is off", (sound) => ({
    openLink: (opening) =>
      sound
        .openLink(opening)
        .map((result) => (result.type === "disabled" ? { type: "outdated-consent" as const } : result)),
  })),
  broken("RS5", "opens under whatever epoch stands", (sound) => ({
    openLink: (opening) =>
      sound
        .loadRegistration(opening.installation)
        .andThen((stored) =>
          sound.openLink({ ...opening, epoch: stored?.value.featureSwitch.epoch ?? opening.epoch }),
        ),
  })),
  broken("RS5", "lets the account's earlier link live", (sound) => openingBeside(sound, () => true)),
  broken("RS5", "lets a link of an earlier epoch live", (sound) =>
    openingBeside(sound, (opening, earlier) => opening.epoch !== earlier.epoch),
  ),
  broken("RS5", "ends the account's links everywhere with the one it replaces", (sound) => {
    const pairs = new Set<string>();
    return {
      openLink: (opening) => {
        const { installation, account } = opening;
        const pair = JSON.stringify([installation, account]);
        const isReplacing = pairs.has(pair);
        pairs.add(pair);
        return isReplacing
          ? sound
              .deleteLinks({ account, installation: null }, opening.at)
              .andThen(() => sound.openLink(opening))
          : sound.openLink(opening);
      },
    };
  }),
  broken("RS5", "kills the earlier link before it refuses", (sound) => ({
    openLink: (opening) =>
      sound.openLink(opening).andThen((result) => {
        if (result.type === "opened") return okAsync(result);
        const { installation, account } = opening;
        return sound.deleteLinks({ account, installation }, opening.at).map(() => result);
      }),
  })),
  broken("RS5", "kills the earlier link before it finds that the id exists", (sound) => ({
    openLink: (opening) =>
      sound.openLink(opening).orElse((fault) => {
        const { installation, account } = opening;
        return sound.deleteLinks({ account, installation }, opening.at).andThen(() => errAsync(fault));
      }),
  })),
  broken("RS5", "does not say which link it ended", (sound) => ({
    openLink: (opening) =>
      sound
        .openLink(opening)
        .map((result) => (result.type === "opened" ? { ...result, unrecorded: [] } : result)),
  })),
  broken("RS5", "names what is unrecorded of anybody", (sound) => ({
    openLink: (opening) =>
      sound.openLink(opening).andThen((result) =>
        sound.loadUnrecorded(100).map((entries) => {
          const unrecorded = entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
          return result.type === "opened" ? { ...result, unrecorded } : result;
        }),
      ),
  })),
  broken("RS5", "takes an id that exists", (sound) => ({
    openLink: (opening) =>
      sound.openLink(opening).orElse(() => okAsync({ type: "opened" as const, unrecorded: [] })),
  })),
  broken("RS5", "takes two spellings of one letter for the same account", (sound) => {
    const fold = (id: AccountId): AccountId => id.normalize() as AccountId;
    return {
      openLink: (opening) => sound.openLink({ ...opening, account: fold(opening.account) }),
      loadShown: (account) => sound.loadShown(fold(account)),
    };
  }),
];
