import type { LinkId } from "./identifiers.ts";

/**
 * What GitHub Enterprise Cloud gives when an account's owner has consented to counts being sent, and what GitHub
 * Enterprise Server is given when the user comes back.
 */
export interface Consent {
  /** The id of the link that was minted for it. */
  readonly linkId: LinkId;
  /** The epoch that the link is bound to. */
  readonly epoch: number;
}
