import type { ContributionWindow } from "../../domain/contribution-window.ts";
import type { Row } from "./client.ts";
import { unpackWindow } from "./pack.ts";

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

/** A column that holds a whole number, however the driver hands it over. */
export function numberIn<Value extends number = number>(row: Row, column: string): Value {
  const value = Number(row[column] ?? Number.NaN);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${column} is no whole number`);
  return value as Value;
}

/** A column that holds a whole number or nothing. */
export function numberOrNullIn<Value extends number = number>(row: Row, column: string): Value | null {
  return row[column] === null ? null : numberIn<Value>(row, column);
}

/** The window in the columns `first_day` and `counts`, or null where there is none. */
export function windowIn(row: Row): ContributionWindow | null {
  const { counts } = row;
  if (counts === null) return null;
  if (!(counts instanceof Uint8Array)) throw new TypeError("counts are no bytes");
  return unpackWindow(numberIn(row, "first_day"), counts);
}
