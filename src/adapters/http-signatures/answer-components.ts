import { type SignedComponent, signatureOfRequest } from "./message-signature.ts";

/** The parts of a head that answers need. */
export interface RequestHead {
  readonly headers: { get(name: string): string | null };
}

/** The head of an answer. */
export interface ResponseHead extends RequestHead {
  readonly status: number;
}

/**
 * Returns the components that the signature of an answer covers.
 *
 * These are its status, its body with the kind, the time that it asks to wait, and the signature of the request. The
 * request's signature covers all of the request, its nonce included, so an answer fits one request and no other.
 *
 * @param label the label of the request's signature of this protocol; a proxy may have added others beside it
 */
export function answerComponents(answer: ResponseHead, label: string): readonly SignedComponent[] {
  return [
    ...["@status", "content-type", "content-digest"],
    ...(answer.headers.get("retry-after") === null ? [] : ["retry-after"]),
    signatureOfRequest(label),
  ];
}
