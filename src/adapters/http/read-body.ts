import { err, ok, type Result } from "neverthrow";
import type { Bytes } from "./bytes.ts";
import { type Pace, watchPace } from "./pace.ts";

/** The reason why a body was not read to its end. */
export type UnreadBody = "too-large" | "incomplete" | "too-slow";

const NOTHING: Bytes = new Uint8Array(0);

/**
 * The first buffer of a body that comes in small pieces, in bytes. A full buffer doubles and grows by this size again.
 */
const FIRST_BUFFER = 4_096;

/**
 * Returns a body, read once and up to the bound, in one buffer. However many pieces come, it has two bytes for each at
 * most.
 *
 * @param maxBytes how many bytes are held at most; one chunk of the platform may come on top before it is noticed
 * @param pace how fast the body has to come; if left out, it may take for ever. The client of a body with a pace waits for
 * an answer, so such a body is cancelled a second after it was given up
 * @param expected how many bytes are declared, so that the buffer has that exact size in the end
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
  let tell = (_: UnreadBody): void => undefined;
  const givenUp = new Promise<UnreadBody>((resolve) => {
    tell = resolve;
  });
  const end = await Promise.race([
    readAll(reader, pace, collected.add, (why) => {
      if (pace) cancelLater(reader);
      else cancel(reader);
      tell(why);
    }),
    givenUp,
  ]);
  if (end === "complete") return ok(collected.bytes());
  return err(end);
}

/**
 * Up to this size the platform may read a body in its own way, at half the cost of a stream. A body of single bytes
 * then takes 80 kB.
 */
const SMALL_BYTES = 512;

/** Whether a body of this length may be read by {@link readSmallBody}. */
export function isSmallBody(declared: number): boolean {
  return declared <= SMALL_BYTES;
}

/** Returns a small body of a declared length. The server that took the request holds the body to that length. */
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
 * How long the answer has to get out before an unwanted body that goes on is cancelled, in milliseconds. Some servers
 * close the connection with the body.
 */
const LINGER_MS = 1_000;

/**
 * Reads the rest of an unwanted body and drops it: up to this many bytes, at this pace, and until it is stopped.
 *
 * A body that has not ended by then is not read on, and is cancelled a second later. It never rejects.
 *
 * @param onStop gets a function that stops it at once
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
  let isStopped = false;
  const count = (chunk: Bytes): boolean => {
    length += chunk.byteLength;
    return !isStopped && length <= maxBytes;
  };
  let resolveStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    resolveStopped = resolve;
  });
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    cancelLater(reader);
    resolveStopped();
  };
  onStop(stop);
  await Promise.race([readAll(reader, pace, count, stop), stopped]);
}

function cancelLater(reader: ReadableStreamDefaultReader<Bytes>): void {
  setTimeout(() => cancel(reader), LINGER_MS);
}

/** Tells the platform that reading has stopped. The result is the platform's own affair. */
function cancel(reader: ReadableStreamDefaultReader<Bytes>): void {
  reader.cancel().catch(() => undefined);
}

/** Returns null if another reader has the body already. */
function readerOf(body: ReadableStream<Bytes>): ReadableStreamDefaultReader<Bytes> | null {
  try {
    return body.getReader();
  } catch {
    return null;
  }
}

/**
 * Reads until the end, until a chunk is one too many, or until the pace is missed.
 *
 * @param giveUp cancels a body that is not read to its end, now or later
 */
async function readAll(
  reader: ReadableStreamDefaultReader<Bytes>,
  pace: Pace | undefined,
  take: (chunk: Bytes) => boolean,
  giveUp: (why: UnreadBody) => void,
): Promise<"complete" | UnreadBody> {
  const state = { isTooSlow: false };
  const watch =
    pace &&
    watchPace(pace, () => {
      state.isTooSlow = true;
      giveUp("too-slow");
    });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A stream that was cancelled is done, too.
      if (state.isTooSlow) return "too-slow";
      if (done) return "complete";
      watch?.count(value.byteLength);
      if (take(value)) continue;
      giveUp("too-large");
      return "too-large";
    }
  } catch {
    return state.isTooSlow ? "too-slow" : "incomplete";
  } finally {
    watch?.end();
  }
}

interface Collected {
  /** Takes a chunk, and returns whether it still fits. */
  add(chunk: Bytes): boolean;
  bytes(): Bytes;
}

function collect(maxBytes: number, expected: number): Collected {
  /** A chunk that may be the whole body is kept as it is. */
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
