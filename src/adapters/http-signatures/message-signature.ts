import {
  appendSignature,
  component,
  createSignature,
  isSignatureError,
  type RequestDescriptor,
  type ResponseDescriptor,
  type SignatureErrorCode,
  verifySignature,
} from "http-message-sig";
import type { CloudKey, SigningKey, VerificationKey } from "./ports.ts";
import type { SignatureRefusalType } from "./refusal.ts";

/** A message as the implementation of RFC 9421 reads it. Only this file knows the form, and imports its package. */
type DescribedMessage = RequestDescriptor | ResponseDescriptor;

/** A name of a component, or {@link signatureOfRequest}. */
export type SignedComponent = string | ReturnType<typeof component>;

/** The fields of a message, as `Headers` has them. */
interface Fields {
  get(name: string): string | null;
}

/** Returns the component of an answer that covers the request's signature of this label. */
export function signatureOfRequest(label: string): SignedComponent {
  return component("signature", { req: true, key: label });
}

/**
 * Returns a request with the address that the signature must have.
 *
 * It has only these fields, so a field that a proxy adds cannot make it unreadable.
 */
export function describeRequest(
  request: { readonly method: string; readonly headers: Fields },
  targetUri: string,
  fields: readonly string[],
): DescribedMessage {
  return { kind: "request", method: request.method, targetUri, fields: present(request.headers, fields) };
}

/** The address plays no part in the signature of an answer, but the description needs one. */
const NO_ADDRESS = "https://request.invalid/";

/**
 * Returns an answer with these fields and no others.
 *
 * @param signature the whole `Signature` field of its request
 */
export function describeAnswer(
  answer: { readonly status: number; readonly headers: Fields },
  signature: string,
  fields: readonly string[],
): DescribedMessage {
  return {
    ...{ kind: "response", status: answer.status, fields: present(answer.headers, fields) },
    request: {
      ...{ kind: "request", method: "POST", targetUri: NO_ADDRESS },
      fields: [{ name: "signature", value: signature }],
    },
  };
}

function present(headers: Fields, names: readonly string[]): { name: string; value: string }[] {
  return names.flatMap((name) => {
    const value = name.startsWith("@") ? null : headers.get(name);
    return value === null ? [] : [{ name, value }];
  });
}

/** The signature to make: its label, what it covers, its parameters, and the key. */
interface SignatureOrder {
  readonly label: string;
  readonly components: readonly SignedComponent[];
  readonly parameters: Parameters<typeof createSignature>[1]["parameters"];
  readonly signer: SigningKey;
}

/** Returns the headers with the signature of a message added. Rejects if the key does not sign. */
export async function signInto(
  headers: Headers,
  message: DescribedMessage,
  order: SignatureOrder,
): Promise<Headers> {
  return appendSignature(headers, await createSignature(message, order));
}

/** Returns the two fields of the signature of a message. Rejects if the key does not sign. */
export function sign(
  message: DescribedMessage,
  order: SignatureOrder,
): Promise<{ readonly signature: string; readonly signatureInput: string }> {
  return createSignature(message, order);
}

/** The signature to look for, and what it has to hold. */
interface SignatureDemand {
  readonly label: string;
  readonly key: CloudKey | VerificationKey;
  readonly components: readonly SignedComponent[];
  readonly parameters: readonly ("created" | "keyid" | "nonce" | "tag")[];
  /** The present, in seconds since 1970, and by how many seconds it may be wrong. */
  readonly now: number;
  readonly clockSkew: number;
}

/** Returns why a signature does not prove that the key's owner sent this message, or null if it does. */
export async function findFlaw(
  message: DescribedMessage,
  { label, key, components, parameters, now, clockSkew }: SignatureDemand,
): Promise<SignatureRefusalType | null> {
  try {
    await verifySignature(message, {
      label,
      policy: {
        algorithms: [key.algorithm],
        requiredComponents: components,
        requiredParameters: parameters,
        ...{ now, clockSkew },
      },
      resolveVerifier: () => key,
    });
    return null;
  } catch (error) {
    return isSignatureError(error) ? REFUSED_AS[error.code] : "authentication-unavailable";
  }
}

const REFUSED_AS: Readonly<Record<SignatureErrorCode, SignatureRefusalType>> = {
  MissingField: "signature-insufficient",
  MalformedField: "signature-malformed",
  LabelRequired: "signature-malformed",
  LabelMismatch: "signature-malformed",
  DuplicateLabel: "signature-malformed",
  InvalidComponent: "signature-malformed",
  DuplicateComponent: "signature-malformed",
  UnsupportedFeature: "signature-malformed",
  AlgorithmMismatch: "algorithm-refused",
  // Of the demands, only the algorithm was not checked before.
  PolicyViolation: "algorithm-refused",
  VerificationFailed: "signature-invalid",
  ResolverFailed: "authentication-unavailable",
};
