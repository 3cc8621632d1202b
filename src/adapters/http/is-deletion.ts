/**
 * Whether a message asks for nothing but deletions: it disables the feature, or delivers withdrawals alone. It is looked at
 * before the receiver reads it, so it may be anything that JSON can say.
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
