import { errAsync, okAsync } from "neverthrow";
import { addDays, type CalendarDate } from "../../domain/calendar-date.ts";
import type { Clock } from "../../domain/environment.ts";
import type { ConnectionId, InstallationId, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { ContributionSource, UserContributions } from "../../ghes/ports.ts";
import type { SyncScope } from "../../ghes/sync/sync-report.ts";
import type { Cloud } from "./cloud.ts";
import { NO_DEADLINE_MS, waitForEnd } from "./front.ts";
import type { MakeServer, SimulatedSender } from "./server.ts";
import type { Process } from "./stage.ts";
import { type Caller, createTroubled, currentCaller, sharedCaller } from "./troubled-store.ts";
import { createWire, type Readings } from "./wire.ts";
import { createTrouble, HOUR_MS, MINUTE_MS, type Trouble, type World } from "./world.ts";

/** The source of truth of one installation: how many contributions each user made on each day. */
type Truth = ReadonlyMap<UserId, Map<CalendarDate, number>>;

/** The contents of a backup of a whole server. */
export interface MachineBackup {
  readonly snapshot: unknown;
  readonly connectionId: ConnectionId | null;
}

/** One running copy of a GitHub Enterprise Server. */
export interface Machine {
  readonly installation: InstallationId;
  /** The sender that people use, each in a process of their own. */
  readonly sender: SimulatedSender;
  readonly trouble: Trouble;
  readonly number: number;
  /** Returns the process that syncs. When it dies, another replaces it. */
  process(): Process;
  /** Ends that process. */
  kill(): void;
  /** How far its clock is ahead, in milliseconds. */
  skewMs: number;
  /** The connection whose credentials it holds, or null. */
  connectionId: ConnectionId | null;
  /** Whether it has been switched off for good. */
  isStopped: boolean;
  now(): Instant;
  /** Whether a withdrawal waits for its receipt. */
  isWithdrawalPending(): Promise<boolean>;
  backUp(): Promise<MachineBackup | null>;
  restore(backup: MachineBackup): Promise<void>;
  /** Syncs. */
  sync(scope: SyncScope): void;
  /** Syncs if that is due, as a host's loop does. */
  poll(): void;
}

/** The options of a machine. */
export interface MachineOptions {
  readonly world: World;
  readonly cloud: Cloud;
  readonly installation: InstallationId;
  readonly number: number;
  readonly truth: Truth;
  readonly makeServer: MakeServer;
  /** Returns the user of a link, so that the judge learns when its counts were read. */
  readonly userOf: (linkId: LinkId) => UserId | undefined;
  /** Whether a user's contributions cannot be read. */
  readonly isUnreadable: (user: UserId) => boolean;
  /** Called after each sync that has said everything. */
  readonly onCompleted: () => void;
  /** Returns the next number of a reading of the source of truth, over the whole world. */
  readonly nextReading: () => number;
}

const BATCH_SIZES = [1, 2, 1_000];
const PAUSES_MS = [0, 0, 1_000];
const LEASES_MS = [60_000, 600_000];
const TIME_ZONES = ["UTC", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"];

/** One process of a machine: its behaviour at each step, and its syncing. */
interface Life {
  readonly process: Process;
  readonly caller: Caller;
  /** Returns the sender of one sync. */
  createSyncing(): SimulatedSender;
}

/** Returns a machine over a backup, or a new one. */
export async function createMachine(options: MachineOptions, backup: MachineBackup | null): Promise<Machine> {
  const { world, installation, number, makeServer } = options;
  const { stage, dice } = world;
  const trouble = createTrouble(world, number);
  const server = await (backup ? makeServer(backup.snapshot) : makeServer());
  const now = (): Instant => Math.max(0, world.now() + machine.skewMs) as Instant;
  const traits = [5, installation.length + number];
  const settings = {
    installation,
    random: world.random,
    batchSize: dice.pick(BATCH_SIZES, ...traits, 0),
    pauseMs: dice.pick(PAUSES_MS, ...traits, 1),
    leaseMs: dice.pick(LEASES_MS, ...traits, 2),
    timeZone: dice.pick(TIME_ZONES, ...traits, 3),
    callDeadlineMs: NO_DEADLINE_MS,
  };
  const wire = createWire(world, options.cloud, () => machine, options.userOf);

  function createSender(caller: Caller, readings: Readings): SimulatedSender {
    const parts = {
      ...settings,
      transport: wire(caller, readings),
      source: createSource(options, trouble, readings),
      clock: createMachineClock(world, caller, now),
    };
    return server.createSender(parts, (current) => createTroubled(world, trouble, caller, current));
  }

  function start(): Life {
    const process: Process = { name: `${installation}/${number}`, isShared: true };
    const caller = sharedCaller(world, process, () => machine.kill());
    return { process, caller, createSyncing: () => createSender(caller, new Map()) };
  }

  let life = start();
  const machine: Machine = {
    installation,
    sender: createSender(currentCaller(world), new Map()),
    trouble,
    number,
    process: () => life.process,
    kill: () => {
      stage.kill(life.process);
      life = start();
    },
    skewMs: 0,
    connectionId: backup?.connectionId ?? null,
    isStopped: false,
    now,
    isWithdrawalPending: () => server.isWithdrawalPending(now()),
    backUp: async () =>
      server.snapshot ? { snapshot: await server.snapshot(), connectionId: machine.connectionId } : null,
    restore: async ({ snapshot, connectionId }) => {
      await server.restore(snapshot);
      machine.connectionId = connectionId;
    },
    sync: (scope) => runSync(world, machine, life, scope, options.onCompleted),
    poll: () => {
      if (machine.isStopped) return;
      const { process, createSyncing } = life;
      stage.start(process, createSyncing().status, (status) => {
        const dueAt = status.isOk() ? status.value.nextSyncAt : null;
        if (dueAt !== null && dueAt <= machine.now()) machine.sync("everything");
      });
    },
  };
  return machine;
}

/** Switches a machine off for ever. Its processes die. */
export function stopMachine(machine: Machine): void {
  machine.isStopped = true;
  machine.kill();
}

/** Syncs once. If the sync fails, the attempt that it plans follows. */
function runSync(
  world: World,
  machine: Machine,
  { process, createSyncing }: Life,
  scope: SyncScope,
  onCompleted: () => void,
): void {
  if (machine.isStopped) return;
  const abort = new AbortController();
  if (machine.trouble.happens("sync-aborted", 0.3)) {
    world.later(Math.ceil(machine.trouble.fraction() * 10 * MINUTE_MS), () => abort.abort());
  }
  world.stage.start(
    process,
    () => createSyncing().sync({ scope, signal: abort.signal }),
    (report) => {
      if (report.isErr()) return world.history.add(`${process.name} ${scope}: ${report.error.type}`);
      const { outcome, requests, kept, unchanged, ended, unknown, receipts, nextSyncAt } = report.value;
      const over = ended + receipts.length;
      const line = `${process.name} ${scope}: ${outcome}, ${requests} requests, ${kept} kept, ${over} ended, ${unknown} unknown`;
      if (outcome === "completed" && scope === "everything") onCompleted();
      // An hour without anything to send is not worth a line.
      if (outcome === "completed" && requests <= 1 && kept + unchanged + over + unknown === 0)
        world.history.imprint(line);
      else world.history.add(line);
      if (outcome !== "failed" || nextSyncAt === null) return;
      const wait = Math.min(Math.max(nextSyncAt - machine.now(), MINUTE_MS), HOUR_MS);
      world.later(wait, machine.poll);
    },
  );
}

/** Returns a clock whose waits end when the waiting process does. */
function createMachineClock({ later }: World, caller: Caller, now: () => Instant): Clock {
  return {
    now,
    wait: (milliseconds, signal) => {
      if (signal.aborted) return Promise.resolve();
      if (milliseconds === NO_DEADLINE_MS) return waitForEnd(milliseconds, signal);
      const pause = caller.pause<void>();
      const resume = (): void => {
        signal.removeEventListener("abort", resume);
        pause.resume();
      };
      signal.addEventListener("abort", resume);
      later(milliseconds, resume);
      return pause.promise;
    },
  };
}

const UNREADABLE: UserContributions = {
  type: "daily-counts",
  dailyCounts: {
    [Symbol.iterator]: () => {
      throw new Error("The simulated contributions cannot be read.");
    },
  },
};

function createSource(
  { truth, isUnreadable, nextReading }: MachineOptions,
  trouble: Trouble,
  readings: Readings,
): ContributionSource {
  return {
    read: ({ users, days }) => {
      if (trouble.happens("source-fault"))
        return errAsync({ type: "source-fault", message: "The simulated source cannot be read." });
      const order = nextReading();
      const first = addDays(days.first, -1);
      return okAsync(
        new Map(
          users.map((user) => {
            if (isUnreadable(user)) return [user, UNREADABLE];
            readings.set(user, order);
            const dailyCounts = [...(truth.get(user) ?? [])]
              .filter(([date]) => date >= first)
              .map(([date, contributionCount]) => ({ date, contributionCount }));
            return [user, { type: "daily-counts" as const, dailyCounts }];
          }),
        ),
      );
    },
  };
}
