import { createSignature } from "http-message-sig";
import {
  answerComponents,
  describeAnswer,
  type RequestHead,
  type ResponseHead,
} from "./answer-components.ts";
import { contentDigest } from "./content-digest.ts";
import type { SigningKey } from "./ports.ts";
import { readSignature, SIGNATURE_TAG } from "./read-signature.ts";

/** What an answer signer is made of. */
export interface AnswerSignerOptions {
  /** The cloud's key to sign with at present; asked for each answer, so that a rotation needs no restart. */
  readonly key: () => SigningKey | Promise<SigningKey>;
}

/** Returns the headers that sign an answer to one request. Rejects if the key cannot be had or does not sign. */
export type AnswerSigner = (
  answer: ResponseHead,
  body: Uint8Array,
  request: RequestHead,
) => Promise<Readonly<Record<string, string>>>;

const FACTORY = "createAnswerSigner";
const LABEL = "answer";

/**
 * Makes what signs the cloud's answers as RFC 9421 has it: the `signAnswers` of the HTTP handler. It signs no time: an answer
 * fits the one request that it names, and that has one. A request without a signature of this protocol has nothing to which
 * an answer could be bound, and its answer is left as it is. A wrong option is a mistake in the program and throws a
 * `TypeError`.
 */
export function createAnswerSigner(options: AnswerSignerOptions): AnswerSigner {
  const key = options?.key;
  if (typeof key !== "function") throw new TypeError(`${FACTORY}: \`key\` has to be a function.`);
  return async (answer, body, request) => {
    const claimed = readSignature(request.headers);
    if (claimed.isErr()) return {};
    const part = { label: claimed.value.label, signature: request.headers.get("signature") ?? "" };
    const signer = await key();
    const digest = await contentDigest(body);
    const fields = ["content-type", "content-digest", "retry-after"];
    const headers = {
      get: (name: string) => (name === "content-digest" ? digest : answer.headers.get(name)),
    };
    const { signature, signatureInput } = await createSignature(
      describeAnswer({ status: answer.status, headers }, part, fields),
      {
        label: LABEL,
        components: answerComponents(answer, part),
        parameters: { keyid: signer.keyId, tag: SIGNATURE_TAG },
        signer,
      },
    );
    return { "content-digest": digest, "signature-input": signatureInput, signature };
  };
}
