import { readdirSync, readFileSync } from "node:fs";

/** The index for assistants: guides and exports, in the package. */
export const LLMS_FILE = "llms.txt";

const FIRST_GUIDES = ["README", "ghes-in-15-minutes", "ghec-in-15-minutes", "rules", "calls", "protocol"];

/** Returns the index: what the package is, every guide with its first sentence, and what every subpath exports. */
export function llmsText(): string {
  const { name, description, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const subpaths = Object.keys(exports).filter((subpath) => !subpath.endsWith(".json"));
  return [
    `# ${name}`,
    `> ${description}.`,
    "README.md has a whole program over both sides, and what it prints. Tests compile the code of the guides.",
    "## Guides",
    guides().map(guideLine).join("\n"),
    "## Exports",
    "Expected failures are returned as neverthrow's `Result` or `ResultAsync`. Declarations and their comments are in `dist`, sources in `src`.",
    ...subpaths.map((subpath) => exportsOf(name, subpath)),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The names of all guides, those to begin with first. */
function guides(): readonly string[] {
  const all = readdirSync("docs").filter((file) => file.endsWith(".md"));
  const names = all.map((file) => file.slice(0, -".md".length));
  return [...FIRST_GUIDES, ...names.filter((guide) => !FIRST_GUIDES.includes(guide)).sort()];
}

function guideLine(guide: string): string {
  const file = `docs/${guide}.md`;
  const text = readFileSync(file, "utf8");
  const [, title = ""] = /^# (.+)$/m.exec(text) ?? [];
  return `- [${title}](${file}): ${firstSentence(text)}`;
}

/** A subpath with what its comment says of it, and the names that it exports. */
function exportsOf(name: string, subpath: string): string {
  const path = subpath.slice(2);
  const source = readFileSync(`src/${path === "" ? "" : `${path}/`}index.ts`, "utf8");
  const [, comment = ""] = /^\/\*\*\n(.*?)\*\//s.exec(source) ?? [];
  const golden = path === "" ? "index" : path.replaceAll("/", "-");
  const surface =
    readFileSync(`scripts/check/surface/${golden}.txt`, "utf8").split("Mentioned above")[0] ?? "";
  const names = [...surface.matchAll(/^(\w+)$/gm)].map(([, exported]) => `\`${exported}\``);
  return `### ${name}${subpath.slice(1)}\n\n${firstSentence(comment.replace(/^ \* ?/gm, ""))}\n\n${names.join(", ")}`;
}

/** The first sentence of a text that is prose, in one line. */
function firstSentence(text: string): string {
  const [paragraph = ""] = text.split(/\n\s*\n/).filter((part) => /^[\p{L}`]/u.test(part.trim()));
  const words = paragraph.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const line = words.trim().replace(/\s+/g, " ");
  return /^.*?\.(?= |$)/.exec(line)?.[0] ?? line;
}
