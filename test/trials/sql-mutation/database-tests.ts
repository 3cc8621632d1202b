import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What change-queries.ts reads. */
export interface StatementChanges {
  /** The statements that are changed, each with what it becomes. */
  readonly changed: readonly (readonly [statement: string, other: string])[];
  /** The file that the statements of each file of tests are added to, or null. */
  readonly sentTo: string | null;
}

/** A file of tests, with the statements that it sends. */
interface TestFile {
  readonly path: string;
  readonly statements: ReadonlySet<string>;
  readonly durationMs: number;
}

/** The tests on a database, each file in a process of its own. */
export interface DatabaseTests {
  /** Whether a test that sends one of these statements fails after they are changed. */
  notice(statements: ReadonlyMap<string, string>): Promise<boolean>;
  close(): void;
}

const CONFIG = "scripts/mutation/sql.vitest.config.ts";

/** Runs all tests, to see which statements each file sends. Rejects if one fails. */
export async function openDatabaseTests(): Promise<DatabaseTests> {
  const folder = mkdtempSync(join(tmpdir(), "sql-mutation-"));
  const changesFile = join(folder, "changes.json");
  const run = async (changes: StatementChanges, ...files: readonly string[]): Promise<boolean> => {
    writeFileSync(changesFile, JSON.stringify(changes));
    return await passes(changesFile, join(folder, "report.json"), files);
  };
  const sentTo = join(folder, "sent.jsonl");
  writeFileSync(sentTo, "");
  if (!(await run({ changed: [], sentTo }))) {
    const failed = failedIn(join(folder, "report.json"));
    throw new Error(`The tests of ${CONFIG} fail without a change: ${failed.join("; ")}`);
  }
  const files = filesIn(sentTo, join(folder, "report.json"));
  return {
    notice: async (statements) => {
      const sending = files.filter((file) =>
        [...statements.keys()].some((text) => file.statements.has(text)),
      );
      if (sending.length === 0) return false;
      return !(await run({ changed: [...statements], sentTo: null }, ...sending.map(({ path }) => path)));
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** What a report says of one file of tests. */
interface ReportedFile {
  readonly name: string;
  readonly message: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

function reportedIn(report: string): readonly ReportedFile[] {
  return (JSON.parse(readFileSync(report, "utf8")) as { readonly testResults: readonly ReportedFile[] })
    .testResults;
}

/** Returns the tests that a report says have failed, and the files that could not be loaded. */
function failedIn(report: string): readonly string[] {
  return reportedIn(report)
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === "failed");
      return [name, message, ...failed.map(({ fullName }) => fullName)];
    });
}

/** Returns the files, the quick ones first. */
function filesIn(sentTo: string, report: string): readonly TestFile[] {
  const durations = new Map(
    reportedIn(report).map(({ name, startTime, endTime }) => [name, endTime - startTime]),
  );
  return readFileSync(sentTo, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly file: string; readonly statements: readonly string[] })
    .map(({ file, statements }) => ({
      path: file,
      statements: new Set(statements),
      durationMs: durations.get(file) ?? 0,
    }))
    .sort((a, b) => a.durationMs - b.durationMs);
}

function passes(changesFile: string, report: string, files: readonly string[]): Promise<boolean> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const args = [
    "run",
    "--config",
    CONFIG,
    "--bail",
    "1",
    "--reporter",
    "json",
    "--outputFile",
    report,
    ...files,
  ];
  const child = spawn(process.execPath, [vitest, ...args], {
    env: { ...process.env, STATEMENT_CHANGES: changesFile },
    stdio: "ignore",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}
