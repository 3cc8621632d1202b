import type { LinkId } from "./identifiers.ts";

/** The part of a link that ends. */
export interface LinkChoice {
  readonly linkId: LinkId;
  /** The last choice that ends, with all choices before it; null for the link itself, with all its choices for ever. */
  readonly choice: number | null;
}

/**
 * How often a user may select "Send my contribution counts" under one link. After that the user has to reconnect. The
 * cloud keeps a deletion for each time, so the number bounds what a server can make it keep.
 */
export const MAX_CHOICES = 1_000;

/**
 * Whether an ending covers a choice. Pure.
 *
 * A choice is one selection of "Send my contribution counts" under a link: 1 for the first. If a choice ends, all
 * choices before it end, too. An ending of null ends the link itself, with all its choices for ever.
 *
 * @param ended the choice that has ended, null for the link itself, or 0 if nothing has ended
 * @param choice the choice in question, or null for the link itself
 */
export function covers(ended: number | null, choice: number | null): boolean {
  return ended === null || (choice !== null && choice <= ended);
}

/** Returns each link once, with its highest ending. Of two equal ones it is the first. Pure. */
export function highestEndings<Ending extends LinkChoice>(endings: readonly Ending[]): readonly Ending[] {
  const highest = new Map<LinkId, Ending>();
  for (const ending of endings) {
    const known = highest.get(ending.linkId);
    if (!known || !covers(known.choice, ending.choice)) highest.set(ending.linkId, ending);
  }
  return [...highest.values()];
}
