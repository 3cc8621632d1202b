import { okAsync } from "unified-contributions";
import type { ReceiverOptions } from "unified-contributions/ghec";
import { stating } from "../../src/testing/simulation/receipts.ts";

type Signer = NonNullable<ReceiverOptions["receiptSigner"]>;

/** What a signer was asked to sign. */
export type Statement = Parameters<Signer["sign"]>[0][number];

/** A signer whose signatures say what they are over, and prove nothing. */
export const statingSigner: Signer = {
  sign: (statements) => okAsync(statements.map(stating)),
};

/** What a signature is over, whoever made it. */
export function statedBy(signature: string | undefined): unknown {
  const [, payload = ""] = (signature ?? "").split(".");
  return payload === "" ? null : JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}
