import { errAsync, type Result, ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import type { SenderStore } from "../../ghes/ports.ts";
import type { Pause, Process } from "./stage.ts";
import { MINUTE_MS, type Trouble, type World } from "./world.ts";

const UNAVAILABLE: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The simulated storage cannot be reached.",
};

/** How long a slow step takes at most: longer than a lease. */
const SLOWEST_MS = 25 * MINUTE_MS;

/** How much more rarely a process dies at a read. There are many more reads than writes. */
const SELDOM = 0.3;

/** An outage that keeps every process from a database. */
export interface Outage {
  /** `down`: every call answers with a fault. `hangs`: every call waits for its end. */
  readonly how: "down" | "hangs";
  /** The calls that go on when it ends. */
  readonly waiting: (() => void)[];
}

/** The process that calls a storage, with its behaviour at each step. */
export interface Caller {
  pause<Value>(): Pause<Value>;
  /** The process dies. The promise never resolves. */
  die(): Promise<never>;
  /** Carries out a step, unless the process is dead by now. */
  call<Value, Fault>(step: () => ResultAsync<Value, Fault>): ResultAsync<Value, Fault>;
}

/** Returns the caller that does one thing at a time: the work that runs now. */
export function currentCaller({ stage }: World): Caller {
  return { pause: stage.pause, die: stage.die, call: (step) => step() };
}

/**
 * Returns a caller that does several things at once.
 *
 * @param kill ends the process
 */
export function sharedCaller({ stage }: World, process: Process, kill: () => void): Caller {
  return {
    pause: () => stage.pauseIn(process),
    die: () => {
      if (stage.isAlive(process)) kill();
      return new Promise<never>(() => undefined);
    },
    call: <Value, Fault>(step: () => ResultAsync<Value, Fault>) =>
      new ResultAsync<Value, Fault>(
        stage.isAlive(process)
          ? stage.outside<Result<Value, Fault>>(step)
          : new Promise<never>(() => undefined),
      ),
  };
}

/** Storage of one kind that fails, over the storage that is current at each step. */
export interface Troubled<Store> {
  read<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  write<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  commit<Value, Fault>(
    step: Step<Store, Value, Fault>,
  ): ResultAsync<Value, Fault | StorageFault | VersionConflict>;
}

type Step<Store, Value, Fault> = (store: Store) => ResultAsync<Value, Fault>;

/** Returns the sender's storage with all possible trouble in it. */
export function troubledSenderStore({ read, write, commit }: Troubled<SenderStore>): SenderStore {
  return {
    loadServer: () => read((store) => store.loadServer()),
    commitServer: (given) => commit((store) => store.commitServer(given)),
    loadLink: (user) => read((store) => store.loadLink(user)),
    commitLink: (given) => commit((store) => store.commitLink(given)),
    markChanged: (users) => write((store) => store.markChanged(users)),
    dueLinks: (query) => read((store) => store.dueLinks(query)),
    pendingWithdrawals: (query) => read((store) => store.pendingWithdrawals(query)),
    pendingRedemptions: (query) => read((store) => store.pendingRedemptions(query)),
    userOf: (attempt) => read((store) => store.userOf(attempt)),
    usersOfLinks: (links) => read((store) => store.usersOfLinks(links)),
    forgetUser: (forgotten) => commit((store) => store.forgetUser(forgotten)),
    pruneAudit: (pruning) => write((store) => store.pruneAudit(pruning)),
  };
}

/**
 * Returns the receiver's storage with all possible trouble in it, over the current one.
 *
 * @param onWrite called after every write that may change the shown counts
 */
export function troubledReceiverStore(
  world: World,
  trouble: Trouble,
  caller: Caller,
  current: () => ReceiverStore,
  onWrite: () => void,
): ReceiverStore {
  const { read, write, commit } = createTroubled(world, trouble, caller, current);
  const writing =
    <Value, Fault>(step: Step<ReceiverStore, Value, Fault>): typeof step =>
    (store) => {
      onWrite();
      return step(store);
    };
  return {
    loadRegistration: (installation) => read((store) => store.loadRegistration(installation)),
    commitRegistration: (given) => commit(writing((store) => store.commitRegistration(given))),
    applyDelivery: (delivery) => write(writing((store) => store.applyDelivery(delivery))),
    pushAttempt: (pushed) => write((store) => store.pushAttempt(pushed)),
    answerAttempt: (brought) => write((store) => store.answerAttempt(brought)),
    openLink: (redemption) => write(writing((store) => store.openLink(redemption))),
    deleteLinks: (selection, at) => write(writing((store) => store.deleteLinks(selection, at))),
    loadShown: (account) => read((store) => store.loadShown(account)),
    sweep: (query) => write(writing((store) => store.sweep(query))),
    loadSweepClock: () => read((store) => store.loadSweepClock()),
    saveSweepClock: (clock) => write((store) => store.saveSweepClock(clock)),
    loadLedgerStanding: () => read((store) => store.loadLedgerStanding()),
    loadCursors: (query) => read((store) => store.loadCursors(query)),
    loadUnrecorded: (limit) => read((store) => store.loadUnrecorded(limit)),
    takeForUnrecorded: (cursor) => write(writing((store) => store.takeForUnrecorded(cursor))),
  };
}

/** Returns a ledger with all possible trouble in it, over the current one. */
export function troubledLedger(
  world: World,
  trouble: Trouble,
  caller: Caller,
  current: () => DeletionLedger,
  outage: () => Outage | null,
): DeletionLedger {
  const { read, write } = createTroubled(world, trouble, caller, current);
  const unless = <Value, Fault>(
    step: () => ResultAsync<Value, Fault | StorageFault>,
  ): ResultAsync<Value, Fault | StorageFault> => {
    const kept = outage();
    if (!kept) return step();
    if (kept.how === "down") return errAsync(UNAVAILABLE);
    const pause = caller.pause<void>();
    kept.waiting.push(() => pause.resume());
    return new ResultAsync(pause.promise.then(() => step()));
  };
  return {
    append: (entry, entryId) => unless(() => write((ledger) => ledger.append(entry, entryId))),
    read: (query) => unless(() => read((ledger) => ledger.read(query))),
    loadHeads: (query) => unless(() => read((ledger) => ledger.loadHeads(query))),
    loadDigest: () => unless(() => read((ledger) => ledger.loadDigest())),
    prune: (installation, below) => unless(() => write((ledger) => ledger.prune(installation, below))),
  };
}

/** Returns storage with all possible trouble in it, over the storage that is current at each step. */
export function createTroubled<Store>(
  { later }: World,
  trouble: Trouble,
  caller: Caller,
  current: () => Store,
): Troubled<Store> {
  const delay = (): number => Math.ceil(trouble.fraction() * SLOWEST_MS);

  const read: Troubled<Store>["read"] = (step) => {
    const store = current();
    const carryOut = (): ReturnType<typeof step> => caller.call(() => step(store));
    if (trouble.isCalm()) return carryOut();
    if (trouble.happens("process-died-at-a-read", SELDOM)) return new ResultAsync(caller.die());
    if (trouble.happens("storage-fault")) return errAsync(UNAVAILABLE);
    if (!trouble.happens("storage-slow")) return carryOut();
    const pause = caller.pause<void>();
    later(delay(), () => pause.resume());
    return new ResultAsync(pause.promise.then(carryOut));
  };

  const write: Troubled<Store>["write"] = (step) => {
    if (trouble.isCalm()) return caller.call(() => step(current()));
    if (trouble.happens("process-died-before-a-commit")) return new ResultAsync(caller.die());
    if (trouble.happens("process-died-within-a-commit")) {
      // The storage carries out a step, however late, even if its caller is dead by then.
      const store = current();
      later(delay(), () => step(store).match(ignored, ignored));
      return new ResultAsync(caller.die());
    }
    if (!trouble.happens("process-died-after-a-commit")) return read(step);
    return new ResultAsync(Promise.resolve(caller.call(() => step(current()))).then(() => caller.die()));
  };

  return {
    read,
    write,
    commit: (step) => {
      if (trouble.happens("version-conflict")) return errAsync({ type: "version-conflict" });
      return write(step);
    },
  };
}

function ignored(): void {
  // The caller is dead, so the result is dropped.
}
