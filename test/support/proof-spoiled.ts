/** A text that nobody may repeat: it stands in every wrong value that can hold one. */
export const SECRET = "do not repeat this secret";

const CYCLIC: Record<string, unknown> = { secret: SECRET };
CYCLIC["self"] = CYCLIC;

/** Values that are wrong nearly everywhere, each with its name. */
export const WRONG_VALUES: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  NaN: Number.NaN,
  "-1": -1,
  "0.5": 0.5,
  "2^53": 2 ** 53,
  Infinity: Number.POSITIVE_INFINITY,
  "a big integer": 1n,
  "a symbol": Symbol(SECRET),
  "a function": () => SECRET,
  "an empty text": "",
  "a text with a control character": `${SECRET}\u0000`,
  "half a surrogate pair": `${SECRET}\ud800`,
  "a day that does not exist": "2026-02-29",
  "an instant that does not exist": "2026-02-29T09:00:00Z",
  "a text of 10 MB": `${SECRET}-`.repeat(400_000),
  "a text of 10 MB that fits letter by letter": "a-".repeat(5_000_000),
  "an empty list": [],
  "a list": [SECRET],
  "a sparse list": new Array(3),
  "an object": { secret: SECRET },
  "a cyclic object": CYCLIC,
  "a Date": new Date(Number.NaN),
  "a Map": new Map([[SECRET, SECRET]]),
};

/** A value that differs in one place from one that is right, and where and how it does. */
export interface Spoiled {
  readonly title: string;
  readonly value: unknown;
}

/**
 * Every way in which a value made of plain objects and lists can be wrong in one place: wrong as a whole, wrong, missing or one too many in
 * any of its fields, or with a `__proto__` of its own.
 */
export function* spoil(right: unknown, path = ""): Generator<Spoiled> {
  for (const [name, value] of Object.entries(WRONG_VALUES))
    yield { title: `${path || "all"}: ${name}`, value };
  if (typeof right !== "object" || right === null) return;
  if (Array.isArray(right)) {
    yield* spoilEntries(right, path);
    return;
  }
  yield { title: `${path}.extra: one too many`, value: { ...right, extra: SECRET } };
  yield { title: `${path}.__proto__: its own`, value: withOwnPrototype(right) };
  for (const [field, child] of Object.entries(right)) {
    const where = path === "" ? field : `${path}.${field}`;
    const { [field]: _, ...without } = right as Record<string, unknown>;
    yield { title: `${where}: missing`, value: without };
    for (const { title, value } of spoil(child, where)) yield { title, value: { ...right, [field]: value } };
  }
}

function* spoilEntries(right: readonly unknown[], path: string): Generator<Spoiled> {
  for (const [index, child] of right.entries()) {
    for (const { title, value } of spoil(child, `${path}[${index}]`)) {
      yield { title, value: right.with(index, value) };
    }
  }
}

/** As `JSON.parse` makes it of a text with that key. */
function withOwnPrototype(right: object): unknown {
  const spoiled = { ...right };
  Object.defineProperty(spoiled, "__proto__", {
    value: { secret: SECRET },
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return spoiled;
}
