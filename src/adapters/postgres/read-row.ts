import type { ContributionWindow } from "../../domain/contribution-window.ts";
import type { Row } from "./client.ts";
import { unpackWindow } from "./pack.ts";

const WHOLE_NUMBER = /^-?\d{1,16}$/;

/**
 * Returns the columns as the statements ask for them, each as text. So no type parser of the host, no setting of the
 * session and no other driver changes the values.
 */
export function asText(...columns: readonly string[]): string {
  return columns.map((column) => `${column}::text AS ${column}`).join(", ");
}

/** The column `counts` as text. */
export const COUNTS_AS_TEXT = "encode(counts, 'hex') AS counts";

/** Returns a column that holds text. Throws if it does not: the row then counts as unreadable. */
export function textIn<Text extends string = string>(row: Row, column: string): Text {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`${column} is no text`);
  return value as Text;
}

/** Returns a column that holds text or null. */
export function textOrNullIn<Text extends string = string>(row: Row, column: string): Text | null {
  return row[column] === null ? null : textIn<Text>(row, column);
}

/**
 * Returns a column that holds the text that was asked for. Throws if it holds another, which answers another question.
 */
export function sameTextIn<Text extends string>(row: Row, column: string, asked: Text): Text {
  if (textIn(row, column) !== asked) throw new TypeError(`${column} is not the one that was asked for`);
  return asked;
}

/** Returns a column that holds a whole number. */
export function numberIn<Value extends number = number>(row: Row, column: string): Value {
  const text = textIn(row, column);
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value))
    throw new TypeError(`${column} is no whole number`);
  return value as Value;
}

/** Returns a column that holds a whole number or null. */
export function numberOrNullIn<Value extends number = number>(row: Row, column: string): Value | null {
  return row[column] === null ? null : numberIn<Value>(row, column);
}

/** Returns a column that holds true or false. */
export function flagIn(row: Row, column: string): boolean {
  const text = textIn(row, column);
  if (text !== "true" && text !== "false") throw new TypeError(`${column} is neither true nor false`);
  return text === "true";
}

/** Returns the window in the columns `first_day` and `counts`. Throws if the two do not make one. */
export function windowIn(row: Row): ContributionWindow {
  return unpackWindow(numberIn(row, "first_day"), textIn(row, "counts"));
}
