/** Tells a host's listener, if there is one; one that throws or answers a rejected promise is no reason to stop. */
export function callListener<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  try {
    const answer: unknown = listener?.(told);
    // An asynchronous one answers a promise, for which nobody waits.
    if (typeof answer === "object" && answer !== null) Promise.resolve(answer).catch(() => undefined);
  } catch {
    // The host's own, and none of ours.
  }
}

/**
 * Returns the same listener, which never throws; undefined if there is none.
 *
 * @param factory the function that was called, named in the `TypeError` that a wrong listener throws
 */
export function safeListener<Told>(
  factory: string,
  listener: ((told: Told) => void) | undefined,
): ((told: Told) => void) | undefined {
  if (listener === undefined) return undefined;
  if (typeof listener !== "function") throw new TypeError(`${factory}: \`onEvent\` has to be a function.`);
  return (told) => callListener(listener, told);
}
