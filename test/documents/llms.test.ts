import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LLMS_FILE, llmsText } from "../../scripts/docs/llms.ts";

const text = readFileSync(LLMS_FILE, "utf8");

describe("llms.txt", () => {
  it("is what the guides and exports make it; npm run generate writes it", () => {
    expect(text).toBe(llmsText());
  });

  it("leads to files that there are, and names what each subpath is for", () => {
    const files = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, file = ""]) => file);

    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(15);
    expect(text).toContain("### unified-contributions/ghes\n\nThe GitHub Enterprise Server side: ");
    expect(text).toMatch(/^`.*`createSender`/m);
  });
});
