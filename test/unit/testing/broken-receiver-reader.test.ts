import { type AccountId, errAsync, type Instant, okAsync } from "unified-contributions";
import {
  createMemoryReceiverReader,
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
} from "unified-contributions/adapters/memory";
import type {
  AccountStanding,
  InstallationDetails,
  InstallationStanding,
  LiveLink,
  ReceiverLink,
  ReceiverReader,
  ReceiverStore,
  Tally,
} from "unified-contributions/storage";
import { deleteLink } from "unified-contributions/storage";
import { type ReadReceiverStore, receiverReaderContract } from "unified-contributions/testing";
import { endingOf, type WithdrawnChoice } from "../../../src/ghec/link.ts";
import { type Broken, testBroken } from "./break-adapter.ts";

type BrokenReader = Broken<() => ReadReceiverStore>;

/** Gives a sound reader, and what it reads, to whoever breaks it. */
type BreakReader = (sound: ReceiverReader, snapshot: () => MemoryReceiverSnapshot) => Partial<ReceiverReader>;

function broken(rule: string, mistake: string, breakIt: BreakReader): BrokenReader {
  const make = (): ReadReceiverStore => {
    const store = createMemoryReceiverStore();
    const sound = createMemoryReceiverReader(store);
    return { store, reader: { ...sound, ...breakIt(sound, store.snapshot) } };
  };
  return { rule, mistake, make };
}

/** A store that is broken, with a sound reader of it. */
function brokenStore(
  rule: string,
  mistake: string,
  breakIt: (sound: ReceiverStore) => Partial<ReceiverStore>,
): BrokenReader {
  const make = (): ReadReceiverStore => {
    const store = createMemoryReceiverStore();
    return { store: { ...store, ...breakIt(store) }, reader: createMemoryReceiverReader(store) };
  };
  return { rule, mistake, make };
}

/** An installation's links are not answered as they are. */
function counting(
  change: (links: InstallationDetails["links"], lookAt: number) => Partial<InstallationDetails["links"]>,
): BreakReader {
  return (sound) => ({
    loadInstallation: (look) =>
      sound
        .loadInstallation(look)
        .map(
          (found) => found && { ...found, links: { ...found.links, ...change(found.links, look.lookAt) } },
        ),
  });
}

/** An installation is not answered as it is, alone or in a page. */
function standing(change: (standing: InstallationStanding) => Partial<InstallationStanding>): BreakReader {
  return (sound) => ({
    loadInstallation: (look) =>
      sound.loadInstallation(look).map((found) => found && { ...found, ...change(found) }),
    loadInstallations: (query) =>
      sound.loadInstallations(query).map((page) => page.map((one) => ({ ...one, ...change(one) }))),
  });
}

/** An account is not answered as it is. */
function account(change: (found: AccountStanding) => Partial<AccountStanding>): BreakReader {
  return (sound) => ({
    loadAccount: (id) => sound.loadAccount(id).map((found) => ({ ...found, ...change(found) })),
  });
}

/** The reader reads something else than what is stored. */
function reading(
  change: (snapshot: MemoryReceiverSnapshot) => MemoryReceiverSnapshot,
  method: keyof ReceiverReader,
): BreakReader {
  return (_, snapshot) => {
    const other = createMemoryReceiverReader({ snapshot: () => change(snapshot()) });
    return { [method]: other[method] };
  };
}

/** The links of which a choice has ended are changed. */
function choices(change: (link: LiveLink & { readonly withdrawn: WithdrawnChoice }) => ReceiverLink) {
  return ({ links, ...snapshot }: MemoryReceiverSnapshot): MemoryReceiverSnapshot => ({
    ...snapshot,
    links: links.map((link) => {
      if (link.status !== "live" || !link.withdrawn) return link;
      return change({ ...link, withdrawn: link.withdrawn });
    }),
  });
}

const NOTHING: Tally = { atLeast: 0, isExact: true };

function plus({ atLeast, isExact }: Tally, more: Tally): Tally {
  return { atLeast: atLeast + more.atLeast, isExact };
}

function byLocale(one: { readonly installation: string }, other: { readonly installation: string }): number {
  return one.installation.localeCompare(other.installation, "en");
}

testBroken(receiverReaderContract, [
  broken("RQ1", "answers an installation that was never registered", (sound) => ({
    loadInstallation: (look) =>
      sound.loadInstallation(look).map(
        (found) =>
          found ?? {
            installation: look.installation,
            isConnected: false,
            connectionId: null,
            featureSwitch: { epoch: 0, status: "off" },
            disabledAt: null,
            session: { isAttached: false, isCompleted: false },
            isRecorded: true,
            links: {
              open: NOTHING,
              withCounts: NOTHING,
              unswept: NOTHING,
              unrecorded: NOTHING,
              newestCountsAt: null,
            },
          },
      ),
  })),
  broken(
    "RQ1",
    "forgets the connection",
    standing(() => ({ connectionId: null })),
  ),
  broken(
    "RQ1",
    "takes every session for attached",
    standing(({ session }) => ({ session: { ...session, isAttached: true } })),
  ),
  broken(
    "RQ1",
    "forgets when it was switched off",
    standing(() => ({ disabledAt: null })),
  ),
  broken(
    "RQ1",
    "takes every epoch for recorded",
    standing(() => ({ isRecorded: true })),
  ),
  broken(
    "RQ1",
    "tells the id of the session",
    standing(({ session }) => ({ session: { ...session, id: "session_00000001" } as never })),
  ),
  broken("RQ1", "counts the links of every installation", (_, snapshot) => ({
    loadInstallation: (look) => {
      const { installation } = look;
      const all = snapshot();
      const links = all.links.map((link) => ({ ...link, installation }));
      return createMemoryReceiverReader({ snapshot: () => ({ ...all, links }) }).loadInstallation(look);
    },
  })),
  broken(
    "RQ1",
    "counts what is to be swept as open",
    counting(({ open, unswept }) => ({ open: plus(open, unswept), unswept: { ...unswept, atLeast: 0 } })),
  ),
  broken(
    "RQ1",
    "takes a held link for one with counts",
    counting(({ open }) => ({ withCounts: open })),
  ),
  broken(
    "RQ1",
    "tells when the first of the counts came",
    counting(({ newestCountsAt }) => ({
      newestCountsAt:
        newestCountsAt === null ? null : (Math.min(newestCountsAt, 1_772_366_400_000) as Instant),
    })),
  ),
  broken(
    "RQ1",
    "takes what the ledger has for what waits for it",
    reading(
      (all) => ({
        ...all,
        links: all.links.map((link) => (link.status === "deleted" ? { ...link, isRecorded: false } : link)),
      }),
      "loadInstallation",
    ),
  ),
  broken("RQ2", "counts all that there is", (sound) => ({
    loadInstallation: ({ installation }) => sound.loadInstallation({ installation, lookAt: 1_000 }),
  })),
  broken(
    "RQ2",
    "takes what it was cut off at for all",
    counting(({ open, withCounts, unswept, unrecorded }) => ({
      open: { ...open, isExact: true },
      withCounts: { ...withCounts, isExact: true },
      unswept: { ...unswept, isExact: true },
      unrecorded: { ...unrecorded, isExact: true },
    })),
  ),
  broken(
    "RQ2",
    "is never sure of what it counted to the last",
    counting((links, lookAt) => ({
      open: { ...links.open, isExact: links.open.isExact && links.open.atLeast < lookAt },
    })),
  ),
  broken("RQ2", "looks at the links that were opened first", (sound, snapshot) => ({
    loadInstallation: (look) => {
      const all = snapshot();
      const opened = all.links.filter(({ installation }) => installation === look.installation);
      const first = { ...all, links: opened.slice(0, look.lookAt + 1) };
      return createMemoryReceiverReader({ snapshot: () => first })
        .loadInstallation(look)
        .andThen((looked) =>
          sound.loadInstallation(look).map((found) => {
            const unswept = looked?.links.unswept ?? NOTHING;
            return found && { ...found, links: { ...found.links, unswept } };
          }),
        );
    },
  })),
  broken("RQ2", "looks for what waits for the ledger among the first links alone", (sound, snapshot) => ({
    loadInstallation: (look) =>
      sound.loadInstallation(look).map((found) => {
        const all = snapshot().links.filter(({ installation }) => installation === look.installation);
        const looked = all.toSorted((a, b) => (a.linkId < b.linkId ? -1 : 1)).slice(0, look.lookAt + 1);
        const waiting = looked.filter((link) => endingOf(link)?.isRecorded === false).length;
        const unrecorded = { atLeast: Math.min(waiting, look.lookAt), isExact: all.length <= look.lookAt };
        return found && { ...found, links: { ...found.links, unrecorded } };
      }),
  })),
  broken("RQ3", "puts ids in the order of a language", (sound) => ({
    loadInstallations: ({ after, limit }) =>
      sound.loadInstallations({ after: null, limit: 1_000 }).map((all) => {
        const ordered = all.toSorted(byLocale);
        const place =
          after === null ? 0 : ordered.findIndex(({ installation }) => installation === after) + 1;
        return ordered.slice(place, place + limit);
      }),
  })),
  broken("RQ3", "gives a page one installation too many", (sound) => ({
    loadInstallations: (query) => sound.loadInstallations({ ...query, limit: query.limit + 1 }),
  })),
  broken("RQ3", "forgets in a page which epoch it is", (sound) => ({
    loadInstallations: (query) =>
      sound
        .loadInstallations(query)
        .map((page) => page.map((one) => ({ ...one, featureSwitch: { epoch: 1, status: "on" } }))),
  })),
  broken("RQ3", "has an installation from the beginning", (sound) => ({
    loadInstallations: (query) =>
      sound.loadInstallations(query).map((page) =>
        page.length > 0 || query.after !== null
          ? page
          : [
              {
                installation: "nobody" as never,
                isConnected: false,
                connectionId: null,
                featureSwitch: { epoch: 0, status: "off" },
                disabledAt: null,
                session: { isAttached: false, isCompleted: false },
                isRecorded: true,
              },
            ],
      ),
  })),
  broken("RQ4", "answers for another account if there is nothing", (sound) => ({
    loadAccount: (id) =>
      sound
        .loadAccount(id)
        .andThen((found) =>
          found.senders.length === 0 && id === "mona-cloud"
            ? sound.loadAccount("octo-cloud" as AccountId)
            : okAsync(found),
        ),
  })),
  broken(
    "RQ4",
    "puts the servers in the order in which they were let",
    account(({ senders }) => ({
      senders: senders.toSorted((a, b) => a.openedAt - b.openedAt),
    })),
  ),
  broken(
    "RQ4",
    "forgets a report whose counts are gone",
    account(({ senders }) => ({
      senders: senders.map((sender) => ({ ...sender, heardAt: sender.countsAt })),
    })),
  ),
  broken("RQ4", "takes a hold for a report", (sound, snapshot) => ({
    loadAccount: (id) =>
      sound.loadAccount(id).map((found) => {
        const isHeld = snapshot().links.some(
          (link) => link.status === "live" && link.account === id && link.report,
        );
        const senders = found.senders.map((sender) => ({
          ...sender,
          heardAt: sender.heardAt ?? (isHeld ? sender.openedAt : null),
        }));
        return { ...found, senders };
      }),
  })),
  broken(
    "RQ4",
    "takes every link for open",
    account(({ senders }) => ({
      senders: senders.map((sender) => ({ ...sender, isOpen: true })),
    })),
  ),
  broken("RQ4", "keeps a receipt under the account for ever", (sound, snapshot) => {
    const seen = new Map<string, AccountStanding["unrecorded"][number]>();
    return {
      loadAccount: (id) =>
        sound.loadAccount(id).map((found) => {
          for (const link of found.unrecorded) seen.set(link.linkId, link);
          const kept = [...seen.values()].filter(
            ({ account: whose, linkId }) =>
              whose === id && snapshot().links.some((link) => link.linkId === linkId),
          );
          return { ...found, unrecorded: kept };
        }),
    };
  }),
  broken("RQ4", "takes ids in any case for each other", (sound) => ({
    loadAccount: (id) => sound.loadAccount(id.toLowerCase() as AccountId),
  })),
  broken("RQ5", "answers every installation's entries", (_, snapshot) => ({
    loadAudit: ({ after, limit }) =>
      okAsync(
        snapshot()
          .audit.filter(({ id }) => id > after)
          .slice(0, limit),
      ),
  })),
  broken("RQ5", "answers the newest entry first", (sound) => ({
    loadAudit: (query) => sound.loadAudit(query).map((page) => page.toReversed()),
  })),
  broken("RQ5", "takes a limit for the number of all entries", (sound) => ({
    loadAudit: (query) => sound.loadAudit({ ...query, limit: 100 }),
  })),
  broken("RQ5", "loses the actor", (sound) => ({
    loadAudit: (query) =>
      sound
        .loadAudit(query)
        .map((page) => page.map(({ id, entry }) => ({ id, entry: { ...entry, actor: "server" as const } }))),
  })),
  broken(
    "RQ1",
    "knows of no choice that waits for the ledger",
    reading(
      choices((link) => ({ ...link, withdrawn: null })),
      "loadInstallation",
    ),
  ),
  broken(
    "RQ4",
    "takes a link of which a choice has ended for deleted",
    reading(
      choices((link) => ({ ...deleteLink(link, "withdrawn", 0 as Instant) })),
      "loadAccount",
    ),
  ),
  broken("RQ6", "does not say that a choice has ended", (sound) => ({
    loadLink: (installation, id) =>
      sound.loadLink(installation, id).map((link) => link && { ...link, withdrawn: null }),
  })),
  broken("RQ6", "answers a link of another installation", (sound, snapshot) => ({
    loadLink: (_, id) => {
      const link = snapshot().links.find(({ linkId }) => linkId === id);
      return link ? sound.loadLink(link.installation, id) : okAsync(null);
    },
  })),
  broken("RQ6", "names the ledger for whatever it has", (sound) => ({
    loadLink: (installation, id) =>
      sound
        .loadLink(installation, id)
        .map((link) =>
          link?.end && link.account === null
            ? { ...link, end: { ...link.end, cause: "recorded" as const } }
            : link,
        ),
  })),
  broken("RQ6", "forgets since when a link is there", (sound) => ({
    loadLink: (installation, id) =>
      sound.loadLink(installation, id).map((link) => link && { ...link, openedAt: 0 as Instant }),
  })),
  brokenStore("RQ5", "writes entries although the commit conflicts", (sound) => {
    return {
      commitRegistration: (commit) =>
        sound.commitRegistration(commit).orElse((fault) =>
          sound
            .loadRegistration(commit.registration.installation)
            .andThen((stored) =>
              stored
                ? sound.commitRegistration({
                    ...commit,
                    registration: stored.value,
                    expectedVersion: stored.version,
                  })
                : okAsync(0),
            )
            .andThen(() => errAsync(fault)),
        ),
    };
  }),
  brokenStore("RQ5", "writes none with the first commit of an installation", (sound) => ({
    commitRegistration: (commit) =>
      sound.commitRegistration(commit.expectedVersion === 0 ? { ...commit, audit: [] } : commit),
  })),
]);
