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

/** Storage of one kind that fails, over the one that stands when a step is asked for. */
interface Troubled<Store> {
  read<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  write<Value, Fault>(step: Step<Store, Value, Fault>): ResultAsync<Value, Fault | StorageFault>;
  commit<Value, Fault>(
    step: Step<Store, Value, Fault>,
  ): ResultAsync<Value, Fault | StorageFault | VersionConflict>;
}

type Step<Store, Value, Fault> = (store: Store) => ResultAsync<Value, Fault>;

/** The sender's storage with everything that can go wrong in it, over the one that stands now. */
export function troubledSenderStore(world: World, trouble: Trouble, stands: () => SenderStore): SenderStore {
  const { read, write, commit } = createTroubled(world, trouble, stands);
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
 * The receiver's storage with everything that can go wrong in it, over the one that stands now.
 *
 * @param onWrite told of everything that may change what is shown
 */
export function troubledReceiverStore(
  world: World,
  trouble: Trouble,
  stands: () => ReceiverStore,
  onWrite: () => void,
): ReceiverStore {
  const { read, write, commit } = createTroubled(world, trouble, stands);
  const noted =
    <Value, Fault>(step: Step<ReceiverStore, Value, Fault>): typeof step =>
    (store) => {
      onWrite();
      return step(store);
    };
  return {
    loadRegistration: (installation) => read((store) => store.loadRegistration(installation)),
    commitRegistration: (given) => commit(noted((store) => store.commitRegistration(given))),
    applyDelivery: (delivery) => write(noted((store) => store.applyDelivery(delivery))),
    openLink: (opening) => write(noted((store) => store.openLink(opening))),
    deleteLinks: (selection, at) => write(noted((store) => store.deleteLinks(selection, at))),
    loadShown: (account) => read((store) => store.loadShown(account)),
    sweep: (query) => write(noted((store) => store.sweep(query))),
    recover: (sessionId) => write(noted((store) => store.recover(sessionId))),
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
  stands: () => Store,
): Troubled<Store> {
  const delay = (): number => Math.ceil(trouble.fraction() * SLOWEST_MS);

  const read: Troubled<Store>["read"] = (step) => {
    const store = stands();
    if (trouble.isCalm()) return step(store);
    if (trouble.strikes("process-died-at-a-read", SELDOM)) return new ResultAsync(stage.die());
    if (trouble.strikes("storage-fault")) return errAsync(UNAVAILABLE);
    if (!trouble.strikes("storage-slow")) return step(store);
    const pause = stage.pause<void>();
    later(delay(), () => pause.resume());
    return new ResultAsync(pause.promise.then(() => step(store)));
  };

  const write: Troubled<Store>["write"] = (step) => {
    if (trouble.isCalm()) return step(stands());
    if (trouble.strikes("process-died-before-a-commit")) return new ResultAsync(stage.die());
    if (trouble.strikes("process-died-within-a-commit")) {
      // What was handed to the storage is carried out, however late, though nobody is left to hear of it.
      const store = stands();
      later(delay(), () => step(store).match(ignored, ignored));
      return new ResultAsync(stage.die());
    }
    if (!trouble.strikes("process-died-after-a-commit")) return read(step);
    return new ResultAsync(Promise.resolve(step(stands())).then(() => stage.die()));
  };

  return {
    read,
    write,
    commit: (step) => {
      if (trouble.strikes("version-conflict")) return errAsync({ type: "version-conflict" });
      return write(step);
    },
  };
}

function ignored(): void {
  // Nobody hears of it.
}
