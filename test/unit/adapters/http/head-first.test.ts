import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type ConnectionId, err, type InstallationId, ok, okAsync } from "unified-contributions";
import { createHttpHandler, type HttpHandlerOptions } from "unified-contributions/adapters/http";
import type { Answer } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { ADDRESS, createSignedWire } from "../../../support/signatures.ts";

const ENABLE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
const DISABLE = '{"version":1,"requestId":"request_0123456789","type":"disable","epoch":3}';
const SAID = { said: "so" } as unknown as Answer;
const CLAIM = { "unified-contributions-deletion": "?1" };
const JSON_TYPE = { "content-type": "application/json" };

/** A handler that knows an installation by a header, before a receiver that answers everything with the same. */
function handlerWith(options: Partial<HttpHandlerOptions> = {}) {
  const handled: unknown[] = [];
  const handler = createHttpHandler({
    receiver: {
      handle: (_, input) => {
        handled.push(input);
        return okAsync(SAID);
      },
    },
    authenticate: async ({ headers }) => ok((headers.get("x-server") ?? "server-1") as InstallationId),
    ...options,
  });
  /** The code of the problem, or the status. */
  const ask = async (request: Request): Promise<string> => {
    const response = await handler(request);
    const { type } = (await response.json()) as { readonly type?: string };
    return type?.split(":").at(-1) ?? String(response.status);
  };
  return { handled, handler, ask };
}

function post(body: string | ReadableStream, headers: Record<string, string> = {}): Request {
  const init = { method: "POST", headers: { ...JSON_TYPE, ...headers }, body, duplex: "half" } as const;
  return new Request(ADDRESS, init);
}

/** A body that is given when it is told to, and whether anybody has asked for it. */
function heldBack(text = ENABLE) {
  const held = { isAsked: false, isCancelled: false, give: (): void => undefined };
  const given = new Promise<void>((resolve) => {
    held.give = resolve;
  });
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        held.isAsked = true;
        await given;
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
      cancel: () => {
        held.isCancelled = true;
      },
    },
    // Nothing is asked for in advance.
    { highWaterMark: 0 },
  );
  return { held, body };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe("the head comes first:", () => {
  it("no byte of the body is read before the sender is proven", async () => {
    const order: string[] = [];
    let answer = (): void => undefined;
    const { ask } = handlerWith({
      authenticate: async () => {
        order.push("head");
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return ok("server-1" as InstallationId);
      },
    });
    const { held, body } = heldBack();

    const asked = ask(post(body));
    await until(() => order.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(held.isAsked).toBe(false);
    answer();
    await until(() => held.isAsked);
    held.give();

    expect(await asked).toBe("200");
  });

  it("the receiver gets the connection that the head names", async () => {
    const connectionId = "connection-1" as ConnectionId;
    const handled: unknown[] = [];
    const { ask } = handlerWith({
      receiver: {
        handle: (...given) => {
          handled.push(given);
          return okAsync(SAID);
        },
      },
      authenticate: {
        head: async () =>
          ok({
            installation: "server-1" as InstallationId,
            connectionId,
            admit: async () => ok(),
            release: () => undefined,
          }),
      },
    });

    expect(await ask(post(ENABLE))).toBe("200");
    expect(handled).toEqual([["server-1", JSON.parse(ENABLE), connectionId]]);
  });

  it("a thousand strangers without bodies take no place of a server", async () => {
    const { ask } = handlerWith({
      maxConcurrent: 1,
      maxDropped: 4,
      authenticate: async ({ headers }) =>
        headers.get("x-server") === null
          ? err({ type: "authentication-required", message: "" })
          : ok("server-1" as InstallationId),
    });
    const bodies = Array.from({ length: 1_000 }, () => heldBack());

    const strangers = bodies.map(({ body }) => ask(post(body)));
    expect(await ask(post(ENABLE, { "x-server": "server-1" }))).toBe("200");

    // All but the last have their answers although their bodies never came.
    expect(new Set(await Promise.all(strangers.slice(0, -4)))).toEqual(new Set(["authentication-required"]));
    for (const { held } of bodies) held.give();
    expect(await Promise.all(strangers.slice(-4))).toEqual(Array(4).fill("authentication-required"));
  });

  it("surplus heads wait in their order, and one more is told to come later", async () => {
    const waiting: (() => void)[] = [];
    const seen: string[] = [];
    const { ask } = handlerWith({
      maxHeads: 1,
      authenticate: async ({ headers }) => {
        seen.push(headers.get("x-server") ?? "");
        await new Promise<void>((resolve) => waiting.push(resolve));
        return ok("server-1" as InstallationId);
      },
      maxConcurrentEach: 64,
    });
    const names = Array.from({ length: 17 }, (_, at) => `server-${at}`);
    const first = names.map((name) => ask(post(ENABLE, { "x-server": name })));

    expect(await ask(post(ENABLE))).toBe("too-many-requests");
    expect(seen).toEqual(["server-0"]);
    for (let at = 0; at < 17; at++) {
      await until(() => waiting.length > at);
      waiting[at]?.();
    }
    expect(await Promise.all(first)).toEqual(Array(17).fill("200"));
    expect(seen).toEqual(names);
  });

  it("an installation without bodies holds only its own places", async () => {
    const { ask } = handlerWith({ maxConcurrentEach: 2 });
    const bodies = [heldBack(), heldBack(), heldBack(), heldBack()];
    const large = { "content-length": "200000" };
    const slow = bodies.map(({ body }) => ask(post(body, large)));
    await until(() => bodies.filter(({ held }) => held.isAsked).length === 4);

    expect(await ask(post(ENABLE, { "x-server": "server-2" }))).toBe("200");
    for (const { held } of bodies) held.give();
    expect((await Promise.all(slow)).sort()).toEqual([
      "200",
      "200",
      "too-many-requests",
      "too-many-requests",
    ]);
  });

  it("an authentication that needs the body reads few bodies at once", async () => {
    const { ask } = handlerWith({
      maxUnproven: 2,
      authenticate: { withBody: async () => ok("server-1" as InstallationId) },
    });
    const bodies = [heldBack(), heldBack()];
    const slow = bodies.map(({ body }) => ask(post(body)));
    await until(() => bodies.every(({ held }) => held.isAsked));

    expect(await ask(post(ENABLE))).toBe("too-many-requests");
    for (const { held } of bodies) held.give();
    expect(await Promise.all(slow)).toEqual(["200", "200"]);
    expect(await ask(post(ENABLE))).toBe("200");
  });
});

describe("a signed head", () => {
  it("with a wrong clock, an unknown key or a forged signature is refused with the body unread", async () => {
    const wire = await createSignedWire();
    const { ask, handled } = handlerWith({ authenticate: wire.verify, maxDropped: 1 });
    const signed = await wire.sign(post(ENABLE), new TextEncoder().encode(ENABLE));
    const forged = { ...Object.fromEntries(signed.headers), signature: "contributions=::" };
    const unknown = {
      ...Object.fromEntries(signed.headers),
      "signature-input": (signed.headers.get("signature-input") ?? "").replace("key-1", "key-9"),
    };
    const said: string[] = [];

    for (const headers of [forged, unknown, Object.fromEntries(signed.headers)]) {
      if (said.length === 2) wire.clock.advance(361_000);
      const { held, body } = heldBack();
      const refused = ask(post(body, headers));
      await until(() => held.isAsked);
      // The next one whose body is dropped ends this one, whose body never comes.
      const other = heldBack();
      const next = ask(post(other.body));
      said.push(await refused);
      other.held.give();
      await next;
    }

    expect(said).toEqual(["signature-invalid", "unknown-key", "signature-expired"]);
    expect(handled).toEqual([]);
  });

  it("that is in flight or was used is refused before its body, and may come again if its body was wrong", async () => {
    const wire = await createSignedWire();
    const { ask, handled } = handlerWith({ authenticate: wire.verify });
    const signed = await wire.sign(post(ENABLE), new TextEncoder().encode(ENABLE));
    const headers = Object.fromEntries(signed.headers);
    const first = heldBack("another body");

    const changed = ask(post(first.body, headers));
    await until(() => first.held.isAsked);
    expect(await ask(post(ENABLE, headers))).toBe("signature-replayed");
    first.held.give();
    expect(await changed).toBe("content-digest-mismatch");
    expect(await ask(post(ENABLE, headers))).toBe("200");
    const again = heldBack();
    const replayed = ask(post(again.body, headers));
    again.held.give();

    expect(await replayed).toBe("signature-replayed");
    expect(handled).toHaveLength(1);
  });

  it("that expires while its body comes is refused after it", async () => {
    const wire = await createSignedWire();
    const { ask, handled } = handlerWith({ authenticate: wire.verify });
    const signed = await wire.sign(post(ENABLE), new TextEncoder().encode(ENABLE));
    const { held, body } = heldBack();

    const slow = ask(post(body, Object.fromEntries(signed.headers)));
    await until(() => held.isAsked);
    wire.clock.advance(361_000);
    held.give();

    expect(await slow).toBe("signature-expired");
    expect(handled).toEqual([]);
  });
});

describe("a refused body that has no end", () => {
  it("is read no further once others have its place, and is cancelled after its answer", async () => {
    const authenticate = async () => err({ type: "authentication-required", message: "" } as const);
    const { ask } = handlerWith({ authenticate, maxDropped: 2 });
    let isOver = false;
    const bodies = Array.from({ length: 6 }, () => {
      const seen = { pulled: 0, atAnswer: Number.POSITIVE_INFINITY, isCancelled: false };
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
        seen.pulled++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (isOver) controller.close();
        else controller.enqueue(new Uint8Array(64));
      };
      const cancel = (): void => {
        seen.isCancelled = true;
      };
      const body = new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
      const answered = ask(post(body)).then((code) => {
        seen.atAnswer = seen.pulled;
        expect([code, seen.isCancelled]).toEqual(["authentication-required", false]);
      });
      return { seen, answered };
    });
    const [evicted, last] = [bodies.slice(0, 4), bodies.slice(4)];

    await Promise.all(evicted.map(({ answered }) => answered));
    await until(() => evicted.every(({ seen }) => seen.isCancelled));
    for (const { seen } of evicted) expect(seen.pulled).toBeLessThanOrEqual(seen.atAnswer + 1);
    expect(last.map(({ seen }) => seen.isCancelled)).toEqual([false, false]);
    isOver = true;
    await Promise.all(last.map(({ answered }) => answered));
  });
});

describe("a wanted body that is given up", () => {
  it.each([
    ["too slow", "body-timeout", { bodyTimeoutMs: 20 }],
    ["too large", "body-too-large", { maxBodyBytes: 1_024 }],
  ])("because it is %s is cancelled after its answer, and read no further", async (_, expected, options) => {
    const { ask } = handlerWith(options);
    const seen = { pulled: 0, isCancelled: false };
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          seen.pulled++;
          if (expected === "body-timeout" && seen.pulled > 1) return new Promise(() => undefined);
          controller.enqueue(new Uint8Array(600));
          return undefined;
        },
        cancel: () => {
          seen.isCancelled = true;
        },
      },
      { highWaterMark: 0 },
    );

    expect(await ask(post(body))).toBe(expected);
    expect(seen).toEqual({ pulled: 2, isCancelled: false });
    await until(() => seen.isCancelled);
    expect(seen.pulled).toBe(2);
  });
});

describe("rates:", () => {
  const large = { "content-length": "200000" };

  it("each installation has its own burst", async () => {
    const { ask } = handlerWith({ requestBurst: 3, requestsPerSecond: 1 });
    const said: string[] = [];

    for (let at = 0; at < 5; at++) said.push(await ask(post(ENABLE, large)));

    expect(said.slice(0, 3)).toEqual(["200", "200", "200"]);
    expect(said.at(-1)).toBe("too-many-requests");
    expect(await ask(post(ENABLE, { ...large, "x-server": "server-2" }))).toBe("200");
  });

  const withdraw = { type: "withdraw", linkId: "link_0123456789abcdef", choice: 1 };
  const deliver = (records: unknown): string => JSON.stringify({ version: 1, type: "deliver", records });

  it.each([
    ["disabling", DISABLE, "200"],
    ["withdrawals", deliver(Array(1_000).fill({ ...withdraw, linkId: "l".repeat(64) })), "200"],
    ["a report", deliver([{ type: "report" }]), "too-many-requests"],
    ["a report among withdrawals", deliver([withdraw, { type: "report" }]), "too-many-requests"],
    ["no record", deliver([]), "too-many-requests"],
    ["records that are none", deliver([null]), "too-many-requests"],
    ["records that are no list", deliver({ 0: withdraw }), "too-many-requests"],
    ["enabling", ENABLE, "too-many-requests"],
    ["no message", "null", "too-many-requests"],
    ["no JSON", "disable", "malformed-json"],
    ["a deletion that is larger than any", `${" ".repeat(140_000)}${DISABLE}`, "too-many-requests"],
  ])("a server over its rate may still delete: %s", async (_, message, said) => {
    const { ask, handled } = handlerWith({ requestBurst: 1, requestsPerSecond: 1 });
    await ask(post(ENABLE, large));

    expect(await ask(post(message, CLAIM))).toBe(said);
    expect(handled).toHaveLength(said === "200" ? 2 : 1);
  });

  it("no flood of reports spends what deletions need, and a flood of false claims is bounded", async () => {
    const { ask } = handlerWith({ requestBurst: 4, requestsPerSecond: 1 });

    for (let at = 0; at < 100; at++) await ask(post(deliver([{ type: "report" }])));
    expect(await ask(post(DISABLE, CLAIM))).toBe("200");

    const said: string[] = [];
    for (let at = 0; at < 100; at++) said.push(await ask(post("no JSON", CLAIM)));
    // Only a body that is read is found to be no JSON.
    expect(said[0]).toBe("malformed-json");
    expect(said.filter((code) => code === "too-many-requests").length).toBeGreaterThan(50);
  });

  it("reports that hang in every place of a server do not hold back a deletion", async () => {
    const { ask } = handlerWith({ maxConcurrentEach: 1 });
    const { held, body } = heldBack();
    const slow = ask(post(body, large));
    await until(() => held.isAsked);

    expect(await ask(post(DISABLE, CLAIM))).toBe("200");
    expect(await ask(post(ENABLE, CLAIM))).toBe("too-many-requests");
    held.give();
    expect(await slow).toBe("200");
  });
});

describe("bytes:", () => {
  it("a body in chunks of one byte costs little more memory than its bytes", async () => {
    setFlagsFromString("--expose_gc");
    const collect = runInNewContext("gc") as () => void;
    const bytes = 300_000;
    let sent = 0;
    let finish = (): void => undefined;
    const stop = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        if (sent++ < bytes) return controller.enqueue(new Uint8Array([0x20]));
        await stop;
        return controller.close();
      },
    });
    const { ask } = handlerWith();
    collect();
    const before = process.memoryUsage();

    const asked = ask(post(body));
    await until(() => sent > bytes);
    collect();
    const during = process.memoryUsage();

    expect(during.heapUsed + during.external - before.heapUsed - before.external).toBeLessThan(
      4 * bytes + 2_000_000,
    );
    finish();
    expect(await asked).toBe("malformed-json");
  });

  it("a body that trickles without a pause is given up", async () => {
    const { ask, handled } = handlerWith({ bodyIdleMs: 200, minBytesPerSecond: 1_000_000 });
    const trickle = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        controller.enqueue(new Uint8Array([0x20]));
      },
    });

    expect(await ask(post(trickle))).toBe("body-timeout");
    expect(handled).toEqual([]);
  });

  it("a body that pauses is given up long before its whole time is over", async () => {
    const { ask } = handlerWith({ bodyIdleMs: 50, bodyTimeoutMs: 2_147_483_647 });
    const { body, held } = heldBack();

    expect(await ask(post(body))).toBe("body-timeout");
    await until(() => held.isCancelled);
  });

  it("an Accept-Encoding of 15,000 spaces is ignored", async () => {
    const long = { answer: "long ".repeat(300) } as unknown as Answer;
    const { handler } = handlerWith({ receiver: { handle: () => okAsync(long) } });

    const response = await handler(post(ENABLE, { "accept-encoding": `gzip${" ".repeat(15_000)}x` }));

    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.json()).toEqual(long);
  });
});
