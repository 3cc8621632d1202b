import { err, ok, type Result, ResultAsync } from "neverthrow";
import { isReceiptSignature } from "../../domain/receipt.ts";
import { parseReceiptStatement, type ReceiptStatement } from "../../domain/receipt-statement.ts";
import { bytesOfBase64url } from "./base64url.ts";
import type { CloudKey } from "./ports.ts";
import { JWS_ALGORITHM, RECEIPT_TYPE } from "./receipt-jws.ts";

/** The refusal of a receipt's signature. */
export interface UnprovenReceipt {
  readonly type: /** It is not the signature of a receipt: not a compact JWS of this `typ`, or not over a statement. */
    | "malformed-receipt"
    /** None of the keys has its key id. */
    | "unknown-key"
    /** It names another algorithm than its key has. */
    | "algorithm-refused"
    /** Its key did not sign it. */
    | "signature-invalid";
  /** A sentence that says what is wrong and what to do; never holds anything of the receipt. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<UnprovenReceipt["type"], string>> = {
  "malformed-receipt": "This is not the signature of a receipt: give the `signature` of a receipt, as it is.",
  "unknown-key":
    "None of the keys has the receipt's key id: give every public key with which the cloud has ever signed receipts.",
  "algorithm-refused": "The receipt names another algorithm than its key has, so the cloud did not sign it.",
  "signature-invalid": "The receipt's key did not sign it: it was changed or forged on its way.",
};

/**
 * Returns the statement that the cloud has signed, or why the signature proves nothing. Never rejects.
 *
 * The caller compares the statement with what the receipt is shown for: the installation, the link and the choice. A
 * valid signature of another deletion is a valid signature, too.
 *
 * @param keys the public keys with which the cloud signs receipts, or has ever signed them
 * @param signature the `signature` of a receipt, which may come from a stranger
 */
export function verifyReceipt(
  keys: readonly CloudKey[],
  signature: unknown,
): ResultAsync<ReceiptStatement, UnprovenReceipt> {
  return new ResultAsync(verify(keys, signature));
}

async function verify(
  keys: readonly CloudKey[],
  jws: unknown,
): Promise<Result<ReceiptStatement, UnprovenReceipt>> {
  if (!isReceiptSignature(jws)) return refused("malformed-receipt");
  const [header = "", payload = "", signature = ""] = jws.split(".");
  const { alg, kid, typ, crit } = (jsonIn(header) ?? {}) as Readonly<Record<string, unknown>>;
  const signed = bytesOfBase64url(signature);
  if (typ !== RECEIPT_TYPE || crit !== undefined || signed === null) return refused("malformed-receipt");
  const key = keys.find(({ keyId }) => keyId === kid);
  if (key === undefined) return refused("unknown-key");
  if (alg !== JWS_ALGORITHM[key.algorithm]) return refused("algorithm-refused");
  const input = new TextEncoder().encode(`${header}.${payload}`);
  const isSigned = await key.verify(input, signed).catch(() => false);
  if (!isSigned) return refused("signature-invalid");
  const statement = parseReceiptStatement(jsonIn(payload));
  return statement === null ? refused("malformed-receipt") : ok(statement);
}

/** Returns the JSON value in one part of a JWS, or null if it has none. */
function jsonIn(part: string): unknown {
  try {
    const bytes = bytesOfBase64url(part);
    return bytes && JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
}

function refused(type: UnprovenReceipt["type"]): Result<never, UnprovenReceipt> {
  return err({ type, message: MESSAGES[type] });
}
