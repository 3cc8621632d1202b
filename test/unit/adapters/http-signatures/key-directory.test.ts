import { generateKeyPairSync } from "node:crypto";
import type { InstallationId, Instant } from "unified-contributions";
import {
  createMemoryKeyDirectory,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  keyThumbprint,
} from "unified-contributions/adapters/http-signatures";
import { keyDirectoryContract } from "unified-contributions/testing";
import { describe, expect, it, test } from "vitest";
import { BODY } from "../../../support/signatures.ts";

// cspell:ignore aaeaaq aqab

const ONE = "server-1" as InstallationId;
const algorithm = "ed25519";

describe("the memory key directory", () => {
  test.each(keyDirectoryContract)("$rule $title", ({ run }) => run(createMemoryKeyDirectory));

  it("answers with a fault for a key that cannot be read", async () => {
    const registered = await createMemoryKeyDirectory().register({
      ...{ keyId: "key-1", thumbprint: "t".repeat(43), installation: ONE, algorithm },
      ...{ jwk: { kty: "OKP" }, challenge: "challenge-0123456789", at: 0 as Instant },
    });

    expect(registered._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });
});

describe("a thumbprint", () => {
  it("is the one that RFC 7638 prints for its RSA key, and RFC 8037 for its Ed25519 key", async () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    const rsa = { kty: "RSA", n, e: "AQAB", kid: "2011-04-29" };
    const ed25519 = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

    expect((await keyThumbprint({ algorithm: "rsa-pss-sha512", jwk: rsa }))._unsafeUnwrap()).toBe(
      "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    );
    expect((await keyThumbprint({ algorithm, jwk: ed25519 }))._unsafeUnwrap()).toBe(
      "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    );
  });

  it("does not depend on how the key's numbers are written", async () => {
    const { publicKey: key } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const jwk = { ...key.export({ format: "jwk" }) };
    const padded = { ...jwk, e: "AAEAAQ" };

    const thumbprints = await Promise.all(
      [jwk, padded].map((one) => keyThumbprint({ algorithm: "rsa-pss-sha512", jwk: one })),
    );

    expect(thumbprints[1]?.unwrapOr("refused")).toBe(thumbprints[0]?._unsafeUnwrap());
  });

  it("is the default id of a signing key", async () => {
    const { privateKey, publicKey: jwk } = (await generateKeyPair(algorithm))._unsafeUnwrap();

    const signing = (await importSigningKey({ algorithm, jwk: privateKey }))._unsafeUnwrap();

    expect(signing.keyId).toBe((await keyThumbprint({ algorithm, jwk }))._unsafeUnwrap());
  });
});

describe("PEM", () => {
  const pairs = {
    ed25519: generateKeyPairSync("ed25519"),
    "ecdsa-p256-sha256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
    "rsa-pss-sha512": generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  } as const;

  it.each(Object.entries(pairs))("gives the same key as its JWK, for %s", async (name, pair) => {
    const of = name as keyof typeof pairs;
    const privatePem = String(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const pem = String(pair.publicKey.export({ type: "spki", format: "pem" }));
    const jwk = { ...pair.publicKey.export({ format: "jwk" }) };

    const signing = (await importSigningKey({ algorithm: of, pem: privatePem }))._unsafeUnwrap();
    const verifying = (
      await importVerificationKey({ installation: ONE, algorithm: of, pem })
    )._unsafeUnwrap();

    expect(await verifying.verify(BODY, await signing.sign(BODY))).toBe(true);
    expect((await keyThumbprint({ algorithm: of, pem }))._unsafeUnwrap()).toBe(
      (await keyThumbprint({ algorithm: of, jwk }))._unsafeUnwrap(),
    );
  });

  const pem = String(pairs.ed25519.publicKey.export({ type: "spki", format: "pem" }));

  it.each([
    ["a private key", String(pairs.ed25519.privateKey.export({ type: "pkcs8", format: "pem" }))],
    ["two keys", pem + pem],
    ["PKCS#1", String(pairs["rsa-pss-sha512"].publicKey.export({ type: "pkcs1", format: "pem" }))],
    [
      "a key of another algorithm",
      String(pairs["rsa-pss-sha512"].publicKey.export({ type: "spki", format: "pem" })),
    ],
    ["half of it", pem.replace(/[A-Za-z0-9+/]{20}/, "")],
    ["base64 that is none", pem.replace(/MCow/, "MCo=w")],
    ["a megabyte", pem.replace("MCow", `MCow${"A".repeat(1_000_000)}`)],
    ["no text", 1 as unknown as string],
  ])("that is %s is refused, and not repeated", async (_, wrong) => {
    const refused = await importVerificationKey({ installation: ONE, algorithm, pem: wrong });

    expect(refused._unsafeUnwrapErr().type).toBe("unusable-key");
    expect(refused._unsafeUnwrapErr().message).not.toContain("MCow");
  });
});
