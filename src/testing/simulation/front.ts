import type { Clock } from "../../domain/environment.ts";
import type { Instant } from "../../domain/identifiers.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import { createReceiver, type Receiver } from "../../ghec/receiver.ts";
import type { Databases } from "./databases.ts";
import { createWorldSigner } from "./receipts.ts";
import type { Process } from "./stage.ts";
import { type Caller, sharedCaller, troubledLedger, troubledReceiverStore } from "./troubled-store.ts";
import { createTrouble, DAY_MS, type Trouble, type World } from "./world.ts";

/** One place for a process of the cloud's side. When the process dies, another replaces it. */
export interface Front {
  readonly trouble: Trouble;
  /** The running process and its receiver. With the process, the receiver forgets when it last looked at the ledger. */
  process(): Process;
  receiver(): Receiver;
  /** How far its clock is ahead, in milliseconds. */
  skewMs: number;
}

/** The options of a front. */
export interface FrontOptions {
  readonly number: number;
  readonly databases: Databases;
  /** Called when the shown counts may have changed. */
  readonly onChange: () => void;
}

/** Starts a process of the cloud's side, over databases that fail. */
export function createFront(world: World, { number, databases, onChange }: FrontOptions): Front {
  const trouble = createTrouble(world, number);
  let life = start();

  function start(): { readonly process: Process; readonly receiver: Receiver } {
    const process: Process = { name: `cloud/${number}`, isShared: true };
    const caller = sharedCaller(world, process, () => {
      world.stage.kill(process);
      life = start();
    });
    const receiver = createReceiver({
      store: troubledReceiverStore(world, trouble, caller, databases.store, onChange),
      ledger: troubledLedger(world, trouble, caller, databases.ledger, databases.outage),
      clock: createFrontClock(world, process, () => front.skewMs),
      random: world.random,
      receiptSigner: createWorldSigner(world, number),
      callDeadlineMs: NO_DEADLINE_MS,
    });
    return { process, receiver };
  }

  const front: Front = {
    trouble,
    process: () => life.process,
    receiver: () => life.receiver,
    skewMs: 0,
  };
  return front;
}

/** Returns a clock whose waits run beside other work, which goes on when they end. */
function createFrontClock({ now, stage, later }: World, process: Process, skewMs: () => number): Clock {
  return {
    now: () => Math.max(0, now() + skewMs()) as Instant,
    wait: (milliseconds, signal) => {
      if (milliseconds === NO_DEADLINE_MS) return waitForEnd(milliseconds, signal);
      const pause = stage.pauseIn<void>(process);
      signal.addEventListener("abort", () => pause.resume());
      later(milliseconds, () => pause.resume());
      return pause.promise;
    },
  };
}

/**
 * Returns the same databases for an observer outside of the world. Nothing goes wrong, except a ledger that cannot be
 * read.
 */
export function observedDatabases(
  world: World,
  databases: Databases,
  onChange: () => void,
): { readonly store: ReceiverStore; readonly ledger: DeletionLedger } {
  const calm: Trouble = { isCalm: () => true, happens: () => false, fraction: () => 0 };
  const observer: Caller = {
    pause: () => ({ promise: new Promise<never>(() => undefined), resume: () => undefined }),
    die: () => new Promise<never>(() => undefined),
    call: (step) => step(),
  };
  const unreadable = (): { how: "down"; waiting: (() => void)[] } | null =>
    databases.outage() ? { how: "down", waiting: [] } : null;
  return {
    store: troubledReceiverStore(world, calm, observer, databases.store, onChange),
    ledger: troubledLedger(world, calm, observer, databases.ledger, unreadable),
  };
}

/**
 * A deadline that no call of a world reaches, in milliseconds. Calls that are slow then stay slow, and each world stays
 * the same.
 */
export const NO_DEADLINE_MS: number = DAY_MS;

/** The clock's wait of an observer outside of the world. The work beside it always ends. */
export function waitForEnd(_milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
}
