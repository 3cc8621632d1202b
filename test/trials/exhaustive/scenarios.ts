import type { SessionId } from "../../../src/domain/identifiers.ts";
import { connect } from "../../../src/ghec/registration.ts";
import { NEW_SERVER } from "../../../src/ghes/server-state.ts";
import { RULES } from "./rules.ts";
import { commandSettings, type RequestKind } from "./sender-model.ts";
import { type Action, step } from "./step.ts";
import {
  type Budget,
  connectionIdOf,
  type Member,
  NOW,
  OTHER_SERVER,
  SERVER,
  type Server,
  type World,
} from "./world.ts";

const NOTHING: Budget = {
  requests: 0,
  changes: 0,
  consents: 0,
  optOuts: 0,
  optIns: 0,
  leaves: 0,
  enables: 0,
  disables: 0,
  revocations: 0,
  disconnects: 0,
  refreshes: 0,
  duplicates: 0,
  copies: 0,
  clones: 0,
  senderRestores: 0,
  storeLosses: 0,
  ledgerLosses: 0,
  outages: 0,
  pauses: 0,
  spoils: 0,
  mappings: 0,
  prunes: 0,
};

const NEW_MEMBER: Member = { link: { status: "never-connected" }, changes: 0, known: null, heldIn: null };

/** Both sides connected, nothing else. */
function newWorld(users: number): World {
  const server: Server = {
    state: NEW_SERVER,
    members: new Array<Member>(users).fill(NEW_MEMBER),
    withdrawals: [],
  };
  const connected = commandSettings(RULES, server, "connect") as Server;
  return {
    next: 1,
    truth: new Array<number>(users).fill(1),
    cloud: {
      registration: connect(null, SERVER, connectionIdOf(1), "#0" as SessionId, NOW),
      links: [],
      attempts: [],
    },
    unreadable: [],
    cloudBackup: null,
    ledger: [],
    isLedgerDown: false,
    hasCredentials: true,
    elsewhere: null,
    isMapped: false,
    jobs: [],
    servers: [connected],
    serverBackup: null,
    wire: [],
    codes: [],
    handed: [],
    deleted: [],
    lost: [],
    losses: [],
    caused: [],
    causedOff: 0,
    offEpoch: 0,
    isForked: false,
    wish: null,
    budget: NOTHING,
  };
}

/** Each of the first users sends, all if left out; everything was reported and the round completed. */
function settledWorld(users: number, senders = users): World {
  const rounds = senders > 0 ? (["report", "complete"] as const) : (["complete"] as const);
  return sendingWorld(users, senders, rounds);
}

/** A user has opted out, the receiver has answered that, and a backup of the server was just taken. */
function optedOutWorld(): World {
  return backedUp(sendingWorld(1, 1, ["report", "complete", "opt-out", "withdraw"]));
}

/** Each of the first users has opted in, and these requests were answered since. */
function sendingWorld(
  users: number,
  senders: number,
  since: readonly ("report" | "complete" | "opt-out" | "withdraw")[],
): World {
  let world: World = {
    ...newWorld(users),
    budget: { ...NOTHING, requests: 9, enables: 1, consents: senders, optOuts: 1 },
  };
  const take = (action: Action): void => {
    const next = step(RULES, world, action);
    if (!next) throw new Error(`${action.type} changes nothing`);
    world = next;
  };
  const exchange = (kind: RequestKind): void => {
    take({ type: "request", copy: 0, kind });
    take({ type: "arrive", packet: 0 });
    take({ type: "answer", packet: 0 });
  };
  take({ type: "enable", copy: 0 });
  exchange("control");
  exchange("control");
  exchange("control");
  for (let user = 0; user < senders; user++) {
    take({ type: "consent", user });
    take({ type: "redeem", code: 0 });
    take({ type: "hand-over", handed: 0, copy: 0 });
  }
  for (const kind of since) {
    if (kind === "opt-out") take({ type: kind, user: 0, copy: 0 });
    else exchange(kind);
  }
  return { ...world, budget: NOTHING };
}

/** A backup of each side was just taken. */
function backedUp(world: World): World {
  return { ...withOldStore(world), serverBackup: world.servers[0] as Server };
}

/** The receiver's store was just as it is now. */
function withOldStore(world: World): World {
  return { ...world, cloudBackup: world.cloud };
}

/** The receiver's store may forget all that it ever knew. */
function withEmptyStore(world: World): World {
  return { ...world, cloudBackup: { registration: null, links: [], attempts: [] } };
}

/** Another server is connected, and nobody of it has done anything. */
function withAnotherServer(world: World): World {
  const registration = connect(null, OTHER_SERVER, connectionIdOf(1), "#-1" as SessionId, NOW);
  return { ...world, elsewhere: { cloud: { registration, links: [], attempts: [] }, ledger: [] } };
}

/** A place to begin, and what may happen from there. */
export interface Scenario {
  readonly title: string;
  readonly start: World;
}

function scenario(title: string, start: World, budget: Partial<Budget>): Scenario {
  return { title, start: { ...start, budget: { ...NOTHING, ...budget } } };
}

/** Small worlds, each of which is searched to its end. */
export const SCENARIOS: readonly Scenario[] = [
  scenario("a new server: everything late, lost or twice", newWorld(1), {
    requests: 5,
    enables: 1,
    consents: 1,
    duplicates: 1,
  }),
  scenario("a new server whose owner changes their mind", newWorld(1), {
    requests: 4,
    enables: 2,
    disables: 1,
    duplicates: 1,
  }),
  scenario("a user opts out while reports are on their way", settledWorld(1), {
    requests: 3,
    optOuts: 1,
    changes: 1,
    duplicates: 1,
  }),
  scenario("a user opts out and in again while reports are on their way", sendingWorld(1, 1, []), {
    requests: 3,
    optOuts: 2,
    optIns: 1,
    duplicates: 1,
  }),
  scenario("a user opts in again whose counts cannot be read", sendingWorld(1, 1, ["report"]), {
    requests: 3,
    optOuts: 1,
    optIns: 1,
    spoils: 2,
  }),
  scenario("a user opts out, and disconnects or opts in", settledWorld(1), {
    requests: 3,
    optOuts: 1,
    optIns: 1,
    leaves: 1,
    revocations: 1,
  }),
  scenario("a server is restored to before an opt-out", backedUp(settledWorld(1)), {
    requests: 4,
    senderRestores: 1,
    optOuts: 1,
    optIns: 1,
  }),
  scenario("a server is restored to before an opt-in", optedOutWorld(), {
    requests: 2,
    senderRestores: 1,
    optOuts: 1,
    optIns: 2,
  }),
  scenario("the store goes back across an opt-out and an opt-in", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    optOuts: 1,
    optIns: 1,
  }),
  scenario("the receiver crashes on an opt-out", withOldStore(settledWorld(1)), {
    requests: 2,
    storeLosses: 1,
    optOuts: 1,
    optIns: 1,
    pauses: 1,
  }),
  scenario("both databases lose an opt-out, and the user opts in", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    ledgerLosses: 1,
    optOuts: 1,
    optIns: 1,
  }),
  scenario("a user consents again while sending", settledWorld(1), {
    requests: 3,
    consents: 1,
    changes: 1,
    duplicates: 1,
  }),
  scenario("an owner disables and enables", settledWorld(1), {
    requests: 4,
    enables: 1,
    disables: 1,
    duplicates: 1,
  }),
  scenario("an owner disables while reports are on their way", settledWorld(1), {
    requests: 3,
    changes: 1,
    disables: 1,
    consents: 1,
  }),
  scenario("a consent is revoked on the cloud", settledWorld(1), {
    requests: 3,
    revocations: 1,
    changes: 1,
    consents: 1,
  }),
  scenario("a consent is revoked before it is redeemed", settledWorld(1, 0), {
    requests: 2,
    consents: 1,
    revocations: 1,
    pauses: 1,
  }),
  scenario("an owner disables and enables before a consent is redeemed", settledWorld(1, 0), {
    requests: 3,
    consents: 1,
    disables: 1,
    enables: 1,
  }),
  scenario("the store goes back to a consent that was revoked", settledWorld(1, 0), {
    requests: 2,
    storeLosses: 1,
    consents: 1,
    revocations: 1,
  }),
  scenario("a server is restored from a backup", settledWorld(1), {
    requests: 3,
    senderRestores: 1,
    optOuts: 1,
  }),
  scenario("a server that does not know a consent is restored", settledWorld(1), {
    requests: 3,
    senderRestores: 1,
    consents: 1,
  }),
  scenario("a server is restored across its owner's choices", settledWorld(1), {
    requests: 3,
    senderRestores: 1,
    enables: 1,
    disables: 1,
  }),
  scenario("another copy of the server runs beside it", settledWorld(1), {
    requests: 4,
    copies: 1,
    changes: 1,
  }),
  scenario("another copy of the server and a user who opts out", settledWorld(1), {
    requests: 3,
    copies: 1,
    optOuts: 1,
  }),
  scenario("the store goes back across an opt-out", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    optOuts: 1,
  }),
  scenario("the store goes back twice", settledWorld(1), {
    requests: 4,
    storeLosses: 2,
  }),
  scenario("the store goes back across a revocation and a consent", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    revocations: 1,
    consents: 1,
  }),
  scenario("the store goes back across an owner's choices", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    enables: 1,
    disables: 1,
  }),
  scenario("the store goes back across Connect going off and on", withOldStore(settledWorld(1)), {
    requests: 4,
    storeLosses: 1,
    disconnects: 3,
    enables: 1,
  }),
  scenario("the store forgets a new server", withEmptyStore(newWorld(1)), {
    requests: 5,
    storeLosses: 1,
    enables: 1,
    consents: 1,
  }),
  scenario("the store forgets an attach or an enabling", withOldStore(newWorld(1)), {
    requests: 5,
    storeLosses: 1,
    enables: 1,
    disables: 1,
  }),
  scenario("both sides go back", backedUp(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    senderRestores: 1,
    optOuts: 1,
  }),
  scenario("both sides go back across a disconnect", backedUp(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    senderRestores: 1,
    leaves: 1,
  }),
  scenario("the receiver crashes between store, ledger and cursor", withOldStore(settledWorld(1)), {
    requests: 2,
    storeLosses: 1,
    optOuts: 1,
    revocations: 2,
    pauses: 1,
  }),
  scenario("the receiver crashes on an owner's choices", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    enables: 1,
    disables: 1,
    pauses: 1,
  }),
  scenario("the receiver crashes on a consent", withOldStore(settledWorld(1)), {
    requests: 2,
    storeLosses: 1,
    consents: 1,
    pauses: 1,
    revocations: 1,
  }),
  scenario("the ledger loses its last entry", settledWorld(1), {
    requests: 3,
    ledgerLosses: 1,
    optOuts: 1,
    revocations: 1,
    changes: 1,
  }),
  scenario("the ledger loses its last entry, the store its last seconds", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    ledgerLosses: 1,
    optOuts: 1,
    refreshes: 1,
  }),
  scenario("another entry takes the place of one that the ledger lost", settledWorld(2), {
    storeLosses: 1,
    ledgerLosses: 1,
    revocations: 2,
    pauses: 1,
  }),
  scenario("both databases lose an owner's choices", settledWorld(1), {
    requests: 3,
    storeLosses: 1,
    ledgerLosses: 1,
    disables: 1,
    enables: 1,
  }),
  scenario("the ledger cannot be read for a while", withOldStore(settledWorld(1)), {
    requests: 2,
    storeLosses: 1,
    outages: 1,
    optOuts: 1,
    revocations: 1,
    disables: 1,
  }),
  scenario("the ledger is pruned, and an older store comes back", withOldStore(settledWorld(1)), {
    requests: 3,
    storeLosses: 1,
    prunes: 1,
    revocations: 1,
    disables: 1,
  }),
  scenario("one user's counts cannot be read", withOldStore(settledWorld(2)), {
    requests: 3,
    spoils: 1,
    storeLosses: 1,
    optOuts: 1,
  }),
  scenario("a server is restored while one user's counts cannot be read", backedUp(settledWorld(2, 1)), {
    requests: 2,
    spoils: 1,
    senderRestores: 1,
    consents: 1,
  }),
  scenario("a staging copy from yesterday's backup boots", backedUp(settledWorld(1, 0)), {
    requests: 4,
    clones: 1,
    consents: 1,
  }),
  scenario("the cloud takes a server for another", withAnotherServer(settledWorld(1)), {
    requests: 3,
    mappings: 2,
    optOuts: 1,
    refreshes: 1,
  }),
  scenario("GitHub Connect goes off and on again", settledWorld(1), {
    requests: 4,
    disconnects: 3,
    enables: 1,
  }),
  scenario("a new server whose Connect goes off and on", newWorld(1), {
    requests: 4,
    disconnects: 2,
    enables: 1,
  }),
  scenario("the end of a connection is heard of late", settledWorld(1), {
    requests: 2,
    disconnects: 3,
    enables: 1,
    pauses: 1,
  }),
  scenario("two users", settledWorld(2), {
    requests: 3,
    optOuts: 1,
    changes: 1,
  }),
];

/** Larger worlds, for a search that may take hours. */
export const DEEP_SCENARIOS: readonly Scenario[] = [
  scenario("a new server, everything late, lost or twice", newWorld(1), {
    requests: 6,
    enables: 1,
    consents: 1,
    duplicates: 1,
    changes: 1,
    optOuts: 1,
  }),
  scenario("a user who opts out and in again", settledWorld(1), {
    requests: 5,
    consents: 1,
    optOuts: 2,
    optIns: 2,
    changes: 1,
    duplicates: 2,
    refreshes: 1,
  }),
  scenario("an owner who disables and enables", settledWorld(1), {
    requests: 5,
    enables: 2,
    disables: 2,
    consents: 1,
    duplicates: 1,
  }),
  scenario("a consent revoked on the cloud", settledWorld(1), {
    requests: 5,
    revocations: 1,
    consents: 1,
    duplicates: 1,
    refreshes: 1,
    changes: 1,
  }),
  scenario("a server restored from a backup", settledWorld(1), {
    requests: 5,
    senderRestores: 1,
    consents: 1,
    optOuts: 1,
    changes: 1,
    refreshes: 1,
  }),
  scenario("a server restored across its owner's choices", settledWorld(1), {
    requests: 5,
    senderRestores: 1,
    enables: 1,
    disables: 1,
    consents: 1,
  }),
  scenario("another copy of the server beside it", settledWorld(1), {
    requests: 5,
    copies: 1,
    consents: 1,
    optOuts: 1,
    changes: 1,
  }),
  scenario("two copies and their owners", settledWorld(1), {
    requests: 4,
    copies: 1,
    enables: 1,
    disables: 1,
  }),
  scenario("a receiver restored from a backup", settledWorld(1), {
    requests: 5,
    storeLosses: 1,
    consents: 1,
    optOuts: 1,
    revocations: 1,
  }),
  scenario("a receiver restored across an owner's choices", settledWorld(1), {
    requests: 5,
    storeLosses: 1,
    enables: 1,
    disables: 1,
    consents: 1,
  }),
  scenario("two users", settledWorld(2), {
    requests: 4,
    consents: 1,
    optOuts: 1,
    changes: 1,
    duplicates: 1,
  }),
  scenario("a receiver recovered while another copy of the server runs", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    copies: 1,
    optOuts: 1,
  }),
  scenario("both sides restored", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    senderRestores: 1,
    optOuts: 1,
  }),
  scenario("both sides restored across an owner's choices", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    senderRestores: 1,
    disables: 1,
    enables: 1,
  }),
  scenario("a receiver restored across Connect going off", settledWorld(1), {
    requests: 4,
    storeLosses: 1,
    disconnects: 3,
    enables: 1,
    consents: 1,
  }),
  scenario("a server restored across Connect going off", settledWorld(1), {
    requests: 4,
    senderRestores: 1,
    disconnects: 3,
    enables: 1,
    consents: 1,
  }),
  scenario("Connect off and on again", settledWorld(1), {
    requests: 5,
    disconnects: 3,
    enables: 1,
    consents: 1,
  }),
];
