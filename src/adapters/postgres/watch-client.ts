import { safeListener } from "../../domain/call-listener.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import type { PostgresClient } from "./client.ts";
import type { PostgresEvent, PostgresPart } from "./events.ts";
import { DEFAULT_SLOW_MS, type PostgresOptions } from "./postgres-options.ts";
import { codeOf, storageFaultOf } from "./storage-fault-of.ts";

/**
 * Returns the client of these options. If there is a listener, it is one that reports every failed and every slow
 * statement.
 *
 * @param caller the function that was called, named in the `TypeError` that a wrong listener throws
 * @param statements the texts by their names
 */
export function watchClient(
  caller: string,
  { client, onEvent: given, slowStatementMs = DEFAULT_SLOW_MS }: PostgresOptions,
  part: PostgresPart,
  statements: Readonly<Record<string, string>>,
): PostgresClient {
  const onEvent = safeListener(caller, given);
  if (!onEvent) return client;
  const names = new Map(Object.entries(statements).map(([name, text]) => [text, name]));
  return {
    query: (text, values) => {
      const statement = names.get(text) ?? "another";
      return runAndTell(() => client.query(text, values), { part, statement }, slowStatementMs, onEvent);
    },
  };
}

async function runAndTell(
  run: () => PromiseLike<unknown>,
  about: { readonly part: PostgresPart; readonly statement: string },
  slowMs: number,
  onEvent: (event: PostgresEvent) => void,
): Promise<unknown> {
  const durationSoFar = startStopwatch(Date);
  let isSlow = false;
  const timer = setTimeout(() => {
    isSlow = true;
    onEvent({ type: "statement-slow", ...about, durationMs: durationSoFar(), isOver: false });
  }, slowMs);
  try {
    return await run();
  } catch (cause) {
    const { message } = storageFaultOf(cause);
    const durationMs = durationSoFar();
    onEvent({ type: "statement-failed", ...about, durationMs, state: codeOf(cause), message, cause });
    throw cause;
  } finally {
    clearTimeout(timer);
    if (isSlow) onEvent({ type: "statement-slow", ...about, durationMs: durationSoFar(), isOver: true });
  }
}
