import type { LinkId } from "../../../src/domain/identifiers.ts";
import type { LiveLink, ReceiverLink } from "../../../src/ghec/link.ts";
import { shownLinks } from "./receiver-model.ts";
import type { Rules } from "./rules.ts";
import type { Action } from "./step.ts";
import type { Cloud, World } from "./world.ts";

/** What is wrong, by the numbers of the protocol. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5" | "I7" | "I8";
  readonly message: string;
}

/** What must hold in a world by itself. */
export function checkWorld(
  rules: Rules,
  { cloud, deleted, servers, isForked, offEpoch }: World,
): Violation | null {
  const { featureSwitch: stands, isConnected } = cloud.registration;
  if (stands.status === "on" && stands.epoch <= offEpoch)
    return { invariant: "I2", message: "an epoch is on whose disabling was acknowledged" };
  const shown = shownLinks(rules, cloud);
  for (const link of shown) {
    if (!isConnected || stands.status !== "on" || link.epoch !== stands.epoch)
      return { invariant: "I1", message: "counts are shown of an epoch that is not open" };
    if (deleted.includes(link.linkId))
      return { invariant: "I2", message: "counts are shown of a link whose deletion was acknowledged" };
  }
  const accounts = shown.map(({ account }) => account);
  if (!isForked && servers.some(({ state }) => state.session.status === "contested"))
    return { invariant: "I8", message: "another copy is said to run where there is none" };
  if (new Set(accounts).size < accounts.length)
    return { invariant: "I5", message: "one account is shown two links of one server" };
  return null;
}

/** What must hold of a step. */
export function checkStep(before: World, action: Action, after: World): Violation | null {
  const epochs = checkEpochs(before, action, after);
  if (epochs || before.cloud.links === after.cloud.links) return epochs;
  for (const link of after.cloud.links) {
    const was = findLink(before.cloud, link.linkId);
    if (was?.status === "deleted" && link.status === "live" && action.type !== "restore-cloud")
      return { invariant: "I1", message: "a dead link lives" };
    if (was?.status !== "live") continue;
    const old = link.status === "live" ? link.report?.window : null;
    const young = was.report?.window;
    if (old && young && (old.counts[0] as number) < (young.counts[0] as number))
      return { invariant: "I4", message: "an older window replaced a newer one" };
    const { featureSwitch: stands } = after.cloud.registration;
    const isOver = link.status === "live" && (stands.status === "off" || link.epoch !== stands.epoch);
    if (old && isOver && link.report !== was.report)
      return { invariant: "I1", message: "counts were taken of an epoch that is over" };
    if (link.status === "deleted" && action.type !== "restore-cloud" && !mayKill(before, action, was))
      return { invariant: "I3", message: `a link died of ${action.type}` };
  }
  return null;
}

/** I3: an epoch ends because somebody said so of this epoch, or because the receiver hears that it ended long ago. */
function checkEpochs(before: World, action: Action, after: World): Violation | null {
  const was = before.cloud.registration.featureSwitch;
  const is = after.cloud.registration.featureSwitch;
  if (is === was || (is.epoch === was.epoch && is.status === was.status)) return null;
  if (action.type !== "arrive" && action.type !== "arrive-and-stay") return null;
  const packet = before.wire[action.packet];
  const message = packet?.message;
  if (message?.type === "enable" && packet?.isPast && !before.isForked)
    return { invariant: "I2", message: "an enabling came back after a later disabling was acknowledged" };
  if (was.status === "off") return null;
  const isMeant =
    (message?.type === "disable" && message.epoch >= was.epoch) ||
    (message?.type === "attach" && before.isForked && message.featureSwitch.epoch >= was.epoch);
  return isMeant ? null : { invariant: "I3", message: `an epoch ended of ${message?.type}` };
}

/** I3: what may end a link. */
function mayKill(before: World, action: Action, link: LiveLink): boolean {
  if (action.type === "revoke" || action.type === "consent") return link.account === `account-${action.user}`;
  if (action.type !== "arrive" && action.type !== "arrive-and-stay") return false;
  const packet = before.wire[action.packet];
  if (packet?.message.type === "deliver")
    return packet.message.records.some(
      (record) => record.type === "withdraw" && record.linkId === link.linkId,
    );
  // R9: who does not know a link may end it, unless its id may still be on its way.
  const isYoung = link.openedIn === before.cloud.registration.session.ordinal;
  return packet?.message.type === "complete" && !isYoung && !packet.memo.sending.includes(link.linkId);
}

function findLink({ links }: Cloud, id: LinkId): ReceiverLink | undefined {
  return links.find(({ linkId }) => linkId === id);
}
