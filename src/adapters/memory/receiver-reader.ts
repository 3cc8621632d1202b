import { okAsync } from "neverthrow";
import { tallyOf } from "../../domain/tally.ts";
import { type DeletedLink, endingOf, type LiveLink } from "../../ghec/link.ts";
import type { AccountSender, InstallationStanding, ReceiverReader } from "../../ghec/reader.ts";
import { isOpen, isRecorded, type Registration } from "../../ghec/registration.ts";
import type { MemoryReceiverSnapshot, MemoryReceiverStore } from "./receiver-store.ts";

/** Returns a reader of a receiver's storage in memory. */
export function createMemoryReceiverReader(store: Pick<MemoryReceiverStore, "snapshot">): ReceiverReader {
  return {
    loadInstallation: ({ installation, lookAt }) => {
      const snapshot = store.snapshot();
      const registration = registrationsIn(snapshot).get(installation);
      if (!registration) return okAsync(null);
      const links = snapshot.links
        .filter((link) => link.installation === installation)
        .sort((a, b) => (a.linkId < b.linkId ? -1 : 1));
      const looked = links.slice(0, lookAt + 1);
      const live = looked.filter((link) => link.status === "live");
      const open = live.filter(({ epoch }) => isOpen(registration, epoch));
      const counts = open.flatMap((link) => countsAtOf(link) ?? []);
      const unrecorded = links.filter((link) => endingOf(link)?.isRecorded === false);
      return okAsync({
        ...standingOf(registration),
        links: {
          open: tallyOf(open.length, lookAt, looked.length),
          withCounts: tallyOf(counts.length, lookAt, looked.length),
          unswept: tallyOf(live.length - open.length, lookAt, looked.length),
          unrecorded: tallyOf(unrecorded.length, lookAt),
          newestCountsAt: counts.reduce<AccountSender["countsAt"]>(
            (newest, at) => (newest === null || at > newest ? at : newest),
            null,
          ),
        },
      });
    },

    loadInstallations: ({ after, limit }) =>
      okAsync(
        [...registrationsIn(store.snapshot()).values()]
          .filter(({ installation }) => after === null || installation > after)
          .sort((a, b) => (a.installation < b.installation ? -1 : 1))
          .slice(0, limit)
          .map(standingOf),
      ),

    loadAccount: (account) => {
      const snapshot = store.snapshot();
      const registrations = registrationsIn(snapshot);
      const links = snapshot.links.filter((link) => link.account === account);
      const senders = links.flatMap((link): AccountSender[] => {
        if (link.status === "deleted") return [];
        const { installation, epoch, openedAt } = link;
        const registration = registrations.get(installation);
        const isShown = registration !== undefined && isOpen(registration, epoch);
        const heardAt = link.report?.receivedAt ?? null;
        return [{ installation, openedAt, heardAt, countsAt: countsAtOf(link), isOpen: isShown }];
      });
      const unrecorded = links.filter((link): link is DeletedLink => link.status === "deleted");
      return okAsync({
        senders: senders.sort((a, b) => (a.installation < b.installation ? -1 : 1)),
        unrecorded: unrecorded.sort((a, b) => (a.linkId < b.linkId ? -1 : 1)),
      });
    },

    loadAudit: ({ installation, after, limit }) =>
      okAsync(
        store
          .snapshot()
          .audit.filter(({ id, entry }) => entry.installation === installation && id > after)
          .slice(0, limit),
      ),

    loadLink: (installation, id) => {
      const link = store
        .snapshot()
        .links.find(({ linkId, installation: its }) => linkId === id && its === installation);
      if (!link) return okAsync(null);
      const { linkId, account, openedAt } = link;
      if (link.status === "deleted") {
        const { cause, receipt } = link;
        return okAsync({ linkId, installation, account, openedAt, withdrawn: null, end: { cause, receipt } });
      }
      const last = link.withdrawn && { choice: link.withdrawn.choice, receipt: link.withdrawn.receipt };
      return okAsync({ linkId, installation, account, openedAt, withdrawn: last, end: null });
    },
  };
}

function registrationsIn({
  registrations,
}: MemoryReceiverSnapshot): ReadonlyMap<Registration["installation"], Registration> {
  return new Map(registrations.map(({ value }) => [value.installation, value]));
}

function standingOf(registration: Registration): InstallationStanding {
  const { installation, isConnected, connectionId, featureSwitch, disabledAt, session } = registration;
  return {
    installation,
    isConnected,
    connectionId,
    featureSwitch,
    disabledAt,
    session: { isAttached: session.attachedBy !== null, isCompleted: session.isCompleted },
    isRecorded: isRecorded(registration),
  };
}

function countsAtOf({ report }: LiveLink): AccountSender["countsAt"] {
  return report?.window ? report.receivedAt : null;
}
