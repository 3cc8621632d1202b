import type { Result } from "neverthrow";
import type { ConnectionId, InstallationId } from "../../domain/identifiers.ts";

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
  /** For the handler's `onEvent`; the client is told no more than the type. Never holds anything of the request. */
  readonly message: string;
}

/** A refusal that says more to the handler's `onEvent`. The client is told none of it. */
export interface ExplainedRefusal extends AuthenticationRefusal {
  /** The id of the key that the request names, only if such a key is on record. */
  readonly keyId?: string;
  /** What a part of the host's threw, left out if nothing was thrown. It may hold anything. */
  readonly cause?: unknown;
}

/**
 * Says which installation a request is from; that alone decides whose links it may touch. The host brings it: there is
 * no default. What throws or rejects lets nobody in. It has one of three forms, from the safest on:
 *
 * - {@link HeadFirst}, which `createRequestVerifier` of `adapters/http-signatures` makes: the head proves who sends it, and
 *   the body is held against the head later;
 * - a function of the head: a bearer token, or a certificate that a proxy has checked;
 * - {@link WithBody}: whatever needs the body before it can tell. A stranger can then make the handler read bodies, so that
 *   few such requests are read at once (`maxUnproven` of the handler).
 */
export type Authenticate = AuthenticateByHead | HeadFirst | WithBody;

/**
 * Says by its head alone which installation a request is from.
 *
 * @param request its method, URL and headers; its body has not arrived, and must not be read here
 */
export type AuthenticateByHead = (
  request: Request,
) => PromiseLike<Result<InstallationId, AuthenticationRefusal>>;

/** Proves the head before the body is read, and the body afterwards. */
export interface HeadFirst {
  /** Returns what the head proves. It must not read the body. */
  head(request: Request): PromiseLike<Result<ProvenHead, AuthenticationRefusal>>;
}

/** A head that is proven to be an installation's. */
export interface ProvenHead {
  readonly installation: InstallationId;
  /** The host's own id of the connection whose credentials these are, where it has one: handed to the receiver. */
  readonly connectionId?: ConnectionId | undefined;
  /** Whether the body is the one that the head speaks of. The bytes are as they came, still compressed if they were. */
  admit(body: Uint8Array<ArrayBuffer>): PromiseLike<Result<void, AuthenticationRefusal>>;
  /** Ends what the head holds, a nonce in flight for example. The handler calls it once, however the request ends. */
  release(): void;
}

/** Says by head and body which installation a request is from. */
export interface WithBody {
  /**
   * Returns the installation that sent the request.
   *
   * @param request its method, URL and headers; its body was read already
   * @param body the bytes as they came, still compressed if they were, and no more than the handler's bound
   */
  withBody(
    request: Request,
    body: Uint8Array<ArrayBuffer>,
  ): PromiseLike<Result<InstallationId, AuthenticationRefusal>>;
}

/**
 * Puts on a request what tells the receiver who sends it. Called for every attempt, after compression.
 *
 * @param request what is about to leave; the headers of the request answered are sent in place of its own
 * @param body the very bytes that are sent
 */
export type Sign = (request: Request, body: Uint8Array<ArrayBuffer>) => Request | PromiseLike<Request>;

/** A request or an answer as far as its head goes. */
export interface MessageHead {
  readonly headers: {
    /** Returns the value of a header, or null if there is none. */
    get(name: string): string | null;
  };
}

/** The head of an answer. */
export interface AnswerHead extends MessageHead {
  readonly status: number;
}

/**
 * Returns the headers that tell the server that the cloud has given this answer, to this very request. They are set before
 * the answer leaves. `createAnswerSigner` of `adapters/http-signatures` makes one.
 *
 * @param answer its status and headers
 * @param body the very bytes that are sent
 * @param request the request that is answered, whose head was proven
 */
export type SignAnswer = (
  answer: AnswerHead,
  body: Uint8Array<ArrayBuffer>,
  request: MessageHead,
) => PromiseLike<Readonly<Record<string, string>>>;

/**
 * Whether the cloud has given this answer, to this very request. What throws or rejects says no. `createAnswerVerifier` of
 * `adapters/http-signatures` makes one.
 *
 * @param answer its status and headers, as they came
 * @param body the bytes as they came, and inflated if a proxy compressed them
 * @param request the request as it was signed
 */
export type VerifyAnswer = (
  answer: AnswerHead,
  body: Uint8Array<ArrayBuffer>,
  request: MessageHead,
) => boolean | PromiseLike<boolean>;
