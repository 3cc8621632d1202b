import { type SimulationOptions, type SimulationResult, simulate } from "./simulate.ts";

/** How many worlds are tried before the shortest history found so far is taken. */
const MAX_TRIES = 300;

/**
 * Looks for a shorter history that breaks the same invariant: fewer hours, then fewer incidents.
 *
 * @returns the shortest world found, with its history; the world itself if nothing breaks in it
 */
export async function shrinkSimulation(options: SimulationOptions): Promise<SimulationResult> {
  let best: SimulationOptions = options;
  let broken = await simulate(best);
  const invariant = broken.violation?.invariant;
  if (invariant === undefined) return broken;
  let tries = 0;

  const isStillBroken = async (candidate: SimulationOptions): Promise<boolean> => {
    if (tries++ >= MAX_TRIES) return false;
    const result = await simulate(candidate);
    if (result.violation?.invariant !== invariant) return false;
    best = candidate;
    broken = result;
    return true;
  };

  for (const share of [0.1, 0.25, 0.5, 0.75, 1]) {
    const hours = Math.ceil(share * Math.min(broken.hours, options.hours ?? broken.hours));
    if (await isStillBroken({ ...options, hours })) break;
  }
  // Leaves out ever smaller parts of the rest.
  for (let parts = 2; ; parts *= 2) {
    const size = Math.max(1, Math.ceil(broken.incidents.length / parts));
    for (let from = 0; from < broken.incidents.length; ) {
      const left = broken.incidents.slice(from, from + size);
      const without = new Set([...(best.without ?? []), ...left]);
      if (!(await isStillBroken({ ...best, without }))) from += size;
    }
    if (size === 1 || tries >= MAX_TRIES) break;
  }
  return await simulate({ ...best, keepsHistory: true });
}
