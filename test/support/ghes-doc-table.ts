import { readFileSync } from "node:fs";

/** One cell of a table in a doc comment: where it stands, and what it says. */
export type Cell = readonly [row: string, column: string, says: string];

/**
 * The cells of the table whose first column is headed so, in a source file's doc comment, without the first column:
 * row by row, each with the names of its row and its column.
 */
export function documentedCells(file: string, corner: string): readonly Cell[] {
  return documentedRows(file, corner).flatMap(({ cells }) => {
    const [[, row], ...rest] = cells as [[string, string], ...[string, string][]];
    return rest.map(([column, says]): Cell => [row, column, says]);
  });
}

/** The rows of that table, each as pairs of the column's name and what it says there. */
export function documentedRows(
  file: string,
  corner: string,
): readonly { readonly cells: readonly (readonly [column: string, says: string])[] }[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const top = lines.findIndex((line) => cellsOf(line)?.[0] === corner);
  if (top < 0) throw new Error(`${file} has no table whose first column is headed ${corner}`);
  const columns = cellsOf(lines[top] ?? "") ?? [];
  const below = lines.slice(top + 2);
  const end = below.findIndex((line) => cellsOf(line) === null);
  return below.slice(0, end).map((line) => ({
    cells: (cellsOf(line) ?? []).map((says, at) => [columns[at] ?? "", says] as const),
  }));
}

/** The cells of one line of a comment, without the marks of code, or null where it is no line of a table. */
function cellsOf(line: string): readonly string[] | null {
  const row = /^\s*\* \|(.*)\|\s*$/.exec(line)?.[1];
  return row?.split("|").map((cell) => cell.replaceAll("`", "").trim()) ?? null;
}
