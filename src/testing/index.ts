/**
 * The tools for tests and adapters: a settable clock, repeatable random, contracts of all ports, and a simulation.
 *
 * The simulation runs both sides in a world that breaks. A contract is an array of named checks for any test runner:
 *
 * ```ts
 * for (const { rule, title, run } of receiverStoreContract) {
 *   test(`${rule} ${title}`, () => run(() => createMyReceiverStore()));
 * }
 * ```
 *
 * @packageDocumentation
 */

export { createTestClock, type TestClock } from "./clock.ts";
export type { ContractCheck } from "./contract.ts";
export { keyDirectoryContract } from "./key-directory-contract.ts";
export { ledgerContract } from "./ledger-contract.ts";
export { nonceStoreContract } from "./nonce-store-contract.ts";
export { createTestRandom } from "./random.ts";
export type { ReadReceiverStore } from "./receiver-reader-check.ts";
export { receiverReaderContract } from "./receiver-reader-contract.ts";
export { receiverStoreContract } from "./receiver-store-contract.ts";
export { reopening } from "./reopening.ts";
export { type ReadSenderStore, senderReaderContract } from "./sender-reader-contract.ts";
export type { AuditedSenderStore } from "./sender-store-contract/samples.ts";
export { senderStoreContract } from "./sender-store-contract.ts";
export {
  type ContributedCounts,
  contributionSourceContract,
  type MakeSource,
} from "./source-contract.ts";
export { createTestWorld, type TestWorld, type TestWorldOptions, type WireFault } from "./test-world.ts";
export { type MakeTransport, transportContract } from "./transport-contract.ts";
