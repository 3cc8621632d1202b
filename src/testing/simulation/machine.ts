import { errAsync, okAsync } from "neverthrow";
import { addDays, type CalendarDate } from "../../domain/calendar-date.ts";
import type { Clock } from "../../domain/environment.ts";
import type { ConnectionId, InstallationId, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { SyncScope } from "../../ghes/options.ts";
import type { ContributionSource } from "../../ghes/ports.ts";
import { createSender, type Sender } from "../../ghes/sender.ts";
import type { Cloud } from "./cloud.ts";
import type { MakeSenderStore, SimulatedSenderStore } from "./ports.ts";
import type { Process } from "./stage.ts";
import { troubledSenderStore } from "./troubled-store.ts";
import { createWire } from "./wire.ts";
import { createTrouble, HOUR_MS, MINUTE_MS, type Trouble, type World } from "./world.ts";

/** The source of truth of one installation: how many contributions each user made on each day. */
type Truth = ReadonlyMap<UserId, Map<CalendarDate, number>>;

/** What a backup of a whole server holds. */
export interface MachineBackup {
  readonly snapshot: unknown;
  readonly connectionId: ConnectionId | null;
}

/** One running copy of a GitHub Enterprise Server. */
export interface Machine {
  readonly installation: InstallationId;
  readonly process: Process;
  readonly sender: Sender;
  readonly trouble: Trouble;
  readonly number: number;
  /** How far its clock is ahead, in milliseconds. */
  skewMs: number;
  /** The connection whose credentials it holds, or null. */
  connectionId: ConnectionId | null;
  /** Whether it has been switched off for good. */
  isStopped: boolean;
  now(): Instant;
  /** The storage itself, without anything that goes wrong. */
  store(): SimulatedSenderStore;
  backUp(): Promise<MachineBackup | null>;
  restore(backup: MachineBackup): Promise<void>;
  /** Syncs. */
  sync(scope: SyncScope): void;
  /** Syncs if that is due, as a host's loop does. */
  poll(): void;
}

/** What a machine is made of. */
export interface MachineOptions {
  readonly world: World;
  readonly cloud: Cloud;
  readonly installation: InstallationId;
  readonly number: number;
  readonly truth: Truth;
  readonly makeSenderStore: MakeSenderStore;
  /** Whose link it is, so that the judge learns when its counts were read. */
  readonly userOf: (linkId: LinkId) => UserId | undefined;
  /** Counts the readings of the source of truth over the whole world. */
  readonly nextReading: () => number;
}

const BATCH_SIZES = [1, 2, 1_000];
const PAUSES_MS = [0, 0, 1_000];
const LEASES_MS = [60_000, 600_000];
const OFFSETS_MINUTES = [0, 0, 840, -720, 330];

/** Makes a machine over a backup, or a new one. */
export async function createMachine(options: MachineOptions, backup: MachineBackup | null): Promise<Machine> {
  const { world, installation, number, makeSenderStore } = options;
  const trouble = createTrouble(world, number);
  let store = await (backup ? makeSenderStore(backup.snapshot) : makeSenderStore());
  const clock = createMachineClock(world, () => machine.skewMs);
  const traits = [5, installation.length + number];
  const machine: Machine = {
    installation,
    process: { name: `${installation}/${number}` },
    trouble,
    number,
    skewMs: 0,
    connectionId: backup?.connectionId ?? null,
    isStopped: false,
    now: clock.now,
    store: () => store,
    sender: createSender({
      installation,
      store: troubledSenderStore(world, trouble, () => store),
      transport: createWire(world, options.cloud, () => machine, options.userOf),
      source: createSource(options, trouble),
      clock,
      random: world.random,
      batchSize: world.dice.pick(BATCH_SIZES, ...traits, 0),
      pauseMs: world.dice.pick(PAUSES_MS, ...traits, 1),
      leaseMs: world.dice.pick(LEASES_MS, ...traits, 2),
      utcOffsetMinutes: world.dice.pick(OFFSETS_MINUTES, ...traits, 3),
    }),
    backUp: async () =>
      store.snapshot ? { snapshot: await store.snapshot(), connectionId: machine.connectionId } : null,
    restore: async ({ snapshot, connectionId }) => {
      store = await makeSenderStore(snapshot);
      machine.connectionId = connectionId;
    },
    sync: (scope) => runSync(world, machine, scope),
    poll: () => {
      if (machine.isStopped) return;
      world.stage.start(machine.process, machine.sender.status, (status) => {
        const dueAt = status.isOk() ? status.value.nextSyncAt : null;
        if (dueAt !== null && dueAt <= machine.now()) machine.sync("everything");
      });
    },
  };
  return machine;
}

/** Syncs once; a sync that failed is followed by the attempt that it plans. */
function runSync(world: World, machine: Machine, scope: SyncScope): void {
  if (machine.isStopped) return;
  const abort = new AbortController();
  if (machine.trouble.happens("sync-aborted", 0.3)) {
    world.later(Math.ceil(machine.trouble.fraction() * 10 * MINUTE_MS), () => abort.abort());
  }
  world.stage.start(
    machine.process,
    () => machine.sender.sync({ scope, signal: abort.signal }),
    (report) => {
      if (report.isErr()) return world.history.add(`${machine.process.name} ${scope}: ${report.error.type}`);
      const { outcome, requests, kept, unchanged, gone, receipts, nextSyncAt } = report.value;
      const ended = gone + receipts.length;
      const line = `${machine.process.name} ${scope}: ${outcome}, ${requests} requests, ${kept} kept, ${ended} ended`;
      // An hour without anything to send is not worth a line.
      if (outcome === "completed" && requests <= 1 && kept + unchanged + ended === 0)
        world.history.imprint(line);
      else world.history.add(line);
      if (outcome !== "failed" || nextSyncAt === null) return;
      const wait = Math.min(Math.max(nextSyncAt - machine.now(), MINUTE_MS), HOUR_MS);
      world.later(wait, machine.poll);
    },
  );
}

function createMachineClock({ now, stage, later }: World, skewMs: () => number): Clock {
  return {
    now: () => Math.max(0, now() + skewMs()) as Instant,
    wait: (milliseconds, signal) => {
      if (signal.aborted) return Promise.resolve();
      const pause = stage.pause<void>();
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

function createSource({ world, truth, nextReading }: MachineOptions, trouble: Trouble): ContributionSource {
  return {
    read: ({ users, days }) => {
      if (trouble.happens("source-fault"))
        return errAsync({ type: "source-fault", message: "The simulated source cannot be read." });
      const reads = world.stage.current()?.reads;
      const order = nextReading();
      const first = addDays(days.first, -1);
      return okAsync(
        new Map(
          users.map((user) => {
            reads?.set(user, order);
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
