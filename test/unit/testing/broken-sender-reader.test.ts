import { ok, okAsync, type UserId } from "unified-contributions";
import {
  createMemorySenderReader,
  createMemorySenderStore,
  type MemorySenderSnapshot,
} from "unified-contributions/adapters/memory";
import {
  NEW_SERVER,
  type SenderReader,
  type ServerTally,
  type UserStanding,
  type WaitingWithdrawal,
} from "unified-contributions/storage";
import { type ReadSenderStore, senderReaderContract } from "unified-contributions/testing";
import { type Broken, testBroken } from "./break-adapter.ts";

type BrokenReader = Broken<() => ReadSenderStore>;

/** Gives a sound reader, and what it reads, to whoever breaks it. */
type BreakReader = (sound: SenderReader, snapshot: () => MemorySenderSnapshot) => Partial<SenderReader>;

function broken(rule: string, mistake: string, breakIt: BreakReader): BrokenReader {
  const make = (): ReadSenderStore => {
    const store = createMemorySenderStore();
    const sound = createMemorySenderReader(store);
    return { store, reader: { ...sound, ...breakIt(sound, store.snapshot) } };
  };
  return { rule, mistake, make };
}

type TallyQuery = Parameters<SenderReader["loadTally"]>[0];

/** Another tally is asked for. */
function asking(change: (query: TallyQuery) => Partial<TallyQuery>): BreakReader {
  return (sound) => ({ loadTally: (query) => sound.loadTally({ ...query, ...change(query) }) });
}

/** The tally is not answered as it is. */
function counting(change: (tally: ServerTally, query: TallyQuery) => Partial<ServerTally>): BreakReader {
  return (sound) => ({
    loadTally: (query) => sound.loadTally(query).map((tally) => ({ ...tally, ...change(tally, query) })),
  });
}

/** The tally is of something else than what is stored. */
function countingOther(
  change: (snapshot: MemorySenderSnapshot) => Partial<MemorySenderSnapshot>,
): BreakReader {
  return (_, snapshot) => ({
    loadTally: (query) => {
      const all = snapshot();
      return createMemorySenderReader({ snapshot: () => ({ ...all, ...change(all) }) }).loadTally(query);
    },
  });
}

/** A user is not answered as they are. */
function user(change: (standing: UserStanding) => Partial<UserStanding>): BreakReader {
  return (sound) => ({
    loadUser: (id) => sound.loadUser(id).map((found) => found && { ...found, ...change(found) }),
  });
}

/** The withdrawals are all read, changed, and then cut into pages. */
function paging(change: (all: readonly WaitingWithdrawal[]) => readonly WaitingWithdrawal[]): BreakReader {
  return (sound) => ({
    loadWithdrawals: (query) =>
      sound.loadWithdrawals({ ...query, after: null, limit: 1_000 }).andThen((all) => {
        const changed = change(all);
        const place = changed.findIndex(({ linkId }) => linkId === query.after?.linkId) + 1;
        return ok(changed.slice(place, place + query.limit));
      }),
  });
}

testBroken(senderReaderContract, [
  broken("SQ1", "has a server that syncs from the beginning", (sound) => ({
    loadServer: () =>
      sound
        .loadServer()
        .map((server) => (server === NEW_SERVER ? { ...server, nextSyncAt: 0 as never } : server)),
  })),
  broken("SQ1", "answers the state that it read first", (sound) => {
    let first: ReturnType<SenderReader["loadServer"]> | undefined;
    return {
      loadServer: () => {
        first ??= sound.loadServer();
        return first.map((server) => ({ ...server, failures: Math.min(server.failures, 2) }));
      },
    };
  }),
  broken("SQ2", "answers a user who is new", (sound) => ({
    loadUser: (id) =>
      sound.loadUser(id).map(
        (found): UserStanding =>
          found ?? {
            user: id,
            link: { status: "never-connected" },
            changes: 0,
            reported: null,
            deletion: null,
            withdrawal: null,
          },
      ),
  })),
  broken("SQ2", "tells the counts that were reported", (sound, snapshot) => ({
    loadUser: (id) =>
      sound.loadUser(id).map((found) => {
        const stored = snapshot().links.find(({ value }) => value.user === id);
        return found && stored ? { ...found, reported: stored.value.reported } : found;
      }),
  })),
  broken(
    "SQ2",
    "forgets what changed",
    user(() => ({ changes: 0 })),
  ),
  broken("SQ2", "takes every pending withdrawal for the last", (sound, snapshot) => ({
    loadUser: (id) =>
      sound.loadUser(id).map(
        (found) =>
          found && {
            ...found,
            withdrawal: snapshot().withdrawals.find((waiting) => waiting.user === id) ?? null,
          },
      ),
  })),
  broken(
    "SQ2",
    "forgets the withdrawal that is asked for again",
    user(({ withdrawal }) => ({
      withdrawal: withdrawal?.hasReceipt ? null : withdrawal,
    })),
  ),
  broken("SQ2", "takes ids in any case for each other", (sound) => ({
    loadUser: (id) => sound.loadUser(id.toLowerCase() as UserId),
  })),
  broken(
    "SQ3",
    "counts somebody where nobody is",
    counting(({ sending }) => ({
      sending: sending.atLeast === 0 ? { atLeast: 1, isExact: true } : sending,
    })),
  ),
  broken(
    "SQ3",
    "does not look at the epoch",
    countingOther(({ links }) => ({
      links: links.map(({ value, version }) => {
        const { link } = value;
        const other = link.status === "sending" ? { ...link, consent: { ...link.consent, epoch: 1 } } : link;
        return { value: { ...value, link: other }, version };
      }),
    })),
  ),
  broken(
    "SQ3",
    "counts those who are connected",
    countingOther(({ links }) => ({
      links: links.map(({ value, version }) => {
        const { link } = value;
        const other =
          link.status === "connected"
            ? { ...link, status: "sending" as const, sendingAt: link.connectedAt }
            : link;
        return { value: { ...value, link: other }, version };
      }),
    })),
  ),
  broken(
    "SQ3",
    "takes every link for due",
    counting(({ sending }) => ({ due: sending })),
  ),
  broken(
    "SQ3",
    "takes none for due that was reported",
    counting(({ neverReported }) => ({ due: neverReported })),
  ),
  broken(
    "SQ3",
    "takes what is due for never reported",
    counting(({ due }) => ({ neverReported: due })),
  ),
  broken("SQ3", "does not look at the session", (sound) => ({
    loadTally: (query) =>
      sound.loadTally({ ...query, sessionId: "another_session_of_it" as never }).andThen((other) =>
        sound.loadTally(query).map((tally) => ({
          ...tally,
          due: other.due.atLeast < tally.due.atLeast ? other.due : tally.due,
        })),
      ),
  })),
  broken(
    "SQ4",
    "does not look at the connection of a withdrawal",
    countingOther(({ withdrawals }) => ({
      withdrawals: withdrawals.map((one) => ({ ...one, connectionOrdinal: 1 })),
    })),
  ),
  broken(
    "SQ4",
    "takes an answer for a receipt",
    countingOther(({ withdrawals }) => ({
      withdrawals: withdrawals.map((one) => (one.nextAskAt > 0 ? { ...one, hasReceipt: true } : one)),
    })),
  ),
  broken(
    "SQ4",
    "forgets which is the oldest",
    counting(() => ({ oldestWithdrawalAt: null })),
  ),
  broken(
    "SQ4",
    "does not look at the connection of a redemption",
    countingOther(({ links }) => ({
      links: links.map(({ value, version }) => {
        const { link } = value;
        const other = link.status === "redeeming" ? { ...link, connectionOrdinal: 1 } : link;
        return { value: { ...value, link: other }, version };
      }),
    })),
  ),
  broken(
    "SQ5",
    "counts all that there is",
    asking(() => ({ lookAt: 1_000 })),
  ),
  broken(
    "SQ5",
    "takes what it was cut off at for all",
    counting(({ sending, due, neverReported, withdrawals, redemptions }) => ({
      sending: { ...sending, isExact: true },
      due: { ...due, isExact: true },
      neverReported: { ...neverReported, isExact: true },
      withdrawals: { ...withdrawals, isExact: true },
      redemptions: { ...redemptions, isExact: true },
    })),
  ),
  broken(
    "SQ5",
    "is never sure of what it counted to the last",
    counting(({ redemptions }, { lookAt }) => ({
      redemptions: { ...redemptions, isExact: redemptions.atLeast < lookAt },
    })),
  ),
  broken(
    "SQ5",
    "looks at those first that are asked for last",
    countingOther(({ withdrawals }) => ({
      withdrawals: withdrawals.map((one) => ({ ...one, nextAskAt: (one.hasReceipt ? 0 : 1) as never })),
    })),
  ),
  broken(
    "SQ6",
    "does not say whose a withdrawal is",
    paging((all) => all.map((one) => ({ ...one, user: "octo" as UserId }))),
  ),
  broken(
    "SQ6",
    "leaves out those that have a receipt",
    paging((all) => all.filter(({ hasReceipt }) => !hasReceipt)),
  ),
  broken(
    "SQ6",
    "puts ids in the order of a language",
    paging((all) =>
      all.toSorted((a, b) => a.nextAskAt - b.nextAskAt || a.linkId.localeCompare(b.linkId, "en")),
    ),
  ),
  broken("SQ6", "gives a page one withdrawal too many", (sound) => ({
    loadWithdrawals: (query) => sound.loadWithdrawals({ ...query, limit: query.limit + 1 }),
  })),
  broken("SQ6", "begins every page from the start", (sound) => ({
    loadWithdrawals: (query) => (query.after === null ? sound.loadWithdrawals(query) : okAsync([])),
  })),
  broken("SQ7", "answers every entry to whoever asks for one user's", (sound) => ({
    loadAudit: (query) => sound.loadAudit({ ...query, user: null }),
  })),
  broken("SQ7", "numbers the entries that are left from 1 on", (_, snapshot) => ({
    loadAudit: ({ user, after, limit }) =>
      okAsync(
        snapshot()
          .audit.map(({ entry }, index) => ({ id: index + 1, entry }))
          .filter(({ id, entry }) => id > after && (user === null || entry.user === user))
          .slice(0, limit),
      ),
  })),
  broken("SQ7", "begins every page of the audit log anew", (sound) => ({
    loadAudit: (query) => (query.after === 0 ? sound.loadAudit(query) : okAsync([])),
  })),
  broken(
    "SQ6",
    "names a user who was forgotten",
    paging((all) => all.map((one) => ({ ...one, user: one.user ?? ("octo" as UserId) }))),
  ),
]);
