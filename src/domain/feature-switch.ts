/**
 * Whether an installation may send at all, as the receiver sees it.
 *
 * The receiver mints a new epoch for each enabling. Epoch 0 means "never enabled" and is always off. Within one epoch,
 * off is final: off beats on.
 */
export interface FeatureSwitch {
  /** How many times the feature was enabled: 0 to 2,147,483,647. */
  readonly epoch: number;
  readonly status: "on" | "off";
}

/** The switch of an installation that was never enabled. */
export const NEVER_ENABLED: FeatureSwitch = { epoch: 0, status: "off" };

/** The largest epoch that a message can name. */
export const MAX_EPOCH = 2_147_483_647;

/** Returns the newer of two beliefs about one switch: the higher epoch, and within one epoch off (R4, R7, S6). */
export function newerSwitch(a: FeatureSwitch, b: FeatureSwitch): FeatureSwitch {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch ? a : b;
  return a.status === "off" ? a : b;
}
