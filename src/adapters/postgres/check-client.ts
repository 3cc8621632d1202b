import { err, ok, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { Row } from "./client.ts";
import { textArray } from "./pack.ts";
import { qualify } from "./qualify.ts";
import { asText } from "./read-row.ts";
import type { RunStatement } from "./run-statement.ts";
import { type SchemaProblem, schemaProblem } from "./schema-problem.ts";

/** Texts that a driver or a type parser could take for something else. */
const TEXTS = ["", " Aa ", "2026-03-01", '{"a":1}', "12", "true", "NULL", "a\\'\"b", "é☃😀"];

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** The values to send, and the text that has to come back. */
const SENT: readonly (readonly [column: string, sent: unknown, back: string | null])[] = [
  ...TEXTS.map((text, index) => [`text_${index}`, text, text] as const),
  ["texts", textArray(TEXTS), TEXTS.join("|")],
  ["json", '{"b": [1, null]}', '{"b": [1, null]}'],
  ["bytes", BYTES, [...BYTES].map((byte) => byte.toString(16).padStart(2, "0")).join("")],
  ["big", 9_007_199_254_740_991, "9007199254740991"],
  ["small", -1, "-1"],
  ["yes", true, "true"],
  ["no", false, "false"],
  ["nothing", null, null],
];

const PROBE = qualify(`
WITH sent AS (
  SELECT ${TEXTS.map((_, index) => `$${index + 1}::text AS text_${index}`).join(", ")},
    array_to_string($${TEXTS.length + 1}::text[], '|') AS texts, $${TEXTS.length + 2}::text::json AS json,
    encode($${TEXTS.length + 3}::bytea, 'hex') AS bytes, $${TEXTS.length + 4}::int8 AS big,
    $${TEXTS.length + 5}::int4 AS small, $${TEXTS.length + 6}::bool AS yes, $${TEXTS.length + 7}::bool AS no,
    $${TEXTS.length + 8}::text AS nothing
)
SELECT ${asText(...SENT.map(([column]) => column))}, current_setting('client_encoding') AS encoding,
  (current_setting('citus.version', true) IS NOT NULL AND current_setting('standard_conforming_strings') = 'off')::text
    AS breaks_literals
FROM sent`);

const BREAKS_LITERALS = schemaProblem(
  "unsuitable-client",
  "The session has standard_conforming_strings = off, with which Citus stores other ids and counts than it is given: set it to on for the role.",
);

/**
 * Sends a value of every kind and compares the answer. A client that changes values would store or show wrong ones
 * silently.
 */
export function checkClient(run: RunStatement): ResultAsync<void, SchemaProblem | StorageFault> {
  const values = SENT.map(([, sent]) => sent);
  return run(PROBE, values, ([row = {}]) => problemIn(row)).andThen((problem) =>
    problem ? err(problem) : ok(),
  );
}

function problemIn(row: Row): SchemaProblem | null {
  if (row["encoding"] !== "UTF8") {
    return schemaProblem(
      "unsuitable-client",
      "The session's client_encoding is not UTF8: leave it as pg sets it.",
    );
  }
  const wrong = SENT.filter(([column, , back]) => row[column] !== back).map(([column]) => column);
  if (wrong.length > 0) {
    return schemaProblem(
      "unsuitable-client",
      `The client changes values on their way (${wrong.join(", ")}): remove its type parsers for text, or give another client.`,
    );
  }
  return row["breaks_literals"] === "false" ? null : BREAKS_LITERALS;
}
