import { type Instant, okAsync, ResultAsync, type UserId } from "unified-contributions";
import type { DueLink, DuePlace } from "unified-contributions/storage";
import type { AuditedSenderStore } from "unified-contributions/testing";

import { type BrokenStore, broken, readingWithdrawals } from "./break-sender-store.ts";

/** The links that are due are all read, changed, and then cut into pages. */
function readingDue(
  sound: AuditedSenderStore,
  change: (links: readonly DueLink[]) => readonly DueLink[],
  compare: Compare = byPlace,
): Partial<AuditedSenderStore> {
  return cuttingDue(sound, change, (link, place) => compare(link, place) > 0);
}

/** The same, with another rule for what is behind a place. */
function cuttingDue(
  sound: AuditedSenderStore,
  change: (links: readonly DueLink[]) => readonly DueLink[],
  isBehind: (link: DueLink, place: DuePlace) => boolean,
): Partial<AuditedSenderStore> {
  return {
    dueLinks: (query) =>
      sound.dueLinks({ ...query, after: null, limit: 1_000 }).map((links) =>
        change(links)
          .filter((link) => query.after === null || isBehind(link, query.after))
          .slice(0, query.limit),
      ),
  };
}

/** All due links are sorted by other rules, and cut into pages by the same rules. */
function sortingDue(sound: AuditedSenderStore, compare: Compare): Partial<AuditedSenderStore> {
  return readingDue(sound, (links) => links.toSorted(compare), compare);
}

type Compare = (one: DuePlace, other: DuePlace) => number;

const bySession: Compare = (one, other) => byText(one.answeredIn ?? "", other.answeredIn ?? "");
const byInstant: Compare = (one, other) => other.dueFrom - one.dueFrom;
const byId: Compare = (one, other) => byText(one.linkId, other.linkId);
const byPlace: Compare = (one, other) => bySession(one, other) || byInstant(one, other) || byId(one, other);

function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function byLocale(one: { readonly linkId: string }, other: { readonly linkId: string }): number {
  return one.linkId.localeCompare(other.linkId, "en");
}

function unchanged(links: readonly DueLink[]): readonly DueLink[] {
  return links;
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
          sound.dueLinks(query).map((links) => [
            ...links,
            ...records.flatMap(({ value: { user, reported, changes } }): DueLink[] =>
              reported?.type === "unknown" && reported.refreshAt > query.now
                ? [
                    {
                      ...{ answeredIn: reported.sessionId, dueFrom: reported.refreshAt },
                      ...{ user, linkId: reported.linkId, choice: reported.choice, changes, reported },
                    },
                  ]
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
        const place = { answeredIn: null, dueFrom: 0 as Instant, linkId: consent.linkId };
        links.set(user, { ...place, user, choice, changes: 0, reported: null });
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
    readingDue(sound, (links) =>
      links.toSorted((one, other) => bySession(one, other) || byInstant(one, other) || byLocale(one, other)),
    ),
  ),
  broken("SS9", "gives a page one link too many", (sound) => ({
    dueLinks: (query) => sound.dueLinks({ ...query, limit: query.limit + 1 }),
  })),
  broken("SS9", "begins a page with the place it is given", (sound) =>
    cuttingDue(sound, unchanged, (link, place) => byPlace(link, place) >= 0),
  ),
  broken("SS9", "looks at the id alone where a page begins", (sound) =>
    cuttingDue(sound, unchanged, (link, place) => byId(link, place) > 0),
  ),
  broken("SS9", "begins a page with the session behind that of the place", (sound) =>
    cuttingDue(sound, unchanged, (link, place) => bySession(link, place) > 0),
  ),
  broken("SS9", "puts them in the order of their ids alone", (sound) => sortingDue(sound, byId)),
  broken("SS9", "puts instants before sessions", (sound) =>
    sortingDue(sound, (one, other) => byInstant(one, other) || byPlace(one, other)),
  ),
  broken("SS9", "puts the earliest instant first", (sound) =>
    sortingDue(sound, (one, other) => bySession(one, other) || byInstant(other, one) || byId(one, other)),
  ),
  broken("SS9", "does not look at the instants", (sound) =>
    sortingDue(sound, (one, other) => bySession(one, other) || byId(one, other)),
  ),
  broken("SS9", "puts a link that was never reported last", (sound) =>
    sortingDue(
      sound,
      (one, other) =>
        Number(one.answeredIn === null) - Number(other.answeredIn === null) || byPlace(one, other),
    ),
  ),
  broken("SS9", "puts a link that has changed where its refreshAt puts it", (sound) => {
    const placed = (link: DueLink): DueLink => ({
      ...link,
      dueFrom: link.reported?.refreshAt ?? link.dueFrom,
    });
    return readingDue(sound, (links) => links.map(placed).toSorted(byPlace));
  }),
  broken("SS9", "counts the links of earlier pages, and leaves out as many", (sound) => {
    const served = new Map<string, number>();
    const keyOf = ({ answeredIn, dueFrom, linkId }: DuePlace): string => `${answeredIn} ${dueFrom} ${linkId}`;
    return {
      dueLinks: (query) =>
        sound.dueLinks({ ...query, after: null, limit: 1_000 }).andThen((links) => {
          const count = query.after && served.get(keyOf(query.after));
          if (query.after && count === undefined) return sound.dueLinks(query);
          const page = links.slice(count ?? 0, (count ?? 0) + query.limit);
          for (const [index, link] of page.entries()) served.set(keyOf(link), (count ?? 0) + index + 1);
          return okAsync(page);
        }),
    };
  }),
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
