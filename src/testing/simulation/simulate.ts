import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  type MemoryReceiverSnapshot,
} from "../../adapters/memory/index.ts";
import type { AccountId, InstallationId } from "../../domain/identifiers.ts";
import { type CloudPorts, createCloud } from "./cloud.ts";
import { disturbCloud, disturbSite, sweep } from "./disturb.ts";
import { heal } from "./healing.ts";
import type { IncidentKind } from "./incidents.ts";
import { PERSONAL } from "./judge.ts";
import { createPeople } from "./people.ts";
import type {
  CarryMessage,
  MakeLedger,
  MakeReceiverStore,
  MakeSenderStore,
  SimulatedLedger,
  SimulatedReceiverStore,
} from "./ports.ts";
import { type MakeServer, serversOver } from "./server.ts";
import { createSite, type Site } from "./site.ts";
import type { InvariantViolation } from "./violation.ts";
import { createWorld, HOUR_MS, MINUTE_MS, type World } from "./world.ts";

/** The options of a simulation. Every part that is left out is in memory. */
export interface SimulationOptions {
  /** The seed that decides everything; a whole number. */
  readonly seed: number;
  /** How long faults happen, in simulated hours; 500 if left out. */
  readonly hours?: number;
  /** Returns a server's storage, over a backup that `snapshot` took, if one is given. */
  readonly makeSenderStore?: MakeSenderStore;
  /** Returns a server of another kind with its own storage. `makeSenderStore` is then not called. */
  readonly makeServer?: MakeServer;
  /** Returns the receiver's storage, over a backup that `snapshot` took, if one is given. */
  readonly makeReceiverStore?: MakeReceiverStore;
  /** Returns the receiver's ledger of deletions. */
  readonly makeLedger?: MakeLedger;
  /** Carries a message to a handler and its answer back, as your own transport does. */
  readonly carry?: CarryMessage;
  /** The names of incidents that are left out; see {@link SimulationResult.incidents}. */
  readonly without?: ReadonlySet<string>;
  /** Whether the lines of the history are kept. */
  readonly keepsHistory?: boolean;
}

/** The result of a simulated world. */
export interface SimulationResult {
  readonly seed: number;
  /** How many hours were simulated, those of the healing included. */
  readonly hours: number;
  /** The first invariant that did not hold, or null. */
  readonly violation: InvariantViolation | null;
  /** How many times each kind of incident happened. */
  readonly counts: ReadonlyMap<IncidentKind, number>;
  /** The name of each incident, in order. */
  readonly incidents: readonly string[];
  /** A fingerprint that is the same for the same seed on every platform. */
  readonly fingerprint: string;
  /** One line for each event, if the lines were to be kept. */
  readonly history: readonly string[];
}

const DEFAULT_HOURS = 500;
const MAX_SITES = 3;
const MAX_ACCOUNTS = 4;

/**
 * Runs both sides in a world of faults that a seed alone decides, and returns the result.
 *
 * It checks the protocol's invariants after every step. Then it ends the faults and checks that everything comes right.
 * A seed or a number of hours that is not a whole number throws a `RangeError`.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, hours = DEFAULT_HOURS, without = new Set<string>(), keepsHistory = false } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError("A simulation needs a seed: give a whole number.");
  if (!Number.isSafeInteger(hours) || hours < 1)
    throw new RangeError("A simulation needs hours: give a whole number from 1 on.");
  const world = createWorld({ seed, without, keepsHistory });
  const start = world.now();
  const accounts = Array.from(
    { length: 1 + Math.floor(world.dice.fraction(20) * MAX_ACCOUNTS) },
    (_, account) => `${PERSONAL}-account-${account}` as AccountId,
  );
  const cloud = await createCloud(world, portsOf(options), accounts);
  const people = createPeople(world, cloud, accounts);
  const sites: Site[] = [];
  let readings = 0;
  for (let number = 0; number < 1 + Math.floor(world.dice.fraction(21) * MAX_SITES); number++) {
    const makeServer = options.makeServer ?? serversOver(options.makeSenderStore ?? makeMemorySenderStore);
    const site = await createSite({ world, cloud, number, makeServer, nextReading: () => ++readings });
    sites.push(site);
    await people.setUp(site);
  }

  for (let hour = 0; hour < hours && !world.judge.violation(); hour++) {
    if (hour % 24 === 3) await sweep(world, cloud);
    await disturbCloud(world, cloud, sites);
    for (const site of sites) {
      await disturbSite(world, cloud, site);
      people.liveAnHour(site);
      scheduleSyncs(world, site);
    }
    await world.runUntil(start + (hour + 1) * HOUR_MS, cloud.show);
  }
  if (!world.judge.violation()) await heal({ world, cloud, sites, people, accounts });

  return {
    seed,
    hours: world.hour(),
    violation: world.judge.violation(),
    counts: world.incidents.counts,
    incidents: world.incidents.names,
    fingerprint: world.history.fingerprint(),
    history: world.history.lines,
  };
}

function portsOf({ makeReceiverStore, makeLedger, carry }: SimulationOptions): CloudPorts {
  return {
    makeReceiverStore: makeReceiverStore ?? makeMemoryReceiverStore,
    makeLedger: makeLedger ?? makeMemoryLedger,
    carry: carry ?? carryInMemory,
  };
}

function makeMemorySenderStore(backup?: unknown): ReturnType<typeof createMemorySenderStore> {
  return createMemorySenderStore(backup as Parameters<typeof createMemorySenderStore>[0]);
}

function makeMemoryReceiverStore(backup?: unknown): SimulatedReceiverStore {
  const store = createMemoryReceiverStore(backup as MemoryReceiverSnapshot | undefined);
  return {
    ...store,
    snapshotWith: (installation, earlier) =>
      withEarlier(store.snapshot(), installation, earlier as MemoryReceiverSnapshot),
  };
}

/** Returns the present contents, with one installation's part as it was. */
function withEarlier(
  now: MemoryReceiverSnapshot,
  installation: InstallationId,
  earlier: MemoryReceiverSnapshot,
): MemoryReceiverSnapshot {
  return {
    ...now,
    registrations: [
      ...now.registrations.filter(({ value }) => value.installation !== installation),
      ...earlier.registrations.filter(({ value }) => value.installation === installation),
    ],
    links: [
      ...now.links.filter((link) => link.installation !== installation),
      ...earlier.links.filter((link) => link.installation === installation),
    ],
    attempts: [
      ...now.attempts.filter((attempt) => attempt.installation !== installation),
      ...earlier.attempts.filter((attempt) => attempt.installation === installation),
    ],
  };
}

function makeMemoryLedger(backup?: unknown): SimulatedLedger {
  return createMemoryLedger(backup as Parameters<typeof createMemoryLedger>[0]);
}

/** Only JSON text crosses it. */
const carryInMemory: CarryMessage = (message, handle) =>
  handle(JSON.parse(JSON.stringify(message))).map((answer): unknown => JSON.parse(JSON.stringify(answer)));

function scheduleSyncs(world: World, site: Site): void {
  const { dice } = world;
  for (const machine of site.copy ? [site.machine, site.copy] : [site.machine]) {
    const phase = dice.fraction(27, machine.number) * HOUR_MS;
    world.later(Math.floor(phase), machine.poll);
    // Now and then a second process syncs too.
    if (dice.fraction(28, machine.number, world.hour()) < 0.03)
      world.later(Math.floor(phase) + 11 * MINUTE_MS, () => machine.sync("everything"));
  }
}
