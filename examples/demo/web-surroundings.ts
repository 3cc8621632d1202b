import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CalendarDate,
  type Clock,
  dateOfInstant,
  type Instant,
  ResultAsync,
} from "unified-contributions";
import { systemClock } from "unified-contributions/adapters/system";
import { type Mistake, mistake } from "./mistake.ts";

/** A clock that runs, so many milliseconds ahead of the machine's. */
export function createRunningClock(aheadMs: number): Clock {
  return { ...systemClock, now: () => (systemClock.now() + aheadMs) as Instant };
}

/** How far ahead a clock has to be to show this day: not at all today, or else from its noon on. */
export function aheadOfSystem(today: CalendarDate): number {
  const now = systemClock.now();
  return dateOfInstant(now) === today ? 0 : Date.parse(`${today}T12:00:00Z`) - now;
}

/** A server that listens, and does not answer yet. */
export interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** Listens on a port of this machine; on any free one for 0. */
export function listenOn(port: number): ResultAsync<Listening, Mistake> {
  const server = createServer().listen(port, "127.0.0.1");
  return ResultAsync.fromPromise(once(server, "listening"), () =>
    mistake(`Port ${port} of this machine is taken or not free to use: name another with --port.`),
  ).map(() => ({ server, port: (server.address() as AddressInfo).port }));
}
