import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { bundle } from "../../../scripts/bundle.js";
import { runNode } from "../../documents/examples/run-example.ts";

const problems = readFileSync("docs/problems.md", "utf8");

/** What a program prints that imports a part of the package where only its dependencies are installed. */
async function printedWithoutPeers(part: string, program: string): Promise<string> {
  const built = await bundle(`src/adapters/${part}/index.ts`);
  const folder = mkdtempSync(join(tmpdir(), "without-peers-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["neverthrow", "date-fns", "@date-fns", "zod"])
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  cpSync(built, join(folder, "part.mjs"));
  writeFileSync(join(folder, "program.mjs"), program);
  const { stdout, stderr } = await runNode([join(folder, "program.mjs")], { cwd: folder });
  return stdout + stderr;
}

it.each([
  [
    "http-signatures",
    "npm install http-message-sig structured-headers",
    /Cannot find package 'http-message-sig'/,
  ],
  ["opentelemetry", "npm install @opentelemetry/api", /Cannot find package '@opentelemetry\/api'/],
])("%s: Node names the package, and the documents the command", async (part, command, message) => {
  const source = readFileSync(`src/adapters/${part}/index.ts`, "utf8");

  expect(await printedWithoutPeers(part, 'import "./part.mjs";')).toMatch(message);
  expect(source).toContain(command);
  expect(problems).toContain(`| \`adapters/${part}\` | \`${command}\` |`);
});

it("pglite: the fault names the command", async () => {
  const command = "npm install @electric-sql/pglite pg";
  const program = `import { openPglite } from "./part.mjs";
console.log((await openPglite("data"))._unsafeUnwrapErr().message);`;

  expect(await printedWithoutPeers("pglite", program)).toBe(
    `The packages that keep a database in a folder are missing: ${command}\n`,
  );
  expect(problems).toContain(`| \`adapters/pglite\` | \`${command}\` |`);
});
