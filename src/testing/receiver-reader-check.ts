import type { ReceiverStore } from "../ghec/ports.ts";
import type { ReceiverReader } from "../ghec/reader.ts";
import { type ContractCheck, check, type MakeFresh } from "./contract.ts";

/** A receiver's store, and a reader of what it has stored. */
export interface ReadReceiverStore {
  readonly store: ReceiverStore;
  readonly reader: ReceiverReader;
}

/** A check of a receiver's reader. */
export type ReceiverReaderCheck = ContractCheck<MakeFresh<ReadReceiverStore>>;

/** Declares a check of a receiver's reader. */
export const readerCheck: typeof check<ReadReceiverStore> = check;
