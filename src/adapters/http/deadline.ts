import { err, ok, type Result } from "neverthrow";
import { createCounts } from "./counts.ts";

/** Calls the host's parts, and waits for none of them longer than a limit. */
export interface Deadline {
  /**
   * Calls, and returns the result, or `given-up` if the call has not ended in time. It rejects if the call rejects.
   *
   * A call that was given up goes on, because it cannot be stopped, and its effects stay. Its late result goes to
   * `onLate`.
   *
   * @param owner the installation for which the call is made, or null if that is not known
   */
  call<Value>(
    owner: string | null,
    call: () => PromiseLike<Value>,
    onLate?: (value: Value) => void,
  ): Promise<Result<Value, "given-up">>;
  /** Whether so many calls hang that no more are made, counted over all owners or for this one. */
  isSpent(owner?: string): boolean;
}

/**
 * Returns a deadline. A call that was given up counts until it ends after all.
 *
 * @param most how many calls that were given up may still run
 * @param mostEach how many of them may belong to one owner
 */
export function createDeadline(timeoutMs: number, most: number, mostEach: number): Deadline {
  const hanging = createCounts<string | null>();
  return {
    call: <Value>(
      owner: string | null,
      call: () => PromiseLike<Value>,
      onLate?: (value: Value) => void,
    ): Promise<Result<Value, "given-up">> =>
      new Promise((resolve, reject) => {
        let isGivenUp = false;
        const timer = setTimeout(() => {
          isGivenUp = true;
          hanging.change(owner, 1);
          resolve(err("given-up"));
        }, timeoutMs);
        const end = (settle: () => void, late: () => void): void => {
          clearTimeout(timer);
          if (isGivenUp) hanging.change(owner, -1);
          (isGivenUp ? late : settle)();
        };
        const nothing = (): void => undefined;
        Promise.resolve()
          .then(call)
          .then(
            (value) =>
              end(
                () => resolve(ok(value)),
                () => onLate?.(value),
              ),
            (error: unknown) => end(() => reject(error), nothing),
          )
          // An error from handling a host's late value reaches no caller.
          .catch(nothing);
      }),
    isSpent: (owner) => (owner === undefined ? hanging.total >= most : hanging.of(owner) >= mostEach),
  };
}
