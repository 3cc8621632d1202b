import { expect, it } from "vitest";
import { wordsOfRejection, wordsOfStatus } from "../../../../src/adapters/http/transport-fault.ts";

// cspell:ignore enot

it.each([
  [200, "malformed-answer", /not a receiver/],
  [299, "malformed-answer", /not a receiver/],
  [300, "malformed-answer", /a redirection/],
  [399, "malformed-answer", /a redirection/],
  [400, "malformed-answer", /not a receiver/],
  [401, "unauthenticated", /credentials/],
  [403, "unauthenticated", /credentials/],
  [404, "malformed-answer", /not a receiver/],
  [407, "refused", /proxy wants credentials/],
  [413, "refused", /Raise its limit/],
  [428, "malformed-answer", /not a receiver/],
  [429, "busy", /come later/],
  [499, "malformed-answer", /not a receiver/],
  [500, "busy", /come later/],
  [503, "busy", /come later/],
])("an answer of status %i is %s", (status, reason, words) => {
  const [given, text] = wordsOfStatus(status, false);

  expect(given).toBe(reason);
  expect(text).toMatch(words);
});

/** An error with these causes behind it, each behind the one before. */
function chainOf(...causes: readonly unknown[]): unknown {
  return causes.reduceRight((cause, each) => Object.assign(each as object, { cause }));
}

const plain = (): Error => new TypeError("fetch failed");
const coded = (code: unknown): Error => Object.assign(new Error("octo-secret"), { code });

it.each([
  ["a code of its own", coded("ETIMEDOUT"), /in time|too long|timed out/i],
  ["a code behind another error", chainOf(plain(), coded("ENOTFOUND")), /cannot be resolved/],
  ["a code behind four", chainOf(plain(), plain(), plain(), plain(), coded("ENOTFOUND")), /resolved/],
  [
    "a code behind five, which are enough",
    chainOf(plain(), plain(), plain(), plain(), plain(), coded("ENOTFOUND")),
    /No connection/,
  ],
  ["a code that is no text", coded({ toString: () => "ENOTFOUND" }), /No connection/],
  ["words that are no text", { message: ["dns error"] }, /No connection/],
  ["words of a platform without codes", new TypeError("dns error: octo-secret"), /cannot be resolved/],
  ["two codes that make a third together", chainOf(coded("ENOT"), coded("FOUND")), /No connection/],
  ["two texts that make a third together", chainOf(new Error("dns"), new Error("error")), /resolved/],
  ["no error", "octo-secret ENOTFOUND", /No connection/],
  ["nothing", null, /No connection/],
])("a rejection with %s", (_, error, words) => {
  const [, text] = wordsOfRejection(error);

  expect(text).toMatch(words);
  expect(text).not.toContain("octo-secret");
});

it("an error that is its own cause is read to an end", () => {
  const own = plain();
  own.cause = own;

  expect(wordsOfRejection(own)[0]).toBe("unreachable");
});
