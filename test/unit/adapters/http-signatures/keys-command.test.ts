import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InstallationId, ok } from "unified-contributions";
import {
  createKeyRegistrar,
  createMemoryKeyDirectory,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  keyThumbprint,
} from "unified-contributions/adapters/http-signatures";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  KEYS_USAGE,
  type KeysArguments,
  runKeysCommand,
} from "../../../../src/adapters/http-signatures/keys-command.ts";
import { runExample } from "../../../documents/examples/run-example.ts";
import { ALGORITHMS, BODY } from "../../../support/signatures.ts";

// cspell:ignore vjcm

const COMMAND = "src/bin/unified-contributions.ts";
const INSTALLATION = "server-1" as InstallationId;

/** Runs the command over files in memory; answers what it printed, or why it failed. */
async function keys(
  words: readonly string[],
  files: Map<string, string>,
  algorithm?: string,
  rest: Omit<KeysArguments, "words"> = {},
): Promise<string> {
  let printed = "";
  const args: KeysArguments = { words, algorithm, ...rest };
  const done = await runKeysCommand(args, {
    read: async (path) => files.get(path) ?? Promise.reject(new Error("secret")),
    writeNew: async (path, text) => {
      if (path === "full") throw new Error("secret");
      if (files.has(path)) throw Object.assign(new Error("secret"), { code: "EEXIST" });
      files.set(path, text);
    },
    print: (text) => {
      printed += text;
    },
  });
  return done.match(
    () => printed,
    ({ message }) => `failed: ${message}`,
  );
}

/** What `show` printed. */
function shown(text: string) {
  const [, id = "", algorithm = "", jwk = "", pem = ""] =
    /^id: (\S+)\nalgorithm: (\S+)\njwk: (.*)\n\n(-----BEGIN PUBLIC KEY-----\n[\s\S]*-----END PUBLIC KEY-----\n)$/.exec(
      text,
    ) ?? [];
  return { id, algorithm, jwk: JSON.parse(jwk || "null"), pem };
}

describe("keys prove", () => {
  const cloud = "https://cloud.example";
  const subject = { challenge: "a-challenge-of-the-cloud", installation: "server-1", cloud };

  it.each(ALGORITHMS)("prints what the cloud registers, and nothing private: %s", async (algorithm) => {
    const files = new Map<string, string>();
    await keys(["new", "a.pem"], files, algorithm);
    const ports = { directory: createMemoryKeyDirectory(), clock: createTestClock("2026-03-01T12:00:00Z") };
    const registrar = createKeyRegistrar({ ...ports, random: createTestRandom(1), publicUrl: cloud });
    const { challenge } = (await registrar.challenge(INSTALLATION))._unsafeUnwrap();

    const printed = await keys(["prove", "a.pem"], files, undefined, { ...subject, challenge });

    const { id } = shown(await keys(["show", "a.pem"], files));
    expect(await registrar.registerKey(JSON.parse(printed))).toEqual(ok(id));
    expect(JSON.parse(printed).jwk).not.toHaveProperty("d");
  });

  it.each<[string, Omit<KeysArguments, "words">, RegExp]>([
    ["no challenge", { challenge: undefined }, /^failed: The challenge is not this installation's/],
    ["no installation", { installation: undefined }, /^failed: Not a valid installation: /],
    [
      "no cloud",
      { cloud: undefined },
      /^failed: --cloud has to be an address such as https:\/\/cloud\.example\.$/,
    ],
    ["an address that is none", { cloud: "https://[" }, /^failed: --cloud has to be an address/],
  ])("given %s, says what it needs", async (_, missing, sentence) => {
    const files = new Map<string, string>();
    await keys(["new", "a.pem"], files);

    expect(await keys(["prove", "a.pem"], files, undefined, { ...subject, ...missing })).toMatch(sentence);
  });

  it("needs the private half", async () => {
    const files = new Map<string, string>();
    const { pem } = shown(await keys(["new", "a.pem"], files));
    files.set("public.pem", pem);

    expect(await keys(["prove", "public.pem"], files, undefined, subject)).toBe(
      "failed: Only the private half of a key proves anything: name the file that holds it.",
    );
  });
});

describe("keys new", () => {
  it.each(ALGORITHMS)("makes a key that the library and OpenSSL read: %s", async (algorithm) => {
    const files = new Map<string, string>();

    const { id, algorithm: said, jwk, pem } = shown(await keys(["new", "a.pem"], files, algorithm));

    const privatePem = files.get("a.pem") ?? "";
    const signing = (await importSigningKey({ algorithm, pem: privatePem }))._unsafeUnwrap();
    const verification = (
      await importVerificationKey({ installation: INSTALLATION, algorithm, pem })
    )._unsafeUnwrap();
    expect([signing.keyId, said]).toEqual([id, algorithm]);
    expect(await verification.verify(BODY, await signing.sign(BODY))).toBe(true);
    expect((await keyThumbprint({ algorithm, jwk }))._unsafeUnwrap()).toBe(id);
    const opened = createPublicKey(createPrivateKey(privatePem)).export({ type: "spki", format: "pem" });
    expect(opened).toBe(pem);
  });

  it("makes Ed25519 by default, and a new key each time", async () => {
    const files = new Map<string, string>();

    const [one, two] = [shown(await keys(["new", "a"], files)), shown(await keys(["new", "b"], files))];

    expect([one.algorithm, two.algorithm]).toEqual(["ed25519", "ed25519"]);
    expect(one.id).not.toBe(two.id);
  });

  it("never overwrites a file, and says if it cannot write", async () => {
    const files = new Map([["a.pem", "something else"]]);

    expect(await keys(["new", "a.pem"], files)).toMatch(/^failed: There is such a file already/);
    expect(await keys(["new", "full"], files)).toMatch(/^failed: The file cannot be written/);
    expect([...files]).toEqual([["a.pem", "something else"]]);
  });
});

describe("keys show and keys check", () => {
  it.each(ALGORITHMS)("recognize a key as PEM or JWK, private or public: %s", async (algorithm) => {
    const { privateKey, publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();
    const pems = [
      createPrivateKey({ key: privateKey, format: "jwk" }).export({ type: "pkcs8", format: "pem" }),
      createPublicKey({ key: publicKey, format: "jwk" }).export({ type: "spki", format: "pem" }),
    ];
    const files = new Map([
      ["private.json", JSON.stringify(privateKey)],
      ["public.json", JSON.stringify(publicKey)],
      ["private.pem", String(pems[0])],
      ["public.pem", String(pems[1])],
    ]);
    const id = (await keyThumbprint({ algorithm, jwk: publicKey }))._unsafeUnwrap();

    for (const path of files.keys()) {
      const text = await keys(["show", path], files);
      expect(shown(text)).toMatchObject({ id, algorithm, pem: pems[1] });
      expect(text).not.toContain(privateKey["d"]);
      const half = path.startsWith("private") ? "private" : "public";
      expect(await keys(["check", path], files)).toBe(
        `A ${half} key for ${algorithm} that the cloud takes, with the id ${id}.\n`,
      );
    }
  });

  const small = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const x25519 = generateKeyPairSync("x25519");

  it.each<[string, string, RegExp]>([
    [
      "RSA of 1,024 bits",
      String(small.publicKey.export({ type: "spki", format: "pem" })),
      /2,048 to 4,096 bits/,
    ],
    [
      "a key of small order",
      '{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
      /not on its curve/,
    ],
    ["PKCS#1", String(rsa.privateKey.export({ type: "pkcs1", format: "pem" })), /openssl pkcs8 -topk8/],
    [
      "a key to agree on secrets",
      String(x25519.publicKey.export({ type: "spki", format: "pem" })),
      /^failed: Not a key that can be used/,
    ],
    ["a JWK of nothing", "{}", /^failed: Not a key that can be used/],
    ["a list", "[]", /^failed: Not a key that can be used/],
    ["a number", "12", /neither PEM nor JSON/],
    ["half a JWK", '{"kty":"OKP","d":"c2VjcmV0', /neither PEM nor JSON/],
  ])("say what is wrong with %s, and repeat nothing of it", async (_, text, message) => {
    for (const command of ["show", "check"]) {
      const said = await keys([command, "key"], new Map([["key", text]]));
      expect(said).toMatch(message);
      expect(said).not.toContain("c2VjcmV0");
    }
  });

  it("refuse a private number that does not belong to the public one", async () => {
    const [one, two] = [
      (await generateKeyPair("ed25519"))._unsafeUnwrap(),
      (await generateKeyPair("ed25519"))._unsafeUnwrap(),
    ];
    const mixed = JSON.stringify({ ...one.privateKey, x: two.publicKey["x"] });

    // Some platforms refuse to read such a key, others read it.
    expect(await keys(["check", "key"], new Map([["key", mixed]]))).toMatch(
      /^failed: (The key does not sign what its public half verifies|Not a key that can be used)/,
    );
  });

  it("accept only the given algorithm", async () => {
    const files = new Map([
      ["key", JSON.stringify((await generateKeyPair("ed25519"))._unsafeUnwrap().publicKey)],
    ]);

    expect(await keys(["check", "key"], files, "ed25519")).toMatch(/^A public key for ed25519/);
    expect(await keys(["check", "key"], files, "rsa-pss-sha512")).toMatch(
      /^failed: Not a key that can be used/,
    );
    expect(await keys(["check", "key"], files, "none")).toMatch(/^failed: The algorithm has to be ed25519/);
    expect(await keys(["new", "other"], files, "toString")).toMatch(
      /^failed: The algorithm has to be ed25519/,
    );
  });

  it.each([[[]], [["new"]], [["show", ""]], [["drop", "key"]], [["show", "key", "key"]]])(
    "given %j, print the usage",
    async (words) => {
      expect(await keys(words, new Map([["key", "{}"]]))).toBe(`failed: ${KEYS_USAGE}`);
    },
  );
});

describe("its command line", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "keys-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("writes a key that only its owner may read, shows and checks it, and never overwrites one", async () => {
    const path = join(folder, "server-key.pem");

    const made = await runExample(COMMAND, "keys", "new", path);
    const again = await runExample(COMMAND, "keys", "new", path);
    const showed = await runExample(COMMAND, "keys", "show", path);
    const checked = await runExample(COMMAND, "keys", "check", path);

    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(showed.stdout).toBe(made.stdout);
    expect(checked.stdout).toMatch(`with the id ${shown(made.stdout).id}.`);
  });

  it("describes a mistake in a sentence, with exit code 1 and no stack", async () => {
    const path = join(folder, "wrong.pem");
    writeFileSync(path, "no key");

    const wrong = await runExample(COMMAND, "keys", "check", path);
    const missing = await runExample(COMMAND, "keys", "show", join(folder, "missing.pem"));
    const odd = await runExample(COMMAND, "keys", "new", join(folder, "other.pem"), "--force");

    expect(wrong).toEqual({
      code: 1,
      stdout: "",
      stderr: "The file is neither PEM nor JSON: give PEM or a JWK.\n",
    });
    expect(missing).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^The file cannot be read/),
    });
    expect(odd).toEqual({ code: 1, stdout: "", stderr: `${KEYS_USAGE}\n` });
    expect(existsSync(join(folder, "other.pem"))).toBe(false);
  });
});
