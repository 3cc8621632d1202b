/**
 * The simulation of both sides over faulty networks, storages and clocks, hour after hour, with a judge of the results.
 *
 * @packageDocumentation
 */

export { INCIDENT_KINDS, type IncidentKind } from "./incidents.ts";
export type { MakeServer, SimulatedSender, SimulatedServer } from "./server.ts";
export { shrinkSimulation } from "./shrink.ts";
export { type SimulationOptions, type SimulationResult, simulate } from "./simulate.ts";
export type { InvariantViolation } from "./violation.ts";
