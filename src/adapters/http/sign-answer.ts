import { err, ok, type Result } from "neverthrow";
import type { Bytes } from "./bytes.ts";
import { createDeadline } from "./deadline.ts";
import type { RequestNotes } from "./events.ts";
import type { Configuration } from "./handler-options.ts";
import type { ProblemCode } from "./problem.ts";

/**
 * Returns the answer with headers that prove the cloud gave it, or the problem if it cannot be given. Never rejects.
 *
 * @param notes record the reason if it cannot be given; null if it is not needed
 */
export type SignResponse = (
  response: Response,
  body: Bytes,
  request: Request,
  notes: RequestNotes | null,
) => Promise<Result<Response, ProblemCode>>;

const GIVEN_UP =
  "`signAnswers` did not answer within `callTimeoutMs`, or too many of its calls have not come back.";
const THREW = "`signAnswers` threw: the cause says why.";

/**
 * Returns the function that signs answers, or null if the host has no key. Each call of the host's code has a deadline.
 *
 * If an answer cannot be signed, its message was applied all the same. The server then does not know the outcome.
 */
export function createSigning({
  signAnswers,
  callTimeoutMs,
  maxGivenUp,
}: Configuration): SignResponse | null {
  if (signAnswers === null) return null;
  const deadline = createDeadline(callTimeoutMs, maxGivenUp, maxGivenUp);
  return async (response, body, request, notes) => {
    const giveUp = (): Result<Response, ProblemCode> => {
      if (notes) notes.why = GIVEN_UP;
      return err("outcome-unknown");
    };
    if (deadline.isSpent()) return giveUp();
    try {
      const signed = await deadline.call(null, () => signAnswers(response, body, request));
      if (signed.isErr()) return giveUp();
      for (const [name, value] of Object.entries(signed.value)) response.headers.set(name, value);
      return ok(response);
    } catch (cause) {
      if (notes) Object.assign(notes, { why: THREW, thrown: { cause } });
      return err("internal-error");
    }
  };
}
