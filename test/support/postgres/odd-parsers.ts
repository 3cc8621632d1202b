// Type parsers as hosts have them: what a service that came from MySQL, an ORM or a serverless driver sets for all of its pools.
import pg from "pg";

type Parser = (text: string) => unknown;

/** Parsers for some types, by their names in `pg.types.builtins`; of all other types the driver's own. */
function parsersOf(own: Readonly<Partial<Record<keyof typeof pg.types.builtins, Parser>>>) {
  const byType = new Map(
    Object.entries(own).map(([name, parse]) => [Number(Reflect.get(pg.types.builtins, name)), parse]),
  );
  return {
    getTypeParser: (oid: number, format?: "text" | "binary") =>
      byType.get(oid) ?? pg.types.getTypeParser(oid, format as "text"),
  };
}

/** The same parser for every type. */
function parserOfAll(parse: Parser) {
  return { getTypeParser: () => parse };
}

export type TypeParsers = ReturnType<typeof parsersOf> | ReturnType<typeof parserOfAll>;

/** Parsers that change what is no text: nothing may come of them. */
export const HARMLESS_PARSERS: readonly (readonly [string, TypeParsers])[] = [
  ["bool as 1 and 0", parsersOf({ BOOL: (text) => (text === "t" ? 1 : 0) })],
  ["bool as t and f", parsersOf({ BOOL: (text) => text })],
  ["bool as Y and N", parsersOf({ BOOL: (text) => (text === "t" ? "Y" : "N") })],
  ["bool as undefined", parsersOf({ BOOL: () => undefined })],
  ["int8 as bigint", parsersOf({ INT8: BigInt })],
  ["int8 as a number", parsersOf({ INT8: Number })],
  ["int4 as bigint", parsersOf({ INT4: BigInt })],
  ["int4 as text", parsersOf({ INT4: (text) => text })],
  ["date as a Date", parsersOf({ DATE: (text) => new Date(text) })],
  ["json as text", parsersOf({ JSON: (text) => text, JSONB: (text) => text })],
  ["json with a reviver", parsersOf({ JSON: (text) => JSON.parse(text, (_, value) => value ?? undefined) })],
  ["bytea as hexadecimal digits", parsersOf({ BYTEA: (text) => text })],
  ["bytea as base64", parsersOf({ BYTEA: (text) => Buffer.from(text.slice(2), "hex").toString("base64") })],
  ["bytea as an array of bytes", parsersOf({ BYTEA: (text) => [...Buffer.from(text.slice(2), "hex")] })],
  [
    "bytea as an ArrayBuffer",
    parsersOf({ BYTEA: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")).buffer }),
  ],
  ["name as a symbol", parsersOf({ VARCHAR: Symbol })],
  ["every type as text", parserOfAll((text) => text)],
];

/** Parsers that change text. */
export const TEXT_PARSERS: readonly (readonly [string, TypeParsers])[] = [
  ["text that is trimmed", parsersOf({ TEXT: (text) => text.trim() })],
  ["text in capitals", parsersOf({ TEXT: (text) => text.toUpperCase() })],
  ["text as a String object", parsersOf({ TEXT: (text) => new String(text) })],
  ["text as bytes", parsersOf({ TEXT: (text) => Buffer.from(text) })],
  ["text parsed as JSON where it is some", parsersOf({ TEXT: parsedOrText })],
  ["empty text as null", parsersOf({ TEXT: (text) => (text === "" ? null : text) })],
  ["text as null", parsersOf({ TEXT: () => null })],
  ["text as undefined", parsersOf({ TEXT: () => undefined })],
  ["every type as a String object", parserOfAll((text) => new String(text))],
  ["a parser that throws", parserOfAll(throwing)],
];

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function throwing(): never {
  throw new Error("no parser");
}
