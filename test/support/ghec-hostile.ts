/** Values of every kind that a stranger, a bug or a proxy may put where something else belongs. */
export const HOSTILE: readonly (readonly [name: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["true", true],
  ["NaN", Number.NaN],
  ["a negative number", -1],
  ["a fraction", 1.5],
  ["2^53", 2 ** 53],
  ["infinity", Number.POSITIVE_INFINITY],
  ["a bigint", 1n],
  ["a symbol", Symbol("secret")],
  ["a function", () => "secret"],
  ["an empty string", ""],
  ["a number as text", "1"],
  ["a page", "<!doctype html><title>502 Bad Gateway</title>"],
  ["10 MB of text", "x".repeat(10_000_000)],
  ["an empty list", []],
  ["a list", ["secret"]],
  ["an empty object", {}],
  ["a cyclic object", cyclic()],
  ["an own __proto__", JSON.parse('{"__proto__":{"secret":true}}')],
  ["a String object", Object("GitHub Enterprise Server")],
  ["a day that does not exist", "2026-02-29"],
];

/** Every name of {@link HOSTILE} but these, for a place where these are welcome. */
export function hostileBut(
  ...welcome: readonly string[]
): readonly (readonly [name: string, value: unknown])[] {
  return HOSTILE.filter(([name]) => !welcome.includes(name));
}

/** A copy of an object in which one key is missing. */
export function without(key: string, whole: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));
}

/** A copy of an object with one more key of its own, whatever its name: `__proto__` too. */
export function withKey(key: string, value: unknown, whole: object): object {
  return Object.defineProperty({ ...whole }, key, { value, enumerable: true });
}

function cyclic(): unknown {
  const self: Record<string, unknown> = { secret: true };
  self["self"] = self;
  return self;
}
