import { covers } from "../../../src/domain/choice.ts";
import type { LinkId } from "../../../src/domain/identifiers.ts";
import { endingOf, type LiveLink, type ReceiverLink } from "../../../src/ghec/link.ts";
import { lastEpochOff } from "../../../src/ghec/registration.ts";
import { isAtHead, isRead } from "./ledger-model.ts";
import { shownLinks, viewedLinks } from "./receiver-model.ts";
import type { Rules } from "./rules.ts";
import { type Action, look } from "./step.ts";
import { type Cloud, isEnded, readUnder, type Server, type World } from "./world.ts";

/** What is wrong, by the numbers of the protocol. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I7" | "I8";
  readonly message: string;
}

/**
 * What must hold in a world by itself. What is shown is judged as a viewer sees it who looks now, and as everybody does
 * after a look at the ledger: that is what the minute of I2 allows. While the ledger cannot be read, it counts from its
 * return.
 */
export function checkWorld(rules: Rules, world: World): Violation | null {
  const { cloud, servers, isForked } = world;
  if (!isForked && servers.some(({ state }) => state.session.status === "contested"))
    return { invariant: "I8", message: "another copy is said to run where there is none" };
  for (const link of cloud.links) {
    const ending = endingOf(link);
    if (ending && !isEnded(world.caused, link.linkId, ending.choice))
      return { invariant: "I3", message: "a link is dead that nobody has ended, or a choice of it" };
  }
  if (cloud.registration && lastEpochOff(cloud.registration) > world.causedOff)
    return { invariant: "I3", message: "an epoch is over that nobody has ended" };
  const read = look(rules, world);
  // Where a new entry has taken the place of a lost one, only the hourly comparison can tell.
  const isMistaken = isRead(world) && !isAtHead(world);
  return (
    (isMistaken ? null : checkShown(world, viewedLinks(rules, world), world.cloud)) ??
    (read && checkShown(world, shownLinks(rules, read.cloud), read.cloud)) ??
    checkEpoch(world, (read ?? world).cloud)
  );
}

function checkShown(
  { deleted, offEpoch }: World,
  shown: readonly LiveLink[],
  { registration }: Cloud,
): Violation | null {
  for (const link of shown) {
    const stands = registration?.featureSwitch;
    if (!registration?.isConnected || stands?.status !== "on" || link.epoch !== stands.epoch)
      return { invariant: "I1", message: "counts are shown of an epoch that is not open" };
    const { window } = link.report ?? {};
    if (window && isEnded(deleted, link.linkId, readUnder(window)))
      return { invariant: "I2", message: "counts are shown of a link or choice whose end was acknowledged" };
    if (link.epoch <= offEpoch)
      return { invariant: "I2", message: "counts are shown of an epoch whose disabling was acknowledged" };
  }
  const accounts = shown.map(({ account }) => account);
  if (new Set(accounts).size < accounts.length)
    return { invariant: "I5", message: "one account is shown two links of one server" };
  return null;
}

function checkEpoch({ offEpoch }: World, { registration }: Cloud): Violation | null {
  const stands = registration?.featureSwitch;
  return stands?.status === "on" && stands.epoch <= offEpoch
    ? { invariant: "I2", message: "an epoch is on whose disabling was acknowledged" }
    : null;
}

/** What must hold of a step. */
export function checkStep(before: World, action: Action, after: World): Violation | null {
  return (
    checkEnabling(before, action, after) ??
    checkAnswer(before, action, after) ??
    checkLinks(before, action, after)
  );
}

function checkLinks(before: World, action: Action, after: World): Violation | null {
  if (before.cloud.links === after.cloud.links || action.type === "store-forgets") return null;
  for (const link of after.cloud.links) {
    const was = findLink(before.cloud, link.linkId);
    if (was?.status === "deleted" && link.status === "live")
      return { invariant: "I1", message: "a dead link lives" };
    if (was?.status !== "live") continue;
    if (was.withdrawn && link.status === "live" && !isCovered(link, was.withdrawn.choice))
      return { invariant: "I1", message: "a choice that has ended lives" };
    if (link.status === "live" && link.report && isCovered(link, link.report.choice))
      return { invariant: "I1", message: "counts are kept of a choice that has ended" };
    const old = link.status === "live" ? link.report?.window : null;
    const young = was.report?.window;
    if (old && young && (old.counts[0] as number) < (young.counts[0] as number))
      return { invariant: "I4", message: "an older window replaced a newer one" };
    const stands = after.cloud.registration?.featureSwitch;
    const isOver = link.status === "live" && (stands?.status !== "on" || link.epoch !== stands.epoch);
    if (old && isOver && link.report !== was.report)
      return { invariant: "I1", message: "counts were taken of an epoch that is over" };
  }
  return null;
}

/** I2: an enabling that was asked for before a disabling that was acknowledged. */
function checkEnabling(before: World, action: Action, after: World): Violation | null {
  if (action.type !== "arrive" && action.type !== "arrive-and-stay") return null;
  const was = before.cloud.registration?.featureSwitch;
  const is = after.cloud.registration?.featureSwitch;
  const packet = before.wire[action.packet];
  const isEnabled = is?.status === "on" && (was?.status !== "on" || was.epoch !== is.epoch);
  return isEnabled && packet?.message.type === "enable" && packet.isPast && !before.isForked
    ? { invariant: "I2", message: "an enabling came back after a later disabling was acknowledged" }
    : null;
}

/** What a server may take from an answer: a receipt for what is deleted (I2), an end that somebody has caused (I3). */
function checkAnswer(before: World, action: Action, after: World): Violation | null {
  if (action.type !== "answer") return null;
  const copy = before.wire[action.packet]?.copy ?? 0;
  const was = before.servers[copy] as Server;
  const is = after.servers[copy] as Server;
  for (const [user, { link }] of was.members.entries()) {
    if (link.status !== "sending" && link.status !== "connected") continue;
    const now = is.members[user]?.link;
    const isSame = now?.status === link.status && now.choice === link.choice;
    const ended = now?.status === "connected" ? now.choice : null;
    if (now && now.status !== "sending" && !isSame && !isEnded(after.caused, link.consent.linkId, ended))
      return { invariant: "I3", message: "a server ends a link or a choice that nobody has ended" };
  }
  for (const { linkId, choice, hasReceipt } of was.withdrawals) {
    const pending = is.withdrawals.find((each) => each.linkId === linkId);
    const isTold = pending ? pending.choice === choice && pending.hasReceipt && !hasReceipt : true;
    if (isTold && !isEnded([...after.deleted, ...after.lost], linkId, choice))
      return { invariant: "I2", message: "a deletion is told that never was" };
  }
  return null;
}

function isCovered({ withdrawn }: LiveLink, choice: number): boolean {
  return withdrawn !== null && covers(withdrawn.choice, choice);
}

function findLink({ links }: Cloud, id: LinkId): ReceiverLink | undefined {
  return links.find(({ linkId }) => linkId === id);
}
