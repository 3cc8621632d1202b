import { isCalendarDate } from "unified-contributions";

/** A message that left. */
interface SentMessage {
  readonly type: string;
  readonly records?: readonly { readonly linkId: string }[];
}

/** Returns the type that a message names. */
export function typeOf(message: string): string {
  return (JSON.parse(message) as SentMessage).type;
}

/** How many bytes so many messages are. */
export function bytesOf(messages: readonly string[]): number {
  return messages.reduce((bytes, message) => bytes + Buffer.byteLength(message), 0);
}

/** The last record that says anything of a link. */
export function lastRecordOf(linkId: string, messages: readonly string[]): unknown {
  const records = messages.flatMap((message) => (JSON.parse(message) as SentMessage).records ?? []);
  return records.findLast((record) => record.linkId === linkId);
}

/** The fields that hold random ids of 32 hexadecimal digits. Those of the system's random have hyphens. */
const IDS = new Set(["linkId", "requestId", "sessionId", "replaces", "follows", "attempt", "code"]);
const ID = /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/;

/** Every word in the messages, names of fields included; left out are numbers, days, and ids where ids belong. */
export function wordsIn(messages: readonly string[]): readonly string[] {
  const words = messages.flatMap((message) => wordsOf(JSON.parse(message), ""));
  return [...new Set(words)].sort();
}

function wordsOf(value: unknown, field: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => wordsOf(entry, field));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, entry]) => [name, ...wordsOf(entry, name)]);
  if (typeof value !== "string") return [];
  const isDay = field === "first" && isCalendarDate(value);
  const isId = IDS.has(field) && ID.test(value);
  return isDay || isId ? [] : [value];
}

/** JSON over several lines, and lists of numbers in rows. */
export function prettyJson(value: unknown, numbersInRow: number): string {
  const row = new RegExp(`(?:-?\\d+,\\s+){${numbersInRow - 1}}-?\\d+,?`, "g");
  return JSON.stringify(value, null, 2).replace(row, (numbers) => numbers.replace(/\s+/g, " "));
}
