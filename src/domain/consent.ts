import type { LinkId } from "./identifiers.ts";

/** How long an account's owner may take to consent, counted from the push, in milliseconds. */
export const ATTEMPT_MS = 600_000;

/** How long a consent waits for its redemption, in milliseconds. */
export const CODE_MS = 60_000;

/**
 * The result that GitHub Enterprise Server gets over the signed channel when it has redeemed an account owner's
 * consent.
 */
export interface Consent {
  /** The id of the link that was minted for the consent. */
  readonly linkId: LinkId;
  /** The epoch of the link, for as long as the link exists. */
  readonly epoch: number;
}
