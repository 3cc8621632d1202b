import { type Result, ResultAsync } from "neverthrow";
import { named } from "./named-adapter.ts";

type Method = (...given: readonly unknown[]) => PromiseLike<Result<unknown, unknown>>;

/**
 * Returns an adapter that is opened for each call and closed after it. A contract then shows whether every answered
 * change is in the storage, and not in the process alone.
 *
 * One call waits for the other, so run the contract without it, too.
 *
 * @param open opens the same storage each time
 * @param close closes what `open` returned; does nothing if left out
 */
export function reopening<Adapter extends object>(
  open: () => Adapter | Promise<Adapter>,
  close: (adapter: Adapter) => unknown = () => undefined,
): Adapter {
  let last: Promise<unknown> = Promise.resolve();
  return new Proxy({} as Adapter, {
    get: (_, name) => {
      // An adapter is not a promise, even if it is awaited.
      if (name === "then") return undefined;
      return (...given: readonly unknown[]) => {
        const call = last.then(async () => {
          const adapter = await open();
          const method: Method = Reflect.get(named(adapter as object), name);
          const answer = await method(...given);
          await close(adapter);
          return answer;
        });
        last = call.catch(() => undefined);
        return new ResultAsync(call);
      };
    },
  });
}
