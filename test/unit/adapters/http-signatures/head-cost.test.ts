import { okAsync } from "unified-contributions";
import {
  createRequestSigner,
  createRequestVerifier,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { describe, expect, it } from "vitest";
import {
  ADDRESS,
  BODY,
  createKey,
  createPost,
  createSignedWire,
  SERVER_1,
  withHeaders,
} from "../../../support/signatures.ts";

/** A cloud that knows one key, and counts what the heads of strangers cost it. */
async function createCountingWire(options: { readonly unknownKeySeconds?: number } = {}) {
  const key = await createKey();
  const cost = { lookUps: 0, verifications: 0 };
  const counting: VerificationKey = {
    ...key.verification,
    verify: (base, signature) => {
      cost.verifications++;
      return key.verification.verify(base, signature);
    },
  };
  const known = new Map([["key-1", counting]]);
  const directory = {
    find: (keyId: string) => {
      cost.lookUps++;
      return okAsync(known.get(keyId) ?? null);
    },
  };
  const wire = await createSignedWire({ directory, ...options });
  const sign = createRequestSigner({ key: () => key.signing, clock: wire.clock, random: wire.random });
  /** The outcome of a head, and how many look-ups and verifications it cost. */
  const costOf = async (request: Request): Promise<readonly [outcome: string, number, number]> => {
    cost.lookUps = 0;
    cost.verifications = 0;
    const outcome = (await wire.verify.head(request)).match(
      ({ installation }) => installation,
      ({ type }) => type,
    );
    return [outcome, cost.lookUps, cost.verifications];
  };
  return { ...wire, sign, known, counting, costOf };
}

/** The same request, signed with the key of this id as far as it says. */
function named(request: Request, keyId: string): Request {
  const input = request.headers.get("signature-input") ?? "";
  return withHeaders(request, { "signature-input": input.replace("key-1", keyId) });
}

describe("a head costs", () => {
  it("one look-up and one verification if it is right, and neither if it cannot be right", async () => {
    const { sign, costOf, clock } = await createCountingWire();
    const signed = await sign(createPost(), BODY);

    expect(await costOf(signed)).toEqual([SERVER_1, 1, 1]);
    expect(await costOf(createPost())).toEqual(["authentication-required", 0, 0]);
    clock.advance(361_000);
    expect(await costOf(signed)).toEqual(["signature-expired", 0, 0]);
  });

  it("one verification if its signature is wrong, except 20 times at once and then once per second", async () => {
    const { sign, costOf, clock } = await createCountingWire();
    const elsewhere = await sign(createPost({}, "https://alias.example/unified-contributions"), BODY);
    const costs: unknown[] = [];

    for (let at = 0; at < 22; at++) costs.push(await costOf(elsewhere));

    expect(costs.slice(0, 20)).toEqual(Array(20).fill(["wrong-audience", 1, 2]));
    expect(costs.slice(20)).toEqual(Array(2).fill(["signature-invalid", 1, 1]));
    clock.advance(2_000);
    expect([await costOf(elsewhere), await costOf(elsewhere), await costOf(elsewhere)]).toEqual([
      ["wrong-audience", 1, 2],
      ["wrong-audience", 1, 2],
      ["signature-invalid", 1, 1],
    ]);
    expect(await costOf(await sign(createPost({}, ADDRESS), BODY))).toEqual([SERVER_1, 1, 1]);
  });
});

describe("an unknown key", () => {
  it("is looked up once in ten seconds, and is found up to ten seconds after its registration", async () => {
    const { sign, costOf, clock, known, counting } = await createCountingWire();
    const request = named(await sign(createPost(), BODY), "key-2");

    expect(await costOf(request)).toEqual(["unknown-key", 1, 0]);
    known.set("key-2", counting);
    clock.advance(9_999);
    expect(await costOf(request)).toEqual(["unknown-key", 0, 0]);
    clock.advance(1);
    expect((await costOf(request)).slice(0, 2)).toEqual(["signature-invalid", 1]);
  });

  it("is not remembered when the clock is set back, or if the option is zero", async () => {
    const { sign, costOf, clock } = await createCountingWire();
    const forgetful = await createCountingWire({ unknownKeySeconds: 0 });
    const request = named(await sign(createPost(), BODY), "key-2");

    expect(await costOf(request)).toEqual(["unknown-key", 1, 0]);
    clock.advance(-20_000);
    expect(await costOf(request)).toEqual(["unknown-key", 1, 0]);
    for (let at = 0; at < 2; at++) expect(await forgetful.costOf(request)).toEqual(["unknown-key", 1, 0]);
  });

  it("is one of the thousand that are remembered, and one more drops the oldest", async () => {
    const { sign, costOf } = await createCountingWire();
    const signed = await sign(createPost(), BODY);

    for (let at = 0; at < 1_000; at++) await costOf(named(signed, `key-${at + 10}`));

    expect(await costOf(named(signed, "key-10"))).toEqual(["unknown-key", 0, 0]);
    await costOf(named(signed, "key-9999"));
    expect(await costOf(named(signed, "key-10"))).toEqual(["unknown-key", 1, 0]);
    expect(await costOf(named(signed, "key-1009"))).toEqual(["unknown-key", 0, 0]);
  });
});

it("the store finds a nonce that another process has taken, after the body", async () => {
  const { verify, verifier, sign } = await createSignedWire();
  const other = createRequestVerifier(verifier);
  const signed = await sign(createPost(), BODY);

  expect((await other(signed, BODY)).isOk()).toBe(true);
  const head = (await verify.head(signed))._unsafeUnwrap();
  expect((await head.admit(BODY))._unsafeUnwrapErr().type).toBe("signature-replayed");
  head.release();
  expect((await verify.head(signed))._unsafeUnwrapErr().type).toBe("signature-replayed");
});
