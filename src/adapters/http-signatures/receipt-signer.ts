import { ok, ResultAsync } from "neverthrow";
import { isReceiptSignature } from "../../domain/receipt.ts";
import type { ReceiptSigner, ReceiptStatement } from "../../domain/receipt-statement.ts";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import { base64urlOf } from "./base64url.ts";
import type { SigningKey } from "./ports.ts";
import { JWS_ALGORITHM, RECEIPT_TYPE } from "./receipt-jws.ts";

/** The options of a receipt signer. */
export interface ReceiptSignerOptions {
  /** Returns the cloud's present signing key, for Ed25519 or P-256. It is called for each answer with receipts. */
  readonly key: () => SigningKey | Promise<SigningKey>;
}

const FACTORY = "createReceiptSigner";
const OPTIONS: Readonly<Record<keyof ReceiptSignerOptions, true>> = { key: true };

/** How many signatures are asked of the key at once. It may be kept by a service. */
const AT_ONCE = 50;

const utf8 = new TextEncoder();

/**
 * Returns the signer of the cloud's receipts, for `receiptSigner` of the receiver. Each signature is a compact JWS.
 *
 * It rejects if the key is not available, does not sign, or is for RSA. A receipt whose signature would be longer than
 * 846 characters stays unsigned. With the thumbprint as key id, no installation's id of up to 255 ASCII characters is
 * that long. A wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createReceiptSigner(options: ReceiptSignerOptions): ReceiptSigner {
  const key = options?.key;
  if (typeof key !== "function") throw new TypeError(`${FACTORY}: \`key\` has to be a function.`);
  refuseUnknownOptions(FACTORY, options, OPTIONS);
  const signAll = async (statements: readonly ReceiptStatement[]): Promise<readonly (string | null)[]> => {
    const signer = await key();
    const signed: (string | null)[] = [];
    for (let from = 0; from < statements.length; from += AT_ONCE) {
      const some = statements.slice(from, from + AT_ONCE);
      signed.push(...(await Promise.all(some.map((statement) => signOne(signer, statement)))));
    }
    return signed;
  };
  return { sign: (statements) => new ResultAsync(signAll(statements).then((signatures) => ok(signatures))) };
}

async function signOne(signer: SigningKey, statement: ReceiptStatement): Promise<string | null> {
  const alg = JWS_ALGORITHM[signer.algorithm];
  if (typeof alg !== "string") throw new TypeError(`${FACTORY}: \`key\` has to be for Ed25519 or P-256.`);
  const header = { alg, kid: signer.keyId, typ: RECEIPT_TYPE };
  const input = `${partOf(header)}.${partOf(statement)}`;
  const signature = `${input}.${base64urlOf(await signer.sign(utf8.encode(input)))}`;
  return isReceiptSignature(signature) ? signature : null;
}

function partOf(value: object): string {
  return base64urlOf(utf8.encode(JSON.stringify(value)));
}
