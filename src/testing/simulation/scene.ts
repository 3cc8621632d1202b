import type { AccountId } from "../../domain/identifiers.ts";
import type { Cloud } from "./cloud.ts";
import type { People } from "./people.ts";
import type { Site } from "./site.ts";
import type { World } from "./world.ts";

/** A whole simulated world, as it is healed. */
export interface Scene {
  readonly world: World;
  readonly cloud: Cloud;
  readonly sites: readonly Site[];
  readonly people: People;
  readonly accounts: readonly AccountId[];
}
