import type { AccountId, LinkId, SessionId } from "../../../src/domain/identifiers.ts";
import type { LiveLink, ReceiverLink } from "../../../src/ghec/link.ts";
import { handle } from "./receiver-model.ts";
import type { Rules } from "./rules.ts";
import {
  commandLink,
  commandSettings,
  optIn,
  planRequest,
  type RequestKind,
  takeAnswer,
} from "./sender-model.ts";
import {
  type Budget,
  type Cloud,
  connectionIdOf,
  type Deletion,
  type Handed,
  mint,
  mintedAt,
  NOW,
  type Packet,
  SERVER,
  type Server,
  userId,
  type World,
} from "./world.ts";

/** One thing that may happen next. */
export type Action =
  | { readonly type: "request"; readonly copy: number; readonly kind: RequestKind }
  | { readonly type: "arrive" | "arrive-and-stay" | "lose" | "answer"; readonly packet: number }
  | { readonly type: "change" | "consent" | "revoke"; readonly user: number }
  | { readonly type: "opt-out"; readonly user: number; readonly copy: number }
  | { readonly type: "hand-over"; readonly handed: number; readonly copy: number }
  | { readonly type: "enable" | "disable" | "disconnect" | "take-over"; readonly copy: number }
  | { readonly type: "cut-off" | "reconnect" | "day" }
  | {
      readonly type: "back-up-server" | "restore-server" | "copy-server" | "back-up-cloud" | "restore-cloud";
    };

/** How many messages and answers may be on their way at once. */
const WIRE = 3;

/** All that may happen next, in an order of its own. */
export function actionsOf(world: World): readonly Action[] {
  const { budget, servers, wire, handed } = world;
  const actions: Action[] = [];
  const users = [...world.truth.keys()];
  const copies = [...servers.keys()];
  for (const [packet, { answer }] of wire.entries()) {
    if (answer) actions.push({ type: "answer", packet });
    else {
      actions.push({ type: "arrive", packet });
      if (budget.duplicates > 0 && wire.length < WIRE) actions.push({ type: "arrive-and-stay", packet });
    }
    // A message that is never delivered is as good as lost: losing it matters only where it takes up the wire.
    if (wire.length === WIRE) actions.push({ type: "lose", packet });
  }
  if (budget.requests > 0 && wire.length < WIRE) {
    for (const copy of copies)
      for (const kind of ["withdraw", "control", "check", "report", "complete"] as const)
        actions.push({ type: "request", copy, kind });
  }
  for (const user of users) {
    if (budget.changes > 0) actions.push({ type: "change", user });
    if (budget.consents > 0) actions.push({ type: "consent", user });
    if (budget.revocations > 0) actions.push({ type: "revoke", user });
    if (budget.optOuts > 0) for (const copy of copies) actions.push({ type: "opt-out", user, copy });
  }
  for (const at of handed.keys()) {
    for (const copy of copies) actions.push({ type: "hand-over", handed: at, copy });
  }
  for (const copy of copies) {
    if (budget.enables > 0) actions.push({ type: "enable", copy });
    if (budget.disables > 0) actions.push({ type: "disable", copy });
    if (budget.disconnects > 0) actions.push({ type: "disconnect", copy });
  }
  if (budget.disconnects > 0) actions.push({ type: "cut-off" });
  if (budget.disconnects > 0) actions.push({ type: "reconnect" });
  if (budget.refreshes > 0) actions.push({ type: "day" });
  if (budget.senderRestores > 0) {
    actions.push({ type: world.serverBackup ? "restore-server" : "back-up-server" });
  }
  if (budget.copies > 0) actions.push({ type: "copy-server" });
  if (budget.receiverRestores > 0) {
    actions.push({ type: world.cloudBackup ? "restore-cloud" : "back-up-cloud" });
  }
  return actions;
}

/** The world after an action; null where it changes nothing. */
export function step(rules: Rules, world: World, action: Action): World | null {
  switch (action.type) {
    case "request":
      return request(rules, world, action.copy, action.kind);
    case "arrive":
      return arrive(rules, world, action.packet, false);
    case "arrive-and-stay":
      return arrive(rules, spend(world, "duplicates"), action.packet, true);
    case "lose":
      return { ...world, wire: world.wire.toSpliced(action.packet, 1) };
    case "answer":
      return answer(rules, world, action.packet);
    case "change":
      return {
        ...spend(world, "changes"),
        truth: world.truth.with(action.user, (world.truth[action.user] as number) + 1),
        servers: world.servers.map((server) => ({
          ...server,
          members: server.members.map((member, user) =>
            user === action.user ? { ...member, changes: member.changes + 1 } : member,
          ),
        })),
      };
    case "consent":
      return consent(rules, world, action.user);
    case "revoke": {
      const links = killOf(rules, world.cloud.links, action.user);
      const cloud = rules.killsOnRevocation ? { ...world.cloud, links } : world.cloud;
      const revoked = world.cloud.links.filter((link) => isOf(link, action.user)).map(({ linkId }) => linkId);
      return {
        ...spend(world, "revocations"),
        cloud,
        deleted: withDeleted(world, revoked),
        ledger: noted(world, { type: "revoked", user: action.user }),
      };
    }
    case "opt-out":
      return onServer(spend(world, "optOuts"), action.copy, (server) =>
        commandLink(rules, server, action.user, { type: "opt-out", by: userId(action.user), at: NOW }),
      );
    case "hand-over": {
      const handed = world.handed[action.handed] as Handed;
      const next = { ...world, handed: world.handed.toSpliced(action.handed, 1) };
      return onServer(next, action.copy, (server) => optIn(rules, server, handed));
    }
    case "enable":
      return onServer({ ...spend(world, "enables"), wish: wished(world, "on") }, action.copy, (server) =>
        commandSettings(rules, server, "enable"),
      );
    case "disable":
      return onServer({ ...spend(world, "disables"), wish: wished(world, "off") }, action.copy, (server) =>
        commandSettings(rules, server, "disable"),
      );
    case "disconnect":
      return onServer({ ...spend(world, "disconnects"), wish: null }, action.copy, (server) =>
        commandSettings(rules, server, "disconnect"),
      );
    case "cut-off": {
      const registration = rules.disconnect(world.cloud.registration, NOW);
      if (registration === world.cloud.registration) return null;
      return {
        ...spend(world, "disconnects"),
        wish: null,
        cloud: { ...world.cloud, registration },
        deleted: withDeleted(
          world,
          world.cloud.links.map(({ linkId }) => linkId),
        ),
        ledger: noted(world, { type: "disconnected" }),
      };
    }
    case "reconnect":
      return reconnect(rules, spend(world, "disconnects"));
    case "take-over":
      return onServer(world, action.copy, (server) => {
        const state = rules.takeOver(server.state);
        return state === server.state ? null : { ...server, state };
      });
    case "day":
      if (!rules.refreshesDaily) return null;
      return {
        ...spend(world, "refreshes"),
        servers: world.servers.map((server) => ({
          ...server,
          members: server.members.map((member) =>
            member.known ? { ...member, known: { ...member.known, isStale: true } } : member,
          ),
        })),
      };
    case "back-up-server":
      return { ...world, serverBackup: world.servers[0] as Server };
    case "restore-server":
      return {
        ...spend(world, "senderRestores"),
        isForked: true,
        wish: null,
        servers: world.servers.with(0, world.serverBackup as Server),
        serverBackup: null,
      };
    case "copy-server":
      return {
        ...spend(world, "copies"),
        isForked: true,
        wish: null,
        servers: [...world.servers, world.servers[0] as Server],
      };
    case "back-up-cloud":
      return { ...world, cloudBackup: world.cloud, ledger: [] };
    case "restore-cloud":
      return restoreCloud(rules, spend(world, "receiverRestores"));
  }
}

function spend(world: World, what: keyof Budget): World {
  return { ...world, budget: { ...world.budget, [what]: world.budget[what] - 1 } };
}

function onServer(world: World, copy: number, change: (server: Server) => Server | null): World | null {
  const server = change(world.servers[copy] as Server);
  return server && { ...world, servers: world.servers.with(copy, server) };
}

function request(rules: Rules, world: World, copy: number, kind: RequestKind): World | null {
  const planned = planRequest(rules, world, world.servers[copy] as Server, kind);
  if (!planned) return null;
  const servers = world.servers.with(copy, planned.server);
  const { message, memo } = planned;
  if (!message) return { ...world, servers };
  const packet: Packet = { copy, message, memo, isPast: false, answer: null };
  return { ...spend(world, "requests"), next: world.next + 1, servers, wire: [...world.wire, packet] };
}

function arrive(rules: Rules, world: World, at: number, stays: boolean): World {
  const packet = world.wire[at] as Packet;
  const { cloud, answer } = handle(rules, world.cloud, packet.message, mint(world) as SessionId);
  const answered: Packet = { ...packet, answer };
  const arrived = stays ? [...world.wire, answered] : world.wire.with(at, answered);
  const wire =
    answer.type === "disabled"
      ? arrived.map((each) => (isEnablingBefore(each, packet) ? { ...each, isPast: true } : each))
      : arrived;
  const offEpoch =
    answer.type === "disabled" ? Math.max(world.offEpoch, answer.receipt.epoch) : world.offEpoch;
  const deleted: LinkId[] = [];
  const { message } = packet;
  if (message.type === "deliver" && "outcomes" in answer) {
    for (const [index, outcome] of answer.outcomes.entries()) {
      const record = message.records[index];
      if (record?.type === "withdraw" && (outcome.type === "withdrawn" || outcome.type === "gone"))
        deleted.push(record.linkId);
    }
  }
  if (answer.type === "disabled") {
    const { epoch } = answer.receipt;
    for (const link of cloud.links)
      if (link.status === "live" && link.epoch <= epoch) deleted.push(link.linkId);
  }
  let { ledger } = world;
  if (message.type === "disable")
    ledger = noted({ ...world, ledger }, { type: "disabled", epoch: message.epoch });
  if (message.type === "deliver")
    for (const record of message.records)
      if (record.type === "withdraw")
        ledger = noted({ ...world, ledger }, { type: "withdrawn", linkId: record.linkId });
  return {
    ...world,
    next: world.next + 1,
    cloud,
    wire,
    ledger,
    offEpoch,
    deleted: withDeleted(world, deleted),
  };
}

/** Whether a packet asks for an enabling, and was planned before another. */
function isEnablingBefore({ message }: Packet, later: Packet): boolean {
  return message.type === "enable" && mintedAt(message.requestId) < mintedAt(later.message.requestId);
}

function answer(rules: Rules, world: World, at: number): World {
  const { copy, message, memo, answer: said } = world.wire[at] as Packet;
  const wire = world.wire.toSpliced(at, 1);
  const server = said && takeAnswer(rules, world.servers[copy] as Server, message, memo, said);
  return { ...world, wire, servers: server ? world.servers.with(copy, server) : world.servers };
}

function accountOf(user: number): AccountId {
  return `account-${user}` as AccountId;
}

function killOf(rules: Rules, links: readonly ReceiverLink[], user: number): readonly ReceiverLink[] {
  return links.map((link) => (isOf(link, user) ? rules.killLink(link, NOW) : link));
}

function isOf(link: ReceiverLink, user: number): link is LiveLink {
  return link.status === "live" && link.account === accountOf(user);
}

function withDeleted({ deleted }: World, linkIds: readonly LinkId[]): readonly LinkId[] {
  return linkIds.length === 0 ? deleted : [...new Set([...deleted, ...linkIds])];
}

/** What the owner wants can be told only while there is one server that nothing was undone of. */
function wished({ isForked }: World, wish: "on" | "off"): World["wish"] {
  return isForked ? null : wish;
}

function noted(world: World, entry: World["ledger"][number]): World["ledger"] {
  return world.cloudBackup ? [...world.ledger, entry] : world.ledger;
}

/** The account's owner consents (R6); the id is on its way to the sender. */
function consent(rules: Rules, world: World, user: number): World | null {
  const { registration, links } = world.cloud;
  const { epoch, status } = registration.featureSwitch;
  if (!registration.isConnected || status === "off") return null;
  const linkId = mint(world) as LinkId;
  const opened: LiveLink = {
    status: "live",
    linkId,
    installation: SERVER,
    account: accountOf(user),
    epoch,
    openedIn: registration.session.ordinal,
    openedAt: NOW,
    report: null,
  };
  return {
    ...spend(world, "consents"),
    next: world.next + 1,
    cloud: {
      registration,
      links: [...(rules.replacesConsents ? killOf(rules, links, user) : links), opened],
    },
    handed: [...world.handed, { user, linkId, epoch }],
  };
}

/** GitHub Connect is turned on again: both sides take part. */
function reconnect(rules: Rules, world: World): World | null {
  const server = commandSettings(rules, world.servers[0] as Server, "connect");
  if (!server) return null;
  const registration = rules.connect(
    world.cloud.registration,
    SERVER,
    connectionIdOf(server.state.settings.connectionOrdinal),
    mint(world) as SessionId,
    NOW,
  );
  return {
    ...world,
    next: world.next + 1,
    cloud: { ...world.cloud, registration },
    servers: world.servers.with(0, server),
  };
}

/** The receiver is recovered from its backup, and the operator says so at once (R11). */
function restoreCloud(rules: Rules, world: World): World {
  const { registration, links } = world.cloudBackup as Cloud;
  const dropped = links.map((link) =>
    link.status === "live" && link.report && rules.dropsCounts
      ? { ...link, report: { ...link.report, window: null } }
      : link,
  );
  let cloud: Cloud = { registration: rules.vacate(registration, mint(world) as SessionId), links: dropped };
  if (rules.replaysLedger) for (const entry of world.ledger) cloud = replay(rules, cloud, entry);
  return { ...world, isForked: true, wish: null, next: world.next + 1, cloud, cloudBackup: null, ledger: [] };
}

function replay(rules: Rules, cloud: Cloud, entry: Deletion): Cloud {
  switch (entry.type) {
    case "revoked":
      return { ...cloud, links: killOf(rules, cloud.links, entry.user) };
    case "disconnected":
      return { ...cloud, registration: rules.disconnect(cloud.registration, NOW) };
    case "withdrawn":
      return {
        ...cloud,
        links: cloud.links.map((link) =>
          link.linkId === entry.linkId ? (rules.applyWithdrawal(link, SERVER, NOW).link ?? link) : link,
        ),
      };
    case "disabled":
      return { ...cloud, registration: rules.disable(cloud.registration, entry.epoch, NOW) };
  }
}
