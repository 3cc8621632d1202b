import { errAsync, type InstallationId } from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import type { ReceiverStore, RegistrationCommit, Versioned } from "unified-contributions/storage";

import { countVersions } from "../break-adapter.ts";
import { at, type BrokenStore, broken, OCTO } from "./break-receiver-store.ts";

const CONFLICT = { type: "version-conflict" } as const;

/** A registration is not read as it is stored. */
function readingRegistration(
  sound: ReceiverStore,
  change: (stored: Versioned<Registration>) => Versioned<Registration>,
): Partial<ReceiverStore> {
  return {
    loadRegistration: (installation) =>
      sound.loadRegistration(installation).map((stored) => stored && change(stored)),
  };
}

/** Writes a registration over whatever stands. */
function overwrite(
  sound: ReceiverStore,
  commit: RegistrationCommit,
): ReturnType<ReceiverStore["commitRegistration"]> {
  return sound
    .loadRegistration(commit.registration.installation)
    .andThen((stored) => sound.commitRegistration({ ...commit, expectedVersion: stored?.version ?? 0 }))
    .orElse(() => overwrite(sound, commit));
}

export const REGISTRATIONS: readonly BrokenStore[] = [
  broken("RS1", "makes up a registration for an unknown installation", (sound) => ({
    loadRegistration: (installation) =>
      sound
        .loadRegistration(installation)
        .map((stored) => stored ?? { value: {} as Registration, version: 0 }),
  })),
  broken("RS1", "loses the connection's id", (sound) =>
    readingRegistration(sound, ({ value: registration, version }) => ({
      value: { ...registration, connectionId: null },
      version,
    })),
  ),
  broken("RS1", "shortens the id of the entry that was read last", (sound) =>
    readingRegistration(sound, ({ value: registration, version }) => {
      const { readTo } = registration;
      return {
        value: {
          ...registration,
          readTo: readTo && { ...readTo, entryId: readTo.entryId.replace(/ .*/, "") },
        },
        version,
      };
    }),
  ),
  broken("RS1", "takes two spellings of one letter for the same", (sound) => {
    const fold = (id: InstallationId): InstallationId => id.normalize() as InstallationId;
    return {
      loadRegistration: (installation) => sound.loadRegistration(fold(installation)),
      commitRegistration: (commit) => {
        const registration = {
          ...commit.registration,
          installation: fold(commit.registration.installation),
        };
        return sound.commitRegistration({ ...commit, registration });
      },
    };
  }),
  broken("RS2", "answers the version that stood before", (sound) => ({
    commitRegistration: (commit) => sound.commitRegistration(commit).map((version) => version - 1),
  })),
  broken("RS2", "counts its versions", (sound) => {
    const versions = countVersions();
    return {
      ...readingRegistration(sound, ({ value, version }) => ({ value, version: versions.counted(version) })),
      commitRegistration: (commit) =>
        sound
          .commitRegistration({ ...commit, expectedVersion: versions.sound(commit.expectedVersion) })
          .map(versions.counted),
    };
  }),
  broken("RS2", "lets the last writer win", (sound) => ({
    commitRegistration: (commit) => overwrite(sound, commit),
  })),
  broken("RS2", "kills links although the commit conflicts", (sound) => ({
    commitRegistration: (commit) =>
      sound
        .commitRegistration(commit)
        .orElse(() => sound.deleteLinks(OCTO, at(0)).andThen(() => errAsync(CONFLICT))),
  })),
  broken("RS2", "checks the version some time before it writes", (sound) => ({
    commitRegistration: (commit) =>
      sound
        .loadRegistration(commit.registration.installation)
        .andThen((stored) =>
          (stored?.version ?? 0) === commit.expectedVersion ? overwrite(sound, commit) : errAsync(CONFLICT),
        ),
  })),
];
