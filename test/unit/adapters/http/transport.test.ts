import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { TransportFault } from "unified-contributions";
import {
  createHttpTransport,
  type HttpFetch,
  type HttpTransportOptions,
  PROBLEM_TYPE,
  type ProblemCode,
} from "unified-contributions/adapters/http";
import type { Message, RequestId } from "unified-contributions/wire";
import { afterEach, describe, expect, it } from "vitest";

const URL_OF_IT = "https://cloud.example/unified-contributions";
const ENABLE: Message = {
  version: 1,
  requestId: "request_0123456789" as RequestId,
  type: "enable",
  after: 3,
};
/** Longer than the bound from which on a body is compressed. */
const LONG: Message = {
  version: 1,
  requestId: "request_0123456789" as RequestId,
  type: "deliver",
  sessionId: null,
  follows: Array.from({ length: 64 }, (_, at) => `request_${String(at).padStart(12, "0")}` as RequestId),
  records: [],
};
const PATIENT = new AbortController().signal;

/** A transport over a fetch that answers what it is given and remembers what it was asked. */
function transportWith(answers: HttpFetch, options: Partial<HttpTransportOptions> = {}) {
  const sent: Parameters<HttpFetch>[] = [];
  const fetch: HttpFetch = (url, init) => {
    sent.push([url, init]);
    return answers(url, init);
  };
  return { sent, transport: createHttpTransport({ url: URL_OF_IT, fetch, ...options }) };
}

function answering(body: string | Uint8Array<ArrayBuffer> | null, init: ResponseInit = {}): HttpFetch {
  const headers = { "content-type": "application/json", ...init.headers };
  return async () => new Response(body, { ...init, headers });
}

async function faultOf(
  answers: HttpFetch,
  options: Partial<HttpTransportOptions> = {},
): Promise<TransportFault> {
  return (await transportWith(answers, options).transport.send(ENABLE, PATIENT))._unsafeUnwrapErr();
}

describe("a message", () => {
  it("leaves as one POST of JSON, and its answer comes back parsed", async () => {
    const { transport, sent } = transportWith(answering('{"type":"switched"}'));

    const answer = await transport.send(ENABLE, PATIENT);

    expect(answer._unsafeUnwrap()).toEqual({ type: "switched" });
    const [[url, init] = []] = sent;
    expect(url).toBe(URL_OF_IT);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(init?.headers).toEqual([
      ["content-type", "application/json"],
      ["accept", "application/json, application/problem+json"],
    ]);
    expect(Buffer.from(init?.body ?? []).toString()).toBe(JSON.stringify(ENABLE));
    expect(sent).toHaveLength(1);
  });

  it.each<readonly [string, unknown, string | undefined]>([
    ["a disabling", { ...ENABLE, type: "disable" }, "?1"],
    ["withdrawals alone", { ...ENABLE, type: "deliver", records: [{ type: "withdraw" }] }, "?1"],
    ["a withdrawal beside a report", { type: "deliver", records: [{ type: "withdraw" }, {}] }, undefined],
    ["an enabling", ENABLE, undefined],
  ])("says in its head whether it is a deletion: %s", async (_, message, claim) => {
    const { transport, sent } = transportWith(answering("{}"));

    (await transport.send(message as Message, PATIENT))._unsafeUnwrap();

    expect(new Map(sent[0]?.[1].headers).get("unified-contributions-deletion")).toBe(claim);
  });

  it("is compressed if that saves bytes, and then signed: the signature covers the bytes that leave", async () => {
    const signed: [head: string, body: Uint8Array][] = [];
    const { transport, sent } = transportWith(answering("{}"), {
      sign: async (request, body) => {
        const head = `${request.method} ${request.url} ${request.headers.get("content-encoding")}`;
        signed.push([head, body]);
        request.headers.set("signature", `of ${body.byteLength} bytes`);
        return request;
      },
    });

    (await transport.send(LONG, PATIENT))._unsafeUnwrap();
    (await transport.send(LONG, PATIENT))._unsafeUnwrap();

    expect(signed.map(([head]) => head)).toEqual(Array(2).fill(`POST ${URL_OF_IT} gzip`));
    for (const [at, [, init]] of sent.entries()) {
      expect(init.body).toBe(signed[at]?.[1]);
      expect(JSON.parse(gunzipSync(init.body).toString())).toEqual(LONG);
      expect(new Map(init.headers).get("signature")).toBe(`of ${init.body.byteLength} bytes`);
      expect(new Map(init.headers).get("content-encoding")).toBe("gzip");
    }
  });

  it("does not leave if it cannot be signed", async () => {
    const { transport, sent } = transportWith(answering("{}"), {
      sign: () => Promise.reject(new Error("octo-secret")),
    });

    const fault = (await transport.send(ENABLE, PATIENT))._unsafeUnwrapErr();

    expect(fault).toEqual({
      type: "transport-fault",
      reason: "unauthenticated",
      retryAfterMs: null,
      message: "The request could not be signed, so it was not sent: check the server's key.",
    });
    expect(sent).toEqual([]);
  });

  it("does not leave if the signal aborts while it is signed", async () => {
    const controller = new AbortController();
    const { transport, sent } = transportWith(answering("{}"), {
      sign: async (request) => {
        controller.abort();
        return request;
      },
    });

    const fault = (await transport.send(ENABLE, controller.signal))._unsafeUnwrapErr();

    expect(fault.reason).toBe("aborted");
    expect(sent).toEqual([]);
  });
});

describe("a receiver's refusal has a reason that a settings page can tell apart, in the package's own words:", () => {
  function problem(code: string, status: number, headers: Record<string, string> = {}): HttpFetch {
    const body = { type: `${PROBLEM_TYPE}${code}`, title: "octo-secret", status, detail: "octo-secret" };
    return answering(JSON.stringify(body), {
      status,
      headers: { "content-type": "application/problem+json", ...headers },
    });
  }

  it.each<[ProblemCode, number, TransportFault["reason"], string]>([
    [
      "signature-expired",
      401,
      "clock-skewed",
      "The signature has expired. Set the server's clock, with NTP for example.",
    ],
    [
      "signature-not-yet-valid",
      401,
      "clock-skewed",
      "The signature was made in the future. Set the server's clock, with NTP for example.",
    ],
    [
      "unknown-key",
      401,
      "unknown-key",
      "The key is not known. Compare the key that signs with the one that GitHub Enterprise Cloud has on record.",
    ],
    [
      "wrong-audience",
      403,
      "wrong-audience",
      "The request was made for another address. Give the server the receiver's public address, as the receiver itself is told it.",
    ],
    [
      "signature-invalid",
      401,
      "unauthenticated",
      "The signature does not fit the request. Compare the key that signs with the one that GitHub Enterprise Cloud has on record.",
    ],
    [
      "installation-refused",
      403,
      "unauthenticated",
      "The installation may not send. Ask an owner of the enterprise on GitHub Enterprise Cloud.",
    ],
    ["too-many-requests", 429, "busy", "Too many requests at once. Wait as long as Retry-After says."],
    [
      "outcome-unknown",
      503,
      "outcome-unknown",
      "The receiver could not answer. Whether the message was applied is unknown: it may be, now or later. Wait as long as Retry-After says, and send it again.",
    ],
    [
      "internal-error",
      500,
      "outcome-unknown",
      "The receiver has failed. This is a mistake on the receiver's side. Whether the message was taken is unknown: send it again later.",
    ],
    [
      "receiver-unavailable",
      503,
      "busy",
      "The receiver is not available at present. Wait as long as Retry-After says.",
    ],
    [
      "body-too-large",
      413,
      "refused",
      "The request is too large. Send fewer records in one request. The bound holds before and after decompression.",
    ],
    [
      "unsupported-media-type",
      415,
      "refused",
      "The body is not declared as JSON. Send Content-Type: application/json, in UTF-8.",
    ],
    [
      "not-found",
      404,
      "malformed-answer",
      "Nothing is here. Check the address of the receiver that the server was given, its path included.",
    ],
  ])("%s", async (code, status, reason, message) => {
    const fault = await faultOf(problem(code, status));

    expect(fault).toEqual({ type: "transport-fault", reason, retryAfterMs: null, message });
  });

  it("a problem that this version does not know is judged by its status", async () => {
    for (const code of ["of-the-future", "constructor", ""]) {
      const fault = await faultOf(problem(code, 401));
      expect(fault.reason).toBe("unauthenticated");
      expect(fault.message).not.toContain("octo-secret");
    }
  });

  it("a problem whose type is not a text is judged by its status", async () => {
    for (const type of [1, null, {}]) {
      const headers = { "content-type": "application/problem+json" };
      const fault = await faultOf(answering(JSON.stringify({ type }), { status: 401, headers }));
      expect(fault.reason).toBe("unauthenticated");
    }
  });

  it.each<[asked: Record<string, string>, retryAfterMs: number | null]>([
    [{ "retry-after": "120" }, 120_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Sun, 01 Mar 2026 12:02:00 GMT", date: "Sun, 01 Mar 2026 12:00:00 GMT" }, 120_000],
    [{ "retry-after": "Sun, 01 Mar 2026 11:00:00 GMT", date: "Sun, 01 Mar 2026 12:00:00 GMT" }, 0],
    [{ "retry-after": "Sun, 01 Mar 2026 12:02:00 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "-1" }, null],
    [{ "retry-after": "99999999999" }, null],
    [{}, null],
  ])("the time to wait in %j is kept", async (headers, retryAfterMs) => {
    expect((await faultOf(problem("too-many-requests", 429, headers))).retryAfterMs).toBe(retryAfterMs);
  });
});

describe("an answer that is not a receiver's", () => {
  const page = (status: number, headers: Record<string, string> = {}): HttpFetch =>
    answering("<html>octo-secret</html>", { status, headers: { "content-type": "text/html", ...headers } });

  it.each<[what: string, HttpFetch, TransportFault["reason"], RegExp]>([
    [
      "a proxy's page",
      page(200),
      "malformed-answer",
      /^A web page answered \(status 200\), not a receiver: check the address, and whether a proxy or a sign-in page/,
    ],
    [
      "a page that was not found",
      page(404),
      "malformed-answer",
      /^A web page answered \(status 404\), not a receiver/,
    ],
    [
      "JSON with a byte that UTF-8 does not have",
      answering(new Uint8Array([0x22, 0xff, 0x22])),
      "malformed-answer",
      /./,
    ],
    [
      "JSON behind a byte order mark",
      answering(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])),
      "malformed-answer",
      /./,
    ],
    ["a proxy that wants credentials", page(407), "refused", /^The proxy wants credentials/],
    [
      "a gate that forbids it",
      page(403),
      "unauthenticated",
      /^A web page answered \(status 403\): check the server's credentials, and whether a proxy/,
    ],
    [
      "a proxy whose upstream is down",
      page(502),
      "busy",
      /^A web page answered \(status 502\): .* asks to come later/,
    ],
    [
      "a proxy that takes no large bodies",
      page(413),
      "refused",
      /a proxy on the way refuses requests of up to 1 MiB. Raise its limit/,
    ],
    [
      "a redirection",
      page(302, { location: "https://octo-secret/" }),
      "malformed-answer",
      /a redirection, which is not followed: give the final address/,
    ],
    [
      "JSON of another kind",
      answering('{"error":"octo-secret"}', { status: 400 }),
      "malformed-answer",
      /^Something answered with status 400, not a receiver/,
    ],
    [
      "JSON that is cut",
      answering('{"type":"switched","octo-secret'),
      "malformed-answer",
      /^The answer is not JSON/,
    ],
    ["nothing", answering(null, { status: 204 }), "malformed-answer", /^Something answered with status 204/],
  ])("%s", async (_, answers, reason, message) => {
    const fault = await faultOf(answers);

    expect(fault).toMatchObject({ reason, message: expect.stringMatching(message) });
    expect(fault.message).not.toContain("octo-secret");
  });

  it("that sends too much is read no further than the bound, declared or not, inflated or not", async () => {
    let taken = 0;
    const endless = (): HttpFetch => async () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            taken += 10_000;
            controller.enqueue(new Uint8Array(10_000).fill(0x20));
          },
        }),
        { headers: { "content-type": "application/json" } },
      );

    const faults = [
      await faultOf(answering("{}", { headers: { "content-length": "1048577" } })),
      await faultOf(endless(), { maxAnswerBytes: 100_000 }),
    ];

    for (const fault of faults) {
      expect(fault.reason).toBe("malformed-answer");
      expect(fault.message).toMatch(/^The answer is larger than any answer of a receiver/);
    }
    expect(taken).toBeLessThan(150_000);
  });
});

describe("no answer at all", () => {
  const rejecting =
    (error: unknown): HttpFetch =>
    () =>
      Promise.reject(error);
  const fetchFailed = (code: string): Error =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("octo-secret"), { code }) });

  /** As Deno has it. */
  function inWords(words: string): Error {
    const what = `error sending request for url (https://tls.certificate.example/): client error (Connect): ${words}`;
    return new TypeError("fetch failed", { cause: new Error(what) });
  }

  it.each<[string, unknown, TransportFault["reason"], RegExp]>([
    [
      "a name without an address",
      fetchFailed("ENOTFOUND"),
      "unreachable",
      /^The name in the address cannot be resolved/,
    ],
    ["nobody listening", fetchFailed("ECONNREFUSED"), "unreachable", /^No connection/],
    [
      "a connection that is cut",
      fetchFailed("UND_ERR_SOCKET"),
      "unreachable",
      /^No connection, or it was cut/,
    ],
    [
      "a certificate of an unknown authority",
      fetchFailed("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
      "untrusted",
      /^TLS failed: .* give its certificate to the server/,
    ],
    ["a certificate that has expired", fetchFailed("CERT_HAS_EXPIRED"), "untrusted", /^TLS failed/],
    [
      "a certificate of another name",
      fetchFailed("ERR_TLS_CERT_ALTNAME_INVALID"),
      "untrusted",
      /^TLS failed/,
    ],
    [
      "TLS in the words of a platform without codes",
      inWords("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"),
      "untrusted",
      /^TLS failed/,
    ],
    [
      "a name without an address in such words",
      inWords("dns error: failed to lookup address information"),
      "unreachable",
      /^The name/,
    ],
    [
      "nobody listening, at an address that speaks of TLS",
      inWords("tcp connect error: Connection refused (os error 111)"),
      "unreachable",
      /^No connection/,
    ],
    [
      "a connection that is not made in time",
      fetchFailed("UND_ERR_CONNECT_TIMEOUT"),
      "timed-out",
      /^No answer came in time/,
    ],
    ["a fetch that rejects with nothing", undefined, "unreachable", /^No connection/],
  ])("%s", async (_, error, reason, message) => {
    const fault = await faultOf(rejecting(error));

    expect(fault).toMatchObject({ reason, retryAfterMs: null, message: expect.stringMatching(message) });
    expect(fault.message).not.toContain("octo-secret");
  });

  it("in the time of an exchange, from a fetch that ignores its signal", async () => {
    const fault = await faultOf(() => new Promise(() => undefined), { timeoutMs: 20 });

    expect(fault.reason).toBe("timed-out");
  });
});

const open: Server[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A port of this machine's on which every connection is handled so. */
async function port(handle: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    handle(socket);
  });
  return listening(server);
}

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("over a socket", () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

  async function faultAt(url: string, options: Partial<HttpTransportOptions> = {}): Promise<TransportFault> {
    return (await createHttpTransport({ url, ...options }).send(ENABLE, PATIENT))._unsafeUnwrapErr();
  }

  it.each<[string, string]>([
    ["of a length that was declared", `${head}content-length: 20\r\n\r\n{"type":`],
    ["in chunks", `${head}transfer-encoding: chunked\r\n\r\n8\r\n{"type":\r\n`],
    ["of which only the head came", `${head}content-length: 20\r\n\r\n`],
  ])("half an answer %s is told apart from none", async (_, bytes) => {
    const at = await port((socket) => socket.once("data", () => socket.end(bytes)));

    expect(await faultAt(`http://127.0.0.1:${at}/`)).toMatchObject({
      reason: "incomplete-answer",
      message: "The answer broke off: check the connection, and any proxy on the way.",
    });
  });

  it("an answer that stops in the middle is timed out", async () => {
    const sockets: Socket[] = [];
    const at = await port((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write(`${head}content-length: 20\r\n\r\n{"type":`));
    });

    expect(await faultAt(`http://127.0.0.1:${at}/`, { timeoutMs: 100 })).toMatchObject({
      reason: "timed-out",
    });
    for (const socket of sockets) socket.destroy();
  });

  it("an answer that inflates beyond the bound is read no further", async () => {
    const bomb = gzipSync(" ".repeat(50_000_000));
    const at = await port((socket) =>
      socket.once("data", () => {
        socket.write(`${head}content-encoding: gzip\r\ncontent-length: ${bomb.byteLength}\r\n\r\n`);
        socket.end(bomb);
      }),
    );

    expect(await faultAt(`http://127.0.0.1:${at}/`)).toMatchObject({
      reason: "malformed-answer",
      message: expect.stringMatching(/^The answer is larger/),
    });
  });

  it("a closed port is unreachable, and so is a connection that is cut before an answer", async () => {
    const at = await port((socket) => socket.once("data", () => socket.destroy()));
    expect(await faultAt(`http://127.0.0.1:${at}/`)).toMatchObject({ reason: "unreachable" });
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve));
    expect(await faultAt(`http://127.0.0.1:${at}/`)).toMatchObject({ reason: "unreachable" });
  });

  it("a port without TLS is a failure of TLS", async () => {
    const at = await port((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );

    expect(await faultAt(`https://127.0.0.1:${at}/`)).toMatchObject({ reason: "untrusted" });
  });

  it.skipIf(!hasOpenssl())("a certificate without a known authority is a failure of TLS", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certificate-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=x",
    ];
    execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    rmSync(folder, { recursive: true });

    expect(await faultAt(`https://127.0.0.1:${await listening(server)}/`)).toMatchObject({
      reason: "untrusted",
    });
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a mistake in the program is thrown at start", () => {
  it.each<[unknown, RegExp]>([
    [undefined, /`url` has to be an https: address/],
    [{ url: "nowhere" }, /`url` has to be/],
    [{ url: "http://cloud.example/" }, /http: leads to this machine only/],
    [{ url: "http://127.0.0.1.example/" }, /http: leads to this machine only/],
    [{ url: "ftp://localhost/" }, /http: leads to this machine only/],
    [{ url: "https://octo:secret@cloud.example/" }, /without credentials and fragment/],
    [{ url: "https://cloud.example/#here" }, /without credentials and fragment/],
    [{ url: URL_OF_IT, fetch: "fetch" }, /`fetch` has to be a function/],
    [{ url: URL_OF_IT, sign: {} }, /`sign` has to be a function/],
    [{ url: URL_OF_IT, timeoutMs: 0 }, /`timeoutMs` has to be/],
    [{ url: URL_OF_IT, timeoutMs: 2 ** 31 }, /`timeoutMs` has to be/],
    [{ url: URL_OF_IT, maxAnswerBytes: 1.5 }, /`maxAnswerBytes` has to be/],
  ])("%j", (options, message) => {
    expect(() => createHttpTransport(options as never)).toThrow(message);
    expect(() => createHttpTransport(options as never)).toThrow(TypeError);
  });

  it.each(["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]:1/"])("but not for %s", (url) => {
    expect(() => createHttpTransport({ url })).not.toThrow();
  });
});
