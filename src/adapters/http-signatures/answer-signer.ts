import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import { answerComponents, type RequestHead, type ResponseHead } from "./answer-components.ts";
import { contentDigest } from "./content-digest.ts";
import { describeAnswer, sign } from "./message-signature.ts";
import type { SigningKey } from "./ports.ts";
import { readSignature, SIGNATURE_TAG } from "./read-signature.ts";

/** The options of an answer signer. */
export interface AnswerSignerOptions {
  /** Returns the cloud's present signing key. It is called for each answer, so a rotation needs no restart. */
  readonly key: () => SigningKey | Promise<SigningKey>;
}

/** Returns the headers that sign an answer to one request. Rejects if the key is not available or does not sign. */
export type AnswerSigner = (
  answer: ResponseHead,
  body: Uint8Array,
  request: RequestHead,
) => Promise<Readonly<Record<string, string>>>;

const FACTORY = "createAnswerSigner";
const OPTIONS: Readonly<Record<keyof AnswerSignerOptions, true>> = { key: true };
const LABEL = "answer";

/**
 * Returns the signer of the cloud's answers (RFC 9421), for `signAnswers` of the HTTP handler.
 *
 * It signs no time, because an answer fits only the request that it names, and that request has a time. An answer
 * cannot be bound to a request without a signature of this protocol, so it is then left as it is. A wrong option is a
 * mistake in the program and throws a `TypeError`.
 */
export function createAnswerSigner(options: AnswerSignerOptions): AnswerSigner {
  const key = options?.key;
  if (typeof key !== "function") throw new TypeError(`${FACTORY}: \`key\` has to be a function.`);
  refuseUnknownOptions(FACTORY, options, OPTIONS);
  return async (answer, body, request) => {
    const claimed = readSignature(request.headers);
    if (claimed.isErr()) return {};
    const asked = request.headers.get("signature") ?? "";
    const signer = await key();
    const digest = await contentDigest(body);
    const fields = ["content-type", "content-digest", "retry-after"];
    const headers = {
      get: (name: string) => (name === "content-digest" ? digest : answer.headers.get(name)),
    };
    const { signature, signatureInput } = await sign(
      describeAnswer({ status: answer.status, headers }, asked, fields),
      {
        label: LABEL,
        components: answerComponents(answer, claimed.value.label),
        parameters: { keyid: signer.keyId, tag: SIGNATURE_TAG },
        signer,
      },
    );
    return { "content-digest": digest, "signature-input": signatureInput, signature };
  };
}
