import { err, ok, type Result } from "neverthrow";

/** Why a body was not read to its end. */
export type UnreadBody = "too-large" | "incomplete" | "timed-out";

type Bytes = Uint8Array<ArrayBuffer>;

const NOTHING: Bytes = new Uint8Array(0);

/**
 * Reads a body once, and no further than the bound.
 *
 * @param maxBytes how many bytes are held at most; one chunk of the platform's may come on top before it is noticed
 * @param timeoutMs how long all of it may take, in milliseconds; no end where it is left out
 */
export async function readBody(
  body: ReadableStream<Bytes> | null,
  maxBytes: number,
  timeoutMs?: number,
): Promise<Result<Bytes, UnreadBody>> {
  if (body === null) return ok(NOTHING);
  const reader = body.getReader();
  const reading = readAll(reader, maxBytes).catch(() => err<never, UnreadBody>("incomplete"));
  const read = await (timeoutMs === undefined ? reading : within(timeoutMs, reading));
  // Tells the platform that nobody reads on; whatever becomes of that is its own affair.
  if (read.isErr() && read.error !== "incomplete") reader.cancel().catch(() => undefined);
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
