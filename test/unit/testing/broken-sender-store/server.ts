import { errAsync, okAsync } from "unified-contributions";
import type { ServerCommit, ServerState, Versioned } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { countVersions } from "../break-adapter.ts";
import { type BrokenStore, broken, CONFLICT, proving } from "./break-sender-store.ts";

/** The server's state is not read as it is stored. */
function readingServer(
  sound: AuditedSenderStore,
  change: (stored: Versioned<ServerState>) => Versioned<ServerState>,
): Partial<AuditedSenderStore> {
  return { loadServer: () => sound.loadServer().map(change) };
}

/** Writes the state over whatever stands. */
function overwriteServer(
  sound: AuditedSenderStore,
  commit: ServerCommit,
): ReturnType<AuditedSenderStore["commitServer"]> {
  return sound
    .loadServer()
    .andThen(({ version }) => sound.commitServer({ ...commit, expectedVersion: version }))
    .orElse(() => overwriteServer(sound, commit));
}

export const SERVER: readonly BrokenStore[] = [
  broken("SS1", "begins with a failure", (sound) =>
    readingServer(sound, ({ value, version }) => ({
      value: version === 0 ? { ...value, failures: 1 } : value,
      version,
    })),
  ),
  broken("SS1", "loses what the disabling asked for", (sound) =>
    readingServer(sound, ({ value, version }) => ({ value: { ...value, disabling: null }, version })),
  ),
  broken("SS2", "answers the version that stood before", (sound) => ({
    commitServer: (commit) => sound.commitServer(commit).map((version) => version - 1),
  })),
  broken("SS2", "counts its versions", (sound) => {
    const versions = countVersions();
    return {
      ...readingServer(sound, ({ value, version }) => ({ value, version: versions.counted(version) })),
      commitServer: (commit) =>
        sound
          .commitServer({ ...commit, expectedVersion: versions.sound(commit.expectedVersion) })
          .map(versions.counted),
    };
  }),
  broken("SS2", "lets the last writer win", (sound) => ({
    commitServer: (commit) =>
      sound
        .loadServer()
        .andThen(({ version }) => sound.commitServer({ ...commit, expectedVersion: version })),
  })),
  broken("SS2", "stores what a conflicting commit has proved", (sound) => ({
    commitServer: (commit) =>
      sound.commitServer(commit).orElse(() =>
        sound
          .loadServer()
          .andThen(({ value, version }) =>
            sound.commitServer({ ...commit, server: value, expectedVersion: version, audit: null }),
          )
          .andThen(() => errAsync(CONFLICT)),
      ),
  })),
  broken("SS2", "stores the audit entry of a conflicting commit", (sound) => {
    let entries: NonNullable<ServerCommit["audit"]>[] = [];
    return {
      loadAudit: ({ after, limit }) =>
        okAsync(entries.map((entry, index) => ({ id: index + 1, entry })).slice(after, after + limit)),
      commitServer: (commit) => {
        if (commit.audit) entries.push(commit.audit);
        return sound.commitServer(commit);
      },
      commitLink: (commit) =>
        sound.commitLink(commit).map((version) => {
          if (commit.audit) entries.push(commit.audit);
          return version;
        }),
      forgetUser: (forgotten) =>
        sound.forgetUser(forgotten).andThen(() => {
          entries = entries.filter(({ user }) => user !== forgotten.user);
          return okAsync(undefined);
        }),
      pruneAudit: ({ before, limit }) => {
        const old = entries
          .filter(({ createdAt }) => createdAt < before)
          .sort((a, b) => a.createdAt - b.createdAt)
          .slice(0, limit);
        entries = entries.filter((entry) => !old.includes(entry));
        return okAsync(old.length);
      },
    };
  }),
  broken("SS2", "checks the version some time before it writes", (sound) => ({
    commitServer: (commit) =>
      sound
        .loadServer()
        .andThen(({ version }) =>
          version === commit.expectedVersion ? okAsync(undefined) : errAsync(CONFLICT),
        )
        .andThen(() => overwriteServer(sound, commit)),
  })),
  broken("SS2", "stores no audit entry", (sound) => proving(sound, () => ({ audit: null }))),
];
