import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { host } from "../../support/http-host.ts";
import { httpChecks } from "../../trials/runtimes/checks.ts";

const vectors = JSON.parse(readFileSync("wire/vectors-1.json", "utf8"));

// `npm run trial -- runtimes` runs the same on other runtimes, with the package as it is built.
describe("the transport and the handler over a socket", () => {
  test.each(httpChecks)("$title", ({ run }) => run({ listen: host, vectors }));
});
