import { err, ok, okAsync, type ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../domain/answer.ts";
import { callPort, type StorageFault } from "../domain/fault.ts";
import type { InstallationId } from "../domain/identifiers.ts";
import {
  type DeletionReceipt,
  type DisablingReceipt,
  type EndedLink,
  isReceiptSignature,
} from "../domain/receipt.ts";
import type { ReceiptStatement, SigningFault } from "../domain/receipt-statement.ts";
import type { Delivery, DeliveryResult, ReceiverOptions } from "./ports.ts";

type Signing = Pick<ReceiverOptions, "receiptSigner">;

/** The fault of a signer that threw, or whose answer is not one. */
export const SIGNER_THREW: SigningFault = {
  type: "signing-fault",
  message: "The signer of receipts threw, or did not answer each statement with a compact JWS or null.",
};

/** The deletion is done, and the answer that says so cannot be given. */
const UNSIGNED: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message:
    "The receipts could not be signed: check `receiptSigner` and its key. Deletions are done all the same, and a repeated request gets their first receipts.",
};

/** Returns the outcomes of a delivery with signed receipts. Nothing is stored: a repeated request is signed again. */
export function signOutcomes(
  options: Signing,
  { installation, reports, withdrawals }: Delivery,
  result: DeliveryResult,
): ResultAsync<DeliveryResult, StorageFault> {
  if (!options.receiptSigner) return okAsync(result);
  const asked = [...reports, ...withdrawals];
  const outcomes = [...result.reports, ...result.withdrawals];
  const endings = outcomes.flatMap((outcome, index): EndedLink[] => {
    if (!("receipt" in outcome)) return [];
    const { linkId, choice } = asked[index] as Delivery["withdrawals"][number];
    const { receipt } = outcome;
    return [{ linkId, choice: outcome.type === "ended" ? outcome.choice : choice, receipt }];
  });
  return signEndings(options, installation, endings).andThen((signed) => {
    const receipts = signed.values();
    const withReceipt = (outcome: RecordOutcome): RecordOutcome =>
      "receipt" in outcome ? { ...outcome, receipt: (receipts.next().value as EndedLink).receipt } : outcome;
    return ok({
      ...result,
      reports: result.reports.map(withReceipt),
      withdrawals: result.withdrawals.map(withReceipt),
    });
  });
}

/** Returns endings with signed receipts. */
export function signEndings(
  options: Signing,
  installation: InstallationId,
  endings: readonly EndedLink[],
): ResultAsync<readonly EndedLink[], StorageFault> {
  const statements = endings.map(
    ({ linkId, choice, receipt: { deletedAt, removed } }): ReceiptStatement => ({
      ...{ type: "deletion", installation, linkId, choice, deletedAt, removed },
    }),
  );
  return sign(options, statements).andThen((signatures) =>
    ok(
      endings.map(({ linkId, choice, receipt }, index) => ({
        ...{ linkId, choice, receipt: withSignature<DeletionReceipt>(receipt, signatures[index]) },
      })),
    ),
  );
}

/** Returns the receipt of a disabling, signed. */
export function signDisabling(
  options: Signing,
  installation: InstallationId,
  receipt: DisablingReceipt,
): ResultAsync<DisablingReceipt, StorageFault> {
  const { epoch, disabledAt } = receipt;
  return sign(options, [{ type: "disabling", installation, epoch, disabledAt }]).map(([signature]) =>
    withSignature(receipt, signature),
  );
}

function withSignature<Receipt extends DeletionReceipt | DisablingReceipt>(
  receipt: Receipt,
  signature: string | null | undefined,
): Receipt {
  return typeof signature === "string" ? { ...receipt, signature } : receipt;
}

function sign(
  { receiptSigner }: Signing,
  statements: readonly ReceiptStatement[],
): ResultAsync<readonly (string | null)[], StorageFault> {
  if (!receiptSigner || statements.length === 0) return okAsync([]);
  return callPort(() => receiptSigner.sign(statements), SIGNER_THREW)
    .mapErr(() => UNSIGNED)
    .andThen((signatures) => (isAnswerTo(statements, signatures) ? ok(signatures) : err(UNSIGNED)));
}

/** Whether a signer, which may be the host's own, has answered each statement. */
function isAnswerTo(statements: readonly ReceiptStatement[], signatures: unknown): boolean {
  return (
    Array.isArray(signatures) &&
    signatures.length === statements.length &&
    signatures.every((signature: unknown) => signature === null || isReceiptSignature(signature))
  );
}
