import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import { LAST_DAY } from "../../domain/calendar-date.ts";
import { clipWindow } from "../../domain/contribution-window.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import {
  applyReport,
  applyWithdrawal,
  isUnreported,
  killLink,
  type LinkTransition,
  type LiveLink,
  type ReceiverLink,
} from "../../ghec/link.ts";
import type {
  Delivery,
  DeliveryResult,
  KilledLink,
  ReceiverStore,
  ShownWindow,
  StoredRegistration,
  SweepQuery,
  SweepResult,
} from "../../ghec/ports.ts";
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
  readonly registrations: readonly StoredRegistration[];
  readonly links: readonly ReceiverLink[];
}

/**
 * The receiver's storage in memory. Every method runs to its end before another begins, so each is atomic.
 *
 * @param backup what it holds at first; nothing if left out
 */
export function createMemoryReceiverStore(backup?: MemoryReceiverSnapshot): MemoryReceiverStore {
  const registrations = new Map<InstallationId, StoredRegistration>(
    (backup?.registrations ?? []).map((stored) => [stored.registration.installation, stored]),
  );
  const links = new Map<LinkId, ReceiverLink>();
  const byAccount = new Map<AccountId, Set<LinkId>>();
  const byInstallation = new Map<InstallationId, Set<LinkId>>();

  for (const link of backup?.links ?? []) put(link);

  function put(link: ReceiverLink): void {
    const before = links.get(link.link);
    if (before?.status === "live" && link.status === "dead") byAccount.get(before.account)?.delete(link.link);
    links.set(link.link, link);
    add(byInstallation, link.installation, link.link);
    if (link.status === "live") add(byAccount, link.account, link.link);
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

  function kill(dying: readonly LiveLink[], at: Instant): readonly KilledLink[] {
    return dying.map((link) => {
      const dead = killLink(link, at);
      put(dead);
      return { link: dead.link, installation: dead.installation, receipt: dead.receipt };
    });
  }

  function isShown(link: LiveLink): boolean {
    const stored = registrations.get(link.installation);
    return stored !== undefined && isOpen(stored.registration, link.epoch);
  }

  return {
    snapshot: () => ({ registrations: [...registrations.values()], links: [...links.values()] }),

    loadRegistration: (installation) => okAsync(registrations.get(installation) ?? null),

    commitRegistration: ({ expectedVersion, registration, killsUnreported, at }) => {
      const { installation, session } = registration;
      const version = registrations.get(installation)?.version ?? 0;
      if (version !== expectedVersion) return errAsync({ type: "version-conflict" });
      registrations.set(installation, { registration, version: version + 1 });
      if (killsUnreported) {
        kill(
          liveLinks(byInstallation.get(installation)).filter((link) => isUnreported(link, session)),
          at,
        );
      }
      return okAsync(version + 1);
    },

    applyDelivery: (delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault> => {
      const { installation, at } = delivery;
      const stored = registrations.get(installation);
      if (!stored?.registration.isConnected) return okAsync(null);
      const withdrawals = delivery.withdrawals.map((id) =>
        apply(applyWithdrawal(links.get(id) ?? null, installation, at)),
      );
      const admission = admit(stored.registration, delivery);
      if (admission.isErr()) {
        const reports = delivery.reports.map(() => ({ type: "not-applied" as const }));
        return okAsync({ isDetached: true, registration: stored.registration, reports, withdrawals });
      }
      const { registration, isRepeated } = admission.value;
      if (!isRepeated) registrations.set(installation, { registration, version: stored.version + 1 });
      const reports = delivery.reports.map(({ link, window }) =>
        apply(applyReport(links.get(link) ?? null, registration, window, at)),
      );
      return okAsync({ isDetached: false, registration, reports, withdrawals });
    },

    openLink: ({ link, installation, account, epoch, at }) => {
      const registration = registrations.get(installation)?.registration;
      if (!registration?.isConnected || registration.switch.status === "off")
        return okAsync({ type: "disabled" });
      if (registration.switch.epoch !== epoch) return okAsync({ type: "outdated-consent" });
      if (links.has(link)) return errAsync(DUPLICATE_LINK);
      kill(
        liveLinks(byAccount.get(account)).filter((other) => other.installation === installation),
        at,
      );
      const openedIn = registration.session.ordinal;
      put({ status: "live", link, installation, account, epoch, openedIn, openedAt: at, report: null });
      return okAsync({ type: "opened" });
    },

    killLinks: (selection, at) => {
      const dying = liveLinks(
        selection.type === "links" ? new Set(selection.links) : byAccount.get(selection.account),
      )
        .filter((link) => selection.type === "account" || link.installation === selection.installation)
        .sort((one, other) => (one.link < other.link ? -1 : 1));
      return okAsync(kill(dying, at));
    },

    loadShown: (account) => {
      const shown = liveLinks(byAccount.get(account))
        .filter(isShown)
        .flatMap(({ installation, report }): ShownWindow[] =>
          report?.window ? [{ installation, window: report.window, receivedAt: report.receivedAt }] : [],
        )
        .sort((one, other) => (one.installation < other.installation ? -1 : 1));
      return okAsync(shown);
    },

    sweep: (query) => {
      const result = { killed: 0, trimmed: 0, forgotten: 0 };
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

    restore: (session) => {
      for (const [installation, { registration, version }] of registrations) {
        registrations.set(installation, {
          registration: vacate(registration, session),
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
    if (link.status === "dead") return link.receipt.deletedAt < query.keepReceiptsFrom ? "forgotten" : null;
    if (!isShown(link)) return "killed";
    return link.report?.window && link.report.window.first < query.keepFrom ? "trimmed" : null;
  }

  function sweepLink(link: ReceiverLink, kind: "killed" | "trimmed" | "forgotten", query: SweepQuery): void {
    if (link.status === "dead") {
      links.delete(link.link);
      byInstallation.get(link.installation)?.delete(link.link);
    } else if (kind === "killed") {
      kill([link], query.at);
    } else if (link.report?.window) {
      const window = clipWindow(link.report.window, { first: query.keepFrom, last: LAST_DAY });
      put({ ...link, report: { ...link.report, window } });
    }
  }
}

function add<Key>(index: Map<Key, Set<LinkId>>, key: Key, link: LinkId): void {
  const known = index.get(key);
  if (known) known.add(link);
  else index.set(key, new Set([link]));
}
