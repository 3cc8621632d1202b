import { createHash } from "node:crypto";
import { createSignature } from "http-message-sig";
import {
  type ConnectionId,
  errAsync,
  type InstallationId,
  okAsync,
  type StorageFault,
} from "unified-contributions";
import {
  createRequestSigner,
  createRequestVerifier,
  SIGNATURE_TAG,
} from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import {
  ADDRESS,
  ALGORITHMS,
  BODY,
  createKey,
  createPost,
  createSignedWire,
  SERVER_1,
  withHeaders,
} from "../../../support/signatures.ts";

const DOWN: StorageFault = { type: "storage-fault", reason: "unavailable", message: "Try again." };

/** A request signed by the rules of RFC 9421 with these components and parameters, right or wrong for this protocol. */
async function signedAs(
  wire: Awaited<ReturnType<typeof createSignedWire>>,
  signature: {
    readonly components?: readonly string[];
    readonly parameters?: Readonly<Record<string, string | number | undefined>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly url?: string;
    readonly label?: string;
  },
): Promise<Request> {
  const digest = createHash("sha256").update(BODY).digest("base64");
  const headers = {
    "content-type": "application/json",
    "content-digest": `sha-256=:${digest}:`,
    ...signature.headers,
  };
  const { url = ADDRESS, components = ["@method", "@target-uri", "content-digest", "content-type"] } =
    signature;
  const parameters: Readonly<Record<string, string | number | undefined>> = {
    created: Math.floor(wire.clock.now() / 1000),
    nonce: wire.random.id(),
    keyid: "key-1",
    tag: SIGNATURE_TAG,
    ...signature.parameters,
  };
  const signed = await createSignature(new Request(url, { method: "POST", headers }), {
    ...(signature.label === undefined ? {} : { label: signature.label }),
    components,
    parameters,
    // Claims no algorithm of its own, so that the message may claim any.
    signer: { algorithm: String(parameters["alg"]), sign: (base) => wire.key.signing.sign(base) },
  });
  return createPost(
    { ...headers, signature: signed.signature, "signature-input": signed.signatureInput },
    url,
  );
}

it("a key names the connection for which it was registered", async () => {
  const connectionId = "connection-1" as ConnectionId;
  const { key, keys, sign, verify } = await createSignedWire();
  keys.set(key.signing.keyId, { ...key.verification, connectionId });

  const proven = (await verify.head(await sign(createPost(), BODY)))._unsafeUnwrap();

  expect(proven).toMatchObject({ installation: SERVER_1, connectionId });
});

describe("a signed request is accepted as its server's", () => {
  it.each(ALGORITHMS)("with %s", async (algorithm) => {
    const wire = await createSignedWire({ algorithm });

    const signed = await wire.sign(createPost(), BODY);

    expect(await wire.outcome(signed)).toBe(SERVER_1);
  });

  it("and carries exactly the signed bytes", async () => {
    const { sign } = await createSignedWire();

    const signed = await sign(createPost({}, ADDRESS, new Uint8Array(3)), BODY);

    expect(new Uint8Array(await signed.arrayBuffer())).toEqual(BODY);
  });

  it("compressed, with its encoding covered", async () => {
    const wire = await createSignedWire();

    const signed = await wire.sign(createPost({ "content-encoding": "gzip" }), BODY);

    expect(signed.headers.get("signature-input")).toContain('"content-encoding"');
    expect(await wire.outcome(signed)).toBe(SERVER_1);
  });

  it("if authority, path and query are covered instead of the whole address", async () => {
    const wire = await createSignedWire();
    const parts = ["@method", "@authority", "@path", "content-digest", "content-type"];

    const plain = await signedAs(wire, { components: parts });
    const queried = await signedAs(wire, { components: [...parts, "@query"], url: `${ADDRESS}?a=1` });

    expect([await wire.outcome(plain), await wire.outcome(queried)]).toEqual([SERVER_1, SERVER_1]);
  });

  it("beside the signature of a proxy, under any labels", async () => {
    const wire = await createSignedWire();
    const signed = await signedAs(wire, { label: "zz" });

    const relayed = withHeaders(signed, {
      "signature-input": `proxy=("@method");created=1;keyid="p", ${signed.headers.get("signature-input")}`,
      signature: `proxy=:AAAA:, ${signed.headers.get("signature")}`,
    });

    expect(await wire.outcome(relayed)).toBe(SERVER_1);
  });

  it("with any additions of a proxy to fields that are not covered, even outside of ASCII", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    expect(
      await wire.outcome(withHeaders(signed, { via: "gr\u00fc\u00dfe", "x-forwarded-for": "10.0.0.1" })),
    ).toBe(SERVER_1);
  });

  it("by its key alone, not by any claim in it", async () => {
    const wire = await createSignedWire();
    const other = await createKey("ed25519", "key-2", "server-2" as InstallationId);
    wire.keys.set("key-2", other.verification);
    const sign = createRequestSigner({ key: () => other.signing, clock: wire.clock, random: wire.random });

    const signed = await sign(createPost({ "x-installation": SERVER_1 }), BODY);

    expect(await wire.outcome(signed)).toBe("server-2");
  });
});

describe("a signed request", () => {
  it("names its protocol in the tag", async () => {
    const { sign } = await createSignedWire();

    const signed = await sign(createPost(), BODY);

    expect(signed.headers.get("signature-input")).toMatch(/;tag="unified-contributions"$/);
  });

  it("is signed without the fragment of its address, which is never sent", async () => {
    const wire = await createSignedWire();

    const signed = await wire.sign(createPost({}, `${ADDRESS}#part`), BODY);

    expect(await wire.outcome(signed)).toBe(SERVER_1);
  });

  it("may cover 32 components and no more", async () => {
    const wire = await createSignedWire();
    const covered = ["@method", "@target-uri", "content-digest", "content-type"];
    const names = Array.from({ length: 29 }, (_, at) => `x-${at}`);
    const headers = Object.fromEntries(names.map((name) => [name, "1"]));

    const most = await signedAs(wire, { headers, components: [...covered, ...names.slice(1)] });
    const more = await signedAs(wire, { headers, components: [...covered, ...names] });

    expect([await wire.outcome(most), await wire.outcome(more)]).toEqual([SERVER_1, "signature-malformed"]);
  });

  it("is refused with two right signatures under this tag", async () => {
    const wire = await createSignedWire();
    const one = await signedAs(wire, { label: "one" });
    const two = await signedAs(wire, { label: "two" });

    const both = withHeaders(one, {
      "signature-input": `${one.headers.get("signature-input")}, ${two.headers.get("signature-input")}`,
      signature: `${one.headers.get("signature")}, ${two.headers.get("signature")}`,
    });

    expect(await wire.outcome(both)).toBe("signature-malformed");
  });
});

describe("behind a proxy that ends TLS", () => {
  const INTERNAL = "http://10.0.0.7:8080";

  it("a request is checked against the public address, not the one at which it arrives", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    const arriving = new Request(`${INTERNAL}/unified-contributions`, {
      method: "POST",
      headers: signed.headers,
    });

    expect(await wire.outcome(arriving)).toBe(SERVER_1);
  });

  it("a prefix that the proxy removes is restored", async () => {
    const wire = await createSignedWire({ publicUrl: "https://cloud.example/api/" });
    const signed = await wire.sign(createPost({}, "https://cloud.example/api/contributions"), BODY);

    const arriving = new Request(`${INTERNAL}/contributions`, { method: "POST", headers: signed.headers });

    expect(await wire.outcome(arriving)).toBe(SERVER_1);
  });

  it("a signature for the address of arrival is refused as wrong-audience", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost({}, "https://alias.example/unified-contributions"), BODY);

    const behindProxy = new Request(signed.url.replace("https:", "http:"), {
      method: "POST",
      headers: signed.headers,
    });

    expect(await wire.outcome(signed)).toBe("wrong-audience");
    expect(await wire.outcome(behindProxy)).toBe("wrong-audience");
  });

  it("a public address that repeats the handler's path is refused as wrong-audience, with the reason", async () => {
    const wire = await createSignedWire({ publicUrl: "https://cloud.example/unified-contributions" });
    const signed = await wire.sign(createPost(), BODY);

    const refused = (await wire.verify(signed, BODY))._unsafeUnwrapErr();

    expect(refused.type).toBe("wrong-audience");
    expect(refused.message).toMatch(/check `publicUrl`, which ends where the handler's path begins\.$/);
  });

  it("the same public address is right if a proxy removes that path, so no option is refused for it", async () => {
    const wire = await createSignedWire({ publicUrl: "https://cloud.example/unified-contributions" });
    const signed = await wire.sign(createPost({}, "https://cloud.example/unified-contributions/v1"), BODY);

    const arriving = new Request(`${INTERNAL}/v1`, { method: "POST", headers: signed.headers });

    expect(await wire.outcome(arriving)).toBe(SERVER_1);
  });

  it("a signature for no address at all is not refused as wrong-audience", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    const { headers } = withHeaders(signed, { signature: "contributions=::" });

    const arriving = new Request(`${INTERNAL}/unified-contributions`, { method: "POST", headers });

    expect(await wire.outcome(arriving)).toBe("signature-invalid");
  });

  it("the public address may be http, for a receiver on this machine", async () => {
    const wire = await createSignedWire({ publicUrl: INTERNAL });
    const signed = await wire.sign(createPost({}, `${INTERNAL}/unified-contributions`), BODY);

    expect(await wire.outcome(signed)).toBe(SERVER_1);
  });

  it("a request that was signed for another cloud is refused here", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost({}, "https://other.example/unified-contributions"), BODY);

    const relayed = new Request(ADDRESS, { method: "POST", headers: signed.headers });

    expect(await wire.outcome(relayed)).toBe("signature-invalid");
  });
});

describe("is refused:", () => {
  it.each<[string, Readonly<Record<string, string | null>>]>([
    ["without Signature", { signature: null }],
    ["without Signature-Input", { "signature-input": null }],
    ["with empty signature fields", { signature: "", "signature-input": "" }],
    [
      "with a proxy's signature alone",
      { signature: "p=:AAAA:", "signature-input": 'p=("@method");created=1;keyid="p"' },
    ],
    ["with an item where a list belongs", { "signature-input": `contributions=1;tag="${SIGNATURE_TAG}"` }],
  ])("authentication-required %s", async (_, changes) => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    expect(await wire.outcome(withHeaders(signed, changes))).toBe("authentication-required");
  });

  it.each<[string, (input: string, signature: string) => Readonly<Record<string, string>>]>([
    ["a signature that is no field", () => ({ signature: "contributions=:A" })],
    ["an input that is no field", () => ({ "signature-input": 'contributions=("@method"' })],
    ["another label", (_, signature) => ({ signature: signature.replace("contributions", "other") })],
    ["text instead of bytes", () => ({ signature: 'contributions="AAAA"' })],
    ["two signatures with the tag", (input) => ({ "signature-input": `${input}, again${input.slice(13)}` })],
    ["the same label twice", (input) => ({ "signature-input": `${input}, ${input}` })],
    [
      "a parameter twice",
      (input) => ({ "signature-input": input.replace("created=", "created=1;created=") }),
    ],
    [
      "a component twice",
      (input) => ({ "signature-input": input.replace('("@method"', '("@method" "@method"') }),
    ],
    [
      "an unknown component",
      (input) => ({ "signature-input": input.replace('("@method"', '("@method" "@new"') }),
    ],
    [
      "a component that is no text",
      (input) => ({ "signature-input": input.replace('("@method"', '("@method" 1') }),
    ],
    [
      "an expires that is no whole number",
      (input) => ({ "signature-input": input.replace(/expires=\d+/, "expires=1.5") }),
    ],
    ["an algorithm that is no text", (input) => ({ "signature-input": `${input};alg=1` })],
    ["more than 4,096 characters", (input) => ({ "signature-input": `${input};x="${"x".repeat(4_096)}"` })],
    [
      "a signature of more than 4,096 characters",
      () => ({ signature: `contributions=:${"A".repeat(4_096)}:` }),
    ],
    [
      "more than 32 components",
      (input) => ({ "signature-input": input.replace("(", `(${'"x" '.repeat(32)}`) }),
    ],
  ])("signature-malformed with %s", async (_, change) => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    const input = signed.headers.get("signature-input") ?? "";

    const changed = withHeaders(signed, change(input, signed.headers.get("signature") ?? ""));

    expect(await wire.outcome(changed)).toBe("signature-malformed");
  });

  it.each([
    ["the method", ["@target-uri", "content-digest", "content-type"]],
    ["the address", ["@method", "content-digest", "content-type"]],
    ["the path", ["@method", "@authority", "content-digest", "content-type"]],
    ["the authority", ["@method", "@path", "content-digest", "content-type"]],
    ["the body", ["@method", "@target-uri", "content-type"]],
    ["the type of the body", ["@method", "@target-uri", "content-digest"]],
  ])("signature-insufficient if it does not cover %s", async (_, components) => {
    const wire = await createSignedWire();

    expect(await wire.outcome(await signedAs(wire, { components }))).toBe("signature-insufficient");
  });

  it("signature-insufficient if it does not cover the query of a request that has one", async () => {
    const wire = await createSignedWire();
    const components = ["@method", "@authority", "@path", "content-digest", "content-type"];

    const signed = await signedAs(wire, { components, url: `${ADDRESS}?a=1` });

    expect(await wire.outcome(signed)).toBe("signature-insufficient");
  });

  it("signature-insufficient if only one member of the digest is covered", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    const input = signed.headers.get("signature-input") ?? "";

    const changed = withHeaders(signed, {
      "signature-input": input.replace('"content-digest"', '"content-digest";key="sha-256"'),
    });

    expect(await wire.outcome(changed)).toBe("signature-insufficient");
  });

  it("signature-insufficient if an encoding is added, or the signed one is removed", async () => {
    const wire = await createSignedWire();
    const plain = await wire.sign(createPost(), BODY);
    const packed = await wire.sign(createPost({ "content-encoding": "gzip" }), BODY);

    const added = await wire.outcome(withHeaders(plain, { "content-encoding": "gzip" }));
    const removed = await wire.outcome(withHeaders(packed, { "content-encoding": null }));

    expect([added, removed]).toEqual(["signature-insufficient", "signature-insufficient"]);
  });

  it.each<[string, Readonly<Record<string, string | number | undefined>>]>([
    ["created", { created: undefined }],
    ["keyid", { keyid: undefined }],
    ["nonce", { nonce: undefined }],
    ["a key id of any length", { keyid: "" }],
    ["a key id of at most 255 characters", { keyid: "k".repeat(256) }],
    ["a nonce of at least 16 characters", { nonce: "n".repeat(15) }],
    ["a nonce of at most 128 characters", { nonce: "n".repeat(129) }],
  ])("signature-insufficient without %s", async (_, parameters) => {
    const wire = await createSignedWire();

    expect(await wire.outcome(await signedAs(wire, { parameters }))).toBe("signature-insufficient");
  });

  it.each([
    ["a nonce", /nonce="[^"]*"/, "nonce=nonce-0123456789"],
    ["a key id", /keyid="[^"]*"/, "keyid=key-1"],
    ["created", /created=(\d+)/, 'created="$1"'],
  ])("signature-insufficient with %s that is of another type", async (_, right, wrong) => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    const input = signed.headers.get("signature-input") ?? "";

    expect(await wire.outcome(withHeaders(signed, { "signature-input": input.replace(right, wrong) }))).toBe(
      "signature-insufficient",
    );
  });

  it("unknown-key if the directory does not have it, or not any more", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    wire.keys.delete("key-1");

    expect(await wire.outcome(signed)).toBe("unknown-key");
  });

  it.each(["ecdsa-p256-sha256", "rsa-pss-sha512", "hmac-sha256", "none", ""])(
    "algorithm-refused if the message names %j for an Ed25519 key, even with a right signature",
    async (alg) => {
      const wire = await createSignedWire();

      expect(await wire.outcome(await signedAs(wire, { parameters: { alg } }))).toBe("algorithm-refused");
    },
  );

  it.each(ALGORITHMS)("signature-invalid if the id belongs to another key, for %s", async (algorithm) => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    wire.keys.set("key-1", (await createKey(algorithm)).verification);

    expect(await wire.outcome(signed)).toBe("signature-invalid");
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["no bytes", { signature: "contributions=::" }],
    ["zeros", { signature: `contributions=:${Buffer.alloc(64).toString("base64")}:` }],
    ["another media type", { "content-type": "application/json; charset=utf-8" }],
    ["another digest", { "content-digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:" }],
  ])("signature-invalid with %s", async (_, changes) => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    expect(await wire.outcome(withHeaders(signed, changes))).toBe("signature-invalid");
  });

  it.each<[string, string, string]>([
    ["another method", "PUT", ADDRESS],
    ["another path", "POST", `${ADDRESS}/x`],
    ["a query", "POST", `${ADDRESS}?a=1`],
    ["an empty query", "POST", `${ADDRESS}?`],
  ])("signature-invalid under %s", async (_, method, url) => {
    const wire = await createSignedWire();
    const { headers } = await wire.sign(createPost(), BODY);

    expect(await wire.outcome(new Request(url, { method, headers }))).toBe("signature-invalid");
  });

  it("content-digest-mismatch with another body", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    expect(await wire.outcome(signed, new TextEncoder().encode('{"hello":"World"}'))).toBe(
      "content-digest-mismatch",
    );
  });

  it("signature-replayed the second time, at once or later, with any body", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    const atOnce = await Promise.all([wire.outcome(signed), wire.outcome(signed), wire.outcome(signed)]);
    wire.clock.advance(300_000);
    const later = await wire.outcome(signed);

    expect(atOnce.sort()).toEqual([SERVER_1, "signature-replayed", "signature-replayed"]);
    expect(later).toBe("signature-replayed");
  });

  it("not as replayed if the same message is signed again", async () => {
    const wire = await createSignedWire();

    const outcomes = [
      await wire.outcome(await wire.sign(createPost(), BODY)),
      await wire.outcome(await wire.sign(createPost(), BODY)),
    ];

    expect(outcomes).toEqual([SERVER_1, SERVER_1]);
  });

  it("without using up the nonce, so that an attacker cannot spoil a request by sending a changed one first", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    await wire.outcome(signed, new Uint8Array(1));
    await wire.outcome(withHeaders(signed, { signature: "contributions=::" }));

    expect(await wire.outcome(signed)).toBe(SERVER_1);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["the directory answers with a fault", { directory: { find: () => errAsync(DOWN) } }],
    ["the directory throws", { directory: { find: () => JSON.parse("") } }],
    ["the nonce store answers with a fault", { nonces: { remember: () => errAsync(DOWN) } }],
    ["the nonce store throws", { nonces: { remember: () => JSON.parse("") } }],
    [
      "the key throws",
      {
        directory: {
          find: () =>
            okAsync({
              installation: SERVER_1,
              algorithm: "ed25519",
              verify: () => Promise.reject(new Error("no answer")),
            }),
        },
      },
    ],
  ])("authentication-unavailable, and never accepted, when %s", async (_, parts) => {
    const wire = await createSignedWire(parts);

    expect(await wire.outcome(await wire.sign(createPost(), BODY))).toBe("authentication-unavailable");
  });
});

describe("time:", () => {
  it.each([
    ["61 s before it was made", -61, "signature-not-yet-valid"],
    ["60 s before it was made, as far as the clocks may differ", -60, SERVER_1],
    ["at the end of its own life and the clocks' difference", 360, SERVER_1],
    ["a second later", 361, "signature-expired"],
  ])("a signature that is valid for 300 s, seen %s: %s", async (_, seconds, outcome) => {
    const wire = await createSignedWire({ maxAgeSeconds: 3_600 });
    const signed = await wire.sign(createPost(), BODY);

    wire.clock.advance(seconds * 1000);

    expect(await wire.outcome(signed)).toBe(outcome);
  });

  it("the verifier's own bound holds if the signature names a longer one, or none", async () => {
    const wire = await createSignedWire({ maxAgeSeconds: 10, toleranceSeconds: 0 });
    const long = await wire.sign(createPost(), BODY);
    const endless = await signedAs(wire, {});

    wire.clock.advance(11_000);

    expect([await wire.outcome(long), await wire.outcome(endless)]).toEqual([
      "signature-expired",
      "signature-expired",
    ]);
  });

  it("a nonce is remembered for as long as its signature is valid", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    const seen: string[] = [];

    for (let second = 0; second <= 342; second += 19) {
      seen.push(await wire.outcome(signed));
      wire.clock.advance(19_000);
    }

    expect(seen.filter((outcome) => outcome === SERVER_1)).toHaveLength(1);
    expect(new Set(seen.slice(1))).toEqual(new Set(["signature-replayed"]));
    expect(await wire.outcome(signed)).toBe("signature-expired");
  });
});

describe("rotation:", () => {
  it("old and new key are accepted side by side, and each request asks for the signing key", async () => {
    const wire = await createSignedWire();
    const next = await createKey("ecdsa-p256-sha256", "key-2");
    let current = wire.key.signing;
    const sign = createRequestSigner({ key: () => current, clock: wire.clock, random: wire.random });
    const onItsWay = await sign(createPost(), BODY);

    wire.keys.set("key-2", next.verification);
    current = next.signing;

    expect(await wire.outcome(await sign(createPost(), BODY))).toBe(SERVER_1);
    expect(await wire.outcome(onItsWay)).toBe(SERVER_1);
    wire.keys.delete("key-1");
    expect(await wire.outcome(await sign(createPost(), BODY))).toBe(SERVER_1);
  });

  it("a nonce counts once, whichever of its keys an installation signs with", async () => {
    const wire = await createSignedWire();
    const next = await createKey("ed25519", "key-2");
    wire.keys.set("key-2", next.verification);
    const random = { id: () => "nonce-000000000001" };
    const first = createRequestSigner({ key: () => wire.key.signing, clock: wire.clock, random });
    const second = createRequestSigner({ key: () => next.signing, clock: wire.clock, random });

    const outcomes = [
      await wire.outcome(await first(createPost(), BODY)),
      await wire.outcome(await second(createPost(), BODY)),
    ];

    expect(outcomes).toEqual([SERVER_1, "signature-replayed"]);
  });
});

describe("refusals", () => {
  it("say what to do and repeat nothing of the request", async () => {
    const wire = await createSignedWire();
    const secret = "octo-corp-secret";
    const request = createPost({ signature: secret, "signature-input": secret }, `${ADDRESS}?${secret}`);

    const refused = (await wire.verify(request, BODY))._unsafeUnwrapErr();

    expect(refused.message).toMatch(/send|set|check|register|leave/);
    expect(JSON.stringify(refused)).not.toContain(secret);
  });
});

describe("a verifier is refused with a sentence about", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["directory", { directory: undefined }],
    ["nonces", { nonces: undefined }],
    ["clock", { clock: undefined }],
    ["publicUrl", { publicUrl: undefined }],
    ["publicUrl", { publicUrl: "cloud.example" }],
    ["publicUrl", { publicUrl: "see https://cloud.example" }],
    ["publicUrl", { publicUrl: "https://cloud.example/?a" }],
    ["publicUrl", { publicUrl: ["https://cloud.example"] }],
    ["maxAgeSeconds", { maxAgeSeconds: Number.NaN }],
    ["maxAgeSeconds", { maxAgeSeconds: Number.POSITIVE_INFINITY }],
    ["maxAgeSeconds", { maxAgeSeconds: 0 }],
    ["maxAgeSeconds", { maxAgeSeconds: 86_401 }],
    ["toleranceSeconds", { toleranceSeconds: -1 }],
    ["toleranceSeconds", { toleranceSeconds: 3_601 }],
  ])("its %s: %j", async (option, wrong) => {
    const { verifier } = await createSignedWire();

    expect(() => createRequestVerifier({ ...verifier, ...wrong })).toThrow(
      new RegExp(`^createRequestVerifier: \`${option}\` has to `),
    );
  });

  it("nothing at the ends of its bounds", async () => {
    const { verifier } = await createSignedWire();

    for (const right of [
      { maxAgeSeconds: 1, toleranceSeconds: 0 },
      { maxAgeSeconds: 86_400, toleranceSeconds: 3_600 },
    ])
      expect(createRequestVerifier({ ...verifier, ...right })).toBeTypeOf("function");
  });
});

describe("a signer is refused with a sentence about", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["key", { key: undefined }],
    ["clock", { clock: undefined }],
    ["random", { random: undefined }],
    ["validForSeconds", { validForSeconds: 0 }],
    ["validForSeconds", { validForSeconds: Number.NaN }],
    ["validForSeconds", { validForSeconds: 86_401 }],
  ])("its %s: %j", async (option, wrong) => {
    const { clock, random, key } = await createSignedWire();

    expect(() => createRequestSigner({ key: () => key.signing, clock, random, ...wrong } as never)).toThrow(
      new RegExp(`^createRequestSigner: \`${option}\` has to `),
    );
  });

  it("rejects if its key is not available, so that nothing leaves unsigned", async () => {
    const { clock, random } = await createSignedWire();
    const sign = createRequestSigner({ key: () => Promise.reject(new Error("locked")), clock, random });

    await expect(sign(createPost(), BODY)).rejects.toThrow("locked");
  });
});

describe("a refusal names the key for the operator", () => {
  async function refusalOf(
    wire: Awaited<ReturnType<typeof createSignedWire>>,
    request: Request,
    body = BODY,
  ) {
    return (await wire.verify(request, body))._unsafeUnwrapErr();
  }

  it("if the directory knows it, whatever is wrong with the request", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);

    expect(await refusalOf(wire, signed, new Uint8Array(3))).toMatchObject({
      type: "content-digest-mismatch",
      keyId: "key-1",
    });
    const elsewhere = await wire.sign(createPost({}, "https://elsewhere.example/"), BODY);
    expect(await refusalOf(wire, elsewhere)).toMatchObject({ type: "wrong-audience", keyId: "key-1" });
    expect((await wire.verify(signed, BODY)).isOk()).toBe(true);
    expect(await refusalOf(wire, signed)).toMatchObject({ type: "signature-replayed", keyId: "key-1" });
  });

  it("but not if a stranger made it up", async () => {
    const wire = await createSignedWire();
    const signed = await wire.sign(createPost(), BODY);
    wire.keys.clear();

    const unknown = await refusalOf(wire, signed);
    expect(unknown.type).toBe("unknown-key");
    expect(unknown).not.toHaveProperty("keyId");
    wire.clock.advance(3_600_000);
    expect(await refusalOf(wire, signed)).not.toHaveProperty("keyId");
  });

  it("with the fault of a part, and with the value that it threw", async () => {
    const boom = (): never => {
      throw new Error("secret");
    };
    const away = await createSignedWire({ directory: { find: () => errAsync(DOWN) } });
    const broken = await createSignedWire({ directory: { find: boom } });
    const forgetful = await createSignedWire({ nonces: { remember: boom } });

    const refusals = await Promise.all(
      [away, broken, forgetful].map(async (wire) => refusalOf(wire, await wire.sign(createPost(), BODY))),
    );

    expect(refusals).toMatchObject([
      { type: "authentication-unavailable", message: "The key directory gave no answer. Try again." },
      {
        message: expect.stringMatching(/^The key directory gave no answer. The adapter/),
        cause: new Error("secret"),
      },
      { message: expect.stringMatching(/^The nonce store/), keyId: "key-1", cause: new Error("secret") },
    ]);
    expect(refusals[0]).not.toHaveProperty("cause");
  });
});
