import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOptions } from "../../../../examples/sidecar/read-options.ts";
import { readSecret } from "../../../../examples/sidecar/read-secrets.ts";

// cspell:ignore confg

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
  writeFileSync(join(folder, "token"), "a-token\n");
  writeFileSync(join(folder, "empty"), "\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the command line", () => {
  it.each([
    [[], { type: "serve" }],
    [["--once"], { type: "sync-once" }],
    [["--end-suspended", "1017"], { type: "end-user", user: "1017", reason: "user-suspended" }],
    [["--end-deleted=1018"], { type: "end-user", user: "1018", reason: "user-deleted" }],
  ])("%j asks for %j", (args, task) => {
    expect(readOptions(["--config", "x", ...args])._unsafeUnwrap()).toEqual({ config: "x", task });
  });

  it.each([
    ["an unknown option", ["--confg", "x"], /^There is no option --confg\.\n\nUsage: /],
    ["a file without --config", ["x"], /^Give options alone, and the file behind --config\.\n\nUsage: /],
    ["--config without a file", ["--config"], /^--config needs the file with the configuration\.\n\nUsage: /],
    ["a value for --once", ["--config", "x", "--once=yes"], /^--once takes no value\.\n\nUsage: /],
    [
      "two tasks",
      ["--config", "x", "--once", "--end-deleted", "7"],
      /^Give one of --once, --end-suspended and --end-deleted\.\n\nUsage: /,
    ],
    [
      "a login in place of a number",
      ["--config", "x", "--end-deleted", "ada"],
      /^--end-deleted needs the number of a user, as it stands in the log: --end-deleted 1017, for example\.$/,
    ],
  ])("%s is refused with a sentence", (_, args, sentence) => {
    expect(readOptions(args)._unsafeUnwrapErr().message).toMatch(sentence);
  });
});

describe("a secret", () => {
  const read = (place: { file: string } | { env: string }) =>
    readSecret("server.token", place, join(folder, "config.json"));

  it("is read from a file beside the configuration without the line end, or from a variable", () => {
    process.env["SIDECAR_TEST_SECRET"] = "from the environment";
    const fromVariable = read({ env: "SIDECAR_TEST_SECRET" });
    delete process.env["SIDECAR_TEST_SECRET"];

    expect(read({ file: "token" })._unsafeUnwrap()).toBe("a-token");
    expect(fromVariable._unsafeUnwrap()).toBe("from the environment");
  });

  it.each<[{ file: string } | { env: string }, () => string]>([
    [
      { file: "no-token" },
      () => `there is no file ${folder}/no-token that may be read: write the secret into it.`,
    ],
    [{ file: "empty" }, () => `the file ${folder}/empty is empty: write the secret into it.`],
    [
      { env: "NO_SUCH_SECRET" },
      () => "the environment variable NO_SUCH_SECRET is not set: set it to the secret.",
    ],
  ])("that is not there is named: %j", (place, sentence) => {
    expect(read(place)._unsafeUnwrapErr().message).toBe(`server.token: ${sentence()}`);
  });
});
