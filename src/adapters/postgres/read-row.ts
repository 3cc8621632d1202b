import type { ContributionWindow } from "../../domain/contribution-window.ts";
import type { Row } from "./client.ts";
import { unpackWindow } from "./pack.ts";

const WHOLE_NUMBER = /^-?\d{1,16}$/;

/**
 * The columns as the statements ask for them: each as text, so that no type parser of the host's, no setting of the session
 * and no other driver changes what is read.
 */
export function asText(...columns: readonly string[]): string {
  return columns.map((column) => `${column}::text AS ${column}`).join(", ");
}

/** The column `counts` as text. */
export const COUNTS_AS_TEXT = "encode(counts, 'hex') AS counts";

/** A column that holds text. Throws where it does not: the row is then answered for as unreadable. */
export function textIn<Text extends string = string>(row: Row, column: string): Text {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`${column} is no text`);
  return value as Text;
}

/** A column that holds text or nothing. */
export function textOrNullIn<Text extends string = string>(row: Row, column: string): Text | null {
  return row[column] === null ? null : textIn<Text>(row, column);
}

/** A column that holds what was asked for: an answer about something else is none. */
export function sameTextIn<Text extends string>(row: Row, column: string, asked: Text): Text {
  if (textIn(row, column) !== asked) throw new TypeError(`${column} is not the one that was asked for`);
  return asked;
}

/** A column that holds a whole number. */
export function numberIn<Value extends number = number>(row: Row, column: string): Value {
  const text = textIn(row, column);
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value))
    throw new TypeError(`${column} is no whole number`);
  return value as Value;
}

/** A column that holds a whole number or nothing. */
export function numberOrNullIn<Value extends number = number>(row: Row, column: string): Value | null {
  return row[column] === null ? null : numberIn<Value>(row, column);
}

/** A column that holds true or false. */
export function flagIn(row: Row, column: string): boolean {
  const text = textIn(row, column);
  if (text !== "true" && text !== "false") throw new TypeError(`${column} is neither true nor false`);
  return text === "true";
}

/** The window in the columns `first_day` and `counts`; throws where the two make none. */
export function windowIn(row: Row): ContributionWindow {
  return unpackWindow(numberIn(row, "first_day"), textIn(row, "counts"));
}
