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
  /** The request arrives, and once more after the next one. */
  | { readonly type: "late" };

/** A TCP proxy on this machine that treats each connection as it is told. */
export interface FaultyProxy {
  readonly origin: string;
  /** What happened so far, in the order of the connections. */
  readonly happened: readonly WireFault["type"][];
  close(): Promise<void>;
}

const CUT = new Error("cut by the proxy");

/**
 * Starts a proxy before a port. The server behind it has to answer one request a connection (`maxRequestsPerSocket`).
 *
 * @param nextFault asked at each connection
 */
export async function faultyProxy(target: number, nextFault: () => WireFault): Promise<FaultyProxy> {
  const happened: WireFault["type"][] = [];
  const open = new Set<Socket>();
  let repeatLater: Buffer | null = null;

  const watch = (socket: Socket): Socket => {
    open.add(socket);
    socket.setNoDelay(true);
    return socket.on("error", () => undefined).on("close", () => open.delete(socket));
  };

  /** Sends bytes that were sent before, and waits until their answer has ended. */
  const repeat = async (bytes: Buffer): Promise<void> => {
    const again = watch(connect(target, "127.0.0.1"));
    again.write(bytes);
    again.resume();
    await new Promise((resolve) => again.on("close", resolve));
  };

  const serve = async (client: Socket): Promise<void> => {
    const fault = nextFault();
    happened.push(fault.type);
    const sent: Buffer[] = [];
    const server = watch(connect(target, "127.0.0.1"));
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    client.on("close", () => server.destroy());
    const up = pump(client, server, fault.type === "cut-request" ? fault.afterBytes : null, fault, sent);
    const down = pump(server, client, fault.type === "cut-answer" ? fault.afterBytes : null, fault, []);
    try {
      await Promise.race([up.then(() => down), down]);
      if (repeatLater !== null) await repeat(repeatLater);
      repeatLater = fault.type === "late" ? Buffer.concat(sent) : null;
      if (fault.type === "twice") await repeat(Buffer.concat(sent));
      client.end();
    } catch {
      cut();
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

/** Carries bytes until their source ends; rejects where the fault cuts them. */
async function pump(
  from: Socket,
  to: Socket,
  cutAfter: number | null,
  { type }: WireFault,
  carried: Buffer[],
): Promise<void> {
  let left = cutAfter ?? Number.POSITIVE_INFINITY;
  if (left === 0) throw CUT;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const bytes = chunk.subarray(0, Math.min(chunk.byteLength, left));
    carried.push(bytes);
    for (const piece of type === "slow" ? singleBytes(bytes) : [bytes]) {
      to.write(piece);
      if (type === "slow") await new Promise((resolve) => setImmediate(resolve));
    }
    left -= bytes.byteLength;
    if (left <= 0) throw CUT;
  }
}

function singleBytes(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}
