import { err, type Result } from "neverthrow";
import type { Bytes } from "./bytes.ts";
import { readBody, type UnreadBody } from "./read-body.ts";

/** The size from which a body is compressed, in bytes. Below it gzip saves less than its header costs. */
const WORTH_IT = 1_024;

/**
 * How many compressed bytes are inflated in one step. Smaller steps cost more than the inflating.
 *
 * Some platforms inflate a whole chunk before they can be stopped. Gzip packs at most 1,032 bytes into one, so no step
 * makes more than 16 MiB.
 */
const STEP_BYTES = 16_384;

/** Whether compressing a body saves bytes. */
export function isWorthCompressing(body: Bytes): boolean {
  return body.byteLength >= WORTH_IT;
}

/** Returns the body, compressed. */
export async function gzip(body: Bytes): Promise<Bytes> {
  const packed = await readBody(
    inSteps(body, body.byteLength).pipeThrough(new CompressionStream("gzip")),
    Number.POSITIVE_INFINITY,
  );
  if (packed.isErr()) throw new Error("The platform's CompressionStream failed.");
  return packed.value;
}

/**
 * Returns the content of one gzip member (RFC 1952), up to this many bytes.
 *
 * The input is `incomplete` if it is not gzip, is not whole, or goes on after its end. Some platforms read several
 * members as one, or drop the bytes after the first. A trailer that does not fit shows it.
 */
export async function gunzip(body: Bytes, maxBytes: number): Promise<Result<Bytes, UnreadBody>> {
  const inflating = inSteps(body, STEP_BYTES).pipeThrough(new DecompressionStream("gzip"));
  const inflated = await readBody(inflating, maxBytes);
  if (inflated.isErr()) return inflated;
  return (await isOneMember(body, inflated.value.byteLength)) ? inflated : err("incomplete");
}

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** Whether all of these bytes were one member. */
async function isOneMember(packed: Bytes, length: number): Promise<boolean> {
  // The last four bytes say how much their own member held. If there are several members, all but the last held
  // nothing.
  const end = packed.byteLength - 4;
  const lastLength = new DataView(packed.buffer, packed.byteOffset).getUint32(end, true);
  if (lastLength !== length) return false;
  return !hasHeaderWithin(packed) || !(await isFirstEmpty(packed));
}

/** Whether another member may begin somewhere. Each begins with the same three bytes, which seldom occur by chance. */
function hasHeaderWithin(packed: Bytes): boolean {
  const last = packed.byteLength - HEADER_BYTES - TRAILER_BYTES;
  for (
    let index = packed.indexOf(0x1f, 1);
    index !== -1 && index <= last;
    index = packed.indexOf(0x1f, index + 1)
  )
    if (packed[index + 1] === 0x8b && packed[index + 2] === 0x08) return true;
  return false;
}

/** Whether the first member holds nothing. A member is read only until it gives a byte, so most are hardly read. */
async function isFirstEmpty(packed: Bytes): Promise<boolean> {
  const start = endOfHeader(packed);
  const deflated = packed.subarray(start, packed.byteLength - TRAILER_BYTES);
  const inflating = inSteps(deflated, STEP_BYTES).pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = inflating.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      if (value.byteLength > 0) return false;
    }
  } catch {
    // Something follows the first member, and this platform says so.
    return true;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * Returns where the header of the first member ends (RFC 1952, section 2.3.1). It was read once already, so it is
 * whole.
 */
function endOfHeader(packed: Bytes): number {
  const flags = packed[3] ?? 0;
  let index = HEADER_BYTES;
  if (flags & 4) index += 2 + (packed[index] ?? 0) + 256 * (packed[index + 1] ?? 0);
  // A name and a comment, each of which ends with a zero.
  for (const flag of [8, 16]) if (flags & flag) index = packed.indexOf(0, index) + 1;
  return flags & 2 ? index + 2 : index;
}

function inSteps(bytes: Bytes, step: number): ReadableStream<Bytes> {
  let index = 0;
  return new ReadableStream<Bytes>({
    pull: (controller) => {
      if (index >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(index, index + step));
      index += step;
    },
  });
}
