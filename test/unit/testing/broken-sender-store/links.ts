import { errAsync, okAsync, ResultAsync, type UserId } from "unified-contributions";
import type { LinkCommit } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { countVersions } from "../break-adapter.ts";
import { type BrokenStore, broken, CONFLICT, MOMENT, readingLink } from "./break-sender-store.ts";

/** Writes the link over whatever stands. */
function overwriteLink(
  sound: AuditedSenderStore,
  commit: LinkCommit,
): ReturnType<AuditedSenderStore["commitLink"]> {
  return sound
    .loadLink(commit.user)
    .andThen(({ version }) => sound.commitLink({ ...commit, expectedVersion: version }))
    .orElse((fault) => (fault.type === "storage-fault" ? errAsync(fault) : overwriteLink(sound, commit)));
}

export const LINKS: readonly BrokenStore[] = [
  broken("SS5", "takes an unknown user for one who opted out", (sound) =>
    readingLink(sound, ({ link }, version) => ({
      link: version === 0 ? { status: "opted-out", account: null, optedOutAt: 0 as never } : link,
    })),
  ),
  broken("SS5", "forgets that a user who is connected has opted out", (sound) =>
    readingLink(sound, ({ link }) => ({
      link: link.status === "connected" ? { ...link, choice: 0, optedOutAt: null } : link,
    })),
  ),
  broken("SS5", "takes two spellings of one letter for the same", (sound) => {
    const fold = (user: UserId): UserId => user.normalize() as UserId;
    return {
      loadLink: (user) => sound.loadLink(fold(user)),
      commitLink: (commit) => sound.commitLink({ ...commit, user: fold(commit.user) }),
    };
  }),
  broken("SS6", "answers the version that stood before", (sound) => ({
    commitLink: (commit) => sound.commitLink(commit).map((version) => version - 1),
  })),
  broken("SS6", "counts its versions", (sound) => {
    const versions = countVersions();
    return {
      loadLink: (user) =>
        sound.loadLink(user).map(({ value, version }) => ({ value, version: versions.counted(version) })),
      commitLink: (commit) =>
        sound
          .commitLink({ ...commit, expectedVersion: versions.sound(commit.expectedVersion) })
          .map(versions.counted),
      forgetUser: ({ user, expectedVersion }) =>
        sound.forgetUser({ user, expectedVersion: versions.sound(expectedVersion) }),
    };
  }),
  broken("SS6", "lets the last writer win", (sound) => ({
    commitLink: (commit) => overwriteLink(sound, commit),
  })),
  broken("SS6", "withdraws the link of a conflicting commit", (sound) => ({
    commitLink: (commit) =>
      sound.commitLink(commit).orElse(() =>
        sound
          .loadLink(commit.user)
          .andThen(({ value, version }) =>
            sound.commitLink({ ...commit, link: value.link, expectedVersion: version }),
          )
          .andThen(() => errAsync(CONFLICT)),
      ),
  })),
  broken("SS6", "checks the version some time before it writes", (sound) => ({
    commitLink: (commit) =>
      sound
        .loadLink(commit.user)
        .andThen(({ version }) =>
          version === commit.expectedVersion ? okAsync(undefined) : errAsync(CONFLICT),
        )
        .andThen(() => overwriteLink(sound, commit)),
  })),
  broken("SS6", "locks all users for one", (sound) => {
    let isLocked = false;
    return {
      commitLink: (commit) => {
        if (isLocked) return errAsync(CONFLICT);
        isLocked = true;
        return MOMENT().andThen(() => {
          isLocked = false;
          return sound.commitLink(commit);
        });
      },
    };
  }),
  broken("SS6", "lets two users have one link", (sound) => ({
    commitLink: (commit) =>
      sound
        .commitLink(commit)
        .orElse((fault) => (fault.type === "storage-fault" ? okAsync(1) : errAsync(fault))),
  })),
  broken("SS6", "takes a link that another user has for a storage that is away", (sound) => ({
    commitLink: (commit) =>
      sound
        .commitLink(commit)
        .mapErr((fault) => (fault.type === "storage-fault" ? { ...fault, reason: "unavailable" } : fault)),
  })),
  broken("SS6", "looks for another user of the link before it looks at the version", (sound) => ({
    commitLink: (commit) =>
      "consent" in commit.link
        ? sound
            .usersOfLinks([commit.link.consent.linkId])
            .andThen(([owner]) =>
              owner && owner.user !== commit.user
                ? errAsync({ type: "storage-fault", reason: "corrupt", message: "Taken." } as const)
                : sound.commitLink(commit),
            )
        : sound.commitLink(commit),
  })),
  broken("SS6", "refuses a link to the user who has it", (sound) => ({
    commitLink: (commit) =>
      sound.loadLink(commit.user).andThen(({ value }) => {
        const { link } = commit;
        return value.link.status === "connected" &&
          value.link.choice === 0 &&
          link.status === "sending" &&
          link.consent.linkId === value.link.consent.linkId
          ? errAsync({ type: "storage-fault" as const, reason: "corrupt" as const, message: "It is taken." })
          : sound.commitLink(commit);
      }),
  })),
  broken("SS6", "changes the version with every change that is counted", (sound) => ({
    markChanged: (users) =>
      sound.markChanged(users).andThen(() =>
        ResultAsync.combine(
          users.map((user) =>
            sound.loadLink(user).andThen(({ value, version }) =>
              version === 0
                ? okAsync(0)
                : sound
                    .commitLink({
                      expectedVersion: version,
                      user,
                      link: value.link,
                      withdraw: null,
                      audit: null,
                    })
                    .orElse(() => okAsync(0)),
            ),
          ),
        ).map(() => undefined),
      ),
  })),
  broken("SS6", "stores no audit entry", (sound) => ({
    commitLink: (commit) => sound.commitLink({ ...commit, audit: null }),
  })),
];
