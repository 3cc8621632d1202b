import { readFileSync } from "node:fs";
import { SETTINGS_SENTENCES } from "unified-contributions/ghes";
import { expect, test } from "vitest";

/** The rows of every table, each as its two cells. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, type = "", sentence = ""]) => [type.replaceAll("`", ""), sentence]);
}

test("docs/settings-page.md has each sentence of a settings page under its type, and no other", () => {
  const { open, ...groups } = SETTINGS_SENTENCES;
  const [page = ""] = readFileSync("docs/settings-page.md", "utf8").split("## An administrator's page");

  expect(page).toContain(`"${open}"`);
  expect(rowsOf(page)).toEqual(Object.values(groups).flatMap((group) => Object.entries<string>(group)));
});
