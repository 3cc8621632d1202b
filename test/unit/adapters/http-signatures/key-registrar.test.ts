import { type ConnectionId, type InstallationId, ResultAsync } from "unified-contributions";
import {
  createKeyRegistrar,
  createMemoryKeyDirectory,
  type KeyApplication,
  type KeyRegistry,
  keyThumbprint,
  proveKey,
} from "unified-contributions/adapters/http-signatures";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { never, soFar } from "../../../support/hung-parts.ts";
import { ALGORITHMS, createKey } from "../../../support/signatures.ts";

const ONE = "server-1" as InstallationId;
const TWO = "server-2" as InstallationId;
const PUBLIC_URL = "https://cloud.example";

function createCloud(
  parts: {
    directory?: KeyRegistry;
    publicUrl?: string;
    validForSeconds?: number;
    callDeadlineMs?: number;
  } = {},
) {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const directory = createMemoryKeyDirectory();
  const registrar = createKeyRegistrar({
    ...{ directory, clock, random: createTestRandom(1), publicUrl: PUBLIC_URL, ...parts },
  });
  return { clock, directory, registrar };
}

type Cloud = ReturnType<typeof createCloud>;
type Key = Awaited<ReturnType<typeof createKey>>;

/** What a server sends to register a key, with a challenge of its own unless it has one. */
async function applicationOf(
  { registrar }: Cloud,
  { signing, pair }: Key,
  parts: Partial<{ installation: InstallationId; publicUrl: string; challenge: string; keyId: string }> = {},
): Promise<KeyApplication> {
  const { installation = ONE, publicUrl = PUBLIC_URL } = parts;
  const challenge = parts.challenge ?? (await registrar.challenge(installation))._unsafeUnwrap().challenge;
  const subject = { installation, publicUrl, challenge };
  const publicKey = { jwk: pair.publicKey };
  const proof = (await proveKey({ key: signing, publicKey, ...subject }))._unsafeUnwrap();
  const keyId = parts.keyId === undefined ? {} : { keyId: parts.keyId };
  return { installation, algorithm: signing.algorithm, jwk: pair.publicKey, challenge, proof, ...keyId };
}

/** The id of the key, or the code of the refusal. */
async function outcome({ registrar }: Cloud, application: KeyApplication): Promise<string> {
  return (await registrar.registerKey(application)).match(
    (keyId) => keyId,
    ({ type }) => type,
  );
}

describe("a server that proves its key", () => {
  it.each(ALGORITHMS)("registers it under its thumbprint, or under a given id: %s", async (algorithm) => {
    const cloud = createCloud();
    const [first, second] = [await createKey(algorithm), await createKey(algorithm)];
    const thumbprint = (await keyThumbprint({ algorithm, jwk: first.pair.publicKey }))._unsafeUnwrap();

    expect(await outcome(cloud, await applicationOf(cloud, first))).toBe(thumbprint);
    expect(await outcome(cloud, await applicationOf(cloud, second, { keyId: "key-2" }))).toBe("key-2");

    expect((await cloud.directory.find(thumbprint))._unsafeUnwrap()).toMatchObject({
      installation: ONE,
      algorithm,
    });
    expect((await cloud.directory.find("key-2"))._unsafeUnwrap()).toMatchObject({ installation: ONE });
  });

  it("can make the proof by itself, over the five lines of the guide", async () => {
    const cloud = createCloud();
    const { signing, pair } = await createKey();
    const { algorithm } = signing;
    const thumbprint = (await keyThumbprint({ algorithm, jwk: pair.publicKey }))._unsafeUnwrap();
    const { challenge } = (await cloud.registrar.challenge(ONE))._unsafeUnwrap();

    const lines = ["unified-contributions key registration", PUBLIC_URL, challenge, thumbprint, ONE];
    const signature = await signing.sign(new TextEncoder().encode(lines.join("\n")));
    const proof = Buffer.from(signature).toString("base64");

    const application = { installation: ONE, algorithm, jwk: pair.publicKey, challenge, proof };
    expect(await outcome(cloud, application)).toBe(thumbprint);
  });

  it("is known by the connection that the host names", async () => {
    const cloud = createCloud();
    const connectionId = "connection-7" as ConnectionId;
    const application = await applicationOf(cloud, await createKey());

    const keyId = await outcome(cloud, { ...application, connectionId });

    const found = (await cloud.directory.find(keyId))._unsafeUnwrap();
    expect(found).toMatchObject({ installation: ONE, connectionId });
  });

  it("gets a challenge that names the cloud and its end", async () => {
    const cloud = createCloud({ validForSeconds: 60 });

    const challenge = (await cloud.registrar.challenge(ONE))._unsafeUnwrap();

    expect(challenge).toEqual({
      installation: ONE,
      challenge: expect.stringMatching(/^[\x20-\x7e]{16,128}$/),
      publicUrl: PUBLIC_URL,
      until: cloud.clock.now() + 60_000,
    });
  });

  it("has ten minutes, and not a millisecond more", async () => {
    const cloud = createCloud();
    const inTime = await applicationOf(cloud, await createKey());
    cloud.clock.advance(599_999);
    expect(await outcome(cloud, inTime)).not.toBe("unknown-challenge");

    const late = await applicationOf(cloud, await createKey());
    cloud.clock.advance(600_000);
    expect(await outcome(cloud, late)).toBe("unknown-challenge");
  });

  it("cannot use a challenge twice", async () => {
    const cloud = createCloud();
    const first = await applicationOf(cloud, await createKey());
    const second = await applicationOf(cloud, await createKey(), { challenge: first.challenge });

    await outcome(cloud, first);

    expect(await outcome(cloud, second)).toBe("unknown-challenge");
    expect(await outcome(cloud, first)).toBe("unknown-challenge");
  });
});

describe("an installation that is not valid", () => {
  it.each(["", "server\n1", 1, undefined])("gets no challenge: %j", async (given) => {
    const { registrar } = createCloud();

    const refused = await registrar.challenge(given as InstallationId);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "invalid-identifier", kind: "installation" });
  });
});

describe("a key that was revoked", () => {
  it("does not return under its own id: the server has to make a new one", async () => {
    const cloud = createCloud();
    const key = await createKey();
    const keyId = await outcome(cloud, await applicationOf(cloud, key));
    (await cloud.directory.revoke(keyId, cloud.clock.now()))._unsafeUnwrap();

    const refused = await cloud.registrar.registerKey(await applicationOf(cloud, key));

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "reused-key",
      message: expect.stringMatching(/A revoked key does not return: make a new one\.$/),
    });
  });
});

describe("an attacker with the proof of another server", () => {
  it("cannot register that server's key, with that proof or with a challenge of the attacker's", async () => {
    const cloud = createCloud();
    const victim = await applicationOf(cloud, await createKey());
    const { challenge } = (await cloud.registrar.challenge(TWO))._unsafeUnwrap();

    expect(await outcome(cloud, { ...victim, installation: TWO })).toBe("unproven-key");
    expect(await outcome(cloud, { ...victim, installation: TWO, challenge })).toBe("unproven-key");

    // Before the victim and after: the victim's registration goes on.
    const keyId = await outcome(cloud, victim);
    expect((await cloud.directory.find(keyId))._unsafeUnwrap()?.installation).toBe(ONE);
    expect(await outcome(cloud, { ...victim, installation: TWO, challenge })).toBe("unproven-key");
  });

  it("cannot register a key that the victim has registered, even if the victim's owner signs for it", async () => {
    const cloud = createCloud();
    const key = await createKey();
    await outcome(cloud, await applicationOf(cloud, key));

    const tricked = await applicationOf(cloud, key, { installation: TWO, keyId: "key-of-two" });

    expect(await outcome(cloud, tricked)).toBe("reused-key");
  });

  it("cannot use it at another cloud", async () => {
    const [cloud, other] = [createCloud(), createCloud({ publicUrl: "https://other.example" })];
    const key = await createKey();
    const { challenge } = (await other.registrar.challenge(ONE))._unsafeUnwrap();

    expect(await outcome(other, await applicationOf(cloud, key, { challenge }))).toBe("unproven-key");
    const own = { publicUrl: "https://other.example", challenge };
    expect(await outcome(other, await applicationOf(cloud, key, own))).not.toBe("unproven-key");
  });
});

describe("a registration is refused, and nothing is registered", () => {
  const WRONG: readonly (readonly [string, string, (right: KeyApplication) => Promise<object> | object])[] = [
    ["a proof of another key", "unproven-key", async () => ({ jwk: (await createKey()).pair.publicKey })],
    ["a proof with a bit changed", "unproven-key", ({ proof }) => ({ proof: changed(proof) })],
    ["no proof", "unproven-key", () => ({ proof: undefined })],
    ["a proof that is no base64", "unproven-key", () => ({ proof: "é" })],
    ["a proof of a megabyte", "unproven-key", () => ({ proof: "A".repeat(1_000_000) })],
    ["a proof that ends within a byte", "unproven-key", () => ({ proof: "A" })],
    ["another challenge", "unproven-key", () => ({ challenge: "challenge-0123456789" })],
    ["no challenge", "unknown-challenge", () => ({ challenge: undefined })],
    ["a challenge of two lines", "unknown-challenge", () => ({ challenge: "0123456789\n0123456789" })],
    ["an installation that is none", "invalid-identifier", () => ({ installation: "" })],
    ["an installation of two lines", "invalid-identifier", () => ({ installation: "server\n1" })],
    ["a connection that is none", "invalid-identifier", () => ({ connectionId: "" })],
    ["an id that is none", "unusable-key", () => ({ keyId: "" })],
    ["a weak key", "unusable-key", () => ({ jwk: { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) } })],
    ["an algorithm that is none", "unusable-key", () => ({ algorithm: "none" })],
  ];

  it.each(WRONG)("with %s", async (_, refusal, change) => {
    const cloud = createCloud();
    const right = await applicationOf(cloud, await createKey());

    const wrong = { ...right, ...(await change(right)) } as KeyApplication;

    expect(await outcome(cloud, wrong)).toBe(refusal);
    // What was wrong has not used up the challenge.
    expect((await cloud.registrar.registerKey(right)).isOk()).toBe(true);
  });

  it("with a private key", async () => {
    const cloud = createCloud();
    const key = await createKey();
    const right = await applicationOf(cloud, key);

    expect(await outcome(cloud, { ...right, jwk: key.pair.privateKey } as KeyApplication)).toBe(
      "unusable-key",
    );
  });

  it("by a directory that throws", async () => {
    const directory = {
      ...createMemoryKeyDirectory(),
      offer: () => {
        throw new Error("secret");
      },
      register: () => ResultAsync.fromSafePromise(Promise.reject(new Error("secret"))),
    } as unknown as KeyRegistry;
    const cloud = createCloud({ directory });
    const key = await createKey();

    const offered = await cloud.registrar.challenge(ONE);
    const applied = await outcome(
      cloud,
      await applicationOf(cloud, key, { challenge: "challenge-0123456789" }),
    );

    expect([offered._unsafeUnwrapErr().type, applied]).toEqual(["storage-fault", "storage-fault"]);
  });
});

it.each(["offer", "register"] as const)("a directory that hangs is given up: %s", async (method) => {
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const hang = () => {
    reach();
    return never();
  };
  const directory: KeyRegistry = { ...createMemoryKeyDirectory(), [method]: hang };
  const cloud = createCloud({ directory, callDeadlineMs: 5_000 });
  const call: ResultAsync<unknown, unknown> =
    method === "offer"
      ? cloud.registrar.challenge(ONE)
      : cloud.registrar.registerKey(await applicationOf(cloud, await createKey()));
  await reached;
  cloud.clock.advance(4_999);
  expect(await soFar(call)).toBe("nothing yet");
  cloud.clock.advance(1);

  expect((await call)._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
});

describe("proving a key", () => {
  it("keeps only its public members", async () => {
    const cloud = createCloud();
    const stored: object[] = [];
    const directory: KeyRegistry = {
      ...cloud.directory,
      register: (key) => {
        stored.push(key.jwk);
        return cloud.directory.register(key);
      },
    };
    const seen = createCloud({ directory });
    const key = await createKey();
    const application = await applicationOf(seen, key);
    const jwk = { ...key.pair.publicKey, kid: "the-owner's-name", x5t: "more" };

    await outcome(seen, { ...application, jwk } as KeyApplication);

    expect(stored.map((jwk) => Object.keys(jwk))).toEqual([["crv", "kty", "x"]]);
  });

  it("is refused for a challenge of several lines, by a key that does not sign, and without an address", async () => {
    const { signing, pair } = await createKey();
    const publicKey = { jwk: pair.publicKey };
    const right = {
      key: signing,
      publicKey,
      installation: ONE,
      challenge: "challenge-0123456789",
      publicUrl: PUBLIC_URL,
    };
    const broken = { ...signing, sign: () => Promise.reject(new Error("secret")) };

    expect((await proveKey({ ...right, challenge: "0123456789\n0123456789" }))._unsafeUnwrapErr().type).toBe(
      "unknown-challenge",
    );
    expect((await proveKey({ ...right, key: broken }))._unsafeUnwrapErr().message).toMatch(
      /^The key did not sign/,
    );
    expect(() => proveKey({ ...right, publicUrl: "cloud" })).toThrow(
      /^proveKey: `publicUrl` has to be an address/,
    );
  });

  it.each([
    [{ validForSeconds: 0 }, /validForSeconds/],
    [{ callDeadlineMs: 999 }, /callDeadlineMs/],
    [{ publicUrl: "https://cloud.example?" }, /publicUrl/],
    [{ directory: {} as KeyRegistry }, /`directory` has to have the method `offer`/],
  ])("refuses %j as an option", (parts, message) => {
    expect(() => createCloud(parts)).toThrow(message);
  });
});

/** The same base64 with one bit of it changed. */
function changed(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7);
  return bytes.toString("base64");
}
