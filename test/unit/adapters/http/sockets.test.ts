import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type InstallationId, okAsync, ResultAsync } from "unified-contributions";
import { createHttpHandler, type HttpHandlerOptions } from "unified-contributions/adapters/http";
import { afterEach, describe, expect, it } from "vitest";
import { everyoneIs, type HttpHost, host } from "../../../support/http-host.ts";

const MESSAGE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}';
const hosts: HttpHost[] = [];

afterEach(async () => {
  for (const { close } of hosts.splice(0)) await close();
});

/** A handler that listens, before a receiver that answers what it is told to. */
async function listeningWith(options: Partial<HttpHandlerOptions> = {}) {
  const handled: unknown[] = [];
  const handler = createHttpHandler({
    receiver: {
      handle: (_, input) => {
        handled.push(input);
        return okAsync({ said: "so" } as never);
      },
    },
    authenticate: everyoneIs("server-1" as InstallationId),
    ...options,
  });
  const listening = await host(handler);
  hosts.push(listening);
  return { handler, handled, port: listening.port };
}

interface Client {
  readonly socket: Socket;
  /** All that came back so far. */
  readonly received: () => string;
  /** Resolves when what came back so far matches. */
  until(pattern: RegExp): Promise<string>;
}

async function clientOf(port: number): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(socket, "connect");
  return {
    socket,
    received: () => text,
    until: async (pattern) => {
      while (!pattern.test(text)) {
        if (socket.closed) throw new Error(`closed after ${JSON.stringify(text)}`);
        await next(socket, "data");
      }
      return text;
    },
  };
}

function headOf(more: readonly string[]): string {
  const lines = [
    "POST /unified-contributions HTTP/1.1",
    "host: cloud.example",
    "content-type: application/json",
  ];
  return `${[...lines, ...more].join("\r\n")}\r\n\r\n`;
}

describe("over a socket", () => {
  it("a declared gigabyte is refused before a byte of it is read", async () => {
    const { port, handled } = await listeningWith();
    const { socket, until } = await clientOf(port);

    socket.write(headOf([`content-length: ${2 ** 30}`]));

    expect(await until(/body-too-large/)).toMatch(/^HTTP\/1\.1 413 /);
    expect(handled).toEqual([]);
    socket.destroy();
  });

  it("an endless body in chunks is refused at the bound, and nothing after it is accepted", async () => {
    const { port, handled } = await listeningWith();
    const { socket, received } = await clientOf(port);
    const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
    let written = 0;

    socket.write(headOf(["transfer-encoding: chunked"]));
    while (!socket.closed && written < 2 ** 30) {
      written += chunk.length;
      // What is written to a connection that was closed comes to nothing.
      if (!socket.write(chunk)) await next(socket, "drain");
      if (received() !== "") break;
    }

    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(written).toBeLessThan(2 ** 25);
    expect(handled).toEqual([]);
    socket.destroy();
  });

  it("a body that stops is given up", async () => {
    const { port, handled } = await listeningWith({ bodyTimeoutMs: 50 });
    const { socket, until } = await clientOf(port);

    socket.write(headOf(["content-length: 100"]));
    socket.write("{");

    expect(await until(/body-timeout/)).toMatch(/^HTTP\/1\.1 408 /);
    expect(handled).toEqual([]);
    socket.destroy();
  });

  it("a cut body is not a message, and its place is free again", async () => {
    const { port, handled, handler } = await listeningWith({ maxConcurrent: 1 });
    const cut = await clientOf(port);
    cut.socket.write(headOf([`content-length: ${MESSAGE.length + 1}`]) + MESSAGE);
    const other = await clientOf(port);
    // The first has the only place.
    other.socket.write(headOf([`content-length: ${MESSAGE.length}`]) + MESSAGE);
    expect(await other.until(/too-many-requests/)).toMatch(/^HTTP\/1\.1 429 /);

    cut.socket.destroy();
    await handler.shutdown();

    expect(handled).toEqual([]);
    other.socket.destroy();
  });

  it("the unread rest of a refused request is never taken for another request", async () => {
    const { port, handled } = await listeningWith();
    const smuggled = headOf([`content-length: ${MESSAGE.length}`]) + MESSAGE;
    const { socket, until } = await clientOf(port);

    const refused = headOf([`content-length: ${smuggled.length}`, "content-encoding: br"]);
    socket.write(refused + smuggled);
    await until(/unsupported-content-encoding/);
    socket.write(headOf([`content-length: ${MESSAGE.length}`, "connection: close"]) + MESSAGE);
    await next(socket, "close");

    // At most the one that was meant.
    expect(handled.length).toBeLessThanOrEqual(1);
  });

  it("a shutdown still answers accepted requests, and refuses later ones", async () => {
    const waiting: (() => void)[] = [];
    const { port, handler } = await listeningWith({
      receiver: {
        handle: () =>
          new ResultAsync(
            new Promise((resolve) => waiting.push(() => resolve(okAsync({ said: "late" }) as never))),
          ),
      },
    });
    const waits = async (): Promise<void> => {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    const request = headOf([`content-length: ${MESSAGE.length}`]) + MESSAGE;
    const first = await clientOf(port);
    const half = await clientOf(port);
    first.socket.write(request);
    half.socket.write(request.slice(0, -10));
    const third = await clientOf(port);
    await waits();
    await settled(port);

    const down = handler.shutdown();
    third.socket.write(request);
    expect(await third.until(/shutting-down/)).toMatch(/^HTTP\/1\.1 503 .*retry-after: 5\r\n/is);
    waiting.pop()?.();
    expect(await first.until(/late/)).toMatch(/^HTTP\/1\.1 200 /);
    half.socket.write(request.slice(-10));
    await waits();
    waiting.pop()?.();
    expect(await half.until(/late/)).toMatch(/^HTTP\/1\.1 200 /);
    await down;

    for (const { socket } of [first, half, third]) socket.destroy();
  });
});

/** Resolves when this happens next, or when nothing can any more. */
function next(socket: Socket, event: "data" | "drain" | "close"): Promise<void> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve()).once("close", () => resolve());
  });
}

/** Resolves when the server has looked at all that was sent before: it has answered something sent after it. */
async function settled(port: number): Promise<void> {
  const { socket, until } = await clientOf(port);
  socket.write("GET / HTTP/1.1\r\nhost: cloud.example\r\n\r\n");
  await until(/not-found/);
  socket.destroy();
}
