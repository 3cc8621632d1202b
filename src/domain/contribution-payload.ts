import type { ContributionWindow } from "./contribution-window.ts";

/**
 * The source of all counts. It is the same for every installation, so it identifies none.
 *
 * GHES "only sends the contribution count and source (GHES) for connected users. It does not send any information about
 * the contribution or how it was made." (About GitHub Connect)
 */
export const CONTRIBUTION_SOURCE = "GitHub Enterprise Server";

/** The type of {@link CONTRIBUTION_SOURCE}. */
export type ContributionSourceName = typeof CONTRIBUTION_SOURCE;

/**
 * Everything that ever leaves GitHub Enterprise Server about a user's work: the contributions per day, and the source.
 */
export interface ContributionPayload extends ContributionWindow {
  readonly source: ContributionSourceName;
}
