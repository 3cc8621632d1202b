import type { Answer } from "../../../src/domain/answer.ts";
import { covers, type LinkChoice } from "../../../src/domain/choice.ts";
import { isCutOff, reconcile } from "./ledger-model.ts";
import { advance, begun, receivingOf } from "./operations.ts";
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
  type Code,
  connectionIdOf,
  type Ended,
  type Handed,
  type Ids,
  isEnded,
  type Job,
  mintedAt,
  NOW,
  type Operation,
  type Packet,
  type Phase,
  type Receiving,
  type Server,
  userId,
  type World,
} from "./world.ts";

/** What the receiver does may stop before a phase, and go on later or never. */
interface Pausing {
  readonly pauseBefore?: Phase;
}

/** What a user may choose on the server, without the cloud. */
type Choosing = "opt-out" | "opt-in" | "leave";

/** One thing that may happen next. */
export type Action =
  | { readonly type: "request"; readonly copy: number; readonly kind: RequestKind }
  | ({ readonly type: "arrive" | "arrive-and-stay"; readonly packet: number } & Pausing)
  | { readonly type: "lose" | "answer"; readonly packet: number }
  | { readonly type: "change" | "spoil"; readonly user: number }
  | ({ readonly type: "consent" | "revoke"; readonly user: number } & Pausing)
  | ({ readonly type: "redeem"; readonly code: number } & Pausing)
  | { readonly type: Choosing; readonly user: number; readonly copy: number }
  | { readonly type: "hand-over"; readonly handed: number; readonly copy: number }
  | { readonly type: "enable" | "disable" | "disconnect" | "take-over"; readonly copy: number }
  | ({ readonly type: "cut-off" | "reconnect" } & Pausing)
  | { readonly type: "go-on"; readonly job: number }
  | { readonly type: "day" | "look" | "map" | "prune" }
  | { readonly type: "back-up-server" | "restore-server" | "copy-server" | "clone-server" }
  | { readonly type: "back-up-cloud" | "store-forgets" | "ledger-forgets" }
  | { readonly type: "ledger-fails" | "ledger-returns" };

/** How many messages and answers may be on their way at once. */
const WIRE = 3;

const PAUSES: readonly Phase[] = ["settle", "commit", "append", "read"];

/** All that may happen next, in an order of its own. */
export function actionsOf(world: World): readonly Action[] {
  const { budget, servers, wire, handed } = world;
  const actions: Action[] = [];
  const users = [...world.truth.keys()];
  const copies = [...servers.keys()];
  const pausing = (action: Action & Pausing): void => {
    actions.push(action);
    if (budget.pauses > 0)
      for (const pauseBefore of PAUSES) actions.push({ ...action, pauseBefore } as Action);
  };
  for (const [packet, { answer }] of wire.entries()) {
    if (answer) actions.push({ type: "answer", packet });
    else {
      pausing({ type: "arrive", packet });
      if (budget.duplicates > 0 && wire.length < WIRE) actions.push({ type: "arrive-and-stay", packet });
    }
    // A message that is never delivered is as good as lost: losing it matters only where it takes up the wire.
    if (wire.length === WIRE) actions.push({ type: "lose", packet });
  }
  for (const job of world.jobs.keys()) actions.push({ type: "go-on", job });
  if (budget.requests > 0 && wire.length < WIRE && world.hasCredentials) {
    for (const copy of copies)
      for (const kind of ["withdraw", "control", "check", "report", "complete"] as const)
        actions.push({ type: "request", copy, kind });
  }
  for (const user of users) {
    if (budget.changes > 0) actions.push({ type: "change", user });
    if (budget.spoils > 0) actions.push({ type: "spoil", user });
    if (budget.consents > 0) pausing({ type: "consent", user });
    if (budget.revocations > 0) pausing({ type: "revoke", user });
    for (const copy of copies) {
      if (budget.optOuts > 0) actions.push({ type: "opt-out", user, copy });
      if (budget.optIns > 0) actions.push({ type: "opt-in", user, copy });
      if (budget.leaves > 0) actions.push({ type: "leave", user, copy });
    }
  }
  for (const code of world.codes.keys()) pausing({ type: "redeem", code });
  for (const at of handed.keys()) {
    for (const copy of copies) actions.push({ type: "hand-over", handed: at, copy });
  }
  for (const copy of copies) {
    if (budget.enables > 0) actions.push({ type: "enable", copy });
    if (budget.disables > 0) actions.push({ type: "disable", copy });
    if (budget.disconnects > 0) actions.push({ type: "disconnect", copy });
  }
  if (budget.disconnects > 0) pausing({ type: "cut-off" });
  if (budget.disconnects > 0) pausing({ type: "reconnect" });
  if (budget.refreshes > 0) actions.push({ type: "day" });
  if (budget.senderRestores > 0) {
    actions.push({ type: world.serverBackup ? "restore-server" : "back-up-server" });
  }
  if (budget.copies > 0) actions.push({ type: "copy-server" });
  if (budget.clones > 0) actions.push({ type: world.serverBackup ? "clone-server" : "back-up-server" });
  if (budget.storeLosses > 0) actions.push({ type: world.cloudBackup ? "store-forgets" : "back-up-cloud" });
  if (budget.ledgerLosses > 0) actions.push({ type: "ledger-forgets" });
  if (world.isLedgerDown) actions.push({ type: "ledger-returns" });
  else {
    actions.push({ type: "look" });
    if (budget.outages > 0) actions.push({ type: "ledger-fails" });
  }
  if (budget.mappings > 0) actions.push({ type: "map" });
  if (budget.prunes > 0) actions.push({ type: "prune" });
  return actions;
}

/** The world after an action; null where it changes nothing. */
export function step(rules: Rules, world: World, action: Action): World | null {
  switch (action.type) {
    case "request":
      return request(rules, world, action.copy, action.kind);
    case "arrive":
    case "arrive-and-stay": {
      const packet = world.wire[action.packet] as Packet;
      const stays = action.type === "arrive-and-stay";
      const spent = stays ? spend(world, "duplicates") : world;
      const wire = stays ? world.wire : world.wire.toSpliced(action.packet, 1);
      return operate(rules, { ...spent, wire }, { type: "message", packet }, action);
    }
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
    case "spoil": {
      const { user } = action;
      const unreadable = world.unreadable.includes(user)
        ? world.unreadable.filter((each) => each !== user)
        : [...world.unreadable, user].sort();
      return { ...spend(world, "spoils"), unreadable };
    }
    case "consent":
    case "revoke":
      return operate(
        rules,
        spend(world, action.type === "consent" ? "consents" : "revocations"),
        { type: action.type, user: action.user },
        action,
      );
    case "redeem": {
      const code = world.codes[action.code] as Code;
      return operate(rules, world, { type: "redeem", code }, action);
    }
    case "opt-out":
      return choose(rules, spend(world, "optOuts"), action, "opt-out");
    case "opt-in":
      return choose(rules, spend(world, "optIns"), action, "opt-in");
    case "leave":
      return choose(rules, spend(world, "leaves"), action, "disconnect");
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
      if (!world.cloud.registration?.isConnected) return null;
      const wire = world.wire.filter((each) => each.answer !== null);
      const ended = { ...spend(world, "disconnects"), wish: null, hasCredentials: false, wire };
      const { connectionId } = world.cloud.registration;
      return operate(rules, ended, { type: "cut-off", connectionId }, action);
    }
    case "reconnect": {
      const server = commandSettings(rules, world.servers[0] as Server, "connect");
      if (!server) return null;
      const connectionId = connectionIdOf(server.state.settings.connectionOrdinal);
      const servers = world.servers.with(0, server);
      const connected = { ...spend(world, "disconnects"), hasCredentials: true, servers };
      return operate(rules, connected, { type: "connect", connectionId }, action);
    }
    case "go-on": {
      const job = world.jobs[action.job] as Job;
      return goOn(rules, { ...world, jobs: world.jobs.toSpliced(action.job, 1) }, job, undefined);
    }
    case "take-over":
      return onServer(world, action.copy, (server) => {
        const state = rules.takeOver(server.state);
        return state === server.state ? null : { ...server, state };
      });
    case "day":
      return aDayLater(rules, spend(world, "refreshes"));
    case "look":
      return look(rules, world);
    case "map":
      return { ...spend(world, "mappings"), isMapped: !world.isMapped };
    case "prune": {
      const { ledger } = world;
      const last = ledger.at(-1);
      return ledger.length < 2 || !last ? null : { ...spend(world, "prunes"), ledger: [last] };
    }
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
    case "clone-server":
      return {
        ...spend(world, "clones"),
        isForked: true,
        wish: null,
        servers: [...world.servers, world.serverBackup as Server],
        serverBackup: null,
      };
    case "back-up-cloud":
      return { ...world, cloudBackup: world.cloud };
    case "store-forgets":
      return storeForgets(rules, spend(world, "storeLosses"));
    case "ledger-forgets":
      if (world.ledger.length === 0) return null;
      return withoutLost({ ...spend(world, "ledgerLosses"), ledger: world.ledger.slice(0, -1) }, "ledger");
    case "ledger-fails":
      return { ...spend(world, "outages"), isLedgerDown: true };
    case "ledger-returns":
      return { ...world, isLedgerDown: false };
  }
}

function spend(world: World, what: keyof Budget): World {
  return { ...world, budget: { ...world.budget, [what]: world.budget[what] - 1 } };
}

function onServer(world: World, copy: number, change: (server: Server) => Server | null): World | null {
  const server = change(world.servers[copy] as Server);
  return server && { ...world, servers: world.servers.with(copy, server) };
}

function choose(
  rules: Rules,
  world: World,
  { user, copy }: { readonly user: number; readonly copy: number },
  type: "opt-out" | "opt-in" | "disconnect",
): World | null {
  return onServer(world, copy, (server) =>
    commandLink(rules, server, user, { type, by: userId(user), at: NOW }),
  );
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

/** What one look at the ledger does (R11); null where there is nothing to do. */
export function look(rules: Rules, world: World): World | null {
  const { cloud, ledger } = world;
  const ids: Ids = { next: world.next };
  const reconciled = reconcile(rules, { cloud, ledger }, ids);
  const isSame = reconciled.cloud === cloud && reconciled.ledger === ledger;
  if (isSame) return world.losses.length > 0 ? { ...world, losses: [] } : null;
  return { ...world, ...reconciled, ...ghostOfReading(rules, world), losses: [], next: ids.next };
}

/** Ghost: pruned entries that were never read switch an installation off. */
function ghostOfReading(rules: Rules, world: World): Partial<World> {
  if (!isCutOff(rules, world)) return {};
  const { registration } = world.cloud;
  return { causedOff: Math.max(world.causedOff, (registration?.featureSwitch.epoch ?? 0) + 1), wish: null };
}

/** Begins an operation of the receiver, and does it to its end or up to a phase. */
export function operate(
  rules: Rules,
  world: World,
  operation: Operation,
  { pauseBefore }: Pausing,
): World | null {
  const job = begun(operation);
  if (pauseBefore === undefined) return goOn(rules, world, job, undefined);
  // What was not begun has not happened yet, except where the host was told: an end can come late.
  if (job.at === pauseBefore && operation.type !== "cut-off") return null;
  return goOn(rules, spend(world, "pauses"), job, pauseBefore);
}

/** Does an operation to its end, or up to a phase; null where that phase never comes. */
function goOn(rules: Rules, start: World, first: Job, pauseBefore: Phase | undefined): World | null {
  let world = start;
  let job = first;
  const ids: Ids = { next: start.next };
  const { operation } = job;
  const isMapped = operation.type === "message" && world.isMapped;
  for (;;) {
    if (job.at === pauseBefore) return { ...world, next: ids.next, jobs: [...world.jobs, job] };
    const isReading = job.at !== "append" && !isMapped;
    const ghost = isReading && job.at !== "commit" && !world.isLedgerDown ? ghostOfReading(rules, world) : {};
    const advanced = advance(rules, receivingOf(world, isMapped), world.isLedgerDown, job, ids);
    world = { ...withReceiving(world, isMapped, advanced.receiving), ...ghost };
    world = {
      ...world,
      caused: advanced.caused.reduce(withCaused, world.caused),
      causedOff: Math.max(world.causedOff, advanced.causedOff),
    };
    job = advanced.job;
    switch (advanced.outcome) {
      case "goes-on":
        break;
      case "failed":
        return pauseBefore === undefined ? { ...world, next: ids.next } : null;
      case "refused":
        return pauseBefore === undefined ? refuse({ ...world, next: ids.next }, operation) : null;
      case "done":
        return pauseBefore === undefined ? acknowledge({ ...world, next: ids.next }, job) : null;
    }
  }
}

function withReceiving(world: World, isMapped: boolean, receiving: Receiving): World {
  return isMapped ? { ...world, elsewhere: receiving } : { ...world, ...receiving };
}

/** A redemption that is refused is not sent again. */
function refuse(world: World, operation: Operation): World {
  return operation.type === "redeem" ? withoutCode(world, operation.code) : world;
}

function withoutCode(world: World, { linkId }: Code): World {
  return { ...world, codes: world.codes.filter((code) => code.linkId !== linkId) };
}

/** Answers what the receiver was asked for, and remembers what was acknowledged. */
function acknowledge(before: World, { operation, answer, given, opened, ended }: Job): World {
  const world = withEnded(before, ended);
  switch (operation.type) {
    case "message":
      return answer ? withAnswer(world, operation.packet, answer) : world;
    case "consent":
      return given ? { ...world, codes: [...world.codes, given] } : world;
    case "redeem":
      // The sender waits for one answer.
      return opened && world.codes.some(({ linkId }) => linkId === opened.linkId)
        ? { ...withoutCode(world, opened), handed: [...world.handed, opened] }
        : world;
    case "cut-off":
    case "revoke":
    case "connect":
      return world;
  }
}

function withAnswer(world: World, packet: Packet, said: Answer): World {
  const { message } = packet;
  const answered: Packet = { ...packet, answer: said };
  const wire = [...world.wire, answered];
  if (said.type === "disabled") {
    const { epoch } = said.receipt;
    const ended = world.cloud.links.flatMap((link): Ended[] =>
      link.status === "live" && link.epoch <= epoch
        ? [{ linkId: link.linkId, choice: null, isWithdrawn: false }]
        : [],
    );
    return withEnded(
      {
        ...world,
        wire: wire.map((each) => (isEnablingBefore(each, packet) ? { ...each, isPast: true } : each)),
        // What another server was told says nothing of this one.
        offEpoch: world.isMapped ? world.offEpoch : Math.max(world.offEpoch, epoch),
      },
      world.isMapped ? [] : ended,
    );
  }
  if (message.type !== "deliver" || !("outcomes" in said)) return { ...world, wire };
  const ended = said.outcomes.flatMap((outcome, index): Ended[] => {
    const record = message.records[index];
    if (record?.type !== "withdraw" || outcome.type !== "withdrawn") return [];
    return [{ linkId: record.linkId, choice: record.choice, isWithdrawn: true }];
  });
  return withEnded({ ...world, wire }, ended);
}

/** Whether a packet asks for an enabling, and was planned before another. */
function isEnablingBefore({ message }: Packet, later: Packet): boolean {
  return message.type === "enable" && mintedAt(message.requestId) < mintedAt(later.message.requestId);
}

function answer(rules: Rules, world: World, at: number): World {
  const { copy, message, memo, answer: said } = world.wire[at] as Packet;
  const wire = world.wire.toSpliced(at, 1);
  const isRedeeming =
    world.handed.length > 0 || world.jobs.some(({ operation }) => operation.type === "redeem");
  const server = said && takeAnswer(rules, world.servers[copy] as Server, message, memo, said, isRedeeming);
  return { ...world, wire, servers: server ? world.servers.with(copy, server) : world.servers };
}

function aDayLater(rules: Rules, world: World): World {
  return {
    ...world,
    servers: world.servers.map((server) => ({
      ...server,
      withdrawals: server.withdrawals.map((pending) => ({ ...pending, isWaiting: false })),
      members: server.members.map((member) =>
        member.known && rules.refreshesDaily
          ? { ...member, known: { ...member.known, isStale: true } }
          : member,
      ),
    })),
  };
}

/** The store goes back without a word, its cursor with it. */
function storeForgets(rules: Rules, world: World): World {
  const back = world.cloudBackup as Cloud;
  const { registration } = world.cloud;
  const cloud =
    rules.keepsCursorInStore || !back.registration || !registration
      ? back
      : { ...back, registration: { ...back.registration, readTo: registration.readTo } };
  return withoutLost({ ...world, cloud, cloudBackup: null }, "store");
}

function withEnded(world: World, ended: readonly Ended[]): World {
  if (ended.length === 0) return world;
  const others = (list: readonly Ended[]): readonly Ended[] =>
    list.filter(({ linkId, choice }) => !isEnded(ended, linkId, choice));
  const deleted = others(world.deleted);
  const added = ended.filter(({ linkId, choice }) => !isEnded(deleted, linkId, choice));
  return { ...world, deleted: [...deleted, ...added], lost: others(world.lost) };
}

/** Ghost: of the choices of a link that somebody has ended the last one counts. */
function withCaused(before: readonly LinkChoice[], added: LinkChoice): readonly LinkChoice[] {
  const { linkId, choice } = added;
  const isSame = (each: LinkChoice): boolean =>
    each.linkId === linkId && (each.choice === null) === (choice === null);
  if (before.some((each) => isSame(each) && covers(each.choice, choice))) return before;
  return [...before.filter((each) => !isSame(each)), added];
}

/**
 * Ghost: where both databases have lost something between two looks, a deletion that neither has is one of those that
 * only the server can still know of.
 */
function withoutLost(before: World, loser: World["losses"][number]): World {
  const losses = union(before.losses, [loser]);
  const world = { ...before, losses: [...losses].sort() };
  if (losses.length < 2) return world;
  const isKnown = ({ linkId, choice }: Ended): boolean => {
    const link = world.cloud.links.find((each) => each.linkId === linkId);
    return (
      link?.status !== "live" ||
      link.epoch <= knownOff(world) ||
      (link.withdrawn !== null && covers(link.withdrawn.choice, choice)) ||
      world.ledger.some(({ entry }) => entry.type === "links-ended" && isEnded(entry.links, linkId, choice))
    );
  };
  const lost = world.deleted.filter((each) => !isKnown(each));
  return {
    ...world,
    deleted: world.deleted.filter(isKnown),
    lost: [...world.lost, ...lost],
    offEpoch: Math.min(world.offEpoch, knownOff(world)),
  };
}

/** Ghost: the highest epoch that the store or the ledger has as over. */
function knownOff({ cloud: { registration }, ledger }: World): number {
  const off = ledger.map(({ entry }) => (entry.type === "epochs-off" ? entry.epoch : 0));
  if (!registration) return Math.max(0, ...off);
  const { epoch, status } = registration.featureSwitch;
  return Math.max(status === "off" ? epoch : epoch - 1, ...off);
}

/** What the owner wants can be told only while there is one server that nothing was undone of. */
function wished({ isForked }: World, wish: "on" | "off"): World["wish"] {
  return isForked ? null : wish;
}

function union<Item>(some: readonly Item[], others: readonly Item[]): readonly Item[] {
  const added = others.filter((each) => !some.includes(each));
  return added.length === 0 ? some : [...some, ...added];
}
