import { okAsync } from "unified-contributions";
import type { ReceiverOptions } from "unified-contributions/ghec";

type Signer = NonNullable<ReceiverOptions["receiptSigner"]>;

/** What a signer was asked to sign. */
export type Statement = Parameters<Signer["sign"]>[0][number];

/** A signer whose signatures say what they are over, and prove nothing. */
export const statingSigner: Signer = {
  sign: (statements) => okAsync(statements.map(stating)),
};

/** The signature of {@link statingSigner} over a statement. */
export function stating(statement: object): string {
  return `e30.${Buffer.from(JSON.stringify(statement)).toString("base64url")}.AAAA`;
}

/** What a signature is over, whoever made it. */
export function statedBy(signature: string | undefined): unknown {
  const [, payload = ""] = (signature ?? "").split(".");
  return payload === "" ? null : JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}
