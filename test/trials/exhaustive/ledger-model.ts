import type { InstallationId, SessionId } from "../../../src/domain/identifiers.ts";
import { isSamePlace, type LedgerPlace } from "../../../src/domain/ledger-place.ts";
import type { EndedLink } from "../../../src/domain/receipt.ts";
import type { StoredAttempt } from "../../../src/ghec/attempt.ts";
import type { EndedPage } from "../../../src/ghec/ledger.ts";
import { endingOf, type ReceiverLink } from "../../../src/ghec/link.ts";
import type { LedgerEntry, RecordedEntry } from "../../../src/ghec/ports.ts";
import { type Registration, unconnected } from "../../../src/ghec/registration.ts";
import type { Rules } from "./rules.ts";
import { type Cloud, type Ids, mintFrom, NOW, type Receiving, SERVER } from "./world.ts";

/** What `catchUp` does: reads the entries behind the cursor to their end, and applies them. */
export function catchUp(rules: Rules, { cloud: start, ledger }: Receiving, ids: Ids): Cloud {
  let cloud = start;
  for (;;) {
    const readTo = cloud.registration?.readTo ?? null;
    const page = entriesFrom(ledger, readTo?.position ?? 1);
    const continuation = rules.continuationOf(readTo, page);
    switch (continuation.type) {
      case "lost":
        cloud = beginAgain(rules, cloud, ledger);
        break;
      case "pruned": {
        const before = cloud.registration ?? unconnected(SERVER, mintFrom(ids) as SessionId);
        const registration = { ...rules.passEpoch(before, NOW), readTo: continuation.readTo };
        cloud = { ...cloud, registration };
        break;
      }
      case "continues": {
        if (continuation.entries.length === 0) return cloud;
        const before = cloud.registration ?? unconnected(SERVER, mintFrom(ids) as SessionId);
        const { registration, ended } = rules.applyEntries(before, continuation.entries);
        cloud = {
          registration,
          links: endAll(rules, cloud.links, registration, ended),
          attempts: rules.voidsEnded ? withoutEnded(cloud.attempts, ended) : cloud.attempts,
        };
      }
    }
  }
}

/** Whether reading on would find that entries were pruned which this store never read. */
export function isCutOff(rules: Rules, { cloud, ledger }: Receiving): boolean {
  const readTo = cloud.registration?.readTo ?? null;
  return rules.continuationOf(readTo, entriesFrom(ledger, readTo?.position ?? 1)).type === "pruned";
}

function entriesFrom(ledger: readonly RecordedEntry[], from: number): readonly RecordedEntry[] {
  return ledger.filter(({ place }) => place.position >= from);
}

function endAll(
  rules: Rules,
  links: readonly ReceiverLink[],
  { installation }: Registration,
  ended: readonly EndedLink[],
): readonly ReceiverLink[] {
  return links.map((link) =>
    ended
      .filter(({ linkId }) => linkId === link.linkId)
      .reduce((before, entry) => rules.endRecorded(before, installation, entry) ?? before, link),
  );
}

/** RS11: a consent whose link has ended is void. */
function withoutEnded(
  attempts: readonly StoredAttempt[],
  ended: readonly EndedLink[],
): readonly StoredAttempt[] {
  return attempts.filter(
    ({ linkId, isRedeemed }) =>
      isRedeemed || !ended.some((each) => each.linkId === linkId && each.choice === null),
  );
}

/** RS13: what is deleted here is unrecorded again, and the ledger is read from its first entry on. */
function beginAgain(rules: Rules, cloud: Cloud, ledger: readonly RecordedEntry[]): Cloud {
  const { registration, links } = cloud;
  const [first] = ledger;
  const readTo = first && first.place.position > 1 ? rules.placeBefore(first.place) : null;
  if (!registration) return cloud;
  return rules.rewritesLost
    ? {
        ...cloud,
        registration: { ...registration, readTo, recordedOff: 0 },
        links: links.map(withoutRecord),
      }
    : { ...cloud, registration: { ...registration, readTo } };
}

function withoutRecord(link: ReceiverLink): ReceiverLink {
  if (link.status === "deleted") return { ...link, isRecorded: false };
  return link.withdrawn ? { ...link, withdrawn: { ...link.withdrawn, isRecorded: false } } : link;
}

/** L1: appends an entry. */
export function append(
  ledger: readonly RecordedEntry[],
  entry: LedgerEntry,
  ids: Ids,
): readonly RecordedEntry[] {
  const position = (ledger.at(-1)?.place.position ?? 0) + 1;
  return [...ledger, { place: { position, entryId: mintFrom(ids) }, entry }];
}

/** What `settle` does: the entries are read to their end, and the epochs that are over are recorded. */
export function settle(rules: Rules, receiving: Receiving, ids: Ids): Receiving {
  if (!rules.readsBeforeMinting) return receiving;
  const cloud = catchUp(rules, receiving, ids);
  const entry = cloud.registration && rules.recordsEpochs ? rules.unrecordedEpochs(cloud.registration) : null;
  return entry ? record(rules, { ...receiving, cloud }, entry, ids) : { ...receiving, cloud };
}

/** What `record` does without stopping on its way. */
function record(rules: Rules, { cloud, ledger }: Receiving, entry: LedgerEntry, ids: Ids): Receiving {
  const appended = append(ledger, entry, ids);
  return { cloud: catchUp(rules, { cloud, ledger: appended }, ids), ledger: appended };
}

/** What `completed` names (R10): the links that the ledger has as ended since the place that the server has heard of. */
export function namedEnded(
  rules: Rules,
  { cloud, ledger }: Receiving,
  heardTo: LedgerPlace | null,
): EndedPage {
  if (isSamePlace(cloud.registration?.readTo ?? null, heardTo)) return { ended: [], heardTo, hasMore: false };
  const page = entriesFrom(ledger, heardTo?.position ?? 1);
  return rules.namesAnew && rules.continuationOf(heardTo, page).type === "lost"
    ? rules.endedIn(null, ledger, Number.POSITIVE_INFINITY)
    : rules.endedIn(heardTo, page, Number.POSITIVE_INFINITY);
}

/** An ending of a link of an installation. */
export interface Unrecorded extends EndedLink {
  readonly installation: InstallationId;
}

/** What has ended of these links, and the ledger is not known to have. */
export function unrecordedEndings(links: readonly ReceiverLink[]): readonly Unrecorded[] {
  return links.flatMap((link): Unrecorded[] => {
    const ending = endingOf(link);
    if (!ending || ending.isRecorded) return [];
    const { choice, receipt } = ending;
    return [{ installation: link.installation, linkId: link.linkId, choice, receipt }];
  });
}

/** An entry that names these endings, or null where there are none. */
export function linksEnded(rules: Rules, endings: readonly Unrecorded[]): LedgerEntry | null {
  const recorded = rules.recordsChoices ? endings : endings.filter(({ choice }) => choice === null);
  const [first] = recorded;
  if (!first) return null;
  const links = recorded.map(({ linkId, choice, receipt }) => ({ linkId, choice, receipt }));
  return { type: "links-ended", installation: first.installation, links };
}

/** What `reconcile` does: a look at the ledger. The very same where there is nothing to do. */
export function reconcile(rules: Rules, start: Receiving, ids: Ids): Receiving {
  if (!rules.looks) return start;
  const recorded = recordUnrecorded(rules, start, ids);
  if (rules.comparesHeads ? isAtHead(start) : isRead(start)) return recorded;
  const cloud = catchUp(rules, recorded, ids);
  return recordUnrecorded(rules, cloud === recorded.cloud ? recorded : { ...recorded, cloud }, ids);
}

function recordUnrecorded(rules: Rules, start: Receiving, ids: Ids): Receiving {
  if (!rules.recordsUnrecorded || !start.cloud.registration) return start;
  const epochs = rules.unrecordedEpochs(start.cloud.registration);
  const ended = linksEnded(rules, unrecordedEndings(start.cloud.links));
  return [epochs, ended].reduce(
    (receiving, entry) => (entry ? record(rules, receiving, entry, ids) : receiving),
    start,
  );
}

/** Whether the cursor is at the ledger's head. */
export function isAtHead({ cloud, ledger }: Receiving): boolean {
  return cloud.registration?.readTo?.entryId === ledger.at(-1)?.place.entryId;
}

/** Whether the sums say so: what is compared in most looks, for all installations together. */
export function isRead({ cloud, ledger }: Receiving): boolean {
  return (cloud.registration?.readTo?.position ?? 0) === (ledger.at(-1)?.place.position ?? 0);
}

/** What `loadUnread` finds: what the entries behind the cursor take away from what is shown. */
export function unreadDeletions(
  rules: Rules,
  receiving: Receiving,
): { readonly epochOff: number; readonly ended: readonly EndedLink[] } {
  const { cloud, ledger } = receiving;
  const nothing = { epochOff: 0, ended: [] };
  if (!rules.leavesOutUnread || isRead(receiving)) return nothing;
  const readTo: LedgerPlace | null = cloud.registration?.readTo ?? null;
  let continuation = rules.continuationOf(readTo, entriesFrom(ledger, readTo?.position ?? 1));
  if (continuation.type === "lost") continuation = rules.continuationOf(null, ledger);
  if (continuation.type === "pruned") return { epochOff: Number.POSITIVE_INFINITY, ended: [] };
  if (continuation.type === "lost") return nothing;
  let epochOff = 0;
  const ended: EndedLink[] = [];
  for (const { entry } of continuation.entries) {
    if (entry.type === "links-ended") ended.push(...entry.links);
    else epochOff = Math.max(epochOff, entry.epoch);
  }
  return { epochOff, ended };
}
