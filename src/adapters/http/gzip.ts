import type { Result } from "neverthrow";
import { readBody, type UnreadBody } from "./read-body.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** From so many bytes on a body is compressed; below it gzip saves less than its header costs. */
const WORTH_IT = 1_024;

/**
 * How many compressed bytes are inflated in one step. Some platforms inflate a whole chunk before anybody can say stop,
 * and gzip packs at most 1,032 to one: so no step makes more than 16 MiB. Smaller steps cost more than the inflating.
 */
const STEP_BYTES = 16_384;

/** Whether compressing a body pays. */
export function isWorthCompressing(body: Bytes): boolean {
  return body.byteLength >= WORTH_IT;
}

/** Compresses. */
export async function gzip(body: Bytes): Promise<Bytes> {
  const packed = await readBody(
    inSteps(body, body.byteLength).pipeThrough(new CompressionStream("gzip")),
    Number.POSITIVE_INFINITY,
  );
  if (packed.isErr()) throw new Error("The platform's CompressionStream failed.");
  return packed.value;
}

/** Inflates, up to so many bytes; `incomplete` is what is no gzip, or not to its end. */
export function gunzip(body: Bytes, maxBytes: number): Promise<Result<Bytes, UnreadBody>> {
  return readBody(inSteps(body, STEP_BYTES).pipeThrough(new DecompressionStream("gzip")), maxBytes);
}

function inSteps(bytes: Bytes, step: number): ReadableStream<Bytes> {
  let at = 0;
  return new ReadableStream<Bytes>({
    pull: (controller) => {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(at, at + step));
      at += step;
    },
  });
}
