/** A place in an installation's entries of the ledger of deletions. */
export interface LedgerPlace {
  /** 1 for the installation's first entry, 2 for its second, and so on. */
  readonly position: number;
  /**
   * The entry's random id. It differs from that of another entry at the same position, after a loss of the last
   * entries.
   */
  readonly entryId: string;
}

/** Whether two places are the same one, or both null. */
export function isSamePlace(a: LedgerPlace | null, b: LedgerPlace | null): boolean {
  return a?.position === b?.position && a?.entryId === b?.entryId;
}
