import { errAsync, ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "../../domain/fault.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import type { SenderStore } from "../../ghes/ports.ts";
import { MINUTE_MS, type Trouble, type World } from "./world.ts";

const UNAVAILABLE: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The simulated storage cannot be reached.",
};

/** How long a slow step takes at most: longer than a lease. */
const SLOWEST_MS = 25 * MINUTE_MS;

/** How much more seldom a process dies at a read, of which there are many more than writes. */
const SELDOM = 0.3;

/** Storage of one kind that fails, over the one that is current when a step is asked for. */
interface Troubled<Store> {
  read<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  write<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  commit<Value, Fault>(
    step: Step<Store, Value, Fault>,
  ): ResultAsync<Value, Fault | StorageFault | VersionConflict>;
}

type Step<Store, Value, Fault> = (store: Store) => ResultAsync<Value, Fault>;

/** The sender's storage with everything that can go wrong in it, over the current one. */
export function troubledSenderStore(world: World, trouble: Trouble, current: () => SenderStore): SenderStore {
  const { read, write, commit } = createTroubled(world, trouble, current);
  return {
    loadServer: () => read((store) => store.loadServer()),
    commitServer: (given) => commit((store) => store.commitServer(given)),
    loadLink: (user) => read((store) => store.loadLink(user)),
    commitLink: (given) => commit((store) => store.commitLink(given)),
    markChanged: (users) => write((store) => store.markChanged(users)),
    dueLinks: (query) => read((store) => store.dueLinks(query)),
    pendingWithdrawals: (query) => read((store) => store.pendingWithdrawals(query)),
  };
}

/**
 * The receiver's storage with everything that can go wrong in it, over the current one.
 *
 * @param onWrite told of everything that may change what is shown
 */
export function troubledReceiverStore(
  world: World,
  trouble: Trouble,
  current: () => ReceiverStore,
  onWrite: () => void,
): ReceiverStore {
  const { read, write, commit } = createTroubled(world, trouble, current);
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
    openLink: (opening) => write(writing((store) => store.openLink(opening))),
    deleteLinks: (selection, at) => write(writing((store) => store.deleteLinks(selection, at))),
    loadShown: (account) => read((store) => store.loadShown(account)),
    sweep: (query) => write(writing((store) => store.sweep(query))),
    recover: (sessionId) => write(writing((store) => store.recover(sessionId))),
  };
}

/** A ledger with everything that can go wrong in it. */
export function troubledLedger(world: World, trouble: Trouble, ledger: DeletionLedger): DeletionLedger {
  const { read, write } = createTroubled(world, trouble, () => ledger);
  return {
    append: (entry) => write((store) => store.append(entry)),
    entriesSince: (at) => read((store) => store.entriesSince(at)),
  };
}

function createTroubled<Store>(
  { stage, later }: World,
  trouble: Trouble,
  current: () => Store,
): Troubled<Store> {
  const delay = (): number => Math.ceil(trouble.fraction() * SLOWEST_MS);

  const read: Troubled<Store>["read"] = (step) => {
    const store = current();
    if (trouble.isCalm()) return step(store);
    if (trouble.happens("process-died-at-a-read", SELDOM)) return new ResultAsync(stage.die());
    if (trouble.happens("storage-fault")) return errAsync(UNAVAILABLE);
    if (!trouble.happens("storage-slow")) return step(store);
    const pause = stage.pause<void>();
    later(delay(), () => pause.resume());
    return new ResultAsync(pause.promise.then(() => step(store)));
  };

  const write: Troubled<Store>["write"] = (step) => {
    if (trouble.isCalm()) return step(current());
    if (trouble.happens("process-died-before-a-commit")) return new ResultAsync(stage.die());
    if (trouble.happens("process-died-within-a-commit")) {
      // What was handed to the storage is carried out, however late, though nobody is left to hear of it.
      const store = current();
      later(delay(), () => step(store).match(ignored, ignored));
      return new ResultAsync(stage.die());
    }
    if (!trouble.happens("process-died-after-a-commit")) return read(step);
    return new ResultAsync(Promise.resolve(step(current())).then(() => stage.die()));
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
  // Nobody hears of it.
}
