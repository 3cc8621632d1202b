import { err, ok, type Result } from "neverthrow";
import { createDeadline } from "./deadline.ts";
import type { Configuration } from "./handler-options.ts";
import type { ProblemCode } from "./problem.ts";

/** Sets the headers on an answer that tell who gave it, or says with which problem it is not given. Never rejects. */
export type SignResponse = (
  response: Response,
  body: Uint8Array<ArrayBuffer>,
  request: Request,
) => Promise<Result<Response, ProblemCode>>;

/**
 * Makes what signs answers, or null if the host has no key. Each call of the host's has a deadline. What could not be signed
 * was applied all the same, so that its outcome is unknown to the server.
 */
export function createSigning({
  signAnswers,
  callTimeoutMs,
  maxGivenUp,
}: Configuration): SignResponse | null {
  if (signAnswers === null) return null;
  const deadline = createDeadline(callTimeoutMs, maxGivenUp, maxGivenUp);
  return async (response, body, request) => {
    if (deadline.isSpent()) return err("outcome-unknown");
    try {
      const signed = await deadline.call(null, () => signAnswers(response, body, request));
      if (signed.isErr()) return err("outcome-unknown");
      for (const [name, value] of Object.entries(signed.value)) response.headers.set(name, value);
      return ok(response);
    } catch {
      return err("internal-error");
    }
  };
}
