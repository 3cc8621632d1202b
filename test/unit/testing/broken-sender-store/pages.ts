import { ResultAsync, type UserId } from "unified-contributions";
import type { DueLink } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { type BrokenStore, broken, readingWithdrawals } from "./break-sender-store.ts";

/** The links that are due are all read, changed, and then cut into pages. */
function readingDue(
  sound: AuditedSenderStore,
  change: (links: readonly DueLink[]) => readonly DueLink[],
): Partial<AuditedSenderStore> {
  return {
    dueLinks: (query) =>
      sound.dueLinks({ ...query, after: null, limit: 1_000 }).map((links) =>
        change(links)
          .filter(({ linkId }) => query.after === null || linkId > query.after)
          .slice(0, query.limit),
      ),
  };
}

function byLocale(one: { readonly linkId: string }, other: { readonly linkId: string }): number {
  return one.linkId.localeCompare(other.linkId, "en");
}

export const PAGES: readonly BrokenStore[] = [
  broken("SS9", "loses the changes of a due link", (sound) =>
    readingDue(sound, (links) => links.map((link) => ({ ...link, changes: 0 }))),
  ),
  broken("SS9", "takes every choice for the first", (sound) =>
    readingDue(sound, (links) => links.map((link) => ({ ...link, choice: 1 }))),
  ),
  broken("SS9", "takes every link for due", (sound) => ({
    dueLinks: (query) => sound.dueLinks({ ...query, now: 253_402_300_799_999 as never }),
  })),
  broken("SS9", "takes a report in another session for one in this", (sound) =>
    readingDue(sound, (links) =>
      links.filter(({ reported }) => reported?.sessionId !== "another_session_of_it"),
    ),
  ),
  broken("SS9", "does not find changes", (sound) => ({
    dueLinks: (query) =>
      sound
        .dueLinks(query)
        .map((links) =>
          links.filter(
            ({ reported }) => reported?.sessionId !== query.sessionId || reported.refreshAt <= query.now,
          ),
        ),
  })),
  broken("SS9", "takes a change of a link that is not known for a reason", (sound) => {
    const changed = new Set<UserId>();
    return {
      markChanged: (users) => {
        for (const user of users) changed.add(user);
        return sound.markChanged(users);
      },
      dueLinks: (query) =>
        ResultAsync.combine([...changed].map(sound.loadLink)).andThen((records) =>
          sound
            .dueLinks(query)
            .map((links) => [
              ...links,
              ...records.flatMap(({ value: { user, reported, changes } }): DueLink[] =>
                reported?.type === "unknown" && reported.refreshAt > query.now
                  ? [{ user, linkId: reported.linkId, choice: reported.choice, changes, reported }]
                  : [],
              ),
            ]),
        ),
    };
  }),
  broken("SS9", "forgets that a link was not known in another session", (sound) =>
    readingDue(sound, (links) =>
      links.map((link) => (link.reported?.type === "unknown" ? { ...link, reported: null } : link)),
    ),
  ),
  broken("SS9", "finds a link a moment after its refreshAt", (sound) => ({
    dueLinks: (query) => sound.dueLinks({ ...query, now: (query.now - 1) as never }),
  })),
  broken("SS9", "never forgets the latest now", (sound) => {
    let latest = 0;
    return {
      dueLinks: (query) => {
        latest = Math.max(latest, query.now);
        return sound.dueLinks({ ...query, now: latest as never });
      },
    };
  }),
  broken("SS9", "does not look at the epoch", (sound) => ({
    dueLinks: (query) =>
      ResultAsync.combine([1, 2].map((epoch) => sound.dueLinks({ ...query, epoch }))).map((pages) =>
        pages.flat().slice(0, query.limit),
      ),
  })),
  broken("SS9", "takes a link that was opted out for one that sends", (sound) => {
    const links = new Map<UserId, DueLink>();
    return {
      commitLink: (commit) => {
        const { user, link } = commit;
        if (link.status !== "sending") return sound.commitLink(commit);
        const { consent, choice } = link;
        links.set(user, { user, linkId: consent.linkId, choice, changes: 0, reported: null });
        return sound.commitLink(commit);
      },
      dueLinks: (query) =>
        ResultAsync.combine([...links.keys()].map(sound.loadLink)).andThen((records) =>
          sound.dueLinks(query).map((page) => [
            ...page,
            ...records.flatMap(({ value: { user, link } }) => {
              const known = links.get(user);
              return link.status === "sending" || !known ? [] : [known];
            }),
          ]),
        ),
    };
  }),
  broken("SS9", "answers what it answered before", (sound) => {
    const answers = new Map<string, readonly DueLink[]>();
    return {
      dueLinks: (query) => {
        const key = JSON.stringify(query);
        return sound.dueLinks(query).map((links) => {
          if (!answers.has(key)) answers.set(key, links);
          return answers.get(key) ?? links;
        });
      },
    };
  }),
  broken("SS9", "puts ids in the order of a language", (sound) =>
    readingDue(sound, (links) => links.toSorted(byLocale)),
  ),
  broken("SS9", "gives a page one link too many", (sound) => ({
    dueLinks: (query) => sound.dueLinks({ ...query, limit: query.limit + 1 }),
  })),
  broken("SS9", "begins a page with the id it is given", (sound) => ({
    dueLinks: (query) =>
      sound
        .dueLinks({ ...query, after: null, limit: 1_000 })
        .map((links) =>
          links.filter(({ linkId }) => query.after === null || linkId >= query.after).slice(0, query.limit),
        ),
  })),
  broken("SS10", "does not look at the connection", (sound) => ({
    pendingWithdrawals: (query) =>
      ResultAsync.combine(
        [1, 2].map((connectionOrdinal) => sound.pendingWithdrawals({ ...query, connectionOrdinal })),
      ).map((pages) => pages.flat().slice(0, query.limit)),
  })),
  broken("SS10", "does not look at the time", (sound) => ({
    pendingWithdrawals: (query) => sound.pendingWithdrawals({ ...query, now: 253_402_300_799_999 as never }),
  })),
  broken("SS10", "finds a withdrawal a moment after its nextAskAt", (sound) => ({
    pendingWithdrawals: (query) => sound.pendingWithdrawals({ ...query, now: (query.now - 1) as never }),
  })),
  broken("SS10", "puts them in the order of their ids alone", (sound) =>
    readingWithdrawals(sound, (pending) => pending.toSorted((a, b) => (a.linkId < b.linkId ? -1 : 1))),
  ),
  broken("SS10", "says whose withdrawal it is", (sound) =>
    readingWithdrawals(sound, (pending) => pending.map((withdrawal) => ({ ...withdrawal, user: "octo" }))),
  ),
  broken("SS10", "puts ids in the order of a language", (sound) =>
    readingWithdrawals(sound, (pending) => pending.toSorted(byLocale)),
  ),
  broken("SS10", "gives a page one withdrawal too many", (sound) => ({
    pendingWithdrawals: (query) => sound.pendingWithdrawals({ ...query, limit: query.limit + 1 }),
  })),
  broken("SS10", "begins a page with the id it is given", (sound) => ({
    pendingWithdrawals: (query) =>
      sound
        .pendingWithdrawals({ ...query, after: null, limit: 1_000 })
        .map((pending) =>
          pending
            .filter(({ linkId }) => query.after === null || linkId >= query.after.linkId)
            .slice(0, query.limit),
        ),
  })),
];
