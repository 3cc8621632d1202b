import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { InstallationId } from "unified-contributions";
import { importVerificationKey, type Jwk } from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import { BODY } from "../../../support/signatures.ts";

// cspell:ignore aqab

const installation = "server-1" as InstallationId;

/** What an import says: `taken`, or the words of the refusal. */
async function imported(algorithm: "ed25519" | "ecdsa-p256-sha256" | "rsa-pss-sha512", jwk: Jwk) {
  return (await importVerificationKey({ installation, algorithm, jwk })).match(
    () => "taken",
    ({ message }) => message,
  );
}

function ed25519(hex: string): Jwk {
  return { kty: "OKP", crv: "Ed25519", x: Buffer.from(hex, "hex").toString("base64url") };
}

function numberOf(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
}

describe("an Ed25519 point with which anyone can sign is refused:", () => {
  // The eight points of small order, and their second encodings, as libsodium and others list them.
  it.each([
    ["0100000000000000000000000000000000000000000000000000000000000000", "order 1"],
    ["ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order 2"],
    ["0000000000000000000000000000000000000000000000000000000000000000", "order 4"],
    ["0000000000000000000000000000000000000000000000000000000000000080", "order 4"],
    ["26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "order 8"],
    ["26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "order 8"],
    ["c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "order 8"],
    ["c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "order 8"],
    ["0100000000000000000000000000000000000000000000000000000000000080", "1, with the sign of no x"],
    ["ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "2, with the sign of no x"],
    ["edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order 4, y = p"],
    ["edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "order 4, y = p"],
    ["eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order 1, y = p + 1"],
    ["eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "order 1, y = p + 1"],
    ["f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "y = p + 3"],
    ["0200000000000000000000000000000000000000000000000000000000000000", "no point of the curve"],
  ])("%s, %s", async (hex) => {
    expect(await imported("ed25519", ed25519(hex))).toMatch(/anyone can sign for it: make another key/);
  });

  it("and every key that OpenSSL makes is accepted", async () => {
    for (let count = 0; count < 20; count++) {
      const { publicKey } = generateKeyPairSync("ed25519");
      expect(await imported("ed25519", { ...publicKey.export({ format: "jwk" }) })).toBe("taken");
    }
    // RFC 8032, section 7.1, test 1.
    const rfc = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    expect(await imported("ed25519", ed25519(rfc))).toBe("taken");
  });
});

describe("a P-256 point that is not on the curve is refused:", () => {
  const { x = "", y = "" } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
    format: "jwk",
  });
  const zero = Buffer.alloc(32).toString("base64url");
  const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;

  it.each([
    ["the two coordinates exchanged", y, x],
    ["zero and zero", zero, zero],
    ["the prime itself", numberOf(prime), y],
    ["a coordinate of 31 bytes", x.slice(0, 41), y],
  ])("%s", async (_, one, other) => {
    expect(await imported("ecdsa-p256-sha256", { kty: "EC", crv: "P-256", x: one, y: other })).toMatch(
      /make another|Not a JWK/,
    );
    expect(await imported("ecdsa-p256-sha256", { kty: "EC", crv: "P-256", x, y })).toBe("taken");
  });
});

describe("RSA", () => {
  const { n = "" } = generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey.export({ format: "jwk" });
  const modulus = BigInt(`0x${Buffer.from(n, "base64url").toString("hex")}`);

  it.each<[string, bigint]>([
    ["0", 0n],
    ["1, with which anyone signs", 1n],
    ["2", 2n],
    ["3", 3n],
    ["65,536", 65_536n],
    ["65,535", 65_535n],
    ["65,538, which is even", 65_538n],
    ["2³² + 1", 2n ** 32n + 1n],
    ["2⁶⁴ + 1", 2n ** 64n + 1n],
    ["n − 2, which makes a verification slow", modulus - 2n],
  ])("with the exponent %s is refused", async (_, exponent) => {
    const said = await imported("rsa-pss-sha512", { kty: "RSA", n, e: numberOf(exponent) });

    expect(said).toMatch(/exponent has to be odd, from 65,537 to 4,294,967,295|Not a JWK/);
  });

  it.each<[string, bigint]>([
    ["65,537", 65_537n],
    ["4,294,967,295", 4_294_967_295n],
  ])("with the exponent %s is accepted", async (_, exponent) => {
    expect(await imported("rsa-pss-sha512", { kty: "RSA", n, e: numberOf(exponent) })).toBe("taken");
  });

  it.each<[string, bigint]>([
    ["an even modulus", modulus - 1n],
    [
      "a modulus that 751 divides",
      modulus - (modulus % 751n) + (modulus % 2n === (modulus % 751n) % 2n ? 751n : 0n),
    ],
  ])("with %s is refused", async (_, weak) => {
    expect(await imported("rsa-pss-sha512", { kty: "RSA", n: numberOf(weak), e: "AQAB" })).toMatch(
      /modulus has a small factor/,
    );
  });

  it("of 4,096 bits and the largest exponent is accepted, but not with a signature of ones", async () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 4_096 });
    const jwk = { ...pair.publicKey.export({ format: "jwk" }), e: numberOf(4_294_967_295n) };
    const key = (
      await importVerificationKey({ installation, algorithm: "rsa-pss-sha512", jwk })
    )._unsafeUnwrap();
    const slowest = createPublicKey({ key: jwk, format: "jwk" });

    expect(await key.verify(BODY, new Uint8Array(512).fill(1))).toBe(false);
    expect(slowest.asymmetricKeyDetails?.publicExponent).toBe(4_294_967_295n);
  });
});
