/** Tells a host's listener, if there is one; a display that throws is no reason to stop. */
export function callListener<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  try {
    listener?.(told);
  } catch {
    // The host's own, and none of ours.
  }
}
