import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a proxy does to one connection, and so to one request and its answer. */
export type WireFault =
  | { readonly type: "none" }
  /** Only so many bytes of the request arrive, then both ends are cut. */
  | { readonly type: "cut-request"; readonly afterBytes: number }
  /** The request arrives whole; of its answer only so many bytes come back. */
  | { readonly type: "cut-answer"; readonly afterBytes: number }
  /** Every byte comes by itself, both ways. */
  | { readonly type: "slow" }
  /** The request arrives twice, and its first answer comes back. */
  | { readonly type: "twice" }
  /** The request arrives, and once more after so many others. */
  | { readonly type: "late"; readonly afterRequests: number };

/** A TCP proxy on this machine that treats each connection as it is told. */
export interface FaultyProxy {
  readonly origin: string;
  /** What happened so far, in the order of the connections. */
  readonly happened: readonly WireFault["type"][];
  close(): Promise<void>;
}

const CUT = new Error("cut by the proxy");

/**
 * Starts a proxy before a port. The server behind it has to close each connection after one answer.
 *
 * @param nextFault asked at each connection
 */
export async function faultyProxy(target: number, nextFault: () => WireFault): Promise<FaultyProxy> {
  const happened: WireFault["type"][] = [];
  const open = new Set<Socket>();
  const heldBack: { readonly request: Buffer; due: number }[] = [];

  const watch = (socket: Socket): Socket => {
    open.add(socket);
    socket.setNoDelay(true);
    return socket.on("error", () => undefined).on("close", () => open.delete(socket));
  };

  /** Sends a request that was sent before, and waits until its answer has ended. */
  const repeat = async (request: Buffer): Promise<void> => {
    const again = watch(connect(target, "127.0.0.1"));
    again.write(request);
    await readAll(again);
  };

  const serve = async (client: Socket): Promise<void> => {
    const fault = nextFault();
    happened.push(fault.type);
    const server = watch(connect(target, "127.0.0.1"));
    try {
      const sent: Buffer[] = [];
      // The server answers a whole request, so that by then all of it was sent.
      const sending = carry(client, server, fault, sent);
      const answering = readAll(server);
      const answer = await Promise.race([answering, sending.then(() => answering)]);
      const request = Buffer.concat(sent);
      for (const held of heldBack) if (--held.due === 0) await repeat(held.request);
      if (fault.type === "late") heldBack.push({ request, due: fault.afterRequests });
      if (fault.type === "twice") await repeat(request);
      await give(client, answer, fault);
    } catch {
      client.destroy();
      server.destroy();
    }
  };

  const listener = createServer((client) => void serve(watch(client)));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    happened,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Carries a request; rejects where the fault cuts it. */
async function carry(from: Socket, to: Socket, fault: WireFault, carried: Buffer[]): Promise<void> {
  let left = fault.type === "cut-request" ? fault.afterBytes : Number.POSITIVE_INFINITY;
  if (left === 0) throw CUT;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const bytes = chunk.subarray(0, Math.min(chunk.byteLength, left));
    carried.push(bytes);
    await write(to, bytes, fault);
    left -= bytes.byteLength;
    if (left <= 0) throw CUT;
  }
}

/** Gives an answer, or as much of it as the fault lets through. */
async function give(to: Socket, answer: Buffer, fault: WireFault): Promise<void> {
  const isCut = fault.type === "cut-answer";
  await write(to, isCut ? answer.subarray(0, fault.afterBytes) : answer, fault);
  if (isCut) to.destroySoon();
  else to.end();
}

async function write(to: Socket, bytes: Buffer, { type }: WireFault): Promise<void> {
  if (type !== "slow") {
    to.write(bytes);
    return;
  }
  for (const byte of bytes) {
    to.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function readAll(from: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of from as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
