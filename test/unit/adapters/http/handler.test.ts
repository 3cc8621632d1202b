import { gzipSync } from "node:zlib";
import { err, errAsync, type InstallationId, ok, okAsync, type StorageFault } from "unified-contributions";
import {
  type AuthenticationProblem,
  createHttpHandler,
  createHttpTransport,
  type HttpHandlerOptions,
} from "unified-contributions/adapters/http";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import type { Receiver } from "unified-contributions/ghec";
import { createTestWorld } from "unified-contributions/testing";
import type { Answer, Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { everyoneIs } from "../../../support/http-host.ts";

const SERVER = "server-1" as InstallationId;
const URL_OF_IT = "https://cloud.example/unified-contributions";
const MESSAGE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
const REJECTED: Answer = {
  version: 1,
  type: "rejected",
  requestId: null,
  reason: "malformed-message",
  supported: { first: 1, last: 1 },
};

/** A handler before a receiver that answers everything with the same, and remembers what it was asked. */
function handlerWith(options: Partial<HttpHandlerOptions> = {}) {
  const handled: [installation: string, input: unknown][] = [];
  const receiver: Pick<Receiver, "handle"> = {
    handle: (installation, input) => {
      handled.push([installation, input]);
      return okAsync(REJECTED);
    },
  };
  const handler = createHttpHandler({ receiver, authenticate: everyoneIs(SERVER), ...options });
  return { handled, handler };
}

interface Posted {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream | null;
}

function requestOf({ url = URL_OF_IT, method = "POST", headers = {}, body = MESSAGE }: Posted = {}): Request {
  const init = { method, headers: { "content-type": "application/json", ...headers } };
  // A body that is a stream needs to be told that it is sent while the answer is awaited.
  return new Request(url, body === null ? init : { ...init, body, duplex: "half" });
}

/** What a problem says, and how it says it. */
async function problemOf(response: Response) {
  const problem = (await response.json()) as Record<string, unknown>;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(problem).toEqual({
    type: expect.stringMatching(/^urn:problem-type:unified-contributions:[a-z-]+$/),
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
  });
  return [response.status, String(problem["type"]).split(":").at(-1)];
}

/** A body of bytes that come as a stream, without a length. */
function streamOf(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller) => {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

describe("a request that is understood", () => {
  it("gets the receiver's answer to the proven installation", async () => {
    const { handler, handled } = handlerWith();

    const response = await handler(requestOf());

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(REJECTED);
    expect(handled).toEqual([["server-1", JSON.parse(MESSAGE)]]);
  });

  it("may be compressed, and declare its charset", async () => {
    const { handler, handled } = handlerWith();

    for (const charset of ["", "; charset=utf-8", ';charset="UTF-8"']) {
      const headers = { "content-encoding": "GZIP", "content-type": `Application/JSON${charset}` };
      const response = await handler(requestOf({ headers, body: gzipSync(MESSAGE) }));
      expect(response.status).toBe(200);
    }

    expect(handled.map(([, input]) => input)).toEqual(Array(3).fill(JSON.parse(MESSAGE)));
  });

  it.each([
    ["gzip", true],
    ["br, GZIP;q=0.5", true],
    ["deflate, gzip", true],
    ["identity", false],
    ["gzip;q=0", false],
    ["gzip; q=0.000, br", false],
    ["x-gzip", false],
    ["", false],
  ])("that accepts %j: a long answer is compressed: %s", async (accepted, isPacked) => {
    const long = { answer: "long ".repeat(300) };
    const { handler } = handlerWith({ receiver: { handle: () => okAsync(long) as never } });

    const response = await handler(requestOf({ headers: { "accept-encoding": accepted } }));

    expect(response.headers.get("content-encoding")).toBe(isPacked ? "gzip" : null);
    expect(response.headers.get("vary")).toBe("accept-encoding");
    const sent = response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
    const plain = isPacked ? sent.pipeThrough(new DecompressionStream("gzip")) : sent;
    expect(await new Response(plain).json()).toEqual(long);
  });

  it("is authenticated with its raw bytes, before they are inflated, if authentication needs the body", async () => {
    const seen: [string, Uint8Array][] = [];
    const { handler } = handlerWith({
      authenticate: {
        withBody: async (request, body) => {
          seen.push([`${request.method} ${request.url} ${request.headers.get("content-encoding")}`, body]);
          return ok(SERVER);
        },
      },
    });
    const packed = gzipSync(MESSAGE);

    await handler(requestOf({ headers: { "content-encoding": "gzip" }, body: packed }));

    expect(seen.map(([head]) => head)).toEqual([`POST ${URL_OF_IT} gzip`]);
    expect(seen.map(([, body]) => Buffer.from(body).equals(packed))).toEqual([true]);
  });
});

describe("a request that is not", () => {
  const big = "x".repeat(1_048_577);
  const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const truncated = gzipSync(MESSAGE).subarray(0, -9);

  it.each<[what: string, request: Posted, status: number, code: string]>([
    ["another path", { url: `${URL_OF_IT}/` }, 404, "not-found"],
    ["GET", { method: "GET", body: null }, 405, "method-not-allowed"],
    ["PUT", { method: "PUT" }, 405, "method-not-allowed"],
    ["no content type", { headers: { "content-type": "" } }, 415, "unsupported-media-type"],
    ["text", { headers: { "content-type": "text/plain" } }, 415, "unsupported-media-type"],
    [
      "another charset",
      { headers: { "content-type": "application/json; charset=latin1" } },
      415,
      "unsupported-media-type",
    ],
    ["two types", { headers: { "content-type": "application/json, a/b" } }, 415, "unsupported-media-type"],
    ["brotli", { headers: { "content-encoding": "br" } }, 415, "unsupported-content-encoding"],
    ["gzip twice", { headers: { "content-encoding": "gzip, gzip" } }, 415, "unsupported-content-encoding"],
    ["a large body", { body: big }, 413, "body-too-large"],
    ["a declared large body", { headers: { "content-length": "1048577" } }, 413, "body-too-large"],
    ["no body", { body: null }, 400, "malformed-json"],
    ["no JSON", { body: "enable" }, 400, "malformed-json"],
    ["a string without an end", { body: '{"version' }, 400, "malformed-json"],
    ["half of it", { body: MESSAGE.slice(0, 40) }, 400, "malformed-json"],
    ["two of it", { body: MESSAGE + MESSAGE }, 400, "malformed-json"],
    ["a byte order mark", { body: `\uFEFF${MESSAGE}` }, 400, "malformed-json"],
    ["UTF-16", { body: Buffer.from(MESSAGE, "utf16le") }, 400, "malformed-json"],
    ["bytes that are no UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, "malformed-json"],
    ["17 levels", { body: deep(17) }, 400, "nested-too-deeply"],
    ["a million levels without an end", { body: "[".repeat(1_000_000) }, 400, "nested-too-deeply"],
    ["349,000 arrays", { body: `[${"[],".repeat(349_000)}[]]` }, 400, "too-many-values"],
    ["349,000 objects", { body: `[${"{},".repeat(349_000)}{}]` }, 400, "too-many-values"],
    ["500,000 numbers", { body: `[${"1,".repeat(500_000)}1]` }, 400, "too-many-values"],
    ["a million commas", { body: `[${",".repeat(1_000_000)}` }, 400, "too-many-values"],
    ["30,000 keys", { body: `{${'"":0,'.repeat(30_000)}"":0}` }, 400, "too-many-values"],
    [
      "a bomb of brackets in 1,029 bytes",
      { headers: { "content-encoding": "gzip" }, body: gzipSync("[".repeat(1_000_000)) },
      400,
      "nested-too-deeply",
    ],
    ["a key twice", { body: '{"type":"enable","type":"disable"}' }, 400, "duplicate-key"],
    ["a key twice within", { body: '{"a":[{"b":1,"\\u0062":2}]}' }, 400, "duplicate-key"],
    ["__proto__ twice", { body: '{"__proto__":1,"__proto__":{}}' }, 400, "duplicate-key"],
    [
      "no gzip where gzip is declared",
      { headers: { "content-encoding": "gzip" } },
      400,
      "malformed-encoding",
    ],
    [
      "gzip that is cut",
      { headers: { "content-encoding": "gzip" }, body: truncated },
      400,
      "malformed-encoding",
    ],
    [
      "nothing where gzip is declared",
      { headers: { "content-encoding": "gzip" }, body: "" },
      400,
      "malformed-encoding",
    ],
    [
      "gzip of several members",
      {
        headers: { "content-encoding": "gzip" },
        body: new Uint8Array(Buffer.concat([gzipSync(MESSAGE), gzipSync("")])),
      },
      400,
      "malformed-encoding",
    ],
    [
      "gzip that inflates beyond the bound",
      { headers: { "content-encoding": "gzip" }, body: gzipSync(" ".repeat(50_000_000)) },
      413,
      "body-too-large",
    ],
  ])("%s", async (_, posted, status, code) => {
    const { handler, handled } = handlerWith();

    const response = await handler(requestOf(posted));

    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await problemOf(response)).toEqual([status, code]);
    expect(handled).toEqual([]);
  });

  it("gets a 405 or 415 that names what the handler accepts", async () => {
    const { handler } = handlerWith();

    const method = await handler(requestOf({ method: "DELETE" }));
    const type = await handler(requestOf({ headers: { "content-type": "a/b" } }));
    const encoding = await handler(requestOf({ headers: { "content-encoding": "br" } }));

    expect(method.headers.get("allow")).toBe("POST");
    expect(type.headers.get("accept")).toBe("application/json");
    expect(encoding.headers.get("accept-encoding")).toBe("gzip, identity");
  });

  it("is read no further than the bound, even if its body has no end", async () => {
    const { handler } = handlerWith({ maxBodyBytes: 100_000 });
    let taken = 0;
    function* endless(): Iterable<Uint8Array> {
      for (;;) {
        taken += 10_000;
        yield new Uint8Array(10_000);
      }
    }

    const response = await handler(requestOf({ body: streamOf(endless()) }));

    expect(await problemOf(response)).toEqual([413, "body-too-large"]);
    expect(taken).toBeLessThan(150_000);
  });

  it("that breaks off is refused by name, and nothing of it is applied", async () => {
    const { handler, handled } = handlerWith();
    let pulls = 0;
    const cut = new ReadableStream({
      pull: (controller) => {
        if (pulls++ === 0) controller.enqueue(Buffer.from(MESSAGE));
        else controller.error(new Error("ECONNRESET"));
      },
    });

    const response = await handler(requestOf({ body: cut }));

    expect(await problemOf(response)).toEqual([400, "body-incomplete"]);
    expect(handled).toEqual([]);
  });

  it("that stops is given up after the time that a body may take", async () => {
    const { handler, handled } = handlerWith({ bodyTimeoutMs: 20 });
    const stuck = new ReadableStream({ pull: () => new Promise(() => undefined) });

    const response = await handler(requestOf({ body: stuck }));

    expect(await problemOf(response)).toEqual([408, "body-timeout"]);
    expect(handled).toEqual([]);
  });

  it("repeats nothing of what was sent", async () => {
    const { handler } = handlerWith();
    const secret = "octo-corp-secret";

    const responses = await Promise.all([
      handler(requestOf({ url: `https://cloud.example/${secret}` })),
      handler(requestOf({ method: secret })),
      handler(requestOf({ headers: { "content-type": secret } })),
      handler(requestOf({ headers: { "content-encoding": secret } })),
      handler(requestOf({ body: secret })),
      handler(requestOf({ body: `{"${secret}":1,"${secret}":2}` })),
    ]);

    for (const response of responses) {
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain(secret);
    }
  });
});

describe("the sender", () => {
  const PROBLEMS: Record<AuthenticationProblem, number> = {
    "authentication-required": 401,
    "authentication-failed": 401,
    "signature-invalid": 401,
    "signature-malformed": 401,
    "signature-insufficient": 401,
    "signature-expired": 401,
    "signature-not-yet-valid": 401,
    "signature-replayed": 401,
    "algorithm-refused": 401,
    "content-digest-mismatch": 401,
    "unknown-key": 401,
    "wrong-audience": 403,
    "installation-refused": 403,
    "authentication-unavailable": 503,
  };

  it.each(Object.entries(PROBLEMS))("%s is answered with %i, without the reason", async (type, status) => {
    const refusal = { type: type as AuthenticationProblem, message: "the key octo-secret is wrong" };
    const { handler, handled } = handlerWith({ authenticate: async () => err(refusal) });

    const response = await handler(requestOf());

    expect(response.headers.get("www-authenticate")).toBe(status === 401 ? "Signature" : null);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "60" : null);
    const text = await response.clone().text();
    expect(await problemOf(response)).toEqual([status, type]);
    expect(text).not.toContain("octo-secret");
    expect(handled).toEqual([]);
  });

  it.each<[string, HttpHandlerOptions["authenticate"]]>([
    [
      "throws",
      () => {
        throw new Error("octo-secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("octo-secret"))],
    ["answers nothing", (async () => undefined) as never],
    [
      "refuses with a name that is none",
      async () => err({ type: "no-such-problem", message: "octo-secret" } as never),
    ],
  ])("an authentication that %s refuses every request", async (_, authenticate) => {
    const { handler, handled } = handlerWith({ authenticate });

    const response = await handler(requestOf());

    expect(await response.clone().text()).not.toContain("octo-secret");
    expect(await problemOf(response)).toEqual([500, "internal-error"]);
    expect(handled).toEqual([]);
  });

  it("is proven before anything is inflated or parsed", async () => {
    const refusal = { type: "unknown-key", message: "" } as const;
    const { handler } = handlerWith({ authenticate: async () => err(refusal) });

    const bomb = await handler(
      requestOf({ headers: { "content-encoding": "gzip" }, body: gzipSync(" ".repeat(50_000_000)) }),
    );
    const broken = await handler(requestOf({ body: "no JSON" }));

    expect(await problemOf(bomb)).toEqual([401, "unknown-key"]);
    expect(await problemOf(broken)).toEqual([401, "unknown-key"]);
  });

  it("learns how to authenticate here", async () => {
    const refusal = { type: "authentication-required", message: "" } as const;
    const { handler } = handlerWith({ authenticate: async () => err(refusal), challenge: "Bearer" });

    const response = await handler(requestOf());

    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });
});

describe("a ledger that fails after the store has deleted", () => {
  const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is away." };

  it("leaves the outcome unknown, on the wire and for the sender's host", async () => {
    const ledger = createMemoryLedger();
    let isAway = false;
    const world = createTestWorld({
      ledger: { ...ledger, append: (...given) => (isAway ? errAsync(LOST) : ledger.append(...given)) },
    });
    await world.enable();
    await world.join("ann");
    await world.contribute("ann", "2026-03-01T09:00:00Z");
    await world.sync();
    const { link } = await world.sharing("ann");
    const linkId = link.status === "sending" ? link.consent.linkId : null;
    const { handler } = handlerWith({ receiver: world.receiver });
    const withdraw = {
      ...{ version: 1, requestId: "request_0123456789", type: "deliver", sessionId: null, follows: [] },
      records: [{ type: "withdraw", linkId, choice: null }],
    };
    isAway = true;

    const response = await handler(requestOf({ body: JSON.stringify(withdraw) }));
    const sent = await createHttpTransport({
      url: URL_OF_IT,
      fetch: (url, init) => handler(new Request(url, init)),
    }).send(withdraw as unknown as Message, new AbortController().signal);

    expect(await world.shown("ann")).toBe(0);
    expect(await problemOf(response)).toEqual([503, "outcome-unknown"]);
    expect(sent._unsafeUnwrapErr()).toMatchObject({ reason: "outcome-unknown", retryAfterMs: 60_000 });
  });
});

describe("a receiver that fails", () => {
  const fault: StorageFault = { type: "storage-fault", reason: "unavailable", message: "octo-secret" };

  it.each<[string, Pick<Receiver, "handle">["handle"], number, string, string | null]>([
    ["with its storage", () => errAsync(fault), 503, "outcome-unknown", "60"],
    [
      "because the installation's id is none",
      () => errAsync({ type: "invalid-identifier", kind: "installation", message: "octo-secret" }),
      500,
      "internal-error",
      null,
    ],
    [
      "by throwing",
      () => {
        throw new Error("octo-secret");
      },
      500,
      "internal-error",
      null,
    ],
    ["by saying nothing", () => okAsync(undefined as never), 500, "internal-error", null],
    ["by saying what JSON cannot", () => okAsync(10n as never), 500, "internal-error", null],
  ])("%s", async (_, handle, status, code, retryAfter) => {
    const { handler } = handlerWith({ receiver: { handle } });

    const response = await handler(requestOf());

    expect(response.headers.get("retry-after")).toBe(retryAfter);
    expect(await response.clone().text()).not.toContain("octo-secret");
    expect(await problemOf(response)).toEqual([status, code]);
  });
});

describe("many requests at once", () => {
  /** A receiver that answers when it is told to. */
  function waitingReceiver() {
    const waiting: (() => void)[] = [];
    const handle: Pick<Receiver, "handle">["handle"] = () =>
      okAsync(undefined).andThen(() =>
        okAsync(new Promise<void>((resolve) => waiting.push(resolve))).map((turn) =>
          turn.then(() => REJECTED),
        ),
      ) as never;
    return { receiver: { handle }, waiting };
  }

  /** Resolves when so many requests wait. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  it("are answered up to the bound, the next is told to come later, and a place is free again after", async () => {
    const { receiver, waiting } = waitingReceiver();
    const { handler } = handlerWith({ receiver, maxConcurrent: 2 });
    const taken = [handler(requestOf()), handler(requestOf())];
    await until(() => waiting.length === 2);

    const refused = await handler(requestOf());
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(await problemOf(refused)).toEqual([429, "too-many-requests"]);

    for (const answer of waiting.splice(0)) answer();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
    const next = handler(requestOf());
    await until(() => waiting.length === 1);
    waiting[0]?.();
    expect((await next).status).toBe(200);
  });

  it("of one installation leave places to the others", async () => {
    const { receiver, waiting } = waitingReceiver();
    const { handler } = handlerWith({
      receiver,
      maxConcurrent: 8,
      maxConcurrentEach: 1,
      authenticate: async ({ headers }) => ok(headers.get("x-server") as InstallationId),
    });
    const first = handler(requestOf({ headers: { "x-server": "server-1" } }));
    await until(() => waiting.length === 1);

    const again = await handler(requestOf({ headers: { "x-server": "server-1" } }));
    const other = handler(requestOf({ headers: { "x-server": "server-2" } }));
    await until(() => waiting.length === 2);

    expect(await problemOf(again)).toEqual([429, "too-many-requests"]);
    for (const answer of waiting.splice(0)) answer();
    expect([(await first).status, (await other).status]).toEqual([200, 200]);
    const later = handler(requestOf({ headers: { "x-server": "server-1" } }));
    await until(() => waiting.length === 1);
    waiting[0]?.();
    expect((await later).status).toBe(200);
  });

  it("are finished by a shutdown, which accepts no new ones", async () => {
    const { receiver, waiting } = waitingReceiver();
    const { handler } = handlerWith({ receiver });
    const taken = handler(requestOf());
    await until(() => waiting.length === 1);
    let isDown = false;

    const down = handler.shutdown().then(() => {
      isDown = true;
    });
    const refused = await handler(requestOf());

    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await problemOf(refused)).toEqual([503, "shutting-down"]);
    expect(isDown).toBe(false);
    waiting[0]?.();
    expect((await taken).status).toBe(200);
    await down;
    await handler.shutdown();
  });
});

describe("a mistake in the program is thrown at start", () => {
  const receiver: Pick<Receiver, "handle"> = { handle: () => okAsync(REJECTED) };
  const authenticate = everyoneIs(SERVER);

  it.each<[unknown, RegExp]>([
    [undefined, /`receiver` has to have the method `handle`/],
    [{ authenticate }, /`receiver` has to have the method `handle`/],
    [{ receiver }, /`authenticate` has to be a function; there is no default/],
    [{ receiver, authenticate: {} }, /`authenticate` has to be a function; there is no default/],
    [
      { receiver, authenticate: (_: Request, __: Uint8Array) => authenticate() },
      /`authenticate` is called before the body arrives; give one that needs the body as `{ withBody }`/,
    ],
    [{ receiver, authenticate, challenge: 1 }, /`challenge` has to be a string/],
    [{ receiver, authenticate, path: "contributions" }, /`path` has to begin with a slash/],
    [{ receiver, authenticate, maxBodyBytes: 0 }, /`maxBodyBytes` has to be a whole number from 1 on/],
    ...[
      "bodyTimeoutMs",
      "bodyIdleMs",
      "minBytesPerSecond",
      "maxConcurrent",
      "maxConcurrentEach",
      "requestsPerSecond",
      "requestBurst",
      "maxHeads",
      "maxUnproven",
      "maxDropped",
      "callTimeoutMs",
      "maxGivenUp",
      "maxGivenUpEach",
      "shutdownTimeoutMs",
    ].flatMap((name) =>
      [0, 1.5, 2 ** 31, Number.POSITIVE_INFINITY, "1", null].map((wrong): [unknown, RegExp] => [
        { receiver, authenticate, [name]: wrong },
        new RegExp(`^createHttpHandler: \`${name}\` has to be a whole number from 1 on`),
      ]),
    ),
  ])("%j", (options, message) => {
    expect(() => createHttpHandler(options as never)).toThrow(message);
    expect(() => createHttpHandler(options as never)).toThrow(TypeError);
  });
});
