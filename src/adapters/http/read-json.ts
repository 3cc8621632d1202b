import { err, ok, type Result } from "neverthrow";

/** The reason why bytes were not read as JSON. */
export type JsonProblem = "malformed-json" | "nested-too-deeply" | "too-many-values" | "duplicate-key";

/** The deepest nesting that is parsed. No message nests deeper than 4. */
const MAX_DEPTH = 16;
/**
 * The most arrays and objects. The longest message has about 2,000. Each costs a hundred times as much as its two
 * bytes.
 */
const MAX_CONTAINERS = 10_000;
/** The most keys. The longest message has about 5,000. */
const MAX_KEYS = 20_000;
/** The most commas. The longest message has about 100,000, between its counts. */
const MAX_COMMAS = 250_000;

/**
 * Returns the value of JSON that can be read in one way only: UTF-8, and no key twice in an object (I-JSON, RFC 7493).
 *
 * A key that is there twice would let data leave unseen, because a reader that checks it sees only the second one.
 */
export function readJson(bytes: Uint8Array): Result<unknown, JsonProblem> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const written = countWrittenKeys(text);
    if (typeof written === "string") return err(written);
    const value: unknown = JSON.parse(text);
    return countKeys(value) === written ? ok(value) : err("duplicate-key");
  } catch {
    return err("malformed-json");
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * Returns how many keys a text has if it is JSON, or why it is not worth parsing.
 *
 * It makes one pass and keeps nothing. Parsing a text that holds too much would cost fifty times as much.
 */
function countWrittenKeys(text: string): number | "nested-too-deeply" | "too-many-values" {
  let [keys, commas, containers, depth] = [0, 0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case COLON:
        keys++;
        break;
      case COMMA:
        commas++;
        break;
      case 0x5b: // [
        index = endOfCounts(text, index);
        containers++;
        if (++depth > MAX_DEPTH) return "nested-too-deeply";
        break;
      case 0x7b: // {
        containers++;
        if (++depth > MAX_DEPTH) return "nested-too-deeply";
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  const isTooMuch = containers > MAX_CONTAINERS || keys > MAX_KEYS || commas > MAX_COMMAS;
  return isTooMuch ? "too-many-values" : keys;
}

/**
 * Most of a message is lists of 90 counts, which this skips in half the time of the loop. Inside a longer list the loop
 * goes on, so that its commas are counted.
 */
const COUNTS = /[\d,]{0,1000}/y;

/** Returns the index of the last count behind the bracket here, or of the bracket itself if it holds something else. */
function endOfCounts(text: string, start: number): number {
  COUNTS.lastIndex = start + 1;
  COUNTS.test(text);
  return COUNTS.lastIndex - 1;
}

/** Returns where the string that begins here ends: at its closing quote, or behind the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}

/**
 * Returns how many keys a parsed value has, at all its levels. The levels are few, since deeper texts are not parsed.
 */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const entry of value) if (typeof entry === "object") keys += countKeys(entry);
    return keys;
  }
  for (const entry of Object.values(value)) keys += 1 + countKeys(entry);
  return keys;
}
