import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpHost, host } from "../../../support/http-host.ts";
import { createSidecarWorld, type SidecarWorld } from "../../../support/sidecar-world.ts";
import { builtExample, type Run, runExample, runNode } from "../run-example.ts";

// cspell:ignore installaton

const MAIN = "examples/sidecar/main.ts";

let world: SidecarWorld;
let taken: HttpHost;
let config = "";
let help: Run;

beforeAll(async () => {
  world = await createSidecarWorld(null);
  taken = await host(async () => new Response());
  config = readFileSync(world.configFile, "utf8");
  help = await runExample(MAIN, "--help");
});
afterAll(async () => {
  await taken.close();
  await world.close();
});

const sidecar = (...args: readonly string[]): Promise<Run> => runNode([builtExample(MAIN), ...args]);

/** Runs with a configuration that is changed so. */
function sidecarWith(change: (text: string) => string): Promise<Run> {
  const file = join(world.folder, "mistaken.json");
  writeFileSync(file, change(config));
  return sidecar("--config", file);
}

describe("a mistake is one sentence, and exit code 1", () => {
  it("no configuration", async () => {
    const run = await sidecar();

    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/^--config needs the file with the configuration\.\n\nUsage: /);
  });

  it("a configuration that is not there", async () => {
    const run = await sidecar("--config", "/nowhere.json");

    const stderr =
      "--config: there is no file /nowhere.json that may be read. Correct the path, or its permissions.\n";
    expect(run).toEqual({ code: 1, stdout: "", stderr });
  });

  it.each<[string, (text: string) => string, () => string]>([
    [
      "a configuration that is not JSON",
      (text) => text.slice(1),
      () =>
        `${world.folder}/mistaken.json is not JSON (line 1): look for a comma or a quotation mark too many or too few.`,
    ],
    [
      "an unknown key",
      (text) => text.replace('"installation"', '"installaton"'),
      () =>
        `${world.folder}/mistaken.json: cloud.installation is missing: add it. It has to be the name by which the cloud knows this server, 1 to 255 characters.\n` +
        `${world.folder}/mistaken.json: cloud.installaton is not a key of the configuration: remove it, or correct it.`,
    ],
    [
      "a secret's file that is not there",
      (text) => text.replace('"file":"token"', '"file":"no-token"'),
      () =>
        `server.token: there is no file ${world.folder}/no-token that may be read: write the secret into it.`,
    ],
    [
      "a private key that is none",
      (text) => text.replace('"file":"server-key.json"', '"file":"token"'),
      () =>
        "cloud.signingKey: Not PEM of the right kind: give BEGIN PRIVATE KEY (openssl pkcs8 -topk8 -nocrypt) to sign, BEGIN PUBLIC KEY to verify.",
    ],
    [
      "a port that is taken",
      (text) => text.replace('"port":0', `"port":${taken.port}`),
      () => `pages.port: port ${taken.port} of 127.0.0.1 is taken or not free to use. Choose another.`,
    ],
    [
      "a folder that holds something else",
      (text) => text.replace('"folder":"database"', '"folder":"."'),
      () =>
        "storage.folder: The folder holds no database and is not empty, or may not be written: choose another.",
    ],
    [
      "a database that is away",
      (text) => {
        writeFileSync(join(world.folder, "away"), "postgres://hush:hush@127.0.0.1:1/x");
        return text.replace('"folder":"database"', '"postgres":{"file":"away"}');
      },
      () => "storage: the database cannot be reached. Check that it runs, and that the address is right.",
    ],
  ])("%s", async (_, change, sentence) => {
    const run = await sidecarWith(change);

    expect(run).toEqual({ code: 1, stdout: "", stderr: `${sentence()}\n` });
  });
});

it("says how it is started if it is asked to", () => {
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/^Usage: npm run sidecar -- --config <file> \[--once \|/);
});
