import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import {
  ADDRESS,
  createHostileWorld,
  deliver,
  disable,
  encoded,
  type HostileWorld,
  outcomeOf,
  postOf,
  report,
  reportOf,
  withdraw,
} from "./world.ts";

// cspell:ignore versio

const MIB = 1_048_576;

/** A request of the hostile server with this body, signed with the Ed25519 key unless told. */
async function signed(
  world: HostileWorld,
  body: Uint8Array<ArrayBuffer>,
  { keyId = "key-ed25519", isPacked = false } = {},
): Promise<Request> {
  return world.signerOf(keyId)(postOf(body, isPacked ? { "content-encoding": "gzip" } : {}), body);
}

/** How a request is answered; and demands that it changed nothing that is stored. */
async function outcome(world: HostileWorld, request: Request, { chain = true } = {}): Promise<string> {
  const before = world.stored({ chain });
  const answered = await outcomeOf(await world.handler(request));
  expect(world.stored({ chain })).toBe(before);
  return answered;
}

/** The head that a server would have signed for this body, with another body behind it. */
async function signedHead(world: HostileWorld, body: ReadableStream<Uint8Array>): Promise<Request> {
  const { headers } = await signed(world, encoded(report(world)));
  return new Request(ADDRESS, { method: "POST", headers, body, duplex: "half" });
}

/** A body that comes in chunks, and how many of them were asked for. */
function streamed(chunks: number, chunk: Uint8Array) {
  const asked = { chunks: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (asked.chunks === chunks) return controller.close();
      asked.chunks++;
      return controller.enqueue(chunk);
    },
    cancel: () => {
      asked.isCancelled = true;
    },
  });
  return { asked, body };
}

describe("bodies:", () => {
  it("a gzip bomb of 1,000 to 1 is stopped at the bound, not after it", async () => {
    const world = await createHostileWorld(1);
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(200 * MIB)));
    const arrayBuffersBefore = process.memoryUsage().arrayBuffers;

    const answered = await outcome(world, await signed(world, bomb, { isPacked: true }));

    expect(bomb.length).toBeLessThan(MIB);
    expect(answered).toBe("body-too-large");
    expect(process.memoryUsage().arrayBuffers - arrayBuffersBefore).toBeLessThan(64 * MIB);
  });

  it("a body of 1 GB is read no further than the bound, and the rest is refused", async () => {
    const world = await createHostileWorld(1);
    const { asked, body } = streamed(16_384, new Uint8Array(65_536));

    expect(await outcome(world, await signedHead(world, body))).toBe("body-too-large");
    // The bound, and what the platform's stream had asked for in advance.
    expect(asked.chunks).toBeLessThanOrEqual(16 + 4);
    // A second later, so that the answer gets out first.
    await vi.waitUntil(() => asked.isCancelled, { timeout: 60_000 });
  });

  it("a body that comes too slowly is given up, and its place is free again", async () => {
    const world = await createHostileWorld(1, { bodyTimeoutMs: 20, maxConcurrent: 1 });
    const endless = new ReadableStream({ pull: () => new Promise(() => undefined) });

    expect(await outcome(world, await signedHead(world, endless))).toBe("body-timeout");
    expect(await outcome(world, await signed(world, encoded(disable(world)).slice(1)))).toBe(
      "malformed-json",
    );
  });

  it("a body that breaks off is refused by name", async () => {
    const world = await createHostileWorld(1);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });

    expect(await outcome(world, await signedHead(world, broken))).toBe("body-incomplete");
  });

  it("surplus requests all get an answer, and some a 429", async () => {
    const world = await createHostileWorld(1, { maxConcurrent: 8, maxConcurrentEach: 8 });
    const bodies = await Promise.all(
      Array.from({ length: 200 }, () => signed(world, encoded({ ...report(world), follows: [] }))),
    );

    const answers = await Promise.all(bodies.map(async (request) => outcomeOf(await world.handler(request))));

    expect(new Set(answers)).toEqual(new Set(["detached not-applied", "too-many-requests"]));
    expect(answers.filter((answer) => answer === "detached not-applied").length).toBeGreaterThanOrEqual(8);
    expect(answers.filter((answer) => answer === "too-many-requests").length).toBeGreaterThan(100);
  });
});

describe("JSON:", () => {
  it.each([
    [
      "100,000 records",
      (world: HostileWorld) => JSON.stringify(deliver(world, ...Array(100_000).fill({}))),
      "too-many-values",
    ],
    [
      "1,001 right records",
      (world: HostileWorld) =>
        JSON.stringify(deliver(world, ...Array(1_001).fill(reportOf("link_0123456789abcdef")))),
      "rejected too-many-records",
    ],
    ["arrays 500,000 deep", () => "[".repeat(500_000) + "]".repeat(500_000), "nested-too-deeply"],
    ["objects 100,000 deep", () => `${'{"a":'.repeat(100_000)}0${"}".repeat(100_000)}`, "nested-too-deeply"],
    [
      "a key twice",
      (world: HostileWorld) =>
        JSON.stringify(report(world)).replace('"version":1', '"version":2,"version":1'),
      "duplicate-key",
    ],
    [
      "the same key, once escaped",
      (world: HostileWorld) =>
        JSON.stringify(report(world)).replace('"version":1', '"versio\\u006e":1,"version":1'),
      "duplicate-key",
    ],
    [
      "__proto__ in the message",
      (world: HostileWorld) => JSON.stringify(report(world)).replace("{", '{"__proto__":{"isAdmin":true},'),
      "rejected unexpected-key",
    ],
    [
      "a number of a million digits",
      (world: HostileWorld) =>
        JSON.stringify(report(world)).replace('"version":1', `"version":${"1".repeat(1_000_000)}`),
      "rejected malformed-message",
    ],
    [
      "a string of a million characters",
      (world: HostileWorld) => JSON.stringify({ ...report(world), requestId: "x".repeat(1_000_000) }),
      "rejected malformed-message",
    ],
    ["999,999 backslashes", () => `"${"\\".repeat(999_999)}"`, "malformed-json"],
    ["a million quotes", () => '"'.repeat(1_000_000), "malformed-json"],
    [
      "100,000 keys",
      () => JSON.stringify(Object.fromEntries(Array.from({ length: 80_000 }, (_, at) => [`k${at}`, 0]))),
      "too-many-values",
    ],
  ])("%s", async (_, text, answer) => {
    const world = await createHostileWorld(1);

    expect(await outcome(world, await signed(world, new TextEncoder().encode(text(world))))).toBe(answer);
  });

  it("__proto__ in a record spoils that record, and no object of the program", async () => {
    const world = await createHostileWorld(1);
    const text = JSON.stringify(report(world)).replace(
      '"type":"report"',
      '"type":"report","__proto__":{"isAdmin":true}',
    );

    const request = await signed(world, new TextEncoder().encode(text));

    expect(await outcome(world, request, { chain: false })).toBe("delivered unexpected-key");
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
  });
});

describe("signatures:", () => {
  it("an accepted request is not accepted again", async () => {
    const world = await createHostileWorld(1);
    const request = await signed(world, encoded(withdraw(world, world.hostile.linkId)));
    const again = request.clone();

    expect(await outcomeOf(await world.handler(request))).toBe("delivered withdrawn");
    expect(await outcome(world, again)).toBe("signature-replayed");
  });

  it("a body that is exchanged for another of the same server is not taken", async () => {
    const world = await createHostileWorld(1);
    const { headers } = await signed(world, encoded(report(world)));

    const request = new Request(ADDRESS, { method: "POST", headers, body: encoded(disable(world)) });

    expect(await outcome(world, request)).toBe("content-digest-mismatch");
  });

  it.each([
    ["long ago", -361_000, "signature-expired"],
    ["in the future", 61_000, "signature-not-yet-valid"],
  ])("a disabling from %s is refused", async (_, milliseconds, answer) => {
    const world = await createHostileWorld(1);
    world.clock.advance(milliseconds);
    const request = await signed(world, encoded(disable(world)));
    world.clock.advance(-milliseconds);

    expect(await outcome(world, request)).toBe(answer);
  });

  it("a public key never works as a secret, whatever algorithm the message names", async () => {
    const world = await createHostileWorld(1);
    const request = await signed(world, encoded(disable(world)), { keyId: "key-rsa" });
    const input = `${request.headers.get("signature-input")};alg="hmac-sha256"`;
    const headers = new Headers(request.headers);
    headers.set("signature-input", input);
    headers.set("signature", `contributions=:${randomBytes(32).toString("base64")}:`);

    const forged = new Request(ADDRESS, { method: "POST", headers, body: encoded(disable(world)) });

    expect(await outcome(world, forged)).toBe("algorithm-refused");
  });

  it.each(["::", ":AA==:", `:${Buffer.alloc(64).toString("base64")}:`])(
    "an empty signature %s is refused",
    async (value) => {
      const world = await createHostileWorld(1);
      const request = await signed(world, encoded(disable(world)));
      const headers = new Headers(request.headers);
      headers.set("signature", `contributions=${value}`);

      const empty = new Request(ADDRESS, { method: "POST", headers, body: encoded(disable(world)) });

      expect(await outcome(world, empty)).toBe("signature-invalid");
    },
  );
});

describe("another server's link", () => {
  const REQUEST_ID = "request_0123456789";

  /** All that a server hears, byte for byte, when it names this link; headers included. */
  async function heard(kind: "report" | "withdraw", of: (world: HostileWorld) => string, isPacked: boolean) {
    const world = await createHostileWorld(1);
    const record =
      kind === "report" ? reportOf(of(world)) : { type: "withdraw", linkId: of(world), choice: 1 };
    const plain = encoded({ ...deliver(world, record), requestId: REQUEST_ID });
    const body = isPacked ? new Uint8Array(gzipSync(plain)) : plain;
    const before = world.stored({ chain: false });
    const response = await world.handler(await signed(world, body, { isPacked }));
    expect(world.stored({ chain: false })).toBe(before);
    return [response.status, [...response.headers], new Uint8Array(await response.arrayBuffer())];
  }

  const ANOTHERS = (world: HostileWorld): string => world.victim.linkId;
  const NOBODYS = (): string => "link_of_nobody_0123456789";

  it.each([
    ["report", false],
    ["report", true],
    ["withdraw", false],
    ["withdraw", true],
  ] as const)(
    "is answered like an unknown link, byte for byte: a %s, compressed: %s",
    async (kind, isPacked) => {
      expect(await heard(kind, ANOTHERS, isPacked)).toEqual(await heard(kind, NOBODYS, isPacked));
    },
  );

  it("is left as it is, dead or alive, and its counts stay shown", async () => {
    const world = await createHostileWorld(1);
    const { account, installation, linkId } = world.victim;
    const shown = JSON.stringify((await world.receiver.shownCounts(account))._unsafeUnwrap());

    await outcome(world, await signed(world, encoded(withdraw(world, linkId))), { chain: false });
    world.hostile.last = world.lastRequest();
    await outcome(world, await signed(world, encoded(deliver(world, reportOf(linkId)))), { chain: false });

    expect(JSON.stringify((await world.receiver.shownCounts(account))._unsafeUnwrap())).toBe(shown);
    (await world.receiver.revokeAuthorization(installation, account))._unsafeUnwrap();
    const receipt = world.stored({ chain: false });
    world.hostile.last = world.lastRequest();
    expect(
      await outcome(world, await signed(world, encoded(withdraw(world, linkId))), { chain: false }),
    ).toBe("delivered unknown");
    expect(world.stored({ chain: false })).toBe(receipt);
  });
});
