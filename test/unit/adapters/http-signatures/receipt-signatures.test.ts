import { createHmac, createPublicKey, verify as verifyWithNode } from "node:crypto";
import type { InstallationId, Instant, LinkId } from "unified-contributions";
import {
  type CloudKey,
  createReceiptSigner,
  importCloudKey,
  importSigningKey,
  type SigningKey,
  verifyReceipt,
} from "unified-contributions/adapters/http-signatures";
import type { ReceiptStatement } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { createKey } from "../../../support/signatures.ts";
import { day } from "../../../support/values.ts";

const DELETION: ReceiptStatement = {
  type: "deletion",
  installation: "server-1" as InstallationId,
  linkId: "link_0123456789abcdef" as LinkId,
  choice: 1,
  deletedAt: 1_772_366_400_000 as Instant,
  removed: { first: day("2025-12-02"), last: day("2026-03-01") },
};
const DISABLING: ReceiptStatement = {
  type: "disabling",
  installation: "server-1" as InstallationId,
  epoch: 1,
  disabledAt: 1_772_366_400_000 as Instant,
};
const HEADER = { alg: "EdDSA", kid: "cloud-1", typ: "unified-contributions-receipt" };

/** The key of RFC 8037 (A.1), and its thumbprint (A.3). */
const KNOWN = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
const THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

/** A key of the cloud, what it signs, and what a server says of a signature. */
async function createSigned(algorithm: "ed25519" | "ecdsa-p256-sha256" = "ed25519", keyId = "cloud-1") {
  const { pair, signing } = await createKey(algorithm, keyId);
  const known = (await importCloudKey({ keyId, algorithm, jwk: pair.publicKey }))._unsafeUnwrap();
  const sign = async (...statements: readonly ReceiptStatement[]): Promise<readonly (string | null)[]> =>
    (await createReceiptSigner({ key: () => signing }).sign(statements))._unsafeUnwrap();
  const [jws] = await sign(DELETION);
  if (typeof jws !== "string") throw new Error("The receipt was not signed.");
  return { pair, signing, known, sign, jws, parts: jws.split(".") as [string, string, string] };
}

/** The statement, or the code of the refusal. */
async function outcome(keys: readonly CloudKey[], signature: unknown): Promise<unknown> {
  return (await verifyReceipt(keys, signature)).match(
    (statement) => statement,
    ({ type }) => type,
  );
}

function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** A JWS with any header and payload, which the key has really signed. */
async function signedBy(key: SigningKey, header: unknown, payload: unknown): Promise<string> {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${Buffer.from(await key.sign(new TextEncoder().encode(input))).toString("base64url")}`;
}

describe("a receipt that the cloud has signed", () => {
  it.each([
    ["ed25519", "EdDSA"],
    ["ecdsa-p256-sha256", "ES256"],
  ] as const)("is a compact JWS, which other programs verify: %s", async (algorithm, alg) => {
    const { pair, parts } = await createSigned(algorithm);
    const [header, payload, signature] = parts;

    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ ...HEADER, alg });
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toEqual(DELETION);
    const key = createPublicKey({ key: pair.publicKey as never, format: "jwk" });
    const isSigned = verifyWithNode(
      algorithm === "ed25519" ? null : "sha256",
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    expect(isSigned).toBe(true);
  });

  it.each(["ed25519", "ecdsa-p256-sha256"] as const)(
    "gives its statement to anyone: %s",
    async (algorithm) => {
      const { sign, known } = await createSigned(algorithm);
      const whole: ReceiptStatement = { ...DELETION, choice: null, removed: null };
      const signatures = await sign(DELETION, DISABLING, whole);

      const found = await Promise.all(signatures.map((signature) => outcome([known], signature)));
      expect(found).toEqual([DELETION, DISABLING, whole]);
    },
  );

  it("is the same to the byte each time with Ed25519", async () => {
    const key = (await importSigningKey({ algorithm: "ed25519", jwk: KNOWN }))._unsafeUnwrap();
    const [jws] = (await createReceiptSigner({ key: () => key }).sign([DELETION]))._unsafeUnwrap();

    expect(jws).toBe(
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImtQcktfcW14VldhWVZBOXd3QkY2SXVvM3ZWeno3VHhIQ1R3WEJ5Z3JTNGsiLCJ0eXAiOiJ1bmlmaWVkLWNvbnRyaWJ1dGlvbnMtcmVjZWlwdCJ9.eyJ0eXBlIjoiZGVsZXRpb24iLCJpbnN0YWxsYXRpb24iOiJzZXJ2ZXItMSIsImxpbmtJZCI6ImxpbmtfMDEyMzQ1Njc4OWFiY2RlZiIsImNob2ljZSI6MSwiZGVsZXRlZEF0IjoxNzcyMzY2NDAwMDAwLCJyZW1vdmVkIjp7ImZpcnN0IjoiMjAyNS0xMi0wMiIsImxhc3QiOiIyMDI2LTAzLTAxIn19.Z0TiNtdEBfFE9Hez8WoXpoHIbQjAxg_Nvl6fXpaslWfVKY35wnJEOzLwwd22TsLudJlh8jkf4wSymrUey4FTCg",
    );
    const { d: _, ...jwk } = KNOWN;
    const known = (await importCloudKey({ algorithm: "ed25519", jwk }))._unsafeUnwrap();
    expect(known.keyId).toBe(THUMBPRINT);
    expect(await outcome([known], jws)).toEqual(DELETION);
  });

  it("is found under its key id among the keys of a rotation", async () => {
    const old = await createSigned("ed25519", "cloud-1");
    const present = await createSigned("ecdsa-p256-sha256", "cloud-2");
    const keys = [present.known, old.known];

    expect(await outcome(keys, old.jws)).toEqual(DELETION);
    expect(await outcome(keys, present.jws)).toEqual(DELETION);
    expect(await outcome([present.known], old.jws)).toBe("unknown-key");
    expect(await outcome([], old.jws)).toBe("unknown-key");
  });

  it("says which installation, link and choice it is of, so that it passes for no other", async () => {
    const { known, sign } = await createSigned();
    const others: readonly ReceiptStatement[] = [
      { ...DELETION, installation: "server-2" as InstallationId },
      { ...DELETION, linkId: "link_of_another_user" as LinkId },
      { ...DELETION, choice: 2 },
      { ...DELETION, choice: null },
    ];

    const signatures = await sign(DELETION, ...others);

    expect(new Set(signatures).size).toBe(5);
    for (const [index, other] of others.entries()) {
      const found = await outcome([known], signatures[index + 1]);
      expect(found).toEqual(other);
      expect(found).not.toEqual(DELETION);
    }
  });
});

describe("a signature that proves nothing", () => {
  it("has a changed statement", async () => {
    const { known, parts } = await createSigned();
    const [header, , signature] = parts;
    for (const change of [
      { installation: "server-2" },
      { linkId: "link_of_another_user" },
      { choice: null },
      { deletedAt: 0 },
      { removed: null },
    ]) {
      const forged = `${header}.${part({ ...DELETION, ...change })}.${signature}`;
      expect(await outcome([known], forged), JSON.stringify(change)).toBe("signature-invalid");
    }
  });

  it("is of another receipt", async () => {
    const { known, sign, parts } = await createSigned();
    const [other] = await sign({ ...DELETION, linkId: "link_of_another_user" as LinkId });

    const [, , signature] = (other ?? "").split(".");
    expect(await outcome([known], [...parts.slice(0, 2), signature].join("."))).toBe("signature-invalid");
  });

  it("is by another key of the same id", async () => {
    const { known } = await createSigned();
    const { jws } = await createSigned();

    expect(await outcome([known], jws)).toBe("signature-invalid");
  });

  it("is cut off anywhere, or goes on", async () => {
    const { known, jws } = await createSigned();

    for (let length = 0; length < jws.length; length += 7) {
      const found = await outcome([known], jws.slice(0, length));
      expect(["malformed-receipt", "signature-invalid"], String(length)).toContain(found);
    }
    expect(await outcome([known], jws.slice(0, -1))).not.toEqual(DELETION);
    expect(await outcome([known], `${jws}AAAA`)).toBe("signature-invalid");
    expect(await outcome([known], `${jws}=`)).toBe("malformed-receipt");
  });

  it("has another form of the same bytes", async () => {
    const { known, parts } = await createSigned();
    const [header, payload, signature] = parts;
    // 64 bytes leave four bits of the last character unused.
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const next = last[last.indexOf(signature.at(-1) ?? "") + 1];

    expect(Buffer.from(`${signature.slice(0, -1)}${next}`, "base64url")).toEqual(
      Buffer.from(signature, "base64url"),
    );
    expect(await outcome([known], `${header}.${payload}.${signature.slice(0, -1)}${next}`)).toBe(
      "malformed-receipt",
    );
  });

  it.each([
    ["no typ", { alg: "EdDSA", kid: "cloud-1" }],
    ["the typ of a token", { ...HEADER, typ: "JWT" }],
    ["a critical extension", { ...HEADER, crit: ["b64"], b64: false }],
    ["a list", [HEADER]],
    ["null", null],
    ["no JSON", "{"],
  ])("has a header with %s, although the key has signed it", async (_, header) => {
    const { known, signing } = await createSigned();

    expect(await outcome([known], await signedBy(signing, header, DELETION))).toBe("malformed-receipt");
  });

  it.each([
    ["none", "none"],
    ["none in capitals", "NONE"],
    ["that of another key", "ES256"],
    ["that of RSA", "PS512"],
    ["a list", ["EdDSA"]],
    ["null", null],
    ["nothing", undefined],
  ])("names %s as its algorithm, although the key has signed it", async (_, alg) => {
    const { known, signing } = await createSigned();

    const jws = await signedBy(signing, { ...HEADER, alg }, DELETION);
    expect(await outcome([known], jws)).toBe("algorithm-refused");
  });

  it("is a MAC with the public key as its secret", async () => {
    const { known, pair } = await createSigned();
    const input = `${part({ ...HEADER, alg: "HS256" })}.${part(DELETION)}`;
    const mac = createHmac("sha256", Buffer.from(String(pair.publicKey["x"]), "base64url")).update(input);

    expect(await outcome([known], `${input}.${mac.digest("base64url")}`)).toBe("algorithm-refused");
  });

  it("is over something else than a statement, although the key has signed it", async () => {
    const { known, signing } = await createSigned();

    for (const payload of [{ ...DELETION, user: "octocat" }, [DELETION], null, "{", "\ufeff{}"]) {
      expect(await outcome([known], await signedBy(signing, HEADER, payload))).toBe("malformed-receipt");
    }
  });

  it.each([
    ["null", null],
    ["nothing", undefined],
    ["a number", 7],
    ["an object", {}],
    ["an empty text", ""],
    ["a text", "deleted"],
    ["two parts", "e30.e30"],
    ["empty parts", ".."],
    ["one that is too long", `e30.e30.${"A".repeat(2_000)}`],
  ])("is %s", async (_, signature) => {
    expect(await outcome([], signature)).toBe("malformed-receipt");
  });

  it("comes from a key that cannot be asked", async () => {
    const { known, jws } = await createSigned();
    const broken: CloudKey = { ...known, verify: () => Promise.reject(new Error("gone")) };

    expect(await outcome([broken], jws)).toBe("signature-invalid");
  });

  it("fits a weak key, with which anyone signs: such a key is not imported", async () => {
    // A point of order 4: https://www.rfc-editor.org/rfc/rfc8032 (5.1.7) does not refuse it.
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.alloc(32).toString("base64url") };

    const imported = await importCloudKey({ keyId: "cloud-1", algorithm: "ed25519", jwk });
    expect(imported._unsafeUnwrapErr()).toMatchObject({ type: "unusable-key" });
  });

  it("repeats nothing of the receipt in its refusal", async () => {
    const { known, jws } = await createSigned();
    const refusal = (await verifyReceipt([known], `${jws}AAAA`))._unsafeUnwrapErr();

    expect(JSON.stringify(refusal)).not.toContain(jws.slice(0, 8));
    expect(refusal.message).toMatch(/^[A-Z].*\.$/);
  });
});

describe("the signer of receipts", () => {
  it("asks for the key at each answer, and for few signatures at once", async () => {
    const { signing } = await createKey();
    let asked = 0;
    let now = 0;
    let most = 0;
    const signer = createReceiptSigner({
      key: async () => {
        asked++;
        const sign: SigningKey["sign"] = async (base) => {
          most = Math.max(most, ++now);
          const signature = await signing.sign(base);
          now--;
          return signature;
        };
        return { ...signing, sign };
      },
    });

    const signatures = (await signer.sign(Array(120).fill(DELETION)))._unsafeUnwrap();
    (await signer.sign([DISABLING]))._unsafeUnwrap();

    expect([asked, most, signatures.length, new Set(signatures).size]).toEqual([2, 50, 120, 1]);
  });

  it("signs for every installation's id of 255 ASCII characters", async () => {
    const { pair } = await createKey();
    const key = (await importSigningKey({ algorithm: "ed25519", jwk: pair.privateKey }))._unsafeUnwrap();
    const longest: ReceiptStatement = {
      ...DELETION,
      installation: "i".repeat(255) as InstallationId,
      linkId: "l".repeat(64) as LinkId,
      choice: 1_000,
    };

    const [jws] = (await createReceiptSigner({ key: () => key }).sign([longest]))._unsafeUnwrap();

    expect(jws).toHaveLength(843);
  });

  it("leaves a receipt unsigned if the signature would be too long", async () => {
    const { sign } = await createSigned("ed25519", "k".repeat(255));
    const long: ReceiptStatement = { ...DELETION, installation: "\u{1f600}".repeat(127) as InstallationId };

    const signed = await sign(long, DELETION);

    expect([signed[0], typeof signed[1]]).toEqual([null, "string"]);
  });

  it.each([
    ["is not available", () => Promise.reject(new Error("gone"))],
    [
      "throws",
      () => {
        throw new Error("gone");
      },
    ],
    [
      "does not sign",
      async () => ({ ...(await createKey()).signing, sign: () => Promise.reject(new Error("gone")) }),
    ],
    ["is for RSA", async () => (await createKey("rsa-pss-sha512")).signing],
    [
      "is for an algorithm that is none",
      async () => ({ ...(await createKey()).signing, algorithm: "none" as never }),
    ],
  ])("rejects if the key %s", async (_, key) => {
    await expect(Promise.resolve(createReceiptSigner({ key }).sign([DELETION]))).rejects.toThrow();
  });

  it.each([
    ["no options", undefined, "createReceiptSigner: `key` has to be a function."],
    ["a key in place of a function", { key: {} }, "createReceiptSigner: `key` has to be a function."],
    [
      "a mistyped option",
      { key: () => null, keys: [] },
      "createReceiptSigner: there is no option `keys`. The options are key.",
    ],
  ])("throws for %s, which is a mistake in the program", (_, options, message) => {
    expect(() => createReceiptSigner(options as never)).toThrow(new TypeError(message));
  });
});
