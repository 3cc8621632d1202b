import { type ComponentDescriptor, component, type ResponseDescriptor } from "http-message-sig";

/** The parts of a head that answers need. */
export interface RequestHead {
  readonly headers: { get(name: string): string | null };
}

/** The head of an answer. */
export interface ResponseHead extends RequestHead {
  readonly status: number;
}

/** The parts of a request that its answer's signature covers. */
interface RequestPart {
  /** The label of the request's signature of this protocol. A proxy may have added others beside it. */
  readonly label: string;
  /** The whole `Signature` field of the request. */
  readonly signature: string;
}

/** The address plays no part in the signature, but the descriptor needs one. */
const NO_ADDRESS = "https://request.invalid/";

/**
 * Returns the components that the signature of an answer covers.
 *
 * These are its status, its body with the kind, the time that it asks to wait, and the signature of the request. The
 * request's signature covers all of the request, its nonce included, so an answer fits one request and no other.
 */
export function answerComponents(
  answer: ResponseHead,
  { label }: RequestPart,
): readonly (string | ComponentDescriptor)[] {
  return [
    ...["@status", "content-type", "content-digest"],
    ...(answer.headers.get("retry-after") === null ? [] : ["retry-after"]),
    component("signature", { req: true, key: label }),
  ];
}

/** Returns an answer in the form that `http-message-sig` reads, with these fields and no others. */
export function describeAnswer(
  answer: ResponseHead,
  { signature }: RequestPart,
  fields: readonly string[],
): ResponseDescriptor {
  const present = fields.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [{ name, value }];
  });
  return {
    ...{ kind: "response", status: answer.status, fields: present },
    request: {
      ...{ kind: "request", method: "POST", targetUri: NO_ADDRESS },
      fields: [{ name: "signature", value: signature }],
    },
  };
}
