/** Calls a host's listener, if there is one. A listener that throws or returns a rejected promise changes nothing. */
export function callListener<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  try {
    const answer: unknown = listener?.(told);
    // An asynchronous listener returns a promise. It is not awaited.
    if (typeof answer === "object" && answer !== null) Promise.resolve(answer).catch(() => undefined);
  } catch {
    // The error belongs to the host's listener, not to the library.
  }
}

/**
 * Returns the same listener, which never throws, or undefined if there is none.
 *
 * @param factory the function that was called, named in the `TypeError` for a listener that is not a function
 */
export function safeListener<Told>(
  factory: string,
  listener: ((told: Told) => void) | undefined,
): ((told: Told) => void) | undefined {
  if (listener === undefined) return undefined;
  if (typeof listener !== "function") throw new TypeError(`${factory}: \`onEvent\` has to be a function.`);
  return (told) => callListener(listener, told);
}
