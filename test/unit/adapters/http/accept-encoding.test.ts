import { expect, it } from "vitest";
import { takesGzip } from "../../../../src/adapters/http/accept-encoding.ts";

it.each([
  ["gzip", true],
  ["GZIP", true],
  [" gzip ; q=1", true],
  ["br;q=1.0, gzip;q=0.001", true],
  ["deflate,gzip", true],
  ["gzip;q=0", false],
  ["gzip;Q=0.000", false],
  ["gzip;level=9;q=0", false],
  // It is another parameter.
  ["gzip;xq=0", true],
  ["x-gzip", false],
  ["identity;q=0", false],
  ["", false],
  [null, false],
  [`gzip${" ".repeat(252)}`, true],
  [`gzip${" ".repeat(253)}`, false],
])("%j accepts gzip: %s", (field, isAccepted) => {
  expect(takesGzip(field)).toBe(isAccepted);
});
