import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createRequestSigner, type SigningKey } from "unified-contributions/adapters/http-signatures";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";

const PATH = "/unified-contributions";
const ADDRESS = `https://cloud.example${PATH}`;
const MESSAGE = '{"version":1,"requestId":"request_0123456789","type":"enable","after":0}';

/** A client that was cut off comes back within this time, after half of it on average, in milliseconds. */
const AWAY_MS = 20_000;

/** How often a client that is slow with its head sends the next byte of it, in milliseconds. */
const BYTE_MS = 1_000;

/** Clients that hold on to a server. */
export interface RudeClients {
  close(): void;
}

function headOf(headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries({ host: "cloud.example", "content-type": "application/json", ...headers });
  return `POST ${PATH} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/**
 * Connections without a key. Every second one sends its head a byte at a time. The others begin a request and send its
 * body in chunks of one byte, which never end. One that is cut off comes back.
 */
export async function holdConnections(port: number, connections: number): Promise<void> {
  const hold = async (rudely: (socket: Socket) => void): Promise<void> => {
    const socket = await open(port);
    socket.resume().once("close", () => comeBack(() => hold(rudely)));
    rudely(socket);
  };
  const each = Array.from({ length: connections }, (_, at) => (at % 2 === 0 ? sendHeadSlowly : sendNoEnd));
  await Promise.all(each.map(hold));
}

function sendHeadSlowly(socket: Socket): void {
  const head = headOf({ "content-length": "2" });
  let sent = 0;
  const timer = setInterval(() => socket.write(head.charAt(sent++)), BYTE_MS);
  socket.once("close", () => clearInterval(timer));
}

function sendNoEnd(socket: Socket): void {
  socket.write(headOf({ "transfer-encoding": "chunked" }) + "1\r\n{\r\n".repeat(200));
}

/** Comes back a while later, again and again if need be. */
function comeBack(hold: () => Promise<void>): void {
  setTimeout(() => hold().catch(() => comeBack(hold)), Math.random() * AWAY_MS);
}

/** Connections of a server whose signed requests of so many bytes stop before their last byte. */
export async function holdSigned(
  port: number,
  key: SigningKey,
  requests: number,
  bytes: number,
): Promise<RudeClients> {
  const body = new TextEncoder().encode(MESSAGE.padEnd(bytes));
  const sign = createRequestSigner({ key: () => key, clock: systemClock, random: systemRandom });
  const sockets = await Promise.all(
    Array.from({ length: requests }, async () => {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body };
      const { headers } = await sign(new Request(ADDRESS, init), body);
      const socket = await open(port);
      socket.resume();
      socket.write(headOf({ ...Object.fromEntries(headers), "content-length": String(body.byteLength) }));
      await new Promise<void>((resolve) => socket.write(body.subarray(0, -1), () => resolve()));
      return socket;
    }),
  );
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * One HTTP/2 connection with so many requests that have no key and never end. A request that is refused is made again, and
 * so is the connection if the server ends it.
 */
export async function holdStreams(port: number, streams: number): Promise<void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  await once(session, "remoteSettings");
  session.once("close", () => comeBack(() => holdStreams(port, streams)));
  const hold = async (): Promise<void> => {
    if (session.closed || session.destroyed) return;
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      ":authority": "cloud.example",
      "content-type": "application/json",
    });
    stream.on("error", () => undefined).resume();
    stream.once("close", () => comeBack(hold));
    stream.write("{");
  };
  await Promise.all(Array.from({ length: streams }, hold));
}

/** How a server whose clock is wrong takes a refusal: it sends its whole body, slowly, and only then reads. */
export async function sendSlowly(
  port: number,
  key: SigningKey,
  pieces: number,
  pauseMs: number,
): Promise<string> {
  const body = new TextEncoder().encode(MESSAGE.padEnd(64 * pieces));
  const clock = { now: () => (systemClock.now() - 3_600_000) as ReturnType<typeof systemClock.now> };
  const sign = createRequestSigner({ key: () => key, clock, random: systemRandom });
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  const { headers } = await sign(new Request(ADDRESS, init), body);
  const socket = await open(port);
  let broken = "";
  socket.on("error", ({ message }) => {
    broken = message;
  });
  socket.write(headOf({ ...Object.fromEntries(headers), "content-length": String(body.byteLength) }));
  for (let at = 0; at < pieces; at++) {
    await sleep(pauseMs);
    if (!socket.destroyed) socket.write(body.subarray(64 * at, 64 * (at + 1)));
  }
  let text = "";
  socket.setEncoding("utf8");
  try {
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.endsWith("}")) break;
    }
  } catch {
    // It says so itself, above.
  }
  socket.destroy();
  return /urn:problem-type:unified-contributions:([a-z-]+)/.exec(text)?.[1] ?? `broken: ${broken}`;
}
