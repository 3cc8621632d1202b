import { once } from "node:events";
import { connect, type IncomingHttpHeaders } from "node:http2";
import { Readable } from "node:stream";
import type { HttpFetch } from "unified-contributions/adapters/http";

/** A `fetch` for the transport that speaks HTTP/2 without TLS, one connection for each request: for this example. */
export const http2Fetch: HttpFetch = async (url, { method, headers, body, signal }) => {
  const { origin, pathname } = new URL(url);
  const session = connect(origin);
  const fields = Object.fromEntries(headers);
  const stream = session.request({ ":method": method, ":path": pathname, ...fields }, { signal });
  stream.end(body);
  stream.once("close", () => session.close());
  const [answered] = (await once(stream, "response")) as [IncomingHttpHeaders];
  const { ":status": status = 0, ...rest } = answered;
  const plain = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]);
  const read = Readable.toWeb(stream) as Awaited<ReturnType<HttpFetch>>["body"];
  return { status: Number(status), headers: new Headers(plain), body: read };
};
