import { okAsync } from "neverthrow";
import { base64urlOf, bytesOfBase64url } from "../../adapters/http-signatures/base64url.ts";
import type { InstallationId, UserId } from "../../domain/identifiers.ts";
import type { ReceiptSigner } from "../../domain/receipt-statement.ts";
import type { SimulatedSender } from "./server.ts";
import type { InvariantViolation } from "./violation.ts";
import type { World } from "./world.ts";

/** How many of the cloud's processes do not sign receipts, in a world in which the others do. */
const UNSIGNED = 0.2;

/**
 * Returns the signer of one of the cloud's processes. In every second world none signs, and in the others a few do not,
 * as while a fleet is upgraded. Its signatures say what they are over, and prove nothing.
 */
export function createWorldSigner({ dice }: World, process: number): ReceiptSigner {
  const isSigning = dice.fraction(51) < 0.5 && dice.fraction(52, process) >= UNSIGNED;
  return {
    sign: (statements) => okAsync(statements.map((statement) => (isSigning ? stating(statement) : null))),
  };
}

/** Returns a signature that says what it is over, and proves nothing. */
export function stating(statement: object): string {
  return `e30.${base64urlOf(new TextEncoder().encode(JSON.stringify(statement)))}.AAAA`;
}

/** A server whose people ask for what it has kept. */
interface KeepingSite {
  readonly installation: InstallationId;
  readonly users: readonly UserId[];
  readonly machine: { readonly sender: SimulatedSender };
}

/** Returns a violation if a signature that a server has kept states anything else than its receipt. */
export async function checkReceipts(site: KeepingSite): Promise<InvariantViolation | null> {
  const { sender } = site.machine;
  const kept: unknown[] = [(await sender.status())._unsafeUnwrap().disabling?.receipt];
  for (const user of site.users) {
    const { deletion, earlierDeletion } = (await sender.sharing(user))._unsafeUnwrap();
    kept.push(deletion.receipt, earlierDeletion?.receipt);
  }
  return kept.every((receipt) => isStated(receipt, site.installation))
    ? null
    : { invariant: "signature", message: `${site.installation}: a signature states another receipt` };
}

/** Whether the signature of a receipt, if it has one, is over this receipt of this installation. */
function isStated(receipt: unknown, installation: InstallationId): boolean {
  if (typeof receipt !== "object" || receipt === null || !("signature" in receipt)) return true;
  const bytes = bytesOfBase64url(String(receipt.signature).split(".")[1] ?? "");
  if (bytes === null) return false;
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const { linkId: _, choice: __, type: ___, ...stated } = JSON.parse(text);
  const { signature, ...content } = receipt;
  return JSON.stringify(sorted(stated)) === JSON.stringify(sorted({ installation, ...content }));
}

function sorted(record: object): readonly (readonly [string, unknown])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
