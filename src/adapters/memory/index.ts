/**
 * Every port in memory, for tests, simulations and trying the library. Nothing survives the process.
 *
 * @packageDocumentation
 */

export { createMemoryLedger } from "./ledger.ts";
export { createMemoryReceiverReader } from "./receiver-reader.ts";
export {
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
  type MemoryReceiverStore,
} from "./receiver-store.ts";
export { createMemorySenderReader } from "./sender-reader.ts";
export {
  createMemorySenderStore,
  type MemorySenderSnapshot,
  type MemorySenderStore,
} from "./sender-store.ts";
export { createMemorySource, type MemorySource } from "./source.ts";
export { createMemoryTransport } from "./transport.ts";
