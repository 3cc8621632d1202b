import { err, errAsync, type InstallationId, ok, okAsync, type StorageFault } from "unified-contributions";
import {
  createHttpHandler,
  createHttpTransport,
  type ExplainedRefusal,
  type HttpFetch,
  type HttpHandlerEvent,
  type HttpHandlerOptions,
  type HttpTransportEvent,
  type HttpTransportOptions,
} from "unified-contributions/adapters/http";
import type { Message, RequestId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { everyoneIs } from "../../../support/http-host.ts";

const SERVER = "server-1" as InstallationId;
const ADDRESS = "https://cloud.example/unified-contributions";
const MESSAGE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
const ENABLE: Message = JSON.parse(MESSAGE);
const AWAY: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The storage is away." };
const SECRET = new Error("secret");

function boom(): never {
  throw SECRET;
}

function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}

/** A handler before a receiver that answers everything, and what it tells. */
function listening(options: Partial<HttpHandlerOptions> = {}) {
  const told: HttpHandlerEvent[] = [];
  const handler = createHttpHandler({
    receiver: { handle: () => okAsync({ type: "answer" }) as never },
    authenticate: everyoneIs(SERVER),
    onEvent: (event) => told.push(event),
    ...options,
  });
  return { told, handler };
}

function post(headers: Record<string, string> = {}, body = MESSAGE): Request {
  return new Request(ADDRESS, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

/** What was told of one request to a handler with these parts. */
async function toldOf(options: Partial<HttpHandlerOptions>, request = post()) {
  const { told, handler } = listening(options);
  await handler(request);
  expect(told).toHaveLength(1);
  return told[0];
}

const REFUSED = { type: "http-request-refused", keyId: null, durationMs: expect.any(Number) };

describe("a handler tells of a request", () => {
  it("that was answered", async () => {
    expect(await toldOf({})).toEqual({
      type: "http-request-answered",
      installation: SERVER,
      durationMs: expect.any(Number),
    });
  });

  it("that does not fit, without an installation", async () => {
    const request = post({ "content-type": "text/plain" });

    expect(await toldOf({}, request)).toEqual({
      ...REFUSED,
      ...{ code: "unsupported-media-type", status: 415, installation: null, why: null },
    });
  });

  it("that is not authenticated, with the words and the key of the refusal", async () => {
    const refusal: ExplainedRefusal = {
      type: "signature-expired",
      message: "Set the clock.",
      keyId: "key-1",
    };

    expect(await toldOf({ authenticate: async () => err(refusal) })).toEqual({
      ...REFUSED,
      ...{
        code: "signature-expired",
        status: 401,
        installation: null,
        why: "Set the clock.",
        keyId: "key-1",
      },
    });
  });

  it("that could not be authenticated, with what a part threw", async () => {
    const refusal: ExplainedRefusal = { type: "authentication-unavailable", message: "Away.", cause: SECRET };

    expect(await toldOf({ authenticate: async () => err(refusal) })).toMatchObject({
      ...{ code: "authentication-unavailable", status: 503, why: "Away.", cause: SECRET },
    });
  });

  it("whose refusal makes no sense, without it", async () => {
    const refusal = { type: "no-code", message: 7, keyId: { a: 1 } } as never;

    expect(await toldOf({ authenticate: async () => err(refusal) })).toEqual({
      ...REFUSED,
      ...{ code: "internal-error", status: 500, installation: null, why: null },
    });
  });

  it.each<readonly [string, Partial<HttpHandlerOptions>]>([
    ["authentication", { authenticate: boom }],
    ["the receiver", { receiver: { handle: boom } }],
    ["signing", { signAnswers: boom }],
  ])("on which %s threw, with the thrown value", async (part, options) => {
    expect(await toldOf(options)).toEqual({
      ...REFUSED,
      ...{ code: "internal-error", status: 500, cause: SECRET },
      installation: part === "authentication" ? null : SERVER,
      why: expect.stringContaining("threw: the cause says why"),
    });
  });

  it.each<readonly [string, Partial<HttpHandlerOptions>, string, RegExp]>([
    ["authentication", { authenticate: () => never() }, "authentication-unavailable", /^`authenticate` did/],
    [
      "the receiver",
      { receiver: { handle: () => never() as never } },
      "outcome-unknown",
      /^The receiver did/,
    ],
    ["signing", { signAnswers: () => never() }, "outcome-unknown", /^`signAnswers` did/],
  ])("on which %s does not come back, and names the bound", async (_, options, code, why) => {
    expect(await toldOf({ ...options, callTimeoutMs: 1 })).toMatchObject({
      code,
      why: expect.stringMatching(why),
    });
  });

  it.each<readonly [string, Partial<HttpHandlerOptions>, string, RegExp]>([
    [
      "authentication",
      { authenticate: () => never() },
      "authentication-unavailable",
      /`authenticate`.*maxGivenUp/,
    ],
    [
      "the receiver",
      { receiver: { handle: () => never() as never } },
      "receiver-unavailable",
      /maxGivenUpEach/,
    ],
    [
      "the receiver for one installation",
      { receiver: { handle: () => never() as never }, maxGivenUp: 2, maxGivenUpEach: 1 },
      "receiver-unavailable",
      /maxGivenUpEach/,
    ],
    ["signing", { signAnswers: () => never() }, "outcome-unknown", /too many of its calls/],
  ])("that comes while calls of %s hang, and says why", async (_, options, code, why) => {
    const { told, handler } = listening({ maxGivenUp: 1, callTimeoutMs: 1, ...options });
    await handler(post());

    await handler(post());

    expect(told[1]).toMatchObject({ code, why: expect.stringMatching(why) });
  });

  it("that finds no place, and names the bound", async () => {
    const { told, handler } = listening({ requestBurst: 1, requestsPerSecond: 1 });

    const claim = { "unified-contributions-deletion": "?1" };
    await handler(post());
    await handler(post(claim));
    await handler(post());

    // The second was read, since it said that it was a deletion; the third was not.
    expect(told.slice(1)).toMatchObject([
      { code: "too-many-requests", installation: SERVER, why: expect.stringContaining("requestBurst") },
      { code: "too-many-requests", installation: SERVER, why: expect.stringContaining("requestBurst") },
    ]);
  });

  it("that finds no turn to be proven", async () => {
    const { told, handler } = listening({
      authenticate: { withBody: () => never() },
      ...{ maxUnproven: 1, callTimeoutMs: 50 },
    });

    await Promise.all([handler(post()), handler(post())]);

    expect(told[0]).toMatchObject({ code: "too-many-requests", why: expect.stringContaining("maxUnproven") });
  });

  it("whose body cannot be read, with the proven installation", async () => {
    expect(await toldOf({}, post({}, "{"))).toMatchObject({
      ...{ code: "malformed-json", installation: SERVER, why: null },
    });
  });

  it("whose message the receiver could not answer, in the fault's own words", async () => {
    expect(await toldOf({ receiver: { handle: () => errAsync(AWAY) } })).toMatchObject({
      ...{ code: "outcome-unknown", status: 503, why: AWAY.message },
    });
  });

  it("whose message the receiver did not answer", async () => {
    expect(await toldOf({ receiver: { handle: () => okAsync(undefined) as never } })).toMatchObject({
      ...{ code: "internal-error", why: expect.stringContaining("gave no answer") },
    });
  });

  it("that comes during a shutdown of the handler", async () => {
    const { told, handler } = listening();
    await handler.shutdown();

    await handler(post());

    expect(told).toMatchObject([{ code: "shutting-down", status: 503 }]);
  });
});

it("a handler answers the same if its listener throws", async () => {
  const { handler } = listening({ onEvent: boom });

  expect((await handler(post())).status).toBe(200);
});

it("a handler without a listener refuses all the same", async () => {
  const handler = (options: Partial<HttpHandlerOptions>) =>
    createHttpHandler({
      ...{ receiver: { handle: () => okAsync({}) as never }, authenticate: everyoneIs(SERVER) },
      ...options,
    })(post());

  expect((await handler({ authenticate: boom })).status).toBe(500);
  expect((await handler({ receiver: { handle: boom } })).status).toBe(500);
  expect((await handler({ signAnswers: boom })).status).toBe(500);
  expect(
    (await handler({ authenticate: async () => err({ type: "unknown-key", message: "" }) })).status,
  ).toBe(401);
});

/** What was told of one exchange of a transport with these parts. */
async function exchanged(fetch: HttpFetch, options: Partial<HttpTransportOptions> = {}) {
  const told: HttpTransportEvent[] = [];
  const onEvent = (event: HttpTransportEvent): void => void told.push(event);
  const transport = createHttpTransport({ url: ADDRESS, fetch, onEvent, ...options });
  const answer = await transport.send(ENABLE, new AbortController().signal);
  expect(told).toHaveLength(1);
  return { answer, told: told[0] };
}

const answering =
  (status: number, type = "application/json"): HttpFetch =>
  async () =>
    new Response("{}", { status, headers: { "content-type": type } });

describe("a transport tells of an exchange", () => {
  it("that brought an answer", async () => {
    const { answer, told } = await exchanged(answering(200));

    expect(answer.isOk()).toBe(true);
    expect(told).toEqual({ type: "http-exchange-ended", status: 200, durationMs: expect.any(Number) });
  });

  it("that brought a page, with its status", async () => {
    const { answer, told } = await exchanged(answering(502, "text/html"));

    const { reason, message } = answer._unsafeUnwrapErr();
    expect(told).toEqual({
      ...{ type: "http-exchange-failed", status: 502, reason, message, durationMs: expect.any(Number) },
    });
  });

  it.each<readonly [string, HttpFetch, Partial<HttpTransportOptions>, number | null]>([
    ["fetch", boom, {}, null],
    ["sign", answering(200), { sign: boom }, null],
    ["verifyAnswers", answering(200), { sign: (request) => request, verifyAnswers: boom }, 200],
  ])("on which %s threw, with the thrown value", async (_, fetch, options, status) => {
    const { answer, told } = await exchanged(fetch, options);

    expect(answer.isErr()).toBe(true);
    expect(told).toMatchObject({ type: "http-exchange-failed", status, cause: SECRET });
    expect(JSON.stringify(answer)).not.toContain("secret");
  });

  it("and the sender gets the same answers without a listener", async () => {
    const options = { url: ADDRESS, sign: (request: Request) => request };
    const send = (more: Partial<HttpTransportOptions>) =>
      createHttpTransport({ fetch: answering(200), ...options, ...more }).send(
        { ...ENABLE, requestId: "request_0123456789" as RequestId },
        new AbortController().signal,
      );

    expect((await send({ fetch: boom }))._unsafeUnwrapErr().reason).toBe("unreachable");
    expect((await send({ sign: boom })).isErr()).toBe(true);
    expect((await send({ verifyAnswers: boom }))._unsafeUnwrapErr().reason).toBe("untrusted");
    expect(ok(await send({})).value.isOk()).toBe(true);
  });
});

it.each([
  ["createHttpHandler", () => listening({ onEvent: 7 as never })],
  ["createHttpTransport", () => createHttpTransport({ url: ADDRESS, onEvent: 7 as never })],
])("%s takes only a function for a listener", (factory, create) => {
  expect(create).toThrow(new TypeError(`${factory}: \`onEvent\` has to be a function.`));
});
