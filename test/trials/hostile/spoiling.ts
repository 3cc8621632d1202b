// What a registered server can send that is hostile itself: properly signed, and wrong in its encoding, its JSON or its
// message. Each has its own name, and nothing of it is ever applied.
import { gzipSync } from "node:zlib";
import { createRequestSigner } from "unified-contributions/adapters/http-signatures";
import { createTestClock } from "unified-contributions/testing";
import type { Dice, Shot } from "./shot.ts";
import {
  deliver,
  disable,
  encoded,
  envelope,
  type HostileWorld,
  KEY_IDS,
  postOf,
  report,
  reportOf,
  type Spoilable,
  withdraw,
} from "./world.ts";

// cspell:ignore ersion

/** A body that is properly signed, and how it has to be answered. */
interface Spoiled {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly isPacked?: boolean;
  readonly isChained?: boolean;
  readonly answers: readonly string[];
}

type Spoil = (world: HostileWorld, dice: Dice) => Spoiled;

/** What a server that leaks says of somebody; no answer may repeat it. */
export const SECRET = "octo-corp-secret";

const MIB = 1_048_576;
const WRONG_TYPES: readonly unknown[] = [null, true, 0.5, -1, "", "x", [], {}, [[]], 1e308, "\u0000", "1"];
const LEAKS = [
  "login",
  "email",
  "repository",
  "__proto__",
  "constructor",
  "toString",
  "Version",
  "",
  "\u0000",
  "🐙",
];

const SPOILS: readonly (readonly [what: string, spoil: Spoil])[] = [
  [
    "gzip: cut off",
    (world, dice) => packed(cutOff(gzip(encoded(report(world))), dice), "malformed-encoding"),
  ],
  [
    "gzip: none",
    (_, dice) => packed(new Uint8Array([0, ...dice.bytes(1 + dice.below(2_000))]), "malformed-encoding"),
  ],
  [
    "gzip: wrong checksum",
    (world, dice) => {
      const bytes = gzip(encoded(report(world)));
      const at = bytes.length - 1 - dice.below(8);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
      return packed(bytes, "malformed-encoding");
    },
  ],
  ["gzip: twice", (world) => packed(gzip(gzip(encoded(report(world)))), "malformed-json")],
  [
    "gzip: bomb",
    (_, dice) =>
      packed(
        gzip(new Uint8Array(MIB + 1 + dice.below(8 * MIB)).fill(dice.pick([32, 48, 0x5b]))),
        "body-too-large",
      ),
  ],
  ["gzip: said and not done", (world) => packed(encoded(report(world)), "malformed-encoding")],
  [
    "charset",
    (world, dice) => plain(inAnotherCharset(JSON.stringify(report(world)), dice), "malformed-json"),
  ],
  [
    "JSON: spoiled",
    (world, dice) =>
      plain(new TextEncoder().encode(spoiledJson(JSON.stringify(report(world)), dice)), "malformed-json"),
  ],
  [
    "JSON: nested",
    (world, dice) =>
      plain(
        nested(report(world), 17 + dice.below(dice.pick([10, 1_000, 100_000])), dice),
        "nested-too-deeply",
      ),
  ],
  [
    "JSON: a key twice",
    (world, dice) =>
      plain(new TextEncoder().encode(withKeyTwice(JSON.stringify(report(world)), dice)), "duplicate-key"),
  ],
  ["JSON: no message", (_, dice) => plain(encoded(dice.pick(WRONG_TYPES)), "rejected malformed-message")],
  [
    "size",
    (world, dice) =>
      plain(
        new TextEncoder().encode(JSON.stringify(report(world)).padEnd(MIB + 1 + dice.below(MIB))),
        "body-too-large",
      ),
  ],
  [
    "version",
    (world, dice) =>
      plain(
        encoded({ ...report(world), version: dice.pick([0, 2, -1, 99, 1e15, 2 ** 53]) }),
        "rejected unsupported-version",
      ),
  ],
  [
    "message: a key too many",
    (world, dice) => plain(withKey(anyMessage(world, dice), dice.pick(LEAKS)), "rejected unexpected-key"),
  ],
  [
    "message: a key missing",
    (world, dice) => {
      const message = anyMessage(world, dice);
      delete message[dice.pick(Object.keys(message))];
      return plain(encoded(message), "rejected malformed-message");
    },
  ],
  [
    "message: a wrong value",
    (world, dice) => {
      const message = anyMessage(world, dice);
      const key = dice.pick(Object.keys(message));
      const wrong = dice.pick(WRONG_TYPES.filter((value) => !isRight(key, value)));
      const answers =
        key === "version" && Number.isInteger(wrong)
          ? "rejected unsupported-version"
          : "rejected malformed-message";
      return plain(encoded({ ...message, [key]: wrong }), answers);
    },
  ],
  [
    "message: a number out of bounds",
    ({ random }, dice) => {
      const epoch = dice.pick([-1, 2_147_483_648, 1.5, 1e21, -0.1, 2 ** 53]);
      const message = dice.pick([
        { type: "disable", epoch },
        { type: "enable", after: epoch },
      ]);
      return plain(encoded({ version: 1, requestId: random.id(), ...message }), "rejected malformed-message");
    },
  ],
  [
    "message: too many records",
    (world, dice) => {
      const records = Array.from({ length: 1_001 + dice.below(20_000) }, () => dice.pick([{}, 0, null]));
      return plain(encoded(deliver(world, ...(records as Spoilable[]))), "rejected too-many-records");
    },
  ],
  [
    "message: too many requests followed",
    (world, dice) => {
      const follows = Array.from({ length: 65 + dice.below(1_000) }, () => world.hostile.last);
      return plain(encoded({ ...report(world), follows }), "rejected malformed-message");
    },
  ],
  [
    "message: somebody else's session",
    (world) =>
      plain(
        encoded({ ...report(world), sessionId: world.victim.sessionId, follows: [world.victim.last] }),
        "detached not-applied",
      ),
  ],
  [
    "message: a request that is not the next",
    (world) => plain(encoded({ ...report(world), follows: [world.random.id()] }), "detached not-applied"),
  ],
  [
    "message: an epoch that is over",
    ({ random }) => plain(encoded(envelope("disable", random.id(), { epoch: 0 })), "disabled"),
  ],
  [
    "message: an enabling again",
    ({ random }, dice) =>
      plain(encoded(envelope("enable", random.id(), { after: dice.pick([0, 1]) })), "switched"),
  ],
  [
    "message: an enabling too far ahead",
    ({ random }, dice) =>
      plain(
        encoded(envelope("enable", random.id(), { after: dice.pick([3, 1_000, 2_147_483_647]) })),
        "rejected epoch-too-far",
      ),
  ],
  [
    "message: a session of nobody",
    ({ random, victim }, dice) => {
      const replaces = dice.pick([victim.sessionId, random.id(), null]);
      return plain(
        encoded(envelope("attach", random.id(), { replaces, featureSwitch: { epoch: 9, status: "off" } })),
        "attach-refused",
      );
    },
  ],
  [
    "record: a key too many",
    (world, dice) =>
      chained(world, JSON.parse(withKeyText(anyRecord(world, dice), dice.pick(LEAKS))), "unexpected-key"),
  ],
  [
    "record: a key missing",
    (world, dice) => {
      const record = reportOf(world.hostile.linkId);
      const key = dice.pick(["linkId", "choice", "source", "first", "counts"]);
      delete record[key];
      return chained(world, record, "malformed-record");
    },
  ],
  [
    "record: a wrong value",
    (world, dice) => {
      const key = dice.pick(["linkId", "choice", "source", "first", "counts"]);
      return chained(
        world,
        { ...reportOf(world.hostile.linkId), [key]: dice.pick(WRONG_TYPES) },
        "malformed-record",
      );
    },
  ],
  [
    "record: no record",
    (world, dice) => chained(world, dice.pick(WRONG_TYPES) as Spoilable, "malformed-record"),
  ],
  [
    "record: of no kind",
    (world, dice) =>
      chained(
        world,
        { ...reportOf(world.hostile.linkId), type: dice.pick([...LEAKS, "Report", "reports"]) },
        "unknown-type",
      ),
  ],
  [
    "record: a number",
    (world, dice) => {
      const record = reportOf(world.hostile.linkId);
      const counts = [...(record["counts"] as number[])];
      counts[dice.below(90)] = dice.pick([-1, 65_536, 0.5, 1e21, -0.5, 2 ** 53]);
      return chained(world, { ...record, counts }, "malformed-record");
    },
  ],
  [
    "record: so many days",
    (world, dice) => {
      const counts = Array.from({ length: dice.pick([0, 91, 92, 10_000]) }, () => 1);
      return chained(world, { ...reportOf(world.hostile.linkId), counts }, "malformed-record");
    },
  ],
  [
    "record: a day that is none",
    (world, dice) => {
      const first = dice.pick([
        "2025-02-29",
        "2025-13-01",
        "2025-1-1",
        "0000-00-00",
        "2025-12-02T00:00:00Z",
        "99999-01-01",
        "２０２５-12-02",
      ]);
      return chained(world, { ...reportOf(world.hostile.linkId), first }, "malformed-record");
    },
  ],
  [
    "record: in the future",
    (world, dice) => {
      const first = dice.pick(["2025-12-06", "2026-03-02", "2027-01-01", "9000-01-01"]);
      return chained(world, { ...reportOf(world.hostile.linkId), first }, "clock-ahead");
    },
  ],
  [
    "record: another server's link",
    (world, dice) => chained(world, recordOf(world.victim.linkId, dice), "unknown"),
  ],
  ["record: nobody's link", (world, dice) => chained(world, recordOf(world.random.id(), dice), "unknown")],
];

/** Makes a request of a hostile server. */
export async function spoil(world: HostileWorld, dice: Dice): Promise<Shot> {
  const [what, apply] = dice.pick(SPOILS);
  const { body, isPacked = false, isChained = false, answers } = apply(world, dice);
  const post = postOf(body, isPacked ? { "content-encoding": "gzip" } : {});
  const request = await world.signerOf(dice.pick(KEY_IDS))(post, body);
  return { what: `signed: ${what}`, request, answers, isChained };
}

/** Makes a request that was right at another time. */
export async function mistime(world: HostileWorld, dice: Dice): Promise<Shot> {
  const isOld = dice.below(2) === 0;
  const awayMs = isOld ? -361_000 - dice.below(1e9) * 1000 : 61_000 + dice.below(1e9) * 1000;
  const clock = createTestClock(world.clock.now());
  clock.advance(awayMs);
  const keyId = dice.pick(KEY_IDS);
  const key = world.keys.get(keyId)?.signing;
  if (!key) throw new RangeError(`There is no ${keyId}.`);
  const body = encoded(dice.pick([report(world), disable(world), withdraw(world, world.hostile.linkId)]));
  const request = await createRequestSigner({ key: () => key, clock, random: world.random })(
    postOf(body),
    body,
  );
  const answer = isOld ? "signature-expired" : "signature-not-yet-valid";
  return { what: `signed: ${isOld ? "long ago" : "in the future"}`, request, answers: [answer] };
}

function plain(body: Uint8Array<ArrayBuffer>, answer: string): Spoiled {
  return { body, answers: [answer] };
}

function packed(body: Uint8Array<ArrayBuffer>, answer: string): Spoiled {
  return { body, isPacked: true, answers: [answer] };
}

/** A `deliver` that is the next of its chain, with one record that has to be answered so. */
function chained(world: HostileWorld, record: Spoilable, outcome: string): Spoiled {
  return { body: encoded(deliver(world, record)), isChained: true, answers: [`delivered ${outcome}`] };
}

function gzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(bytes));
}

function cutOff(bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
  return bytes.slice(0, 1 + dice.below(bytes.length - 1));
}

function recordOf(link: string, dice: Dice): Spoilable {
  return dice.pick([reportOf(link), { type: "withdraw", linkId: link, choice: 1 }]);
}

function anyRecord(world: HostileWorld, dice: Dice): Spoilable {
  return recordOf(world.hostile.linkId, dice);
}

function anyMessage(world: HostileWorld, dice: Dice): Spoilable {
  const { random, hostile } = world;
  const { sessionId, last } = hostile;
  return dice.pick([
    report(world),
    withdraw(world, hostile.linkId),
    disable(world),
    envelope("enable", random.id(), { after: 1 }),
    envelope("attach", random.id(), { replaces: sessionId, featureSwitch: { epoch: 1, status: "on" } }),
    envelope("complete", random.id(), { sessionId, follows: [last], heardTo: null }),
  ]);
}

/** Whether a value is one that a message may have under this key, out of those that are wrong elsewhere. */
function isRight(key: string, value: unknown): boolean {
  if (key === "sessionId" || key === "replaces" || key === "heardTo") return value === null;
  // Records are judged one by one, so any list of them makes a message.
  return Array.isArray(value) && (key === "records" || (key === "follows" && value.length === 0));
}

function withKeyText(value: Spoilable, key: string): string {
  const text = JSON.stringify(value);
  return `{${JSON.stringify(key)}:"${SECRET}",${text.slice(1)}`;
}

function withKey(message: Spoilable, key: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(withKeyText(message, key));
}

function inAnotherCharset(text: string, dice: Dice): Uint8Array<ArrayBuffer> {
  const utf8 = new TextEncoder().encode(text);
  return dice.pick([
    new Uint8Array(Buffer.from(text, "utf16le")),
    new Uint8Array(Buffer.from(text, "utf16le").swap16()),
    new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]),
    new Uint8Array([...utf8.slice(0, -1), 0x22, 0xe4, 0x22, 0x7d]),
    new Uint8Array([...utf8.slice(0, -1), 0xed, 0xa0, 0x80]),
    new Uint8Array([...utf8.slice(0, -1), 0xc0, 0xaf]),
    new Uint8Array([...utf8, 0]),
  ]);
}

function spoiledJson(text: string, dice: Dice): string {
  return dice.pick([
    text.slice(0, dice.below(text.length)),
    `${text}${dice.pick(["}", "x", text, ",", "//", "\u0000"])}`,
    text.replace("}", ",}"),
    text.replace("]", ",]"),
    text.replaceAll('"', "'"),
    text.replace(
      '"version":1',
      `"version":${dice.pick(["01", "+1", "1.", ".1", "0x1", "NaN", "Infinity", "-", "1e", "undefined", "1_0"])}`,
    ),
    text.replace('"version"', "version"),
    text.replace(":", "="),
    text.replace('"version"', '"ver\nsion"'),
    text.replace('"version"', '"\\x76ersion"'),
    `/* */${text}`,
  ]);
}

function nested(message: Spoilable, depth: number, dice: Dice): Uint8Array<ArrayBuffer> {
  const [open, close] = dice.pick([
    ["[", "]"],
    ['{"a":', "}"],
  ]) as [string, string];
  const inner = dice.below(2) === 0 ? "0" : "";
  const deep = open.repeat(depth) + (open === "[" ? inner : "0") + close.repeat(depth);
  const text = dice.pick([
    deep,
    JSON.stringify({ ...message, records: 0 }).replace('"records":0', `"records":${deep}`),
    open.repeat(depth),
  ]);
  return new TextEncoder().encode(text);
}

/** One of the keys once more, at the same place. */
function withKeyTwice(text: string, dice: Dice): string {
  const keys = [...text.matchAll(/"(\w+)":("[^"]*"|\d+)/g)];
  const { 0: member, index = 0 } = dice.pick(keys);
  return `${text.slice(0, index)}${member},${text.slice(index)}`;
}
