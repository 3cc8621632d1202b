// A cloud whose database silently loses what was written since a moment that was kept.
import { createReceiver } from "unified-contributions/ghec";
import type { DeletionLedger, ReceiverStore } from "unified-contributions/storage";
import type { TestClock } from "unified-contributions/testing";
import { createCloud } from "./journey.ts";
import type { Stored } from "./storage.ts";

/** How long a deletion that the store has lost may be shown, in milliseconds. */
const BOUND_MS = 60_000;

/** The cloud's side, whose processes go on while the database under them goes back. */
export function createForgetfulCloud(start?: string) {
  const cloud = createCloud(start);
  let present: Stored<ReceiverStore> = cloud.receiverStore;
  let kept: Stored<ReceiverStore> | null = null;
  const store = Object.fromEntries(
    Object.keys(present).map((name) => [
      name,
      (...given: readonly unknown[]) =>
        (Reflect.get(present, name) as (...given: readonly unknown[]) => unknown)(...given),
    ]),
  ) as unknown as ReceiverStore;
  cloud.receiver = createReceiver({ ...cloud.options, store });

  return Object.assign(cloud, {
    store,
    /** The moment that the database goes back to. */
    async keep(): Promise<void> {
      kept = await present.backUp();
    },
    /** Goes back, and tells nobody. */
    lose(): void {
      if (!kept) throw new Error("keep a moment first");
      present = kept;
      kept = null;
    },
    /** Another process over the same database and ledger. */
    process({
      clock = cloud.clock,
      ledger = cloud.ledger,
    }: {
      clock?: TestClock;
      ledger?: DeletionLedger;
    } = {}) {
      return createReceiver({ ...cloud.options, store, clock, ledger });
    },
    /** Time goes on by a little more than a lost deletion may be shown. */
    waitForBound(): void {
      cloud.clock.advance(BOUND_MS + 1);
    },
  });
}

/** A {@link createForgetfulCloud}. */
export type ForgetfulCloud = ReturnType<typeof createForgetfulCloud>;
