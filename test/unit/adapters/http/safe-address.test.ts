import { expect, it } from "vitest";
import { safeAddress } from "../../../../src/adapters/http/safe-address.ts";

it.each([
  ["https://cloud.example/path?query", "https://cloud.example/path?query"],
  ["HTTPS://Cloud.Example:443", "https://cloud.example/"],
  ["http://localhost:8080/", "http://localhost:8080/"],
  ["http://127.0.0.1/", "http://127.0.0.1/"],
  ["http://127.1.2.3/", "http://127.1.2.3/"],
  ["http://[::1]:8080/", "http://[::1]:8080/"],
  ["http://cloud.example/", null],
  ["http://localhost.example/", null],
  ["http://127.0.0.1.example/", null],
  ["http://128.0.0.1/", null],
  ["ftp://localhost/", null],
  ["https://octo@cloud.example/", null],
  ["https://:secret@cloud.example/", null],
  ["https://cloud.example/#here", null],
  ["cloud.example", null],
  ["", null],
  [null, null],
  [new URL("https://cloud.example/"), null],
])("%s is the safe address %s", (given, safe) => {
  expect(safeAddress(given)).toBe(safe);
});
