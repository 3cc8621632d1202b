import type { LinkId } from "../../../src/domain/identifiers.ts";
import type { LiveLink } from "../../../src/ghec/link.ts";
import type { Violation } from "./invariants.ts";
import { shownLinks } from "./receiver-model.ts";
import type { Rules } from "./rules.ts";
import { choiceSentUnder, planRequest, type RequestKind } from "./sender-model.ts";
import { type Action, look, operate, step } from "./step.ts";
import { connectionIdOf, isEnded, type Member, readUnder, type Server, type World } from "./world.ts";

const KINDS: readonly RequestKind[] = ["withdraw", "control", "report", "complete", "check"];
const ROUNDS = 4;
const MOST_REQUESTS = 20;

/** Whether, with the faults switched off and fair rounds of one copy, everything comes right (I7). */
export function checkConvergence(rules: Rules, start: World): Violation | null {
  for (const [survivor, server] of start.servers.entries()) {
    // The host may say once more that a connection stands, and where the cloud has cut it off its owner has to.
    const says = isForgotten(start, server) ? [false, true] : [false];
    for (const saysAgain of start.hasCredentials ? says : [true]) {
      const healed = heal(rules, start, survivor, saysAgain);
      if (typeof healed === "string") return unsettled(healed);
      const violation =
        checkSettled(rules, start, healed) ??
        checkOptIn(rules, start, healed) ??
        checkHeard(rules, start, survivor, saysAgain);
      if (violation) return violation;
    }
  }
  return start.servers.length > 1 ? checkPeace(rules, start) : null;
}

/** A user who is connected and selects sending again is shown with the next sync. */
function checkOptIn(rules: Rules, start: World, healed: World): Violation | null {
  let world: World = { ...healed, budget: { ...healed.budget, optIns: healed.truth.length } };
  const chosen: number[] = [];
  for (const user of healed.truth.keys()) {
    const next = step(rules, world, { type: "opt-in", user, copy: 0 });
    if (!next) continue;
    world = next;
    chosen.push(user);
  }
  if (chosen.length === 0) return null;
  const synced = runRound(rules, world, 0);
  if (typeof synced === "string") return unsettled(synced);
  const server = synced.servers[0] as Server;
  const isUndone = chosen.some(
    (user) => choiceSentUnder(rules, server, server.members[user] as Member, user) === null,
  );
  return isUndone ? unsettled("a user's choice to send is undone") : checkSettled(rules, start, synced);
}

/**
 * With its next complete sync, and not by the day's report alone, a server hears that a link is dead (R10), and a user
 * who has selected sending again is shown.
 */
function checkHeard(rules: Rules, start: World, survivor: number, saysAgain: boolean): Violation | null {
  const server = start.servers[survivor] as Server;
  const isBack = server.members.some(({ link }) => link.status === "sending" && link.choice > 1);
  if (!isBack && deadLinksSent(rules, start.ledger, server).length === 0) return null;
  const healed = heal({ ...rules, refreshesDaily: false }, start, survivor, saysAgain);
  if (typeof healed === "string") return unsettled(healed);
  if (deadLinksSent(rules, healed.ledger, healed.servers[0] as Server).length > 0)
    return unsettled("a user is not told that the link has ended");
  return isBack ? checkSettled(rules, start, healed) : null;
}

/** The links that users of a server send under, and that the ledger has as ended. */
function deadLinksSent(rules: Rules, ledger: World["ledger"], server: Server): readonly LinkId[] {
  const dead = ledger.flatMap(({ entry }) => (entry.type === "links-ended" ? entry.links : []));
  return server.members.flatMap((member, user) => {
    const sent = choiceSentUnder(rules, server, member, user);
    return sent && isEnded(dead, sent.linkId, sent.choice) ? [sent.linkId] : [];
  });
}

function isForgotten({ cloud: { registration } }: World, { state: { settings } }: Server): boolean {
  return registration?.connectionId !== connectionIdOf(settings.connectionOrdinal);
}

/**
 * The world after some fair rounds of one copy, a day apart; the others have been stopped, and the operator says which
 * goes on. The ledger can be read again, what was under way at the receiver has crashed, and viewers come by.
 */
function heal(rules: Rules, start: World, survivor: number, saysAgain: boolean): World | string {
  let world: World = {
    ...start,
    wire: [],
    codes: [],
    handed: [],
    jobs: [],
    isLedgerDown: false,
    hasCredentials: true,
    isMapped: false,
    servers: [start.servers[survivor] as Server],
    budget: { ...start.budget, requests: 1_000, refreshes: 1_000 },
  };
  if (saysAgain) world = reconnectCloud(rules, world);
  for (let round = 0; round < ROUNDS; round++) {
    const before = world;
    world = look(rules, world) ?? world;
    world = step(rules, world, { type: "day" }) ?? world;
    world = step(rules, world, { type: "take-over", copy: 0 }) ?? world;
    const next = runRound(rules, world, 0);
    if (typeof next === "string") return next;
    world = next;
    if (round === ROUNDS - 1 && world.ledger.length > before.ledger.length)
      return "the ledger grows for ever";
  }
  return world;
}

/** Where GitHub Connect is on at the server, its host sees to it that the cloud has heard of the connection. */
function reconnectCloud(rules: Rules, world: World): World {
  const { settings } = (world.servers[0] as Server).state;
  if (settings.status === "disconnected") return world;
  const connectionId = connectionIdOf(settings.connectionOrdinal);
  return operate(rules, world, { type: "connect", connectionId }, {}) ?? world;
}

/** One round as the sender runs it, every message answered at once. */
function runRound(rules: Rules, start: World, copy: number): World | string {
  let world = start;
  const done = new Set<RequestKind>();
  for (let requests = 0; requests < MOST_REQUESTS; requests++) {
    const kind = KINDS.find(
      (each) => !done.has(each) && planRequest(rules, world, world.servers[copy] as Server, each),
    );
    if (!kind) return world;
    world = mustStep(rules, world, { type: "request", copy, kind });
    if (world.wire.length === 0) continue;
    world = mustStep(rules, world, { type: "arrive", packet: 0 });
    if (world.wire.length === 0) return "a message gets no answer";
    if (world.wire[0]?.answer?.type === "rejected")
      return mustStep(rules, world, { type: "answer", packet: 0 });
    if (kind === "check" || world.wire[0]?.answer?.type === "completed") done.add(kind);
    world = mustStep(rules, world, { type: "answer", packet: 0 });
  }
  return "a round never ends";
}

function mustStep(rules: Rules, world: World, action: Action): World {
  const next = step(rules, world, action);
  if (!next) throw new Error(`${action.type} changes nothing`);
  return next;
}

function checkSettled(rules: Rules, start: World, world: World): Violation | null {
  const { cloud } = world;
  const server = world.servers[0] as Server;
  const { settings, session, disabling } = server.state;
  if (look(rules, world)) return unsettled("the store and the ledger do not agree");
  const shown = shownLinks(rules, cloud);
  if (settings.status === "disconnected") return null;
  if (world.wish && (settings.status === "enabled") !== (world.wish === "on"))
    return unsettled(`the owner wants it ${world.wish} and finds it ${settings.status}`);
  if (server.withdrawals.some(({ linkId }) => isStored(cloud, linkId)))
    return unsettled("a withdrawal is still waiting");
  if (disabling && !disabling.receipt) return unsettled("a disabling is still waiting");
  const stands = cloud.registration?.featureSwitch;
  if (!stands) return unsettled("the receiver does not know the server");
  if ((settings.status === "enabled") !== (stands.status === "on"))
    return unsettled(`the owner sees ${settings.status}, the receiver stands ${stands.status}`);
  if (settings.status === "enabled") {
    if (settings.epoch !== stands.epoch) return unsettled("the two sides name different epochs");
    if (session.status !== "attached") return unsettled(`the session stays ${session.status}`);
  }
  const sent = server.members.map((member, user) => choiceSentUnder(rules, server, member, user));
  for (const [user, under] of sent.entries()) {
    // What the receiver has forgotten the opening of is unknown to it, and told as that.
    if (under === null || !isStored(cloud, under.linkId)) continue;
    const isUnder = ({ linkId, report }: LiveLink): boolean =>
      linkId === under.linkId && report?.window != null && readUnder(report.window) === under.choice;
    const found = shown.find(isUnder);
    if (world.unreadable.includes(user)) {
      const wasShown = shownLinks(rules, start.cloud).some(isUnder);
      if (!found && wasShown) return unsettled("a link is hidden because its counts could not be read");
      continue;
    }
    if (!found) return unsettled("a link is sent under and not shown");
    if (found.report?.window?.counts[0] !== world.truth[user])
      return unsettled("what is shown is not the truth");
  }
  if (
    !world.isForked &&
    shown.some(({ linkId, report }) => {
      const asked = world.lost.filter(({ isWithdrawn }) => isWithdrawn);
      return report?.window && isEnded(asked, linkId, readUnder(report.window));
    })
  )
    return unsettled("a withdrawal that was acknowledged and lost is shown");
  const orphan = shown.find(({ linkId }) => !sent.some((under) => under?.linkId === linkId));
  return orphan ? unsettled("a link is shown that the server does not know: nobody can delete it") : null;
}

function isStored({ links }: World["cloud"], id: LinkId): boolean {
  return links.some(({ linkId }) => linkId === id);
}

function unsettled(message: string): Violation {
  return { invariant: "I7", message };
}

/** Whether two copies that both run come to rest (I8): in the end none of them takes the session from the other. */
function checkPeace(rules: Rules, start: World): Violation | null {
  let world: World = {
    ...start,
    wire: [],
    jobs: [],
    isLedgerDown: false,
    hasCredentials: true,
    isMapped: false,
    budget: { ...start.budget, requests: 1_000, refreshes: 1_000 },
  };
  for (let round = 0; round < 2 * ROUNDS; round++) {
    world = look(rules, world) ?? world;
    const ordinal = world.cloud.registration?.session.ordinal;
    for (const copy of world.servers.keys()) {
      const next = runRound(rules, step(rules, world, { type: "day" }) ?? world, copy);
      if (typeof next === "string") return { invariant: "I8", message: next };
      world = next;
    }
    if (round >= ROUNDS && world.cloud.registration?.session.ordinal !== ordinal)
      return { invariant: "I8", message: "two copies take the session from each other for ever" };
  }
  return null;
}
