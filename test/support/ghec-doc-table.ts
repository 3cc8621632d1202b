import { readFileSync } from "node:fs";

/** The rows of the table in the doc comment of an exported function, a cell a column, without the heading. */
export function docTable(file: string, exported: string): readonly (readonly string[])[] {
  const before = readFileSync(file, "utf8").split(`export function ${exported}(`, 1)[0] ?? "";
  const comment = before.slice(before.lastIndexOf("/**"));
  const rows = comment.split("\n").filter((line) => line.startsWith(" * |"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
