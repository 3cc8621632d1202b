// The examples of RFC 9421, appendix B, and of RFC 9530, appendix D, byte for byte. What the appendix signs with HMAC
// (B.2.5), an algorithm that is not taken here, and by client certificates (B.3) is left out.
import { createPublicKey } from "node:crypto";
import { createSignature, type RequestDescriptor, verifySignature } from "http-message-sig";
import type { InstallationId } from "unified-contributions";
import {
  importSigningKey,
  importVerificationKey,
  type SignatureAlgorithm,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import { isContentDigestOf } from "../../../../src/adapters/http-signatures/content-digest.ts";

// cspell:ignore gnwp yemd

const ED25519 = {
  kty: "OKP",
  crv: "Ed25519",
  d: "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
  x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
};

const ECC_P256 = {
  kty: "EC",
  crv: "P-256",
  x: "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",
  y: "Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0",
};

const RSA_PSS = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`).export({ format: "jwk" });

const CREATED = 1_618_884_473;
const BODY = new TextEncoder().encode('{"hello": "world"}');
const SHA_512 =
  "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

/** The request of section B.2. */
const REQUEST = {
  kind: "request",
  method: "POST",
  targetUri: "https://example.com/foo?param=Value&Pet=dog",
  fields: [
    { name: "Host", value: "example.com" },
    { name: "Date", value: "Tue, 20 Apr 2021 02:07:55 GMT" },
    { name: "Content-Type", value: "application/json" },
    { name: "Content-Digest", value: SHA_512 },
    { name: "Content-Length", value: "18" },
  ],
} as const satisfies RequestDescriptor;

/** The request of section B.4, as it was sent. */
const TRANSFORMED: RequestDescriptor = {
  kind: "request",
  method: "GET",
  targetUri: "https://example.org/demo?name1=Value1&Name2=value2",
  fields: [
    { name: "Host", value: "example.org" },
    { name: "Date", value: "Fri, 15 Jul 2022 14:24:55 GMT" },
    { name: "Accept", value: "application/json" },
    { name: "Accept", value: "*/*" },
  ],
};

const B21 = `d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsck
zXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZ
sfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssin
Q98Xw9Q==`;

const B22 = `LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4
+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fj
BSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEj
HSw==`;

const B23 = `bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCU
b38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7
JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4
cUA==`;

const B24 = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==";
const B26 = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
const B4 = "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==";

async function keyOf(algorithm: SignatureAlgorithm, jwk: object): Promise<VerificationKey> {
  const installation = "server-1" as InstallationId;
  return (await importVerificationKey({ installation, algorithm, jwk: { ...jwk } }))._unsafeUnwrap();
}

const PUBLIC_ED25519 = { kty: ED25519.kty, crv: ED25519.crv, x: ED25519.x };

describe("RFC 9421, appendix B", () => {
  it.each([
    [
      "B.2.1, a minimal signature with RSA-PSS",
      REQUEST,
      `();created=${CREATED};keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"`,
      B21,
      keyOf("rsa-pss-sha512", RSA_PSS),
    ],
    [
      "B.2.3, full coverage with RSA-PSS",
      REQUEST,
      `("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")` +
        `;created=${CREATED};keyid="test-key-rsa-pss"`,
      B23,
      keyOf("rsa-pss-sha512", RSA_PSS),
    ],
    [
      "B.2.6, a request with Ed25519",
      REQUEST,
      `("date" "@method" "@path" "@authority" "content-type" "content-length")` +
        `;created=${CREATED};keyid="test-key-ed25519"`,
      B26,
      keyOf("ed25519", PUBLIC_ED25519),
    ],
    [
      "B.4, a request of which a proxy changes what is not covered",
      TRANSFORMED,
      `("@method" "@path" "@authority" "accept");created=${CREATED};keyid="test-key-ed25519"`,
      B4,
      keyOf("ed25519", PUBLIC_ED25519),
    ],
  ])(
    "%s, is verified, and is not with one byte less of its method",
    async (_, request, input, signature, key) => {
      const fields = [
        ...request.fields,
        { name: "Signature-Input", value: `sig=${input}` },
        { name: "Signature", value: `sig=:${signature.replaceAll("\n", "")}:` },
      ];
      const verifying = await key;
      const options = {
        policy: {
          algorithms: [verifying.algorithm],
          requiredComponents: [],
          requiredParameters: [],
          now: CREATED,
        },
        resolveVerifier: () => verifying,
      };

      const verified = await verifySignature({ ...request, fields }, options);

      expect(verified.algorithm).toBe(verifying.algorithm);
      if (input.includes("@method")) {
        const changed = { ...request, method: request.method.slice(1), fields };
        await expect(verifySignature(changed, options)).rejects.toMatchObject({ code: "VerificationFailed" });
      }
    },
  );

  it.each([
    [
      "B.2.2, selected components with RSA-PSS",
      [
        '"@authority": example.com',
        `"content-digest": ${SHA_512}`,
        '"@query-param";name="Pet": dog',
        `"@signature-params": ("@authority" "content-digest" "@query-param";name="Pet");created=${CREATED};keyid="test-key-rsa-pss";tag="header-example"`,
      ],
      B22,
      keyOf("rsa-pss-sha512", RSA_PSS),
    ],
    [
      "B.2.4, a response with ECDSA P-256",
      [
        '"@status": 200',
        '"content-type": application/json',
        '"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
        '"content-length": 23',
        `"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=${CREATED};keyid="test-key-ecc-p256"`,
      ],
      B24,
      keyOf("ecdsa-p256-sha256", ECC_P256),
    ],
  ])("%s: the key made the signature over the signature base", async (_, base, signature, key) => {
    const bytes = new Uint8Array(Buffer.from(signature, "base64"));
    const verifying = await key;

    const isRight = await verifying.verify(new TextEncoder().encode(base.join("\n")), bytes);
    const isRightForLess = await verifying.verify(new TextEncoder().encode(base.slice(1).join("\n")), bytes);

    expect([isRight, isRightForLess]).toEqual([true, false]);
  });

  it("B.2.6: signing gives the same bytes, since Ed25519 uses no randomness", async () => {
    const key = { keyId: "test-key-ed25519", algorithm: "ed25519", jwk: ED25519 } as const;
    const signer = (await importSigningKey(key))._unsafeUnwrap();

    const signed = await createSignature(REQUEST, {
      label: "sig-b26",
      components: ["date", "@method", "@path", "@authority", "content-type", "content-length"],
      parameters: { created: CREATED, keyid: signer.keyId },
      signer,
    });

    expect(signed.signature).toBe(`sig-b26=:${B26}:`);
  });
});

describe("RFC 9530", () => {
  it.each([
    ["sha-512 of the same body", SHA_512],
    ["sha-256 of the same body", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"],
    ["both", `sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, ${SHA_512}`],
    ["an obsolete one beside", `md5=:AAAAAAAAAAAAAAAAAAAAAA==:, ${SHA_512}`],
  ])("%s is right", async (_, field) => {
    expect(await isContentDigestOf(field, BODY)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["the digest of another body", "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"],
    ["one right, one wrong", `sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, ${SHA_512}`],
    ["an obsolete one alone", "md5=:Sd/dVLAcvNLSq16eXua5uQ==:"],
    ["a digest with one bit changed", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPA=:"],
    ["a digest and more", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPEA:"],
    ["half a digest", "sha-256=:X48E9qOokqqrvdts8nOJRA==:"],
    ["a list instead of bytes", "sha-256=(:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:)"],
    ["text instead of bytes", 'sha-256="X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="'],
    ["what is no field", "sha-256=:X48"],
  ])("%s is wrong", async (_, field) => {
    expect(await isContentDigestOf(field, BODY)).toBe(false);
  });
});
