// The same wire spoken by another implementation of RFC 9421, `http-message-signatures`, with the keys of node:crypto.
import { constants, createHash, createPrivateKey, createPublicKey, type JsonWebKey, sign } from "node:crypto";
import { createSigner, createVerifier, httpbis } from "http-message-signatures";
import { SIGNATURE_TAG, type SignatureAlgorithm } from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import {
  ADDRESS,
  ALGORITHMS,
  BODY,
  createPost,
  createSignedWire,
  SERVER_1,
} from "../../../support/signatures.ts";

const REQUIRED = ["@method", "@target-uri", "content-digest", "content-type"];

/** The other's own signer; but its RSA-PSS takes the longest salt there is, where RFC 9421 (3.3.1) has 64 bytes. */
function signerOf(jwk: JsonWebKey, algorithm: SignatureAlgorithm) {
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const signer = createSigner(key, algorithm, "key-1");
  if (algorithm !== "rsa-pss-sha512") return signer;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return { ...signer, sign: async (base: Buffer) => sign("sha512", base, { key, padding, saltLength: 64 }) };
}

describe.each(ALGORITHMS)("with %s", (algorithm) => {
  it.each([
    ["the whole address", REQUIRED],
    [
      "its parts",
      ["@authority", "@path", "@query", "@method", "content-type", "content-digest", "content-encoding"],
    ],
  ])("a signature of the other library over %s is accepted here", async (_, fields) => {
    const wire = await createSignedWire({ algorithm });
    const jwk = wire.key.pair.privateKey as JsonWebKey;
    const key = signerOf(jwk, algorithm);
    const digest = createHash("sha512").update(BODY).digest("base64");
    const headers = {
      "content-type": "application/json",
      "content-encoding": "identity",
      "content-digest": `sha-512=:${digest}:`,
    };
    const covered = [...fields, ...(fields.includes("content-encoding") ? [] : ["content-encoding"])];

    const signed = await httpbis.signMessage(
      {
        key,
        fields: covered,
        params: ["created", "expires", "nonce", "keyid", "alg", "tag"],
        paramValues: {
          created: new Date(wire.clock.now()),
          expires: new Date(wire.clock.now() + 60_000),
          nonce: "nonce-of-the-other",
          tag: SIGNATURE_TAG,
        },
      },
      { method: "POST", url: `${ADDRESS}?a=%20b`, headers },
    );

    const request = new Request(`${ADDRESS}?a=%20b`, {
      method: "POST",
      headers: signed.headers as typeof headers,
    });
    expect(await wire.outcome(request)).toBe(SERVER_1);
  });

  it("the other library accepts our signature, and refuses a changed request", async () => {
    const wire = await createSignedWire({ algorithm });
    const signed = await wire.sign(createPost({ "content-encoding": "gzip" }, `${ADDRESS}?a=%20b`), BODY);
    const jwk = wire.key.pair.publicKey as JsonWebKey;
    const verify = createVerifier(createPublicKey({ key: jwk, format: "jwk" }), algorithm);
    const config = {
      keyLookup: async ({ keyid }: { readonly keyid?: string }) =>
        keyid === "key-1" ? { id: keyid, algs: [algorithm], verify } : null,
      requiredFields: [...REQUIRED, "content-encoding"],
      requiredParams: ["created", "expires", "nonce", "keyid", "tag"],
      notAfter: new Date(wire.clock.now()),
      maxAge: Number.POSITIVE_INFINITY,
      tolerance: Number.POSITIVE_INFINITY,
    };
    const asSent = { method: signed.method, url: signed.url, headers: Object.fromEntries(signed.headers) };

    expect(await httpbis.verifyMessage(config, asSent)).toBe(true);
    expect(await httpbis.verifyMessage(config, { ...asSent, method: "PUT" })).toBe(false);
    expect(await httpbis.verifyMessage(config, { ...asSent, url: `${ADDRESS}?a=%20c` })).toBe(false);
  });
});
