import { err, errAsync, type InstallationId, okAsync } from "unified-contributions";
import {
  createHttpHandler,
  createHttpTransport,
  type HttpFetch,
  type HttpHandlerOptions,
  type HttpTransportOptions,
  type SignAnswer,
} from "unified-contributions/adapters/http";
import type { Answer, Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { everyoneIs } from "../../../support/http-host.ts";

const ADDRESS = "https://cloud.example/unified-contributions";
const ENABLE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
/** Long enough that an answer which is not signed would be compressed. */
const SAID = { said: "so".repeat(1_000) } as unknown as Answer;
const PATIENT = new AbortController().signal;

/** A handler whose answers carry what the signer was given, in headers. */
function handlerWith(options: Partial<HttpHandlerOptions> = {}) {
  const signed: [status: number, type: string | null, body: string, of: string | null][] = [];
  const signAnswers: SignAnswer = async ({ status, headers }, body, request) => {
    const text = new TextDecoder().decode(body);
    signed.push([status, headers.get("content-type"), text, request.headers.get("x-request")]);
    return { signature: `of ${body.byteLength} bytes` };
  };
  const handler = createHttpHandler({
    receiver: { handle: () => okAsync(SAID) },
    authenticate: everyoneIs("server-1" as InstallationId),
    ...{ signAnswers, callTimeoutMs: 30, ...options },
  });
  const ask = (body = ENABLE): Promise<Response> => {
    const headers = { "content-type": "application/json", "accept-encoding": "gzip", "x-request": "1" };
    return handler(new Request(ADDRESS, { method: "POST", headers, body }));
  };
  return { handler, signed, ask };
}

/** The status of an answer, the code of its problem, and its signature. */
async function toldBy(response: Response): Promise<readonly [number, string, string | null]> {
  const { type = "" } = (await response.json()) as { readonly type?: string };
  return [response.status, type.split(":").at(-1) ?? "", response.headers.get("signature")];
}

describe("the handler signs", () => {
  it("the receiver's answer: the exact bytes that leave, not compressed, with their request", async () => {
    const { ask, signed } = handlerWith();

    const response = await ask();

    const body = JSON.stringify(SAID);
    expect(signed).toEqual([[200, "application/json", body, "1"]]);
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("signature")).toBe(`of ${body.length} bytes`);
    expect(await response.text()).toBe(body);
  });

  it("a problem that answers a proven head, with the wait that it asks for", async () => {
    const receiver = {
      handle: () => errAsync({ type: "storage-fault", reason: "unavailable", message: "" } as const),
    };
    const { ask, signed } = handlerWith({ receiver });

    const response = await ask();
    const text = await response.clone().text();

    expect(await toldBy(response)).toEqual([503, "outcome-unknown", `of ${text.length} bytes`]);
    expect(signed).toEqual([[503, "application/problem+json", text, "1"]]);
  });

  it("no answer to strangers, since each would cost a signature", async () => {
    const authenticate = async () => err({ type: "authentication-required", message: "" } as const);
    const { handler, ask, signed } = handlerWith({ authenticate });

    expect(await toldBy(await ask())).toEqual([401, "authentication-required", null]);
    expect((await handler(new Request(ADDRESS))).headers.get("signature")).toBeNull();
    await handler.shutdown();
    expect(await toldBy(await ask())).toEqual([503, "shutting-down", null]);
    expect(signed).toEqual([]);
  });
});

describe("an answer that cannot be signed", () => {
  it("is replaced by a problem that says the outcome is unknown", async () => {
    const failing: SignAnswer = () => Promise.reject(new Error("secret"));
    const throwing: SignAnswer = () => {
      throw new Error("secret");
    };
    const hanging: SignAnswer = () => new Promise(() => undefined);
    const told: unknown[] = [];

    for (const signAnswers of [failing, throwing, hanging])
      told.push(await toldBy(await handlerWith({ signAnswers }).ask()));

    expect(told).toEqual([
      [500, "internal-error", null],
      [500, "internal-error", null],
      [503, "outcome-unknown", null],
    ]);
  });

  it("is refused at once while the allowed number of calls hang", async () => {
    let calls = 0;
    const signAnswers: SignAnswer = () => {
      calls++;
      return new Promise(() => undefined);
    };
    const { ask } = handlerWith({ signAnswers, maxGivenUp: 1 });

    await ask();
    const callsBefore = calls;

    expect(await toldBy(await ask())).toEqual([503, "outcome-unknown", null]);
    expect(calls).toBe(callsBefore);
  });

  it("goes out unsigned if it is a problem", async () => {
    const signAnswers: SignAnswer = () => Promise.reject(new Error("secret"));
    const receiver = {
      handle: () => errAsync({ type: "storage-fault", reason: "corrupt", message: "" } as const),
    };

    const { ask } = handlerWith({ signAnswers, receiver });

    expect(await toldBy(await ask())).toEqual([503, "outcome-unknown", null]);
  });

  it("is a mistake in the program if the signer is not a function", () => {
    expect(() => handlerWith({ signAnswers: {} as never })).toThrow(/`signAnswers` has to be a function/);
  });
});

const MESSAGE: Message = JSON.parse(ENABLE);

/** Sends a message and answers what came of it; the request carries a mark that the verifier can see. */
async function send(answer: Response, options: Partial<HttpTransportOptions>) {
  const fetch: HttpFetch = async () => answer;
  const transport = createHttpTransport({
    ...{ url: ADDRESS, fetch },
    sign: (request) => {
      request.headers.set("x-mark", "signed");
      return request;
    },
    ...options,
  });
  return (await transport.send(MESSAGE, PATIENT)).match(
    (value) => ({ value }),
    ({ reason, retryAfterMs, message }) => ({ reason, retryAfterMs, message }),
  );
}

function answerOf(body: string, status = 200, headers: Record<string, string> = {}): Response {
  const type = status === 200 ? "application/json" : "application/problem+json";
  return new Response(body, { status, headers: { "content-type": type, ...headers } });
}

const DAY = { "retry-after": "86400" };
const PROBLEM = '{"type":"urn:problem-type:unified-contributions:receiver-unavailable"}';

describe("the transport", () => {
  it("hands over the answer's status, headers and bytes, and the request as it was signed", async () => {
    const seen: unknown[] = [];

    const told = await send(answerOf('{"a":1}', 200, { "x-said": "so" }), {
      verifyAnswers: ({ status, headers }, body, request) => {
        seen.push([
          status,
          headers.get("x-said"),
          new TextDecoder().decode(body),
          request.headers.get("x-mark"),
        ]);
        return true;
      },
    });

    expect(seen).toEqual([[200, "so", '{"a":1}', "signed"]]);
    expect(told).toEqual({ value: { a: 1 } });
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ["is not the cloud's", () => false],
    ["is said to be so by something that is no boolean", () => "yes" as never],
    ["cannot be checked", () => Promise.reject(new Error("secret"))],
    [
      "makes the check throw",
      () => {
        throw new Error("secret");
      },
    ],
  ])("does not accept a 200 that %s, JSON or not", async (_, verifyAnswers) => {
    for (const body of ['{"a":1}', "no JSON"]) {
      expect(await send(answerOf(body, 200, DAY), { verifyAnswers })).toEqual({
        reason: "untrusted",
        retryAfterMs: null,
        message: expect.stringMatching(/^The answer is not signed with a key of GitHub Enterprise Cloud/),
      });
    }
  });

  it("waits as long as a signed problem asks, and an hour at most for one that is not", async () => {
    const waits: unknown[] = [];
    for (const isSigned of [true, false]) {
      for (const asked of ["86400", "3601", "3600", "60"]) {
        const answer = answerOf(PROBLEM, 503, { "retry-after": asked });
        const told = await send(answer, { verifyAnswers: () => isSigned });
        waits.push("retryAfterMs" in told ? told.retryAfterMs : told);
      }
    }

    expect(waits).toEqual([
      86_400_000, 3_601_000, 3_600_000, 60_000, 3_600_000, 3_600_000, 3_600_000, 60_000,
    ]);
  });

  it("does not check a page that is not JSON, and waits an hour at most for it", async () => {
    const headers = { ...DAY, "content-type": "text/html" };

    expect(await send(answerOf("<html>", 503, headers), { verifyAnswers: () => true })).toMatchObject({
      reason: "busy",
      retryAfterMs: 3_600_000,
    });
    expect(await send(answerOf("<html>", 503, headers), {})).toMatchObject({ retryAfterMs: 86_400_000 });
  });

  it("does not wait for a check that hangs", async () => {
    const told = await send(answerOf("{}"), {
      verifyAnswers: () => new Promise(() => undefined),
      timeoutMs: 30,
    });

    expect(told).toMatchObject({ reason: "timed-out" });
  });

  it("throws for a check that is not a function, or if requests are not signed", () => {
    const verifyAnswers = () => true;

    expect(() => createHttpTransport({ url: ADDRESS, verifyAnswers })).toThrow(
      /`verifyAnswers` needs `sign`/,
    );
    expect(() =>
      createHttpTransport({ url: ADDRESS, sign: (request) => request, verifyAnswers: {} as never }),
    ).toThrow(/`verifyAnswers` has to be a function/);
  });
});

it("an answer without keys is not signed", async () => {
  const plain = await handlerWith({ signAnswers: null }).ask();

  expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([
    "gzip",
    "accept-encoding",
  ]);
  expect(plain.headers.get("signature")).toBeNull();
});
