import { type InstallationId, ok, okAsync, ResultAsync } from "unified-contributions";
import {
  createHttpHandler,
  createHttpTransport,
  type HttpHandlerOptions,
} from "unified-contributions/adapters/http";
import type { Answer, Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { ADDRESS, createPost, createSignedWire } from "../../../support/signatures.ts";

const ENABLE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
const SAID = { said: "so" } as unknown as Answer;

/** A call that hangs until it is told to end. */
function hanging<Value>(value: Value) {
  const ends: (() => void)[] = [];
  const call = (): Promise<Value> =>
    new Promise((resolve) => {
      ends.push(() => resolve(value));
    });
  return { call, ends };
}

function handlerWith(options: Partial<HttpHandlerOptions>) {
  const handler = createHttpHandler({
    receiver: { handle: () => okAsync(SAID) },
    authenticate: async ({ headers }) => ok((headers.get("x-server") ?? "server-1") as InstallationId),
    callTimeoutMs: 30,
    ...options,
  });
  const ask = async (server = "server-1"): Promise<readonly [number, string, string | null]> => {
    const headers = { "content-type": "application/json", "x-server": server };
    const response = await handler(new Request(ADDRESS, { method: "POST", headers, body: ENABLE }));
    const { type } = (await response.json()) as { readonly type?: string };
    return [response.status, type?.split(":").at(-1) ?? "", response.headers.get("retry-after")];
  };
  return { handler, ask };
}

async function settled(): Promise<void> {
  for (let at = 0; at < 5; at++) await new Promise((resolve) => setImmediate(resolve));
}

const UNKNOWN = [503, "outcome-unknown", "60"];
const UNAVAILABLE = [503, "receiver-unavailable", "60"];
const TAKEN = [200, "", null];

describe("a receiver that does not answer", () => {
  it("is given up, and the sender learns that the outcome is unknown", async () => {
    const { call } = hanging(ok(SAID));
    const { ask } = handlerWith({ receiver: { handle: () => new ResultAsync(call()) } });

    expect(await ask()).toEqual(UNKNOWN);
  });

  it("frees its place, until one installation has too many abandoned calls and is refused at once", async () => {
    const { call, ends } = hanging(ok(SAID));
    let hangs = true;
    const { ask } = handlerWith({
      maxConcurrent: 1,
      maxConcurrentEach: 1,
      maxGivenUpEach: 2,
      receiver: {
        handle: (installation) =>
          hangs && installation === "server-1" ? new ResultAsync(call()) : okAsync(SAID),
      },
    });

    expect([await ask(), await ask(), await ask()]).toEqual([UNKNOWN, UNKNOWN, UNAVAILABLE]);
    expect(ends).toHaveLength(2);
    expect(await ask("server-2")).toEqual(TAKEN);

    hangs = false;
    for (const end of ends) end();
    await settled();
    expect(await ask()).toEqual(TAKEN);
  });

  it("is not called any more at the bound of all installations, until a call ends", async () => {
    const { call, ends } = hanging(ok(SAID));
    const { ask } = handlerWith({
      maxGivenUp: 2,
      receiver: {
        handle: (installation) => (installation === "server-9" ? okAsync(SAID) : new ResultAsync(call())),
      },
    });

    expect([await ask("server-1"), await ask("server-2")]).toEqual([UNKNOWN, UNKNOWN]);
    expect(await ask("server-9")).toEqual(UNAVAILABLE);
    ends[0]?.();
    await settled();
    expect(await ask("server-9")).toEqual(TAKEN);
  });

  it("that rejects after it was given up does no harm, and counts no more", async () => {
    let fail = (): void => undefined;
    const { ask } = handlerWith({
      maxGivenUp: 1,
      receiver: {
        handle: (installation) =>
          installation === "server-2"
            ? okAsync(SAID)
            : new ResultAsync(
                new Promise((_, reject) => {
                  fail = () => reject(new Error("late"));
                }),
              ),
      },
    });

    expect(await ask()).toEqual(UNKNOWN);
    expect(await ask("server-2")).toEqual(UNAVAILABLE);
    fail();
    await settled();
    expect(await ask("server-2")).toEqual(TAKEN);
  });
});

describe("an authentication that does not answer", () => {
  const REFUSED = [503, "authentication-unavailable", "60"];

  it.each<[string, (call: () => Promise<never>) => HttpHandlerOptions["authenticate"]]>([
    ["by the head", (call) => call],
    ["with the body", (call) => ({ withBody: call })],
    ["head first", (call) => ({ head: call })],
    [
      "head first, at the body",
      (admit) => ({
        head: async () => ok({ installation: "server-1" as InstallationId, admit, release: () => undefined }),
      }),
    ],
  ])("refuses the request, %s, and is not called any more at its bound", async (_, authenticate) => {
    const { call, ends } = hanging(ok(undefined));
    const { ask } = handlerWith({ maxGivenUp: 2, authenticate: authenticate(call as () => Promise<never>) });

    expect([await ask(), await ask(), await ask()]).toEqual([REFUSED, REFUSED, REFUSED]);
    expect(ends).toHaveLength(2);
  });

  it("and proves a head too late has that head released", async () => {
    let released = 0;
    const proven = {
      installation: "server-1" as InstallationId,
      admit: async () => ok(),
      release: () => {
        released++;
      },
    };
    const { call, ends } = hanging(ok(proven));
    const { ask } = handlerWith({ authenticate: { head: call } });

    expect(await ask()).toEqual(REFUSED);
    expect(released).toBe(0);
    ends[0]?.();
    await settled();
    expect(released).toBe(1);
  });

  it.each(["directory", "nonces"] as const)("because its %s hangs refuses the request", async (part) => {
    const stuck = { find: () => never(), remember: () => never() };
    const wire = await createSignedWire({ [part]: stuck });
    const { handler } = handlerWith({ authenticate: wire.verify });

    const body = new TextEncoder().encode(ENABLE);
    const response = await handler(await wire.sign(createPost({}, ADDRESS, body), body));

    expect(((await response.json()) as { type: string }).type).toMatch(/:authentication-unavailable$/);
  });
});

describe("a shutdown", () => {
  it("ends within its bound, whatever hangs, and so does every later shutdown", async () => {
    const { call } = hanging(ok(SAID));
    const { handler, ask } = handlerWith({
      callTimeoutMs: 2_147_483_647,
      shutdownTimeoutMs: 30,
      receiver: { handle: () => new ResultAsync(call()) },
    });
    const answered = ask();
    await settled();

    await handler.shutdown();
    await handler.shutdown();

    expect(await ask()).toEqual([503, "shutting-down", "5"]);
    expect(await Promise.race([answered, "open"])).toBe("open");
  });
});

describe("a sender that is told that the outcome is unknown", () => {
  it("gets a fault with the time after which it repeats the message", async () => {
    const { call } = hanging(ok(SAID));
    const { handler } = handlerWith({ receiver: { handle: () => new ResultAsync(call()) } });
    const transport = createHttpTransport({
      url: ADDRESS,
      fetch: (url, init) => handler(new Request(url, init)),
    });

    const sent = await transport.send(JSON.parse(ENABLE) as Message, new AbortController().signal);

    expect(sent._unsafeUnwrapErr()).toEqual({
      type: "transport-fault",
      reason: "outcome-unknown",
      retryAfterMs: 60_000,
      message: expect.stringMatching(
        /^The receiver could not answer. Whether the message was applied is unknown/,
      ),
    });
  });
});

function never(): ResultAsync<never, never> {
  return new ResultAsync(new Promise(() => undefined));
}
