import type { Configuration } from "./handler-options.ts";
import { type ProblemCode, problemResponse } from "./problem.ts";
import { dropBody } from "./read-body.ts";

/** Answers a request with a problem. Never rejects. */
export type Refuse = (request: Request, code: ProblemCode) => Promise<Response>;

/**
 * Returns the function that refuses requests. It reads and drops an unread body before the answer goes out.
 *
 * Otherwise a client that is still sending would see a broken connection instead of the reason. The bounds are those of
 * a wanted body. Only a limited number of bodies is dropped at once. One more ends the oldest, whose client then gets
 * its answer at once.
 */
export function createRefusalDesk(configuration: Configuration): Refuse {
  const { maxBodyBytes, maxDropped, challenge } = configuration;
  const pace = {
    totalMs: configuration.bodyTimeoutMs,
    idleMs: configuration.bodyIdleMs,
    bytesPerSecond: configuration.minBytesPerSecond,
  };
  const dropping = new Set<() => void>();

  async function drop({ headers, body }: Request): Promise<void> {
    // Too many bytes would have to come before the answer could go out.
    if (Number(headers.get("content-length")) > maxBodyBytes) return;
    let stopThis = (): void => undefined;
    await dropBody(body, maxBodyBytes, pace, (stop) => {
      stopThis = stop;
      if (dropping.size >= maxDropped)
        for (const oldest of dropping) {
          dropping.delete(oldest);
          oldest();
          break;
        }
      dropping.add(stop);
    });
    dropping.delete(stopThis);
  }

  return async (request, code) => {
    // A body that cannot be read needs no dropping.
    await drop(request).catch(() => undefined);
    const response = problemResponse(code, EXPLAINING[code]);
    if (response.status === 401) response.headers.set("www-authenticate", challenge);
    return response;
  };
}

/** The headers that a refusal has in addition to those of every problem. */
const EXPLAINING: { readonly [Code in ProblemCode]?: Readonly<Record<string, string>> } = {
  "method-not-allowed": { allow: "POST" },
  "unsupported-media-type": { accept: "application/json" },
  "unsupported-content-encoding": { "accept-encoding": "gzip, identity" },
};
