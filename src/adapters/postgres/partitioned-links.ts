/** The most partitions that `links` can have. An account's calendar looks into each of them. */
const MAX_PARTITIONS = 256;

/** Whether a number of partitions can be made; 0 makes a table without any. */
export function isPartitionCount(value: unknown): value is number {
  return Number.isInteger(value) && (value === 0 || (Number(value) >= 2 && Number(value) <= MAX_PARTITIONS));
}

/** Throws a `TypeError` for a number that cannot be made, which is a mistake in the program. */
export function requirePartitionCount(caller: string, partitions: unknown): void {
  if (!isPartitionCount(partitions)) {
    throw new TypeError(`${caller}: partitions has to be 0, or 2 to ${MAX_PARTITIONS}.`);
  }
}

/** How the migration ends the table of the links. */
const WHOLE = /(CREATE TABLE \{schema\}\.links \([\s\S]*?\n\)) WITH \((fillfactor = \d+)\);/;

/**
 * Returns the SQL of a migration with the table of the links in hash partitions by installation, if it makes that table.
 * The statements of the stores stay the same. One of an installation then reads one partition, and autovacuum takes one
 * partition at a time. No other table grows with the users.
 */
export function partitionedLinks(sql: string, partitions: number): string {
  if (partitions === 0) return sql;
  return sql.replace(WHOLE, (_, table: string, storage: string) => {
    const each = Array.from(
      { length: partitions },
      (_, remainder) => `CREATE TABLE {schema}.links_${remainder} PARTITION OF {schema}.links
  FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder}) WITH (${storage});`,
    );
    return `${table} PARTITION BY HASH (installation);\n\n${each.join("\n")}`;
  });
}
