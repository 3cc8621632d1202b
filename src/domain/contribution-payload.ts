import type { ContributionWindow } from "./contribution-window.ts";

/**
 * Where the counts come from; the same for every installation, so that it names none.
 *
 * GHES "only sends the contribution count and source (GHES) for connected users. It does not send any information
 * about the contribution or how it was made." (About GitHub Connect)
 */
export const CONTRIBUTION_SOURCE = "GitHub Enterprise Server";

/** The type of {@link CONTRIBUTION_SOURCE}. */
export type ContributionSourceName = typeof CONTRIBUTION_SOURCE;

/** All that ever leaves GitHub Enterprise Server about a user's work: how many contributions a day, and the source. */
export interface ContributionPayload extends ContributionWindow {
  readonly source: ContributionSourceName;
}
