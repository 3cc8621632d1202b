import { err, ok, type Result } from "neverthrow";

/** Why bytes were not read as JSON. */
export type JsonProblem = "malformed-json" | "nested-too-deeply" | "too-many-values" | "duplicate-key";

/** No message nests deeper than 4; what does is not parsed at all. */
const MAX_DEPTH = 16;
/** Arrays and objects. The longest message has about 2,000; each costs a hundred times what its two bytes are worth. */
const MAX_CONTAINERS = 10_000;
/** The longest message has about 5,000. */
const MAX_KEYS = 20_000;
/** The longest message has about 100,000, between its counts. */
const MAX_COMMAS = 250_000;

/**
 * Reads JSON that can be read in one way only, as I-JSON (RFC 7493) has it: UTF-8, and no key twice in an object. A key
 * that is there twice would let something leave unseen: the reader that checks it sees the second one alone.
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
 * How many keys a text has, as long as it is JSON, or why it is not worth parsing. One pass, nothing is kept: to parse what
 * holds too much costs fifty times as much.
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
 * Most of a message is lists of 90 counts, which this gets over in half the time of the loop. The loop goes on within a
 * longer list, so that its commas are counted.
 */
const COUNTS = /[\d,]{0,1000}/y;

/** The last of the counts behind the bracket that stands here, or the bracket itself where it holds something else. */
function endOfCounts(text: string, start: number): number {
  COUNTS.lastIndex = start + 1;
  COUNTS.test(text);
  return COUNTS.lastIndex - 1;
}

/** Where the string that begins here ends: at its closing quote, or behind the text where it has none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}

/** How many keys a parsed value has, at all its levels; they are few, since deeper texts are not parsed. */
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
