import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const NOT_OURS = /^(?:node_modules|build|dist|coverage|reports|\.stryker-tmp|\.git|docs\/api)(?:\/|$)/;

/** Every Markdown file of the project, generated ones left out. */
function documentsIn(folder = "."): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name).replaceAll("\\", "/");
    if (NOT_OURS.test(path)) return [];
    if (entry.isDirectory()) return documentsIn(path);
    return path.endsWith(".md") ? [path] : [];
  });
}

/** A document without its blocks of code, in which nothing is a link or a heading. */
function proseOf(file: string): string {
  return readFileSync(file, "utf8").replace(/^```.*?^```$/gms, "");
}

/** The names by which GitHub leads to the headings of a document. */
function anchorsOf(file: string): ReadonlySet<string> {
  const anchors = new Map<string, number>();
  for (const [, heading = ""] of proseOf(file).matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
    const before = anchors.get(anchor);
    anchors.set(anchor, (before ?? 0) + 1);
    if (before !== undefined) anchors.set(`${anchor}-${before}`, 1);
  }
  return new Set(anchors.keys());
}

/** What is wrong with the links of a document: the target of each that leads nowhere. */
function brokenLinksOf(file: string): readonly string[] {
  const targets = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^(?:https?|mailto):/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const there = path === "" ? file : join(dirname(file), path);
    if (!existsSync(there)) return true;
    if (anchor === undefined) return false;
    return statSync(there).isDirectory() || !anchorsOf(there).has(anchor);
  });
}

describe("the links of a document", () => {
  it.each(documentsIn())("of %s lead to files and headings that there are", (file) => {
    expect(brokenLinksOf(file)).toEqual([]);
  });

  it("are those of all documents", () => {
    expect(documentsIn()).toEqual(
      expect.arrayContaining(["README.md", "docs/README.md", "docs/decisions/README.md", "test/README.md"]),
    );
  });

  it("are read with anchors as GitHub makes them", () => {
    expect([...anchorsOf("docs/problems.md")]).toContain("which-command-answers-it");
    expect(anchorsOf("docs/protocol.md").has("what-must-always-hold")).toBe(true);
    expect(anchorsOf("docs/protocol.md").has("what-must-sometimes-hold")).toBe(false);
  });
});

it("docs/README.md leads to every guide and every example", () => {
  const index = readFileSync("docs/README.md", "utf8");
  const guides = readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "README.md");
  const examples = readdirSync("examples").filter((name) => name !== "demo");

  expect(guides.filter((guide) => !index.includes(`](${guide})`))).toEqual([]);
  expect(examples.filter((name) => !index.includes(`](../examples/${name}/`))).toEqual([]);
});

describe("ARCHITECTURE.md", () => {
  const architecture = readFileSync("ARCHITECTURE.md", "utf8");
  const trips = [...architecture.matchAll(/^## (An? .+)\n\n((?:\d\.| {3}).*\n)+/gm)];

  it("follows a contribution, an opt-out and a disabling from file to file, on both sides", () => {
    expect(trips.map(([, title]) => title)).toEqual(["A contribution", "An opt-out", "A disabling"]);
    for (const [trip] of trips) {
      const files = [...trip.matchAll(/\]\((src\/\w+)\/[^)]+\.ts\)/g)].map(([, folder]) => folder);
      expect(files).toEqual(expect.arrayContaining(["src/ghes", "src/ghec"]));
      expect(files.length).toBeGreaterThan(7);
    }
  });

  it("is one page, with one picture", () => {
    expect(architecture.split("\n").length - 1).toBeLessThanOrEqual(80);
    expect(architecture.match(/^```$/gm)).toHaveLength(2);
  });
});
