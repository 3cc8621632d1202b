import { err, ok, type Result } from "neverthrow";

/** Calls of the host's parts, none of which is waited for longer than it may take. */
export interface Deadline {
  /**
   * Calls, and returns what comes back, or `given-up` if nothing has come back in time. The call itself goes on: nobody
   * can stop it, and what it does is done. What comes back too late goes to `onLate`. Rejects as the call does.
   *
   * @param owner in whose name it is called, or null if that is not known
   */
  call<Value>(
    owner: string | null,
    call: () => PromiseLike<Value>,
    onLate?: (value: Value) => void,
  ): Promise<Result<Value, "given-up">>;
  /** Whether so many calls hang that no more are made: of all owners together, or of this one. */
  isSpent(owner?: string): boolean;
}

/**
 * Makes a deadline. A call that was given up counts until it ends after all.
 *
 * @param most how many calls that were given up may be under way at once
 * @param mostEach how many of them may be one owner's
 */
export function createDeadline(timeoutMs: number, most: number, mostEach: number): Deadline {
  const hanging = new Map<string | null, number>();
  let all = 0;

  function count(owner: string | null, change: 1 | -1): void {
    all += change;
    const left = (hanging.get(owner) ?? 0) + change;
    if (left > 0) hanging.set(owner, left);
    else hanging.delete(owner);
  }

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
          count(owner, 1);
          resolve(err("given-up"));
        }, timeoutMs);
        const end = (settle: () => void, late: () => void): void => {
          clearTimeout(timer);
          if (isGivenUp) count(owner, -1);
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
          // What a host's late value throws has nobody to go to.
          .catch(nothing);
      }),
    isSpent: (owner) => (owner === undefined ? all >= most : (hanging.get(owner) ?? 0) >= mostEach),
  };
}
