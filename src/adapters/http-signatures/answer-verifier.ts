import { isInnerList, parseDictionary } from "structured-headers";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import { answerComponents, type RequestHead, type ResponseHead } from "./answer-components.ts";
import { isContentDigestOf } from "./content-digest.ts";
import { describeAnswer, findFlaw } from "./message-signature.ts";
import type { CloudKey } from "./ports.ts";
import { MAX_FIELD_LENGTH, readSignature, SIGNATURE_TAG } from "./read-signature.ts";

/** The options of an answer verifier. */
export interface AnswerVerifierOptions {
  /**
   * Returns the public keys with which the cloud signs, or is about to sign.
   *
   * It is called for each answer, so a rotation needs no restart. A key that has left the list proves nothing.
   */
  readonly keys: () => readonly CloudKey[] | Promise<readonly CloudKey[]>;
}

/** Whether the cloud has given an answer to this exact request. Rejects if the keys are not available. */
export type AnswerVerifier = (
  answer: ResponseHead,
  body: Uint8Array,
  request: RequestHead,
) => Promise<boolean>;

const FACTORY = "createAnswerVerifier";
const OPTIONS: Readonly<Record<keyof AnswerVerifierOptions, true>> = { keys: true };

/**
 * Returns the verifier of the cloud's answers (RFC 9421), for `verifyAnswers` of the HTTP transport.
 *
 * The answer's status, kind, bytes and `Retry-After` have to be those that were signed, for the request that was sent.
 * A wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createAnswerVerifier(options: AnswerVerifierOptions): AnswerVerifier {
  const keys = options?.keys;
  if (typeof keys !== "function") throw new TypeError(`${FACTORY}: \`keys\` has to be a function.`);
  refuseUnknownOptions(FACTORY, options, OPTIONS);
  return async (answer, body, request) => {
    const asked = readSignature(request.headers);
    const claim = readClaim(answer);
    if (asked.isErr() || claim === null) return false;
    const key = (await keys()).find(({ keyId }) => keyId === claim.keyId);
    if (key === undefined) return false;
    const isFlawless = await isSigned(answer, request, asked.value.label, claim, key);
    return isFlawless && (await isContentDigestOf(answer.headers.get("content-digest") ?? "", body));
  };
}

/** The claims of an answer about its signature. */
interface Claim {
  readonly label: string;
  readonly keyId: string;
  /** The names of all fields that it covers. */
  readonly fields: readonly string[];
}

/** Returns the claims of the answer's one signature of this protocol, or null if there is none. */
function readClaim({ headers }: ResponseHead): Claim | null {
  const input = headers.get("signature-input") ?? "";
  if (input.length > MAX_FIELD_LENGTH || (headers.get("signature") ?? "").length > MAX_FIELD_LENGTH)
    return null;
  try {
    const ours = [...parseDictionary(input)].flatMap(([label, member]): Claim[] => {
      if (!isInnerList(member)) return [];
      const [items, parameters] = member;
      const keyId = parameters.get("keyid");
      if (parameters.get("tag") !== SIGNATURE_TAG || typeof keyId !== "string") return [];
      return [{ label, keyId, fields: items.map(([name]) => String(name)) }];
    });
    return ours.length === 1 ? (ours[0] ?? null) : null;
  } catch {
    return null;
  }
}

async function isSigned(
  answer: ResponseHead,
  request: RequestHead,
  askedBy: string,
  { label, fields }: Claim,
  key: CloudKey,
): Promise<boolean> {
  const named = new Set(["signature", "signature-input", ...fields]);
  try {
    const described = describeAnswer(answer, request.headers.get("signature") ?? "", [...named]);
    const flaw = await findFlaw(described, {
      ...{ label, key },
      components: answerComponents(answer, askedBy),
      parameters: ["keyid", "tag"],
      // Only the request has a time. The answer needs none, and a wrong clock must not matter here.
      now: 0,
      clockSkew: Number.MAX_SAFE_INTEGER,
    });
    return flaw === null;
  } catch {
    // The answer may claim to cover something that is not the name of a field.
    return false;
  }
}
