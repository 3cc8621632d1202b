// How far one machine goes: ten million links, a day under autovacuum, and an hour of a hundred million. It also says
// how many links a machine stores in a second. It takes some minutes, 30 GB of disk and 10 GB of memory, so it runs only
// if it is named.
import type { Effort, Finding } from "./measure.ts";
import { box } from "./scale/box.ts";
import { day } from "./scale/day.ts";
import { sizes } from "./scale/sizes.ts";

/** Runs the group. */
export async function scale(effort: Effort): Promise<readonly Finding[]> {
  return [...(await box(effort)), ...(await day(effort)), ...(await sizes(effort))];
}
