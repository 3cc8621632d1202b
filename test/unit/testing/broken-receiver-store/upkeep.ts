import { type CalendarDate, type LinkId, okAsync } from "unified-contributions";
import type { KeptSince, ReceiverStore, SweepClock, SweepQuery } from "unified-contributions/storage";

import { answering, at, type BrokenStore, broken, OCTO, SERVER } from "./break-receiver-store.ts";

/** A sweep keeps something else than it was told. */
function keeping(
  sound: ReceiverStore,
  change: (keep: KeptSince) => Partial<KeptSince>,
): Partial<ReceiverStore> {
  return {
    sweep: ({ keep, ...query }) => sound.sweep({ ...query, keep: keep && { ...keep, ...change(keep) } }),
  };
}

/** The links that were opened, and in which epochs. */
function epochsOf(sound: ReceiverStore): {
  readonly epochs: ReadonlyMap<LinkId, number>;
  readonly opening: Pick<ReceiverStore, "openLink">;
} {
  const epochs = new Map<LinkId, number>();
  const openLink: ReceiverStore["openLink"] = (redemption) =>
    sound.openLink(redemption).map((result) => {
      if (result.type === "redeemed") epochs.set(result.linkId, result.epoch);
      return result;
    });
  return { epochs, opening: { openLink } };
}

const NOTHING_KEPT: KeptSince = {
  counts: "9999-12-31" as CalendarDate,
  receipts: at(Number.MAX_SAFE_INTEGER),
  audit: at(Number.MAX_SAFE_INTEGER),
};

export const UPKEEP: readonly BrokenStore[] = [
  broken("RS8", "keeps attempts that have expired", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, at: at(0) }),
  })),
  broken("RS8", "is never done", (sound) => ({
    sweep: (query) => sound.sweep(query).map((result) => ({ ...result, isDone: false })),
  })),
  broken("RS8", "is always done", (sound) => ({
    sweep: (query) => sound.sweep(query).map((result) => ({ ...result, isDone: true })),
  })),
  broken("RS8", "does not look at the limit", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, limit: 1_000 }),
  })),
  broken("RS8", "goes on though its signal has spoken", (sound) => ({
    sweep: ({ signal, ...query }) => sound.sweep(query),
  })),
  broken("RS8", "is done once its signal has spoken", (sound) => ({
    sweep: (query) =>
      sound.sweep(query).map((result) => (query.signal?.aborted ? { ...result, isDone: true } : result)),
  })),
  broken("RS8", "leaves receipts of what an epoch's end has killed", (sound) => {
    const { epochs, opening } = epochsOf(sound);
    let sweptAt: SweepQuery["at"] | null = null;
    return {
      ...opening,
      sweep: (query) =>
        sound.sweep(query).map((result) => {
          if (result.deleted > 0) sweptAt = query.at;
          return result;
        }),
      ...answering(sound, ({ withdrawals }, delivery) => ({
        withdrawals: withdrawals.map((outcome, place) => {
          const isSwept =
            outcome.type === "unknown" && epochs.has(delivery.withdrawals[place]?.linkId as LinkId);
          return isSwept && sweptAt !== null
            ? { type: "withdrawn", receipt: { deletedAt: sweptAt, removed: null } }
            : outcome;
        }),
      })),
    };
  }),
  broken("RS8", "removes the receipts of an epoch that is over", (sound) => {
    const { epochs, opening } = epochsOf(sound);
    let isSwept = false;
    return {
      ...opening,
      sweep: (query) => {
        isSwept = true;
        return sound.sweep(query);
      },
      ...answering(sound, ({ registration, withdrawals }, delivery) => ({
        withdrawals: withdrawals.map((outcome, place) => {
          const epoch = epochs.get(delivery.withdrawals[place]?.linkId as LinkId);
          return isSwept && epoch !== registration.featureSwitch.epoch ? { type: "unknown" } : outcome;
        }),
      })),
    };
  }),
  broken("RS8", "keeps one day too many", (sound) =>
    keeping(sound, ({ counts }) => ({ counts: counts.replace("03-01", "02-28") as CalendarDate })),
  ),
  broken("RS8", "keeps the last day of a window that has aged out", (sound) =>
    keeping(sound, ({ counts }) => ({ counts: counts.replace("03-02", "03-01") as CalendarDate })),
  ),
  broken("RS8", "kills a link whose counts have all aged out", (sound) => ({
    sweep: (query) =>
      sound
        .sweep(query)
        .andThen((result) =>
          sound
            .loadShown(OCTO.account)
            .andThen((shown) =>
              shown.length === 0 && result.trimmed > 0
                ? sound.deleteLinks(OCTO, query.at).map(() => result)
                : okAsync(result),
            ),
        ),
  })),
  broken("RS8", "forgets receipts that are as old as the bound", (sound) =>
    keeping(sound, ({ receipts }) => ({ receipts: at(receipts + 1) })),
  ),
  broken("RS8", "forgets what the ledger does not have", (sound) => ({
    sweep: (query) =>
      sound.loadUnrecorded(100).andThen((entries) =>
        sound
          .loadRegistration(SERVER)
          .andThen((stored) => {
            if (!stored) return okAsync(0);
            const { value: registration, version: expectedVersion } = stored;
            const ended = entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
            const commit = { expectedVersion, registration, hidesUnreported: false, ended, audit: [] };
            return sound.commitRegistration(commit).orElse(() => okAsync(0));
          })
          .andThen(() => sound.sweep(query)),
      ),
  })),
  broken("RS8", "keeps nothing where it does not know what", (sound) => ({
    sweep: (query) => sound.sweep({ ...query, keep: query.keep ?? NOTHING_KEPT }),
  })),
  broken("RS8", "goes on as a sweep that kept more has begun", (sound) => {
    let isUnfinished = false;
    return {
      sweep: (query) => {
        const keep = isUnfinished ? null : query.keep;
        return sound.sweep({ ...query, keep }).map((result) => {
          isUnfinished = keep === null && !result.isDone;
          return result;
        });
      },
    };
  }),
  broken("RS9", "takes the first sweep for one long after another", (sound) => ({
    loadSweepClock: () => sound.loadSweepClock().map((clock) => clock ?? { lastAt: at(0), doubtedAt: null }),
  })),
  broken("RS9", "keeps what was stored first", (sound) => ({
    saveSweepClock: (clock) =>
      sound.loadSweepClock().andThen((before) => sound.saveSweepClock(before ?? clock)),
  })),
  broken("RS9", "keeps the doubt of another", (sound) => {
    let doubtedAt: SweepClock["doubtedAt"] = null;
    return {
      saveSweepClock: (clock) => {
        doubtedAt = clock.doubtedAt ?? doubtedAt;
        return sound.saveSweepClock({ ...clock, doubtedAt });
      },
    };
  }),
];
