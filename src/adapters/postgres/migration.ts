/** One step of a schema. Steps go forward only, and each is one transaction. */
export interface Migration {
  /** 1, 2, 3 … within its part. */
  readonly version: number;
  /**
   * The lowest version that a release may expect and still work on the schema after this step. Two releases run side by
   * side during an upgrade. That works unless the later one's step has removed something that the earlier one needs.
   */
  readonly compatibleFrom: number;
  /** The tables or columns that it makes, in a few words. */
  readonly title: string;
  /** Its statements, with `{schema}` for the quoted name of the schema. */
  readonly sql: string;
}
