import { type ComponentDescriptor, component, type ResponseDescriptor } from "http-message-sig";

/** A head as far as answers need it. */
export interface RequestHead {
  readonly headers: { get(name: string): string | null };
}

/** The head of an answer. */
export interface ResponseHead extends RequestHead {
  readonly status: number;
}

/** What the request of an answer has that the answer's signature covers. */
interface RequestPart {
  /** The label of the request's signature of this protocol; a proxy may have added others beside it. */
  readonly label: string;
  /** The whole `Signature` field of the request. */
  readonly signature: string;
}

/** The address plays no part in what is signed; the descriptor wants one. */
const NO_ADDRESS = "https://request.invalid/";

/**
 * Returns what the signature of an answer covers: its status, what kind of body and which one, how long it asks to wait, and
 * the signature of the request that it answers. That one covers all of the request, its nonce included, so that an answer
 * fits one request and no other.
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

/** Returns an answer as `http-message-sig` reads it, with these fields and no others. */
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
