import type { Chance, Clock } from "../domain/world.ts";
import type { DeletionLedger, ReceiverStore } from "./ports.ts";

/** What a receiver is made of. */
export interface ReceiverOptions {
  readonly store: ReceiverStore;
  readonly ledger: DeletionLedger;
  readonly clock: Pick<Clock, "now">;
  readonly chance: Pick<Chance, "id">;
}
