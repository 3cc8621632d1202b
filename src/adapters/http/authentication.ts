import type { Result } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";

/** Why a request was not taken for an installation's: the stable code of the problem that answers it. */
export type AuthenticationProblem =
  /** Nothing in the request says who sends it. */
  | "authentication-required"
  /** The host's own credentials do not hold. */
  | "authentication-failed"
  | "signature-invalid"
  /** The signature fields cannot be read. */
  | "signature-malformed"
  /** A component or a parameter that the policy requires is not covered. */
  | "signature-insufficient"
  | "signature-expired"
  | "signature-not-yet-valid"
  | "signature-replayed"
  | "algorithm-refused"
  | "content-digest-mismatch"
  | "unknown-key"
  /** It was signed for another address. */
  | "wrong-audience"
  /** The installation is known, and may not send. */
  | "installation-refused"
  /** It could not be told, because a part of the receiver is not available: answered with 503. */
  | "authentication-unavailable";

/** A request is not taken for any installation's. */
export interface AuthenticationRefusal {
  readonly type: AuthenticationProblem;
  /** For the host's own log; the client is told no more than the type. Never holds anything of the request. */
  readonly message: string;
}

/**
 * Says which installation a request is from; that alone decides whose links it may touch. The host brings it: there is
 * no default. What throws or rejects lets nobody in.
 *
 * @param request its method, URL and headers; its body was read already
 * @param body the bytes as they came, still compressed if they were, and no more than the handler's bound
 */
export type Authenticate = (
  request: Request,
  body: Uint8Array<ArrayBuffer>,
) => PromiseLike<Result<InstallationId, AuthenticationRefusal>>;

/**
 * Puts on a request what tells the receiver who sends it. Called for every attempt, after compression.
 *
 * @param request what is about to leave; the headers of the request answered are sent in place of its own
 * @param body the very bytes that are sent
 */
export type Sign = (request: Request, body: Uint8Array<ArrayBuffer>) => Request | PromiseLike<Request>;
