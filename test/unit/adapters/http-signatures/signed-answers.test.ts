import { createPublicKey, verify as verifyWithNode } from "node:crypto";
import { component, createSignature } from "http-message-sig";
import {
  type CloudKey,
  createAnswerSigner,
  createAnswerVerifier,
  importCloudKey,
  type SignatureAlgorithm,
} from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import { ALGORITHMS, BODY, createKey, createPost, createSignedWire } from "../../../support/signatures.ts";

type Fields = Readonly<Record<string, string>>;

/** An answer as it is about to leave, or as it came. */
interface Given {
  readonly status: number;
  readonly headers: Headers;
}

const KIND: Fields = { "content-type": "application/json" };

/** A signed request, a cloud that signs its answers to it, and a server that knows the cloud's key. */
async function createAnswered(
  algorithm: SignatureAlgorithm = "ed25519",
  fields: Fields = KIND,
  status = 200,
) {
  const wire = await createSignedWire();
  const { pair, signing } = await createKey(algorithm, "cloud-1");
  const known = (await importCloudKey({ keyId: "cloud-1", algorithm, jwk: pair.publicKey }))._unsafeUnwrap();
  const sign = createAnswerSigner({ key: () => signing });
  const request = await wire.sign(createPost(), BODY);
  const answer: Given = { status, headers: new Headers(fields) };
  const added = await sign(answer, BODY, request);
  const signed = { status, headers: new Headers({ ...fields, ...added }) };
  const check = (
    given: Given,
    body = BODY,
    of = request,
    keys: readonly CloudKey[] = [known],
  ): Promise<boolean> => createAnswerVerifier({ keys: () => keys })(given, body, of);
  return { wire, pair, sign, signing, known, request, answer, added, signed, check };
}

/** The same answer with some of its headers set, or taken away by null. */
function changed({ status, headers }: Given, changes: Readonly<Record<string, string | null>>): Given {
  const others = new Headers(headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) others.delete(name);
    else others.set(name, value);
  }
  return { status, headers: others };
}

describe("an answer that the cloud has signed", () => {
  it.each(ALGORITHMS)("is accepted: %s", async (algorithm) => {
    const { signed, check } = await createAnswered(algorithm);

    expect(await check(signed)).toBe(true);
  });

  it("is signed over these lines, as RFC 9421 has them", async () => {
    const fields = { ...KIND, "retry-after": "60" };
    const { request, added, pair } = await createAnswered("ed25519", fields, 503);
    const ofRequest = /^contributions=(:[^:]+:)$/.exec(request.headers.get("signature") ?? "")?.[1];
    const covered =
      '("@status" "content-type" "content-digest" "retry-after" "signature";req;key="contributions")';
    const parameters = `${covered};keyid="cloud-1";tag="unified-contributions"`;
    const base = [
      '"@status": 503',
      '"content-type": application/json',
      `"content-digest": ${added["content-digest"]}`,
      '"retry-after": 60',
      `"signature";req;key="contributions": ${ofRequest}`,
      `"@signature-params": ${parameters}`,
    ].join("\n");

    const signature = Buffer.from(/^answer=:(.+):$/.exec(added["signature"] ?? "")?.[1] ?? "", "base64");
    expect(added["signature-input"]).toBe(`answer=${parameters}`);
    const key = createPublicKey({ key: pair.publicKey, format: "jwk" });
    expect(verifyWithNode(null, Buffer.from(base), key, signature)).toBe(true);
  });

  it("is accepted beside signatures that proxies add to it, or to the request on its way", async () => {
    const { request, sign, answer, check } = await createAnswered();
    const signature = `${request.headers.get("signature")}, proxy=:AAAA:`;
    const input = `${request.headers.get("signature-input")}, proxy=("@method");tag="proxy"`;
    const arrived = new Request(request.url, {
      method: "POST",
      headers: { ...Object.fromEntries(request.headers), signature, "signature-input": input },
    });

    const added = await sign(answer, BODY, arrived);
    const beside = {
      signature: `proxy=:AAAA:, ${added["signature"]}`,
      "signature-input": `proxy=("@status");keyid="proxy-1";tag="proxy", ${added["signature-input"]}`,
    };

    expect(await check(changed(answer, { ...added, ...beside, via: "1.1 proxy" }))).toBe(true);
  });

  it("is left as it is if the request has no signature to which it could be bound", async () => {
    const { sign, answer } = await createAnswered();

    expect(await sign(answer, BODY, createPost())).toEqual({});
  });
});

const INPUT = "signature-input";

/** What a proxy changes of a signed answer. */
const CHANGES: readonly (readonly [string, (signed: Given) => Given])[] = [
  ["its status", (signed) => ({ ...signed, status: 201 })],
  ["what kind of body it is", (signed) => changed(signed, { "content-type": "application/problem+json" })],
  ["its digest", (signed) => changed(signed, { "content-digest": `sha-256=:${"A".repeat(43)}=:` })],
  ["its digest, taken away", (signed) => changed(signed, { "content-digest": null })],
  ["a wait that it did not ask for", (signed) => changed(signed, { "retry-after": "86400" })],
  ["its signature, taken away", (signed) => changed(signed, { signature: null })],
  ["what the signature covers, taken away", (signed) => changed(signed, { [INPUT]: null })],
  ["what the signature covers, unreadable", (signed) => changed(signed, { [INPUT]: "answer=(" })],
  ["what the signature covers, endless", (signed) => changed(signed, { [INPUT]: `a=${"(".repeat(5_000)}` })],
  [
    "an item in place of a list",
    (signed) => changed(signed, { [INPUT]: 'answer=1;tag="unified-contributions"' }),
  ],
  ["the label", (signed) => replaced(signed, /^answer/, "other")],
  ["the tag", (signed) => replaced(signed, "unified-contributions", "other")],
  ["the key's id", (signed) => replaced(signed, "cloud-1", "cloud-2")],
  ["the status among what is covered", (signed) => replaced(signed, '"@status" ', "")],
  ["the digest among what is covered", (signed) => replaced(signed, '"content-digest" ', "")],
  [
    "the request among what is covered",
    (signed) => replaced(signed, /"signature";req;key="contributions"/, ""),
  ],
  [
    "two signatures of this protocol",
    (signed) => {
      const input = signed.headers.get(INPUT) ?? "";
      return changed(signed, { [INPUT]: `${input}, ${input.replace("answer", "other")}` });
    },
  ],
];

function replaced(signed: Given, what: string | RegExp, by: string): Given {
  return changed(signed, { [INPUT]: (signed.headers.get(INPUT) ?? "").replace(what, by) });
}

describe("an answer is not accepted as the cloud's", () => {
  it.each(CHANGES)("if this was changed: %s", async (_, change) => {
    const { signed, check } = await createAnswered();

    expect(await check(change(signed))).toBe(false);
  });

  it("with other bytes, for another request, or if the signed wait is gone or longer", async () => {
    const { wire, signed, check } = await createAnswered("ed25519", { ...KIND, "retry-after": "60" }, 503);
    const other = await wire.sign(createPost(), BODY);

    expect(await check(signed)).toBe(true);
    expect(await check(signed, new TextEncoder().encode("{}"))).toBe(false);
    expect(await check(signed, BODY, other)).toBe(false);
    expect(await check(signed, BODY, createPost())).toBe(false);
    expect(await check(changed(signed, { "retry-after": null }))).toBe(false);
    expect(await check(changed(signed, { "retry-after": "86400" }))).toBe(false);
  });

  it.each([null, "@status", "content-type", "content-digest", "retry-after", "signature"])(
    "if the cloud's own key signed it without one component, but is if all are signed: %s",
    async (left) => {
      const fields = { ...KIND, "retry-after": "60" };
      const { request, signing, signed, check } = await createAnswered("ed25519", fields, 503);
      const ofRequest = component("signature", { req: true, key: "contributions" });
      const all = ["@status", "content-type", "content-digest", "retry-after", ofRequest];
      const message = {
        ...{ kind: "response", status: 503 },
        fields: [...signed.headers].flatMap(([name, value]) =>
          /^signature/.test(name) ? [] : [{ name, value }],
        ),
        request: {
          ...{ kind: "request", method: "POST", targetUri: request.url },
          fields: [{ name: "signature", value: request.headers.get("signature") ?? "" }],
        },
      } satisfies Parameters<typeof createSignature>[0];

      const { signature, signatureInput } = await createSignature(message, {
        label: "answer",
        components: all.filter((one) => (typeof one === "string" ? one : one.name) !== left),
        parameters: { keyid: "cloud-1", tag: "unified-contributions" },
        signer: signing,
      });

      const given = changed(signed, { signature, "signature-input": signatureInput });
      expect(await check(given)).toBe(left === null);
    },
  );

  it("if another key signed it, or the key is not known any more", async () => {
    const { signed, known, check, request } = await createAnswered();
    const other = await createKey("ed25519", "cloud-1");
    const imposter = { algorithm: "ed25519", keyId: "cloud-1", jwk: other.pair.publicKey } as const;
    const next = (await importCloudKey({ ...imposter, keyId: "cloud-2" }))._unsafeUnwrap();

    expect(await check(signed, BODY, request, [(await importCloudKey(imposter))._unsafeUnwrap()])).toBe(
      false,
    );
    expect(await check(signed, BODY, request, [])).toBe(false);
    expect(await check(signed, BODY, request, [next, known])).toBe(true);
  });
});

describe("the cloud's key", () => {
  it("has its thumbprint as id by default, and is refused if it is weak", async () => {
    const { pair } = await createKey("ed25519");
    const key = { algorithm: "ed25519", jwk: pair.publicKey } as const;

    expect((await importCloudKey(key))._unsafeUnwrap().keyId).toMatch(/^[\w-]{43}$/);
    expect((await importCloudKey({ ...key, keyId: "" }))._unsafeUnwrapErr().type).toBe("unusable-key");
    const weak = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) };
    expect((await importCloudKey({ ...key, jwk: weak }))._unsafeUnwrapErr().type).toBe("unusable-key");
  });

  it("has to come from a function, or a TypeError is thrown", () => {
    expect(() => createAnswerSigner({ key: null as never })).toThrow(/^createAnswerSigner: `key` has to be/);
    expect(() => createAnswerVerifier(undefined as never)).toThrow(/^createAnswerVerifier: `keys` has to be/);
  });
});
