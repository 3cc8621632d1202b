/**
 * What tests and adapters need: a settable clock, repeatable chance, and the contract of every port.
 *
 * @packageDocumentation
 */

export { createTestChance } from "./chance.ts";
export { createTestClock, type TestClock } from "./clock.ts";
