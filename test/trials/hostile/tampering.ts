// What somebody between an honest server and the cloud, or with an old request in hand, can do to it. Nothing of it may
// ever be taken.
import { parseDictionary, serializeDictionary } from "structured-headers";
import type { Dice, Shot } from "./shot.ts";
import { ADDRESS, disable, encoded, type HostileWorld, KEY_IDS, postOf, report, withdraw } from "./world.ts";

/** The ways in which the verifier can refuse a signature that was changed somewhere. */
const REFUSED = [
  "authentication-required",
  "signature-malformed",
  "signature-insufficient",
  "signature-invalid",
  "signature-expired",
  "signature-not-yet-valid",
  "unknown-key",
  "algorithm-refused",
] as const;

/** A request that would be taken, apart in its parts. */
interface Captured {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What becomes of a captured request, and how it has to be answered; null where nothing was changed after all. */
type Tamper = (
  captured: Captured,
  dice: Dice,
  world: HostileWorld,
) => {
  readonly changes: Partial<Captured> & { method?: string };
  readonly answers: readonly string[];
} | null;

const TAMPERS: readonly (readonly [what: string, tamper: Tamper])[] = [
  [
    "method",
    (_, dice) => ({
      changes: { method: dice.pick(["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "POSTS", "POST-"]) },
      answers: ["method-not-allowed"],
    }),
  ],
  [
    "path",
    ({ url }, dice) => ({
      changes: {
        url: dice.pick([
          `${url}/`,
          `${url}/..`,
          `${url}%00`,
          url.replace("-", "%2D"),
          url.replace("/uni", "//uni"),
          `${url}${dice.below(1e9)}`,
        ]),
      },
      answers: ["not-found"],
    }),
  ],
  [
    "query",
    ({ url }, dice) => ({
      changes: { url: `${url}${dice.pick(["?", "?a", "??", `?${dice.below(1e9)}`, "?x=%00", "?/../"])}` },
      answers: ["signature-invalid"],
    }),
  ],
  [
    "body: one bit",
    ({ body }, dice) => ({
      changes: { body: flipped(body, dice) },
      answers: ["content-digest-mismatch"],
    }),
  ],
  [
    "body: cut off",
    ({ body }, dice) => ({
      changes: { body: body.slice(0, dice.below(body.length)) },
      answers: ["content-digest-mismatch"],
    }),
  ],
  [
    "body: longer",
    ({ body }, dice) => ({
      changes: { body: new Uint8Array([...body, ...dice.bytes(1 + dice.below(100))]) },
      answers: ["content-digest-mismatch"],
    }),
  ],
  [
    "body: another message",
    (_, dice, world) => ({
      changes: { body: encoded(withdraw(world, dice.pick([world.hostile.linkId, world.victim.linkId]))) },
      answers: ["content-digest-mismatch"],
    }),
  ],
  [
    "media type",
    ({ headers }, dice) => ({
      changes: {
        headers: set(
          headers,
          "content-type",
          dice.pick([
            "text/plain",
            "application/jso",
            "application/json; charset=utf-16",
            "application/json; charset=utf-7",
            "multipart/form-data; boundary=x",
            "application/json, text/html",
          ]),
        ),
      },
      answers: ["unsupported-media-type"],
    }),
  ],
  [
    "media type, as good",
    ({ headers }, dice) => ({
      changes: {
        headers: set(
          headers,
          "content-type",
          dice.pick([
            "application/JSON",
            "application/json;charset=utf-8",
            'application/json; charset="utf-8"',
          ]),
        ),
      },
      answers: ["signature-invalid"],
    }),
  ],
  [
    "encoding added",
    ({ headers }, dice) => ({
      changes: { headers: set(headers, "content-encoding", dice.pick(["gzip", "GZIP", "identity"])) },
      answers: ["signature-insufficient"],
    }),
  ],
  [
    "encoding unknown",
    ({ headers }, dice) => ({
      changes: {
        headers: set(
          headers,
          "content-encoding",
          dice.pick(["br", "deflate", "gzip, gzip", "zstd", "gzip;q=1", "x"]),
        ),
      },
      answers: ["unsupported-content-encoding"],
    }),
  ],
  [
    "length that lies",
    ({ headers }, dice) => ({
      changes: { headers: set(headers, "content-length", String(1_048_577 + dice.below(2 ** 40))) },
      answers: ["body-too-large"],
    }),
  ],
  [
    "field removed",
    ({ headers }, dice) => ({
      changes: { headers: without(headers, dice.pick(["signature", "signature-input", "content-digest"])) },
      answers: ["authentication-required", "signature-insufficient"],
    }),
  ],
  [
    "digest",
    ({ headers }, dice) => ({
      changes: {
        headers: set(
          headers,
          "content-digest",
          dice.pick([
            `sha-256=:${base64(dice.bytes(32))}:`,
            `sha-512=:${base64(dice.bytes(64))}:`,
            "sha-256=::",
            "x",
            "sha-256",
          ]),
        ),
      },
      answers: ["signature-invalid"],
    }),
  ],
  ["signature: one bit", ({ headers }, dice) => signatureOf(headers, (bytes) => flipped(bytes, dice))],
  [
    "signature: another length",
    ({ headers }, dice) =>
      signatureOf(headers, (bytes) =>
        dice.pick([new Uint8Array(0), bytes.slice(1), new Uint8Array([...bytes, 0]), new Uint8Array(1_000)]),
      ),
  ],
  ["signature: random", ({ headers }, dice) => signatureOf(headers, (bytes) => dice.bytes(bytes.length))],
  [
    "parameter",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) =>
          input.replace(
            /(created|expires)=(\d+)/,
            (_, name, at) => `${name}=${Number(at) + 1 + dice.below(200)}`,
          ),
        ["signature-invalid", "signature-not-yet-valid"],
      ),
  ],
  [
    "nonce",
    ({ headers }, dice) =>
      parametersOf(headers, (input) => input.replace(/nonce="[^"]*"/, `nonce="${base64(dice.bytes(18))}"`), [
        "signature-invalid",
      ]),
  ],
  [
    "key id of another",
    ({ headers }) =>
      parametersOf(headers, (input) => input.replace(/keyid="[^"]*"/, 'keyid="key-victim"'), [
        "signature-invalid",
      ]),
  ],
  [
    "key id of nobody",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) =>
          input.replace(
            /keyid="[^"]*"/,
            `keyid="${dice.pick(["__proto__", "constructor", "../key", "' OR 1=1 --", base64(dice.bytes(20))])}"`,
          ),
        ["unknown-key"],
      ),
  ],
  [
    "algorithm",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) => `${input};alg="${dice.pick(["hmac-sha256", "none", "rsa-v1_5-sha256", "", "__proto__"])}"`,
        ["algorithm-refused"],
      ),
  ],
  [
    "tag",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) => input.replace(/tag="[^"]*"/, dice.pick(['tag="x"', "tag", 'tag=""', "tag=1"])),
        ["authentication-required"],
      ),
  ],
  [
    "component removed",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) =>
          input.replace(
            dice.pick(['"@method" ', '"@target-uri" ', '"content-digest" ', ' "content-type"']),
            "",
          ),
        ["signature-insufficient"],
      ),
  ],
  [
    "component added",
    ({ headers }, dice) =>
      parametersOf(
        headers,
        (input) =>
          input.replace(
            ")",
            ` "${dice.pick(["host", "@query", "@scheme", "accept", "@status", "@request-target", "x"])}")`,
          ),
        REFUSED,
      ),
  ],
  [
    "components in another order",
    ({ headers }) =>
      parametersOf(headers, (input) => input.replace('"@method" "@target-uri"', '"@target-uri" "@method"'), [
        "signature-invalid",
      ]),
  ],
  [
    "any character of its input",
    ({ headers }, dice) => {
      const input = headers.get("signature-input") ?? "";
      const at = dice.below(input.length);
      const character = dice.pick([
        "",
        '"',
        "(",
        ")",
        ";",
        ":",
        "=",
        ",",
        "\\",
        "?",
        "0",
        "9",
        "a",
        "-",
        "*",
        "@",
        "%",
        "~",
      ]);
      const changed = input.slice(0, at) + character + input.slice(at + dice.below(2));
      return isSame(changed, input)
        ? null
        : { changes: { headers: set(headers, "signature-input", changed) }, answers: REFUSED };
    },
  ],
];

/** Tampers with a request that would have been taken. */
export async function tamper(world: HostileWorld, dice: Dice): Promise<Shot> {
  const [what, apply] = dice.pick(TAMPERS);
  const message = dice.pick([report(world), withdraw(world, world.hostile.linkId), disable(world)]);
  const body = encoded(message);
  const keyId = dice.pick(KEY_IDS);
  const signed = await world.signerOf(keyId)(postOf(body), body);
  const tampered = apply({ url: ADDRESS, headers: signed.headers, body }, dice, world);
  if (tampered === null) return tamper(world, dice);
  const { method = "POST", url = ADDRESS, headers = signed.headers, body: sent = body } = tampered.changes;
  return {
    what: `tampered: ${what}`,
    request: new Request(url, { method, headers, body: sent }),
    answers: tampered.answers,
  };
}

/** Sends a request once more that was taken before. */
export function replay(taken: readonly Request[], dice: Dice): Shot {
  return { what: "replayed", request: dice.pick(taken).clone(), answers: ["signature-replayed"] };
}

type Tampered = ReturnType<Tamper>;

function set(headers: Headers, name: string, value: string): Headers {
  const changed = new Headers(headers);
  changed.set(name, value);
  return changed;
}

function without(headers: Headers, name: string): Headers {
  const changed = new Headers(headers);
  changed.delete(name);
  return changed;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function flipped(bytes: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(bytes);
  const at = dice.below(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << dice.below(8));
  return changed;
}

/** Changes the bytes of the signature; its text alone may change without its bytes. */
function signatureOf(headers: Headers, change: (bytes: Uint8Array) => Uint8Array): Tampered {
  const [label = "", text = ""] = (headers.get("signature") ?? "").split(/=(.*)/s);
  const changed = base64(change(new Uint8Array(Buffer.from(text, "base64"))));
  return {
    changes: { headers: set(headers, "signature", `${label}=:${changed}:`) },
    answers: ["signature-invalid"],
  };
}

function parametersOf(
  headers: Headers,
  change: (input: string) => string,
  answers: readonly string[],
): Tampered {
  const input = headers.get("signature-input") ?? "";
  return { changes: { headers: set(headers, "signature-input", change(input)) }, answers };
}

/** Whether two texts say the same field, as another spacing does. */
function isSame(one: string, other: string): boolean {
  try {
    return serializeDictionary(parseDictionary(one)) === serializeDictionary(parseDictionary(other));
  } catch {
    return false;
  }
}
