import { err, ok, type Result } from "neverthrow";
import { type Dictionary, type InnerList, isInnerList, parseDictionary } from "structured-headers";
import { isKeyId } from "./import-key.ts";
import { isNonce } from "./nonce.ts";
import { refusal, type SignatureRefusal } from "./refusal.ts";

/** The tag that tells the signatures of this protocol from those that proxies add (RFC 9421, section 2.3). */
export const SIGNATURE_TAG = "unified-contributions";

/** The claims of a request about its signature. Nothing of them is proven yet. */
export interface ClaimedSignature {
  readonly label: string;
  /** The names of the covered components that have no parameters. */
  readonly covered: ReadonlySet<string>;
  /** The names of all fields that it covers, with parameters or without. */
  readonly fields: readonly string[];
  readonly keyId: string;
  readonly nonce: string;
  /** When the signature was made, in whole seconds since 1970. */
  readonly created: number;
  /** When the signature ends, in whole seconds since 1970, or null if it does not say. */
  readonly expires: number | null;
}

/** The most characters of a signature field. A signature of RSA with 4,096 bits has 684. */
export const MAX_FIELD_LENGTH = 4_096;
const MAX_COMPONENTS = 32;

/**
 * Returns the claims of the request's one signature of this protocol. They are proven later.
 *
 * The claimed algorithm is not read here. The proof compares it with the key's.
 */
export function readSignature(headers: {
  get(name: string): string | null;
}): Result<ClaimedSignature, SignatureRefusal> {
  const input = headers.get("signature-input");
  const signature = headers.get("signature");
  if (input === null || signature === null) return err(refusal("authentication-required"));
  if (input.length > MAX_FIELD_LENGTH || signature.length > MAX_FIELD_LENGTH)
    return err(refusal("signature-malformed"));
  return parse(input).andThen(selectSignature).andThen(readParameters);
}

function parse(input: string): Result<Dictionary, SignatureRefusal> {
  try {
    return ok(parseDictionary(input));
  } catch {
    return err(refusal("signature-malformed"));
  }
}

type LabelledSignature = readonly [label: string, input: InnerList];

function selectSignature(inputs: Dictionary): Result<LabelledSignature, SignatureRefusal> {
  const [ours, ...more] = [...inputs].flatMap(([label, member]): LabelledSignature[] =>
    isInnerList(member) && member[1].get("tag") === SIGNATURE_TAG ? [[label, member]] : [],
  );
  if (ours === undefined) return err(refusal("authentication-required"));
  const isOne = more.length === 0 && ours[1][0].length <= MAX_COMPONENTS;
  return isOne ? ok(ours) : err(refusal("signature-malformed"));
}

function readParameters([label, [items, parameters]]: LabelledSignature): Result<
  ClaimedSignature,
  SignatureRefusal
> {
  const names = items.map(([name]) => name);
  if (!names.every((name) => typeof name === "string")) return err(refusal("signature-malformed"));
  const keyId = parameters.get("keyid");
  const nonce = parameters.get("nonce");
  const created = parameters.get("created");
  if (!isKeyId(keyId) || !isNonce(nonce) || !isSeconds(created))
    return err(refusal("signature-insufficient"));
  const expires = parameters.get("expires") ?? null;
  if (!(expires === null || isSeconds(expires))) return err(refusal("signature-malformed"));
  return ok({
    label,
    covered: new Set(items.flatMap(([name, { size }]) => (size === 0 ? [String(name)] : []))),
    fields: names.filter((name) => !name.startsWith("@")),
    ...{ keyId, nonce, created, expires },
  });
}

function isSeconds(value: unknown): value is number {
  return Number.isInteger(value);
}
