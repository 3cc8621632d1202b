import { type AttemptId, type LinkId, okAsync, ResultAsync, type UserId } from "unified-contributions";
import type { LinkRecord, LinkUser, PendingRedemption } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";
import { type BrokenStore, broken } from "./break-sender-store.ts";

function readingRedemptions(
  sound: AuditedSenderStore,
  change: (pending: readonly PendingRedemption[]) => readonly PendingRedemption[],
): Partial<AuditedSenderStore> {
  return { pendingRedemptions: (query) => sound.pendingRedemptions(query).map(change) };
}

/** Answers which users an attempt and links belong to, except for users who are lost. */
function losingUsers(
  sound: AuditedSenderStore,
  isLost: (record: LinkRecord) => boolean,
): Pick<AuditedSenderStore, "userOf" | "usersOfLinks"> {
  return {
    userOf: (attempt) =>
      sound
        .userOf(attempt)
        .andThen((user) =>
          user === null
            ? okAsync(null)
            : sound.loadLink(user).map(({ value }) => (isLost(value) ? null : user)),
        ),
    usersOfLinks: (links) =>
      sound
        .usersOfLinks(links)
        .andThen((users) =>
          ResultAsync.combine(
            users.map((each) => sound.loadLink(each.user).map(({ value }) => (isLost(value) ? [] : [each]))),
          ),
        )
        .map((users) => users.flat()),
  };
}

/** Answers another choice of a user than the one by which they send. */
function namingChoices(
  sound: AuditedSenderStore,
  choiceOf: (user: LinkUser) => number | null,
): Partial<AuditedSenderStore> {
  return {
    usersOfLinks: (links) =>
      sound.usersOfLinks(links).map((users) => users.map((each) => ({ ...each, choice: choiceOf(each) }))),
  };
}

function hasOptedOut({ link }: LinkRecord): boolean {
  return link.status === "connected" && link.choice > 0;
}

export const REDEMPTIONS: readonly BrokenStore[] = [
  broken("SS11", "forgets the code", (sound) =>
    readingRedemptions(sound, (pending) => pending.map((each) => ({ ...each, code: "" as never }))),
  ),
  broken("SS11", "takes all connections for the same", (sound) => ({
    pendingRedemptions: (query) =>
      ResultAsync.combine(
        [1, 2].map((connectionOrdinal) => sound.pendingRedemptions({ ...query, connectionOrdinal })),
      ).map((pages) => pages.flat()),
  })),
  broken("SS11", "has another order", (sound) =>
    readingRedemptions(sound, (pending) => [...pending].sort((a, b) => a.attempt.localeCompare(b.attempt))),
  ),
  broken("SS12", "knows attempts only until they are connected", (sound) => ({
    userOf: losingUsers(sound, ({ link }) => link.status !== "connecting").userOf,
  })),
  broken("SS12", "remembers attempts that were given up", (sound) => {
    const users = new Map<AttemptId, UserId>();
    return {
      commitLink: (commit) => {
        if ("attempt" in commit.link) users.set(commit.link.attempt, commit.user);
        return sound.commitLink(commit);
      },
      userOf: (attempt) => okAsync(users.get(attempt) ?? null),
    };
  }),
  broken("SS12", "loses the attempt of a user who has opted out", (sound) => ({
    userOf: losingUsers(sound, hasOptedOut).userOf,
  })),
  broken("SS15", "loses the link of a user who has opted out", (sound) => ({
    usersOfLinks: losingUsers(sound, hasOptedOut).usersOfLinks,
  })),
  broken("SS15", "knows the links of those alone who send", (sound) => ({
    usersOfLinks: losingUsers(sound, ({ link }) => link.status !== "sending").usersOfLinks,
  })),
  broken("SS15", "takes every choice for the first", (sound) =>
    namingChoices(sound, ({ choice }) => choice && 1),
  ),
  broken("SS15", "names a choice of a user who is only connected", (sound) =>
    namingChoices(sound, ({ choice }) => choice ?? 1),
  ),
  broken("SS15", "names a user as often as the link was asked for", (sound) => ({
    usersOfLinks: (links) =>
      ResultAsync.combine(links.map((link) => sound.usersOfLinks([link]))).map((users) => users.flat()),
  })),
  broken("SS15", "remembers links that were given up", (sound) => {
    const users = new Map<LinkId, LinkUser>();
    return {
      commitLink: (commit) => {
        const { user, link } = commit;
        const choice = link.status === "sending" ? link.choice : null;
        if ("consent" in link) users.set(link.consent.linkId, { user, linkId: link.consent.linkId, choice });
        return sound.commitLink(commit);
      },
      usersOfLinks: (links) =>
        okAsync([...new Set(links)].sort().flatMap((linkId) => users.get(linkId) ?? [])),
    };
  }),
];
