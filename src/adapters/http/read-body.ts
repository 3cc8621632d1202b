import { err, ok, type Result } from "neverthrow";
import { type Pace, watchPace } from "./pace.ts";

/** Why a body was not read to its end. */
export type UnreadBody = "too-large" | "incomplete" | "too-slow";

type Bytes = Uint8Array<ArrayBuffer>;

const NOTHING: Bytes = new Uint8Array(0);

/** The first buffer of a body that comes in small pieces, in bytes. It doubles and gets as much again whenever it is full. */
const FIRST_BUFFER = 4_096;

/**
 * Reads a body once, and no further than the bound, into one buffer: of however many pieces it comes, each byte costs no
 * more than two.
 *
 * @param maxBytes how many bytes are held at most; one chunk of the platform's may come on top before it is noticed
 * @param pace how fast it has to come; if left out, it may take for ever
 * @param expected how many bytes are declared, so that the buffer has just that size in the end
 */
export async function readBody(
  body: ReadableStream<Bytes> | null,
  maxBytes: number,
  pace?: Pace,
  expected: number = maxBytes,
): Promise<Result<Bytes, UnreadBody>> {
  if (body === null) return ok(NOTHING);
  const reader = readerOf(body);
  if (reader === null) return err("incomplete");
  const collected = collect(maxBytes, expected);
  const end = await readAll(reader, pace, collected.add);
  if (end === "complete") return ok(collected.bytes());
  return err(end);
}

/** Up to here the platform may read a body as it does best, at half of what a stream costs: in single bytes it has 80 kB. */
const SMALL_BYTES = 512;

/** Whether a body of this length may be read by {@link readSmallBody}. */
export function isSmallBody(declared: number): boolean {
  return declared <= SMALL_BYTES;
}

/** Reads a small body of a declared length, to which the server that took the request holds it. */
export function readSmallBody(
  request: Pick<Request, "arrayBuffer">,
  maxBytes: number,
  { totalMs, idleMs }: Pace,
): Promise<Result<Bytes, UnreadBody>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(err("too-slow")), Math.min(totalMs, idleMs));
    const end = (read: Result<Bytes, UnreadBody>): void => {
      clearTimeout(timer);
      resolve(read);
    };
    request.arrayBuffer().then(
      (buffer) => end(buffer.byteLength > maxBytes ? err("too-large") : ok(new Uint8Array(buffer))),
      () => end(err("incomplete")),
    );
  });
}

/**
 * Reads what is on its way of a body that nobody wants, and drops it: up to so many bytes, at this pace, and until it is
 * told to stop. Never rejects.
 *
 * @param onStop is given how to stop at once
 */
export async function dropBody(
  body: ReadableStream<Bytes> | null,
  maxBytes: number,
  pace: Pace,
  onStop: (stop: () => void) => void,
): Promise<void> {
  const reader = body && readerOf(body);
  if (!reader) return;
  let length = 0;
  const count = (chunk: Bytes): boolean => {
    length += chunk.byteLength;
    return length <= maxBytes;
  };
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  await Promise.race([readAll(reader, pace, count), stopped]);
}

/** Null if somebody else reads it already. */
function readerOf(body: ReadableStream<Bytes>): ReadableStreamDefaultReader<Bytes> | null {
  try {
    return body.getReader();
  } catch {
    return null;
  }
}

/** Reads to the end, or until a chunk is one too many or the pace is missed. */
async function readAll(
  reader: ReadableStreamDefaultReader<Bytes>,
  pace: Pace | undefined,
  take: (chunk: Bytes) => boolean,
): Promise<"complete" | UnreadBody> {
  const state = { isTooSlow: false };
  const giveUp = (): void => {
    state.isTooSlow = true;
    // Tells the platform that nobody reads on; whatever becomes of that is its own affair.
    reader.cancel().catch(() => undefined);
  };
  const watch = pace && watchPace(pace, giveUp);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A stream that was cancelled is done, too.
      if (done) return state.isTooSlow ? "too-slow" : "complete";
      watch?.count(value.byteLength);
      if (take(value)) continue;
      reader.cancel().catch(() => undefined);
      return "too-large";
    }
  } catch {
    return state.isTooSlow ? "too-slow" : "incomplete";
  } finally {
    watch?.end();
  }
}

interface Collected {
  /** Takes a chunk, or answers that it is one too many. */
  add(chunk: Bytes): boolean;
  bytes(): Bytes;
}

function collect(maxBytes: number, expected: number): Collected {
  /** A chunk that may be all of it is kept as it is. */
  let only: Bytes | null = null;
  let buffer: Bytes = NOTHING;
  let length = 0;
  const append = (chunk: Bytes): void => {
    const needed = length + chunk.byteLength;
    if (needed > buffer.byteLength) {
      const grown: Bytes = new Uint8Array(
        Math.max(needed, Math.min(expected, 2 * buffer.byteLength + FIRST_BUFFER)),
      );
      grown.set(buffer.subarray(0, length));
      buffer = grown;
    }
    buffer.set(chunk, length);
    length = needed;
  };
  return {
    add: (chunk) => {
      if ((only?.byteLength ?? length) + chunk.byteLength > maxBytes) return false;
      if (only === null && length === 0) {
        only = chunk;
        return true;
      }
      if (only !== null) append(only);
      only = null;
      append(chunk);
      return true;
    },
    bytes: () => only ?? (buffer.byteLength === length ? buffer : buffer.slice(0, length)),
  };
}
