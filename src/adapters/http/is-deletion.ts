/** The field in which a request says that its message asks only for deletions, and its value. */
export const DELETION_FIELD = "unified-contributions-deletion";
export const DELETION_CLAIM = "?1";

/** Whether the head of a request says that its message asks only for deletions. */
export function claimsDeletion(headers: Headers): boolean {
  return headers.get(DELETION_FIELD) === DELETION_CLAIM;
}

/**
 * Whether a message asks only for deletions: it disables the feature, or delivers withdrawals alone.
 *
 * It is checked before the receiver reads the message, so it may be any JSON value.
 */
export function isDeletion(message: unknown): boolean {
  if (!isObject(message)) return false;
  if (message["type"] === "disable") return true;
  const records = message["records"];
  return (
    message["type"] === "deliver" &&
    Array.isArray(records) &&
    records.length > 0 &&
    records.every((record: unknown) => isObject(record) && record["type"] === "withdraw")
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
