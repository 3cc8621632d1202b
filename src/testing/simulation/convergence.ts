import { addDays, type CalendarDate, dateOfInstant, dayNumberAt } from "../../domain/calendar-date.ts";
import { covers } from "../../domain/choice.ts";
import { CONTRIBUTION_WINDOW_DAYS, MAX_DAILY_COUNT } from "../../domain/contribution-window.ts";
import type { AccountId, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { ShownWindow } from "../../ghec/ports.ts";
import type { Scene } from "./scene.ts";
import type { SimulatedLink } from "./server.ts";
import type { Site } from "./site.ts";
import type { InvariantViolation } from "./violation.ts";
import { HOUR_MS } from "./world.ts";

/**
 * Returns a violation unless both sides agree about a site, all deletions and counts have arrived, and nothing waits
 * (I7).
 */
export async function checkSite(scene: Scene, site: Site): Promise<InvariantViolation | null> {
  const fault = (await checkSettings(scene, site)) ?? (await checkLinks(scene, site));
  return fault === null ? null : { invariant: "I7", message: `${site.installation}: ${fault}` };
}

async function checkSettings({ cloud }: Scene, { machine, installation }: Site): Promise<string | null> {
  const { settings, disabling, isContested } = (await machine.sender.status())._unsafeUnwrap();
  if (settings.status === "disconnected") return null;
  if (isContested) return "another copy is said to run, and none does";
  if (disabling && !disabling.receipt) return "a disabling waits for its receipt";
  if (await machine.isWithdrawalPending()) return "a withdrawal waits for its receipt";
  const stored = (await cloud.databases.store().loadRegistration(installation))._unsafeUnwrap();
  const wanted = settings.status === "enabled" ? settings.epoch : null;
  const { isConnected = false, featureSwitch } = stored?.value ?? {};
  const found = isConnected && featureSwitch?.status === "on" ? featureSwitch.epoch : null;
  return wanted === found ? null : `the owner sees epoch ${wanted}, the receiver stands at ${found}`;
}

/** Each link that is sent under is shown and equal to the truth, and nothing else is shown. */
async function checkLinks(scene: Scene, site: Site): Promise<string | null> {
  const shown = await shownOf(scene, site);
  const ended = await endedOf(scene, site);
  for (const user of site.users) {
    const { link, decision, deletion } = (await site.machine.sender.sharing(user))._unsafeUnwrap();
    if (deletion.status === "pending") return "a user's deletion is pending";
    if (isOver(link, ended)) return "a user is told of a link or a choice that has ended as if it was open";
    if (!decision.isAllowed || link.status !== "sending" || !link.consent) continue;
    const { choice = 0, consent } = link;
    const { linkId } = consent;
    const fault = isUnreadable(scene, site, user)
      ? checkUnreadable(scene, site, { linkId, choice }, shown)
      : checkLink(scene, site, user, linkId, shown);
    if (fault) return fault;
  }
  return shown.size > 0 ? "counts are shown that no user of the server sends: nobody can delete them" : null;
}

/** Whether a user's present choice has ended, or the next one of a user who does not send. */
function isOver({ status, consent, choice = 0 }: SimulatedLink, ended: ReadonlyMap<LinkId, number>): boolean {
  if (!consent || (status !== "connected" && status !== "sending")) return false;
  return covers(ended.get(consent.linkId) ?? 0, status === "sending" ? choice : choice + 1);
}

/**
 * Returns what the ledger has as ended of the links of a site: the last choice, or `Infinity` for the link itself. A
 * server hears of it when its sync is completed (R10).
 */
async function endedOf({ cloud }: Scene, { installation }: Site): Promise<ReadonlyMap<LinkId, number>> {
  const ended = new Map<LinkId, number>();
  for (let from = 1; ; ) {
    const page = (await cloud.databases.ledger().read({ installation, from, limit: 1_000 }))._unsafeUnwrap();
    for (const { place, entry } of page) {
      for (const { linkId, choice } of entry.type === "links-ended" ? entry.links : [])
        ended.set(linkId, Math.max(ended.get(linkId) ?? 0, choice ?? Number.POSITIVE_INFINITY));
      from = place.position + 1;
    }
    if (page.length < 1_000) return ended;
  }
}

async function shownOf(
  { cloud, accounts }: Scene,
  { installation }: Site,
): Promise<Map<AccountId, ShownWindow>> {
  const shown = new Map<AccountId, ShownWindow>();
  for (const account of accounts) {
    const windows = (await cloud.observer.shownCounts(account))._unsafeUnwrap();
    const window = windows.find((each) => each.installation === installation);
    if (window) shown.set(account, window);
  }
  return shown;
}

function isUnreadable({ world }: Scene, { unreadableUntil }: Site, user: UserId): boolean {
  // The last sync was an hour ago at most.
  return world.now() - HOUR_MS < (unreadableUntil.get(user) ?? 0);
}

/** The last report of a user whose contributions cannot be read is shown, unless another copy did not know it. */
function checkUnreadable(
  { world: { judge } }: Scene,
  { isForked }: Site,
  { linkId, choice }: { readonly linkId: LinkId; readonly choice: number },
  shown: Map<AccountId, ShownWindow>,
): string | null {
  const account = judge.accountOf(linkId);
  const isShown = account !== null && shown.delete(account);
  return isShown || isForked || !judge.hasReport(linkId, choice)
    ? null
    : "nothing is shown of a user any more whose contributions can't be read";
}

function checkLink(
  { world }: Scene,
  { truth }: Site,
  user: UserId,
  linkId: LinkId,
  shown: Map<AccountId, ShownWindow>,
): string | null {
  const account = world.judge.accountOf(linkId);
  const window = account && shown.get(account);
  if (!window) return "a link is sent under and not shown";
  shown.delete(account);
  const date = wrongDay(world.now(), window, truth.get(user) ?? new Map());
  return date && `what is shown of ${date} is not the truth`;
}

/**
 * Returns a day whose shown count differs from the truth. The first and last day may be outside of one side's window.
 */
function wrongDay(
  now: Instant,
  { window }: ShownWindow,
  truth: ReadonlyMap<CalendarDate, number>,
): CalendarDate | null {
  const today = dateOfInstant(now);
  const first = dayNumberAt(window.first);
  for (let daysAgo = 1; daysAgo < CONTRIBUTION_WINDOW_DAYS - 1; daysAgo++) {
    const date = addDays(today, -daysAgo);
    const count = window.counts[dayNumberAt(date) - first] ?? 0;
    if (count !== Math.min(truth.get(date) ?? 0, MAX_DAILY_COUNT)) return date;
  }
  return null;
}
