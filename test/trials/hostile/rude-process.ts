// Rude clients in a process of their own, so that what they cost is not taken for what a server waits. They go on until the
// process is killed, or its parent has ended. Started by rude-run.ts.
import { holdConnections, holdStreams } from "./rude-clients.ts";

/** Where the clients go, and how many there are. */
export interface RudeOrder {
  readonly port: number;
  readonly http2Port: number;
  readonly connections: number;
  readonly streams: number;
}

process.once("disconnect", () => process.exit());
const order: RudeOrder = JSON.parse(process.argv[2] ?? "{}");
await holdStreams(order.http2Port, order.streams);
await holdConnections(order.port, order.connections);
process.send?.("holding");
