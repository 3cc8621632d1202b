import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findPlaceholders } from "../../scripts/package/find-placeholders.ts";

test("the lockfile names no address to download from", () => {
  const addresses = readFileSync("package-lock.json", "utf8").match(/"resolved": "(?:https?|git)[^"]*"/g);

  expect(addresses ?? []).toEqual([]);
});

test("the manifest leads to one repository, or to nowhere until it is published", () => {
  const placeholders = findPlaceholders(JSON.parse(readFileSync("package.json", "utf8")));

  expect([0, 3]).toContain(placeholders.length);
});

test("a manifest with addresses of its own may be published, and one without any may not", () => {
  const homepage = "https://github.com/an-owner/unified-contributions#readme";
  const bugs = "https://github.com/an-owner/unified-contributions/issues";
  const repository = { url: "git+https://github.com/an-owner/unified-contributions.git" };

  expect(findPlaceholders({ homepage, bugs, repository })).toEqual([]);
  expect(findPlaceholders({ homepage, bugs })).toEqual([
    'package.json: put the address of your own repository into "repository.url"',
  ]);
});
