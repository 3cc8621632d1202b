import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { InstallationId } from "unified-contributions";
import {
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  type Jwk,
  type SignatureAlgorithm,
} from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import { ALGORITHMS, BODY } from "../../../support/signatures.ts";

const INSTALLATION = "server-1" as InstallationId;

/** How RFC 9421 has RSA-PSS. */
function pssOf(key: KeyObject) {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 };
}

function rsaKey(modulusLength: number): Jwk {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
  return { ...publicKey.export({ format: "jwk" }) };
}

describe.each(ALGORITHMS)("a key pair of %s", (algorithm) => {
  it("signs, verifies its own signature and refuses any other", async () => {
    const { privateKey, publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();
    const signing = (await importSigningKey({ keyId: "key-1", algorithm, jwk: privateKey }))._unsafeUnwrap();
    const jwk = JSON.parse(JSON.stringify(publicKey)) as Jwk;
    const verifying = (
      await importVerificationKey({ installation: INSTALLATION, algorithm, jwk })
    )._unsafeUnwrap();

    const signature = await signing.sign(BODY);

    expect(await verifying.verify(BODY, signature)).toBe(true);
    expect(await verifying.verify(BODY.slice(1), signature)).toBe(false);
    for (const length of [0, 1, 63, 64, 65, 384, 10_000])
      expect(await verifying.verify(BODY, new Uint8Array(length))).toBe(false);
  });

  it("has a public half that holds nothing of the private one", async () => {
    const { publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();

    expect(Object.keys(publicKey)).not.toEqual(expect.arrayContaining(["d"]));
  });

  it("is for its own algorithm alone", async () => {
    const { privateKey, publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();

    for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
      const signing = await importSigningKey({ keyId: "key-1", algorithm: other, jwk: privateKey });
      const verifying = await importVerificationKey({
        installation: INSTALLATION,
        algorithm: other,
        jwk: publicKey,
      });
      expect([signing.isErr(), verifying.isErr()]).toEqual([true, true]);
    }
  });

  it("has a private half that does not verify, and a public one that does not sign", async () => {
    const { privateKey, publicKey } = (await generateKeyPair(algorithm))._unsafeUnwrap();

    const signing = await importSigningKey({ keyId: "key-1", algorithm, jwk: publicKey });
    const verifying = await importVerificationKey({ installation: INSTALLATION, algorithm, jwk: privateKey });

    expect([signing.isErr(), verifying.isErr()]).toEqual([true, true]);
  });
});

it("an RSA signature is refused without its leading zero", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: "jwk" }) };
  const algorithm = "rsa-pss-sha512";
  const verifying = (
    await importVerificationKey({ installation: INSTALLATION, algorithm, jwk })
  )._unsafeUnwrap();

  let signature = new Uint8Array([1]);
  while (signature[0] !== 0) signature = new Uint8Array(sign("sha512", BODY, pssOf(privateKey)));

  expect(await verifying.verify(BODY, signature)).toBe(true);
  expect(await verifying.verify(BODY, signature.slice(1))).toBe(false);
});

describe("an unusable key is refused, and not repeated:", () => {
  it.each<[string, Jwk, SignatureAlgorithm]>([
    ["RSA of 1,024 bits", rsaKey(1_024), "rsa-pss-sha512"],
    ["RSA of 5,120 bits", rsaKey(5_120), "rsa-pss-sha512"],
    [
      "P-384 for P-256",
      { ...generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" }) },
      "ecdsa-p256-sha256",
    ],
    ["a key for another hash", { ...rsaKey(2_048), alg: "PS256" }, "rsa-pss-sha512"],
    ["a shared secret", { kty: "oct", k: "AAAA" }, "ed25519"],
    ["nothing", {}, "ed25519"],
    ["half a key", { kty: "OKP", crv: "Ed25519", x: "AAAA" }, "ed25519"],
    [
      "a point that is on no curve",
      { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) },
      "ecdsa-p256-sha256",
    ],
    ["an algorithm that is not taken", { kty: "oct", k: "AAAA" }, "hmac-sha256" as SignatureAlgorithm],
    ["an algorithm of the prototype", {}, "constructor" as SignatureAlgorithm],
  ])("%s", async (_, jwk, algorithm) => {
    const refused = (
      await importVerificationKey({ installation: INSTALLATION, algorithm, jwk })
    )._unsafeUnwrapErr();

    expect(refused.type).toBe("unusable-key");
    expect(refused.message).not.toContain("AAAA");
  });

  it.each(["", "k".repeat(256), "grüße", "a\nb"])("the key id %j", async (keyId) => {
    const { privateKey } = (await generateKeyPair("ed25519"))._unsafeUnwrap();

    const refused = await importSigningKey({ keyId, algorithm: "ed25519", jwk: privateKey });

    expect(refused._unsafeUnwrapErr().message).toBe(
      "The key id has to be 1 to 255 printable ASCII characters.",
    );
  });

  it("an algorithm without keys", async () => {
    const refused = await generateKeyPair("hmac-sha256" as SignatureAlgorithm);

    expect(refused._unsafeUnwrapErr().message).toContain("ed25519, ecdsa-p256-sha256 or rsa-pss-sha512");
  });
});
