import { err, ok, type Result } from "neverthrow";

/** Why a body was not read to its end. */
export type UnreadBody = "too-large" | "incomplete" | "timed-out";

type Bytes = Uint8Array<ArrayBuffer>;

const NOTHING: Bytes = new Uint8Array(0);

/**
 * Reads the body of a request once, and no further than the bound.
 *
 * A length that was declared is what the server that took the request holds it to, so that the platform may read it as
 * it does best, at a third of what a stream costs. All else is read as a stream, and counted.
 *
 * @param timeoutMs how long all of it may take, in milliseconds
 */
export function readRequest(
  request: Request,
  maxBytes: number,
  timeoutMs: number,
): Promise<Result<Bytes, UnreadBody>> {
  const declared = request.headers.get("content-length") ?? "";
  const isBounded = LENGTH.test(declared) && Number(declared) <= maxBytes;
  return within(timeoutMs, isBounded ? readDeclared(request, maxBytes) : readBody(request.body, maxBytes));
}

const LENGTH = /^\d+$/;

async function readDeclared(request: Request, maxBytes: number): Promise<Result<Bytes, UnreadBody>> {
  try {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.byteLength > maxBytes ? err("too-large") : ok(body);
  } catch {
    return err("incomplete");
  }
}

/**
 * Reads a body once, and no further than the bound.
 *
 * @param maxBytes how many bytes are held at most; one chunk of the platform's may come on top before it is noticed
 */
export async function readBody(
  body: ReadableStream<Bytes> | null,
  maxBytes: number,
): Promise<Result<Bytes, UnreadBody>> {
  if (body === null) return ok(NOTHING);
  const reader = body.getReader();
  const read = await readAll(reader, maxBytes).catch(() => err<never, UnreadBody>("incomplete"));
  // Tells the platform that nobody reads on; whatever becomes of that is its own affair.
  if (read.isErr() && read.error === "too-large") reader.cancel().catch(() => undefined);
  return read;
}

async function readAll(
  reader: ReadableStreamDefaultReader<Bytes>,
  maxBytes: number,
): Promise<Result<Bytes, UnreadBody>> {
  const chunks: Bytes[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ok(joined(chunks, length));
    length += value.byteLength;
    if (length > maxBytes) return err("too-large");
    chunks.push(value);
  }
}

function joined(chunks: readonly Bytes[], length: number): Bytes {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** What took longer is left to its server, which closes the connection or goes on reading for nobody. */
function within(
  timeoutMs: number,
  reading: Promise<Result<Bytes, UnreadBody>>,
): Promise<Result<Bytes, UnreadBody>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(err("timed-out")), timeoutMs);
    reading.then((read) => {
      clearTimeout(timer);
      resolve(read);
    });
  });
}
