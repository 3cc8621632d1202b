import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../../domain/answer.ts";
import { LAST_DAY } from "../../domain/calendar-date.ts";
import { highestEndings, type LinkChoice } from "../../domain/choice.ts";
import { clipWindow } from "../../domain/contribution-window.ts";
import type { Versioned } from "../../domain/decision.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import type { StoredAttempt } from "../../ghec/attempt.ts";
import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import { digestOf, unrecordedEpochs } from "../../ghec/ledger.ts";
import {
  applyReport,
  applyWithdrawal,
  causeOf,
  type DeletedLink,
  deleteLink,
  endingOf,
  endRecorded,
  hideLink,
  isUnreported,
  type LinkEndCause,
  type LinkTransition,
  type LiveLink,
  type ReceiverLink,
  voidedLink,
} from "../../ghec/link.ts";
import type {
  Delivery,
  DeliveryResult,
  LedgerEntry,
  ReceiverStore,
  Redemption,
  RedemptionResult,
  ShownLink,
  SweepQuery,
  SweepResult,
} from "../../ghec/ports.ts";
import type { LoggedInstallationEntry } from "../../ghec/reader.ts";
import type { Registration } from "../../ghec/registration.ts";
import { admit, isOpen } from "../../ghec/registration.ts";
import type { SweepClock } from "../../ghec/sweep-clock.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import { createAttempts } from "./attempts.ts";
import { createAuditLog } from "./audit-log.ts";

const DUPLICATE_LINK: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "A link of this id exists: let `random.id` return ids that cannot be guessed and never repeat.",
};

/** The receiver's storage in memory, which can show all that it holds. */
export interface MemoryReceiverStore extends ReceiverStore {
  /** Returns all that is stored, as a backup would hold it. */
  snapshot(): MemoryReceiverSnapshot;
}

/** Everything that a {@link MemoryReceiverStore} holds at one moment. */
export interface MemoryReceiverSnapshot {
  readonly registrations: readonly Versioned<Registration>[];
  readonly links: readonly ReceiverLink[];
  readonly attempts: readonly StoredAttempt[];
  readonly audit: readonly LoggedInstallationEntry[];
  readonly sweepClock: SweepClock | null;
}

/**
 * Returns a receiver's storage in memory. Every method runs to its end before another begins, so each is atomic.
 *
 * @param backup the content it starts with; empty if left out
 */
export function createMemoryReceiverStore(backup?: MemoryReceiverSnapshot): MemoryReceiverStore {
  const registrations = new Map<InstallationId, Versioned<Registration>>(
    (backup?.registrations ?? []).map((stored) => [stored.value.installation, stored]),
  );
  let sweepClock = backup?.sweepClock ?? null;
  const audit = createAuditLog<InstallationAuditEntry>(backup?.audit);
  const links = new Map<LinkId, ReceiverLink>();
  /** The live and the unrecorded links of each account. */
  const byAccount = new Map<AccountId, Set<LinkId>>();
  const byInstallation = new Map<InstallationId, Set<LinkId>>();

  const attempts = createAttempts(
    backup?.attempts ?? [],
    (installation) => registrations.get(installation)?.value,
  );

  for (const link of backup?.links ?? []) put(link);

  function save(registration: Registration): number {
    const version = mintVersion();
    registrations.set(registration.installation, { value: registration, version });
    return version;
  }

  function put(link: ReceiverLink): void {
    const before = links.get(link.linkId);
    if (before?.account) byAccount.get(before.account)?.delete(link.linkId);
    links.set(link.linkId, link);
    add(byInstallation, link.installation, link.linkId);
    if (link.account !== null) add(byAccount, link.account, link.linkId);
  }

  function remove(link: ReceiverLink): void {
    if (link.account !== null) byAccount.get(link.account)?.delete(link.linkId);
    byInstallation.get(link.installation)?.delete(link.linkId);
    links.delete(link.linkId);
    attempts.forget(link.linkId);
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

  /** Deletes the given links that are live. Returns the unrecorded ones among them, in the order of their ids. */
  function end(
    ids: Iterable<LinkId>,
    installation: InstallationId | null,
    cause: LinkEndCause,
    at: Instant,
  ): readonly DeletedLink[] {
    const chosen = [...new Set(ids)]
      .flatMap((id) => links.get(id) ?? [])
      .filter((link) => installation === null || link.installation === installation);
    for (const link of chosen) if (link.status === "live") put(deleteLink(link, cause, at));
    return unrecordedLinks(chosen.map(({ linkId }) => linkId));
  }

  /** Returns those links that are deleted and unrecorded, in the order of their ids. */
  function unrecordedLinks(ids: Iterable<LinkId>): readonly DeletedLink[] {
    return found(ids)
      .flatMap((link) => (link.status === "deleted" && !link.isRecorded ? [link] : []))
      .sort(byLinkId);
  }

  /** Returns what has ended of these links and is unrecorded, in the order of their ids. */
  function unrecorded(ids: Iterable<LinkId>): readonly EndedLink[] {
    return found(ids)
      .flatMap((link): EndedLink[] => {
        const ending = endingOf(link);
        if (!ending || ending.isRecorded) return [];
        return [{ linkId: link.linkId, choice: ending.choice, receipt: ending.receipt }];
      })
      .sort(byLinkId);
  }

  function found(ids: Iterable<LinkId>): readonly ReceiverLink[] {
    return [...new Set(ids)].flatMap((id) => links.get(id) ?? []);
  }

  /** R9: drops the counts of links that were not reported in a session. */
  function hide({ installation, session }: Registration, ended: readonly EndedLink[]): void {
    const named = new Set(ended.map(({ linkId }) => linkId));
    for (const link of liveLinks(byInstallation.get(installation))) {
      if (isUnreported(link, session) && !named.has(link.linkId)) put(hideLink(link));
    }
  }

  function isShown(link: LiveLink): boolean {
    const stored = registrations.get(link.installation);
    return stored !== undefined && isOpen(stored.value, link.epoch);
  }

  return {
    snapshot: () => ({
      registrations: [...registrations.values()],
      links: [...links.values()],
      attempts: attempts.all(),
      audit: audit.all(),
      sweepClock,
    }),

    loadRegistration: (installation) => okAsync(registrations.get(installation) ?? null),

    commitRegistration: ({ expectedVersion, registration, hidesUnreported, ended, audit: entries }) => {
      const { installation } = registration;
      const version = registrations.get(installation)?.version ?? 0;
      if (version !== expectedVersion) return errAsync({ type: "version-conflict" });
      const minted = save(registration);
      if (hidesUnreported) hide(registration, ended);
      for (const entry of ended) {
        const link = links.get(entry.linkId);
        const after = link && endRecorded(link, installation, entry);
        if (after) put(after);
      }
      attempts.voidEnded(installation, ended);
      for (const entry of entries) audit.append(entry);
      return okAsync(minted);
    },

    applyDelivery: (delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault> => {
      const { installation, at } = delivery;
      const stored = registrations.get(installation);
      if (!stored?.value.isConnected) return okAsync(null);
      const withdraw = ({ linkId, choice }: LinkChoice): RecordOutcome =>
        apply(applyWithdrawal(links.get(linkId) ?? null, installation, choice, at));
      highestEndings(delivery.withdrawals).forEach(withdraw);
      // The second time nothing changes: of two withdrawals of one link both get the receipt of the higher one.
      const withdrawals = delivery.withdrawals.map(withdraw);
      const admission = admit(stored.value, delivery);
      const isDetached = admission.isErr();
      const registration = isDetached ? stored.value : admission.value.registration;
      if (admission.isOk() && !admission.value.isRepeated) save(registration);
      const reports = delivery.reports.map((report) =>
        isDetached
          ? ({ type: "not-applied" } as const)
          : apply(applyReport(links.get(report.linkId) ?? null, registration, report, at)),
      );
      const notKept = delivery.reports.filter((_, index) => reports[index]?.type !== "kept");
      const named = [...delivery.withdrawals, ...notKept]
        .map(({ linkId }) => linkId)
        .filter((id) => links.get(id)?.installation === installation);
      return okAsync({ isDetached, registration, reports, withdrawals, unrecorded: unrecorded(named) });
    },

    pushAttempt: (pushed) => okAsync(attempts.push(pushed)),

    answerAttempt: (brought) => okAsync(attempts.answer(brought)),

    openLink: (redemption) => {
      const { installation, attempt: id, code, at } = redemption;
      const known = attempts.get(id);
      if (known?.installation !== installation) return okAsync({ type: "no-such-consent" });
      const opened = known.isRedeemed ? links.get(known.linkId) : undefined;
      if (opened) return okAsync(repeated(opened));
      const attempt = attempts.pending(id, at);
      if (!attempt || attempt.code !== code) return okAsync({ type: "no-such-consent" });
      return redeem(redemption, attempt);
    },

    deleteLinks: ({ account, installation }, at) => {
      const cause = causeOf({ installation });
      const voided = attempts.voidConsents(account, installation);
      for (const attempt of voided) put(voidedLink(attempt, account, cause, at));
      return okAsync(end(byAccount.get(account) ?? [], installation, cause, at));
    },

    loadShown: (account) => {
      const shown = liveLinks(byAccount.get(account))
        .filter(isShown)
        .flatMap(({ installation, linkId, epoch, report }): ShownLink[] => {
          if (!report?.window || report.receivedAt === null) return [];
          const { choice, window, receivedAt } = report;
          return [{ installation, linkId, choice, epoch, window, receivedAt }];
        })
        .sort((a, b) => (a.installation < b.installation ? -1 : 1));
      return okAsync(shown);
    },

    sweep: (query) => {
      const result = { deleted: 0, trimmed: 0, forgotten: 0 };
      if (query.signal?.aborted) return okAsync({ ...result, isDone: false });
      let left = query.limit;
      for (const link of links.values()) {
        if (left === 0) return okAsync({ ...result, isDone: false });
        const kind = sweepKind(link, query);
        if (!kind) continue;
        sweepLink(link, kind, query);
        result[kind]++;
        left--;
      }
      if (!query.keep) return okAsync({ ...result, isDone: true });
      const expired = attempts.forgetExpired(query.at, left);
      const entries = audit.prune(query.keep.audit, left - expired.forgotten);
      const forgotten = result.forgotten + expired.forgotten + entries.pruned;
      return okAsync({ ...result, forgotten, isDone: expired.isDone && entries.isDone });
    },

    loadSweepClock: () => okAsync(sweepClock),

    saveSweepClock: (told) => {
      sweepClock = told;
      return okAsync(undefined);
    },

    loadLedgerStanding: () =>
      okAsync({
        digest: digestOf([...registrations.values()].map(({ value }) => value.readTo)),
        hasUnrecorded: unrecordedEntries().length > 0,
      }),

    loadCursors: ({ after, limit }) =>
      okAsync(
        [...registrations.values()]
          .map(({ value: { installation, readTo } }) => ({ installation, readTo }))
          .filter(({ installation }) => after === null || installation > after)
          .sort((a, b) => (a.installation < b.installation ? -1 : 1))
          .slice(0, limit),
      ),

    loadUnrecorded: (limit) => {
      let left = limit;
      return okAsync(
        unrecordedEntries().flatMap((entry): LedgerEntry[] => {
          if (left <= 0) return [];
          if (entry.type === "epochs-off") return [entry];
          const some = entry.links.slice(0, left);
          left -= some.length;
          return [{ ...entry, links: some }];
        }),
      );
    },

    takeForUnrecorded: ({ installation, readTo }) => {
      const stored = registrations.get(installation);
      if (!stored) return okAsync(undefined);
      save({ ...stored.value, readTo, recordedOff: 0 });
      for (const id of byInstallation.get(installation) ?? []) {
        const link = links.get(id);
        if (link?.status === "deleted") put({ ...link, isRecorded: false });
        else if (link?.withdrawn) put({ ...link, withdrawn: { ...link.withdrawn, isRecorded: false } });
      }
      return okAsync(undefined);
    },
  };

  /** Returns the answer to a redemption whose attempt has opened this link before. */
  function repeated(link: ReceiverLink): RedemptionResult {
    const others = link.account === null ? [] : [...(byAccount.get(link.account) ?? [])];
    const own = others.filter((other) => links.get(other)?.installation === link.installation);
    const left = unrecordedLinks(own).map(endedLink);
    return link.status === "live" && isShown(link)
      ? { type: "redeemed", linkId: link.linkId, epoch: link.epoch, unrecorded: left }
      : { type: "link-ended", unrecorded: left };
  }

  function redeem(
    { installation, at }: Redemption,
    attempt: StoredAttempt,
  ): ResultAsync<RedemptionResult, StorageFault> {
    const { account, epoch, linkId } = attempt;
    if (account === null) return okAsync({ type: "no-such-consent" });
    if (links.has(linkId)) return errAsync(DUPLICATE_LINK);
    const others = byAccount.get(account) ?? [];
    const ended = end(others, installation, "replaced", at).map(endedLink);
    const opened = { linkId, installation, account, epoch, openedAt: at };
    put({ status: "live", ...opened, report: null, withdrawn: null });
    attempts.redeem(attempt);
    return okAsync({ type: "redeemed", linkId, epoch, unrecorded: ended });
  }

  function unrecordedEntries(): readonly LedgerEntry[] {
    return [...registrations.values()]
      .sort((a, b) => (a.value.installation < b.value.installation ? -1 : 1))
      .flatMap(({ value: registration }): LedgerEntry[] => {
        const { installation } = registration;
        const epochs = unrecordedEpochs(registration);
        const ended = unrecorded(byInstallation.get(installation) ?? []);
        return [
          ...(epochs ? [epochs] : []),
          ...(ended.length > 0 ? [{ type: "links-ended" as const, installation, links: ended }] : []),
        ];
      });
  }

  function sweepKind(link: ReceiverLink, { keep }: SweepQuery): SweepKind | null {
    if (link.status === "live" && !isShown(link)) return "deleted";
    if (!keep) return null;
    if (link.status === "deleted") {
      return link.isRecorded && link.receipt.deletedAt < keep.receipts ? "forgotten" : null;
    }
    return link.report?.window && link.report.window.first < keep.counts ? "trimmed" : null;
  }

  function sweepLink(link: ReceiverLink, kind: SweepKind, { keep }: SweepQuery): void {
    if (kind !== "trimmed") {
      remove(link);
    } else if (link.status === "live" && link.report?.window && keep) {
      const window = clipWindow(link.report.window, { first: keep.counts, last: LAST_DAY });
      put({ ...link, report: { ...link.report, window } });
    }
  }
}

type SweepKind = keyof Omit<SweepResult, "isDone">;

function endedLink({ linkId, receipt }: DeletedLink): EndedLink {
  return { linkId, choice: null, receipt };
}

function byLinkId(a: { readonly linkId: LinkId }, b: { readonly linkId: LinkId }): number {
  return a.linkId < b.linkId ? -1 : 1;
}

function add<Key>(index: Map<Key, Set<LinkId>>, key: Key, linkId: LinkId): void {
  const known = index.get(key);
  if (known) known.add(linkId);
  else index.set(key, new Set([linkId]));
}
