import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import { LAST_DAY } from "../../domain/calendar-date.ts";
import { clipWindow } from "../../domain/contribution-window.ts";
import type { Versioned } from "../../domain/decision.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { DeletedLink } from "../../ghec/link.ts";
import {
  applyReport,
  applyWithdrawal,
  deleteLink,
  isUnreported,
  type LinkTransition,
  type LiveLink,
  type ReceiverLink,
} from "../../ghec/link.ts";
import type {
  Delivery,
  DeliveryResult,
  ReceiverStore,
  ShownWindow,
  SweepQuery,
  SweepResult,
} from "../../ghec/ports.ts";
import type { Registration } from "../../ghec/registration.ts";
import { admit, isOpen, vacate } from "../../ghec/registration.ts";

const DUPLICATE_LINK: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A link of this id exists: let `random.id` give ids that nobody can guess and that never repeat.",
};

/** The receiver's storage in memory, with a look at all of it. */
export interface MemoryReceiverStore extends ReceiverStore {
  /** All that is stored, as a backup would hold it. */
  snapshot(): MemoryReceiverSnapshot;
}

/** All that a {@link MemoryReceiverStore} holds at one moment. */
export interface MemoryReceiverSnapshot {
  readonly registrations: readonly Versioned<Registration>[];
  readonly links: readonly ReceiverLink[];
}

/**
 * The receiver's storage in memory. Every method runs to its end before another begins, so each is atomic.
 *
 * @param backup what it holds at first; nothing if left out
 */
export function createMemoryReceiverStore(backup?: MemoryReceiverSnapshot): MemoryReceiverStore {
  const registrations = new Map<InstallationId, Versioned<Registration>>(
    (backup?.registrations ?? []).map((stored) => [stored.value.installation, stored]),
  );
  const links = new Map<LinkId, ReceiverLink>();
  const byAccount = new Map<AccountId, Set<LinkId>>();
  const byInstallation = new Map<InstallationId, Set<LinkId>>();

  for (const link of backup?.links ?? []) put(link);

  function put(link: ReceiverLink): void {
    const before = links.get(link.linkId);
    if (before?.status === "live" && link.status === "deleted")
      byAccount.get(before.account)?.delete(link.linkId);
    links.set(link.linkId, link);
    add(byInstallation, link.installation, link.linkId);
    if (link.status === "live") add(byAccount, link.account, link.linkId);
  }

  function apply(transition: LinkTransition): LinkTransition["outcome"] {
    if (transition.link) put(transition.link);
    return transition.outcome;
  }

  function liveLinks(ids: Iterable<LinkId> | undefined): LiveLink[] {
    return [...(ids ?? [])].flatMap((id) => {
      const link = links.get(id);
      return link?.status === "live" ? [link] : [];
    });
  }

  function end(links: readonly LiveLink[], at: Instant): readonly DeletedLink[] {
    return links.map((link) => {
      const deleted = deleteLink(link, at);
      put(deleted);
      return deleted;
    });
  }

  function isShown(link: LiveLink): boolean {
    const stored = registrations.get(link.installation);
    return stored !== undefined && isOpen(stored.value, link.epoch);
  }

  return {
    snapshot: () => ({ registrations: [...registrations.values()], links: [...links.values()] }),

    loadRegistration: (installation) => okAsync(registrations.get(installation) ?? null),

    commitRegistration: ({ expectedVersion, registration, deletesUnreported, at }) => {
      const { installation, session } = registration;
      const version = registrations.get(installation)?.version ?? 0;
      if (version !== expectedVersion) return errAsync({ type: "version-conflict" });
      registrations.set(installation, { value: registration, version: version + 1 });
      if (deletesUnreported) {
        end(
          liveLinks(byInstallation.get(installation)).filter((link) => isUnreported(link, session)),
          at,
        );
      }
      return okAsync(version + 1);
    },

    applyDelivery: (delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault> => {
      const { installation, at } = delivery;
      const stored = registrations.get(installation);
      if (!stored?.value.isConnected) return okAsync(null);
      const withdrawals = delivery.withdrawals.map((id) =>
        apply(applyWithdrawal(links.get(id) ?? null, installation, at)),
      );
      const admission = admit(stored.value, delivery);
      if (admission.isErr()) {
        const reports = delivery.reports.map(() => ({ type: "not-applied" as const }));
        return okAsync({ isDetached: true, registration: stored.value, reports, withdrawals });
      }
      const { registration, isRepeated } = admission.value;
      if (!isRepeated) registrations.set(installation, { value: registration, version: stored.version + 1 });
      const reports = delivery.reports.map(({ linkId, window }) =>
        apply(applyReport(links.get(linkId) ?? null, registration, window, at)),
      );
      return okAsync({ isDetached: false, registration, reports, withdrawals });
    },

    openLink: ({ linkId, installation, account, epoch, at }) => {
      const registration = registrations.get(installation)?.value;
      if (!registration?.isConnected || registration.featureSwitch.status === "off")
        return okAsync({ type: "disabled" });
      if (registration.featureSwitch.epoch !== epoch) return okAsync({ type: "outdated-consent" });
      if (links.has(linkId)) return errAsync(DUPLICATE_LINK);
      end(
        liveLinks(byAccount.get(account)).filter((link) => link.installation === installation),
        at,
      );
      const openedIn = registration.session.ordinal;
      put({ status: "live", linkId, installation, account, epoch, openedIn, openedAt: at, report: null });
      return okAsync({ type: "opened" });
    },

    deleteLinks: (selection, at) => {
      const deleted = liveLinks(
        selection.type === "links" ? new Set(selection.linkIds) : byAccount.get(selection.account),
      )
        .filter((link) => selection.type === "account" || link.installation === selection.installation)
        .sort((a, b) => (a.linkId < b.linkId ? -1 : 1));
      return okAsync(end(deleted, at));
    },

    loadShown: (account) => {
      const shown = liveLinks(byAccount.get(account))
        .filter(isShown)
        .flatMap(({ installation, report }): ShownWindow[] =>
          report?.window ? [{ installation, window: report.window, receivedAt: report.receivedAt }] : [],
        )
        .sort((a, b) => (a.installation < b.installation ? -1 : 1));
      return okAsync(shown);
    },

    sweep: (query) => {
      const result = { deleted: 0, trimmed: 0, forgotten: 0 };
      let left = query.limit;
      for (const link of links.values()) {
        if (left === 0) return okAsync({ ...result, isDone: false });
        const kind = sweepKind(link, query);
        if (!kind) continue;
        sweepLink(link, kind, query);
        result[kind]++;
        left--;
      }
      return okAsync({ ...result, isDone: true });
    },

    recover: (sessionId) => {
      for (const [installation, { value: registration, version }] of registrations) {
        registrations.set(installation, {
          value: vacate(registration, sessionId),
          version: version + 1,
        });
      }
      let dropped = 0;
      for (const link of liveLinks(links.keys())) {
        if (!link.report?.window) continue;
        put({ ...link, report: { ...link.report, window: null } });
        dropped++;
      }
      return okAsync({ installations: registrations.size, links: dropped });
    },
  };

  function sweepKind(link: ReceiverLink, query: SweepQuery): keyof Omit<SweepResult, "isDone"> | null {
    if (link.status === "deleted")
      return link.receipt.deletedAt < query.keepReceiptsFrom ? "forgotten" : null;
    if (!isShown(link)) return "deleted";
    return link.report?.window && link.report.window.first < query.keepFrom ? "trimmed" : null;
  }

  function sweepLink(link: ReceiverLink, kind: "deleted" | "trimmed" | "forgotten", query: SweepQuery): void {
    if (link.status === "deleted") {
      links.delete(link.linkId);
      byInstallation.get(link.installation)?.delete(link.linkId);
    } else if (kind === "deleted") {
      end([link], query.at);
    } else if (link.report?.window) {
      const window = clipWindow(link.report.window, { first: query.keepFrom, last: LAST_DAY });
      put({ ...link, report: { ...link.report, window } });
    }
  }
}

function add<Key>(index: Map<Key, Set<LinkId>>, key: Key, linkId: LinkId): void {
  const known = index.get(key);
  if (known) known.add(linkId);
  else index.set(key, new Set([linkId]));
}
