import { systemClock } from "unified-contributions/adapters/system";

/** Takes what happens. */
export type Log = (event: { readonly type: string }) => void;

/**
 * Writes one line of JSON for each event to the standard output. It names a user by the server's own number at most, and
 * leaves out each `cause`, which may hold anything.
 */
export const logLine: Log = (event) => {
  const at = new Date(systemClock.now()).toISOString();
  process.stdout.write(`${JSON.stringify({ at, ...event, cause: undefined })}\n`);
};
