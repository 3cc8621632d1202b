/** The name of every schema in the texts that are compared. */
export const SCHEMA = "schema_of_test";

const SCHEMA_OF_TEST = /\btest_[0-9a-f]{32}\b/g;

/**
 * Changes a statement that is about one schema of a test. The change sees the same name in place of each schema's. What
 * a test does with two schemas is no statement of the library.
 */
export function changeInSchema(text: string, change: (general: string) => string): string {
  const [schema = SCHEMA, ...others] = new Set(text.match(SCHEMA_OF_TEST));
  return others.length > 0
    ? text
    : change(text.replaceAll(SCHEMA_OF_TEST, SCHEMA)).replaceAll(SCHEMA, schema);
}
