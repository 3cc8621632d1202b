/** One step of a schema. Steps go forward only, and each is one transaction. */
export interface Migration {
  /** 1, 2, 3 … of its part. */
  readonly version: number;
  /**
   * The lowest version that a release may expect and still work on the schema after this step: two releases run side by
   * side while an upgrade is under way, unless the later one's step has taken away what the earlier one needs.
   */
  readonly compatibleFrom: number;
  /** What it makes, in a few words. */
  readonly title: string;
  /** Its statements; `{schema}` stands for the quoted name of the schema. */
  readonly sql: string;
}
