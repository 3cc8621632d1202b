import type { Result } from "neverthrow";
import type { ConnectionId, InstallationId } from "../../domain/identifiers.ts";
import type { Bytes } from "./bytes.ts";

/** The reason why a request has no proven installation: the stable code of the problem that answers it. */
export type AuthenticationProblem =
  /** Nothing in the request names a sender. */
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
  /** The request was signed for another address. */
  | "wrong-audience"
  /** The installation is known, but may not send. */
  | "installation-refused"
  /** A part of the receiver is not available, so the sender cannot be told. The request is answered with 503. */
  | "authentication-unavailable";

/** The refusal of a request whose installation is not proven. */
export interface AuthenticationRefusal {
  readonly type: AuthenticationProblem;
  /** The reason for the handler's `onEvent`; never holds anything of the request. The client learns only the type. */
  readonly message: string;
}

/** A refusal that says more to the handler's `onEvent`. The client learns none of it. */
export interface ExplainedRefusal extends AuthenticationRefusal {
  /** The id of the key that the request names, only if that key is on record. */
  readonly keyId?: string;
  /** The value that a part of the host's threw; left out if nothing was. It may hold anything. */
  readonly cause?: unknown;
}

/**
 * Says which installation a request is from. Only that decides whose links the request may touch.
 *
 * The host brings it: there is no default. If it throws or rejects, the request is refused. It has one of three forms,
 * the safest first:
 *
 * - {@link HeadFirst}, which `createRequestVerifier` of `adapters/http-signatures` makes. The head proves the sender,
 *   and the body is checked against the head later.
 * - A function of the head, for a bearer token or a certificate that a proxy has checked.
 * - {@link WithBody}, for a proof that needs the body. A stranger can then make the handler read bodies, so few such
 *   requests are read at once (`maxUnproven` of the handler).
 */
export type Authenticate = AuthenticateByHead | HeadFirst | WithBody;

/**
 * Says by the head alone which installation a request is from.
 *
 * @param request its method, URL and headers; its body has not arrived, and must not be read here
 */
export type AuthenticateByHead = (
  request: Request,
) => PromiseLike<Result<InstallationId, AuthenticationRefusal>>;

/** Proves the head before the body is read, and the body afterwards. */
export interface HeadFirst {
  /** Returns the proof of the head. It must not read the body. */
  head(request: Request): PromiseLike<Result<ProvenHead, AuthenticationRefusal>>;
}

/** A head that is proven to come from an installation. */
export interface ProvenHead {
  readonly installation: InstallationId;
  /** The host's own id of the connection to which the credentials belong, if it has one. The receiver gets it. */
  readonly connectionId?: ConnectionId | undefined;
  /**
   * Checks that the body is the one that the head describes. The bytes are as they came, still compressed if they were.
   */
  admit(body: Bytes): PromiseLike<Result<void, AuthenticationRefusal>>;
  /**
   * Releases the resources of the head, such as a nonce in flight. The handler calls it once, however the request ends.
   */
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
  withBody(request: Request, body: Bytes): PromiseLike<Result<InstallationId, AuthenticationRefusal>>;
}

/**
 * Returns the request with headers that prove its sender. It is called for every attempt, after compression.
 *
 * @param request the request that is about to leave; the headers of the returned request replace its own
 * @param body the exact bytes that are sent
 */
export type Sign = (request: Request, body: Bytes) => Request | PromiseLike<Request>;

/** The head of a request or an answer. */
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
 * Returns headers that prove to the server that the cloud has given this answer to this exact request.
 *
 * The handler sets them before the answer leaves. `createAnswerSigner` of `adapters/http-signatures` makes such a
 * function.
 *
 * @param answer its status and headers
 * @param body the exact bytes that are sent
 * @param request the request that is answered; its head was proven
 */
export type SignAnswer = (
  answer: AnswerHead,
  body: Bytes,
  request: MessageHead,
) => PromiseLike<Readonly<Record<string, string>>>;

/**
 * Whether the cloud has given this answer to this exact request. If it throws or rejects, the answer is not trusted.
 *
 * `createAnswerVerifier` of `adapters/http-signatures` makes such a function.
 *
 * @param answer its status and headers, as they came
 * @param body the bytes as they came, and inflated if a proxy compressed them
 * @param request the request as it was signed
 */
export type VerifyAnswer = (
  answer: AnswerHead,
  body: Bytes,
  request: MessageHead,
) => boolean | PromiseLike<boolean>;
