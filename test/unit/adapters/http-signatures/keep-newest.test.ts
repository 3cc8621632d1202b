import { expect, it } from "vitest";
import { keepNewest } from "../../../../src/adapters/http-signatures/keep-newest.ts";

it.each([
  [5, "abcd"],
  [4, "abcd"],
  [3, "bcd"],
  [1, "d"],
  [0, ""],
])("%i of four at most are the newest of them", (most, left) => {
  const map = new Map([..."abcd"].map((key) => [key, true]));

  keepNewest(map, most);

  expect([...map.keys()].join("")).toBe(left);
});
