import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../../examples/sidecar/read-config.ts";
import { blocksOf } from "../code-blocks.ts";

// cspell:ignore instalation

const [sample = ""] = blocksOf(readFileSync("examples/sidecar/README.md", "utf8"), "json");

/** The sample with this in place of that. */
function sampleWith(that: string, replaced: string): string {
  if (!sample.includes(that)) throw new Error(`The sample has no ${that}.`);
  return sample.replace(that, replaced);
}

function refusal(text: string): string {
  return parseConfig(text, "config.json").match(
    () => "it was taken",
    ({ message }) => message,
  );
}

describe("the sample configuration in the README", () => {
  it("is taken, comments and all", () => {
    const config = parseConfig(sample, "config.json")._unsafeUnwrap();

    expect(config.server.enterpriseOwners).toEqual(["olivia"]);
    expect(config.storage).toEqual({ folder: "/var/lib/sidecar" });
  });

  it("says what is filled in for what may be left out", () => {
    const all = parseConfig(sample, "config.json")._unsafeUnwrap();
    const json = JSON.parse(sample.replace(/^\s*\/\/.*$/gm, ""));
    delete json.sync;
    delete json.pages.host;
    delete json.pages.port;
    delete json.server.usersPerRequest;

    expect(parseConfig(JSON.stringify(json), "config.json")._unsafeUnwrap()).toEqual(all);
  });

  it("also goes to GHE.com, keeps everything in PostgreSQL, and takes a key by its thumbprint", () => {
    const elsewhere = sampleWith('"type": "github.com"', '"type": "ghe.com", "subdomain": "octo-corp"')
      .replace('{ "folder": "/var/lib/sidecar" }', '{ "postgres": { "env": "DATABASE_URL" } }')
      .replace('"keyId": "server-1-2026", ', "");

    const config = parseConfig(elsewhere, "config.json")._unsafeUnwrap();

    expect(config.cloud.platform).toEqual({ type: "ghe.com", subdomain: "octo-corp" });
    expect(config.storage).toEqual({ postgres: { env: "DATABASE_URL" } });
    expect(config.cloud.signingKey).not.toHaveProperty("keyId");
  });
});

describe("a mistake in the configuration names the key, what was expected and what to do", () => {
  it.each([
    [
      "a secret in the configuration itself, which is not repeated",
      sampleWith('{ "file": "secrets/token" }', '"ghp_hush"'),
      'config.json: server.token has to be either { "file": "its path" } or { "env": "the name of a variable" }: no secret stands in the configuration itself. Correct it.',
    ],
    [
      "a key that is missing",
      sampleWith('"installation": "server-1",', ""),
      "config.json: cloud.installation is missing: add it. It has to be the name by which the cloud knows this server, 1 to 255 characters.",
    ],
    [
      "a key that there is not",
      sampleWith('"installation"', '"instalation"'),
      "config.json: cloud.installation is missing: add it. It has to be the name by which the cloud knows this server, 1 to 255 characters.\n" +
        "config.json: cloud.instalation is not a key of the configuration: remove it, or correct it.",
    ],
    [
      "an address that leads through the open",
      sampleWith('"url": "https://ghes.example"', '"url": "http://ghes.example"'),
      'config.json: server.url has to be the address of a site without a path (https:, or http: to this machine itself), such as "https://ghes.example". Correct it.',
    ],
    [
      "an address with credentials",
      sampleWith('"https://cloud.example/unified', '"https://a:hush@cloud.example/unified'),
      'config.json: cloud.wireUrl has to be a whole address (https:, or http: to this machine itself), such as "https://cloud.example/unified-contributions". Correct it.',
    ],
    [
      "nobody who owns the enterprise",
      sampleWith('["olivia"]', "[]"),
      "config.json: server.enterpriseOwners has to be a list of logins on the server, at least one. Correct it.",
    ],
    [
      "a port that is none",
      sampleWith("8920", "89200"),
      "config.json: pages.port has to be a whole number from 0 to 65535. Correct it.",
    ],
    [
      "a lease shorter than the library takes",
      sampleWith('"leaseMs": 60000', '"leaseMs": 10'),
      "config.json: sync.leaseMs has to be a whole number from 1000 to 86400000. Correct it.",
    ],
    [
      "two places to store everything in",
      sampleWith('{ "folder": "/var', '{ "postgres": { "env": "X" }, "folder": "/var'),
      'config.json: storage has to be either { "folder": "its path" } or { "postgres": … }, where the address is a secret. Correct it.',
    ],
    [
      "a zone that there is not",
      sampleWith('"UTC"', '"Mars/Olympus"'),
      "config.json: sync.timeZone has to be the IANA name of a time zone, such as Europe/Berlin. Correct it.",
    ],
    [
      "a list in place of everything",
      "[]",
      "config.json: the configuration has to be an object in braces, with the keys that the README lists. Correct it.",
    ],
    [
      "a comma too few",
      '{\n  // A comment.\n  "server": {}\n  "cloud": {}\n}',
      "config.json is not JSON (line 4): look for a comma or a quotation mark too many or too few.",
    ],
    [
      "a file that ends too early",
      "{",
      expect.stringMatching(
        /^config\.json is not JSON( \(line 1\))?: look for a comma or a quotation mark too many or too few\.$/,
      ),
    ],
  ])("%s", (_, text, sentence) => {
    expect(refusal(text)).toEqual(sentence);
  });
});
