import type { ResultAsync } from "neverthrow";
import * as z from "zod";
import type { DayRange } from "./calendar-date.ts";
import type { LinkChoice } from "./choice.ts";
import { type InstallationId, type Instant, isHostId } from "./identifiers.ts";
import { choice, date, epoch, instant, linkId } from "./wire-schema.ts";

/** The content of a signed receipt: the counts of one link, or of choices of it, are deleted since an instant. */
interface DeletionStatement extends LinkChoice {
  readonly type: "deletion";
  /** The installation whose link it was, under the cloud's id of it. */
  readonly installation: InstallationId;
  readonly deletedAt: Instant;
  readonly removed: DayRange | null;
}

/** The content of a signed receipt: an installation is disabled, in this epoch and all before it. */
interface DisablingStatement {
  readonly type: "disabling";
  readonly installation: InstallationId;
  readonly epoch: number;
  readonly disabledAt: Instant;
}

/** The content of a receipt's signature. It stands alone, so it names all that the receipt is about. */
export type ReceiptStatement = DeletionStatement | DisablingStatement;

/** The receipts were not signed, for example because the key was not available. */
export interface SigningFault {
  readonly type: "signing-fault";
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
}

/** Signs receipts. `createReceiptSigner` of `adapters/http-signatures` makes one of a key. */
export interface ReceiptSigner {
  /**
   * Returns a signature for each statement, in their order, or null to leave one unsigned. It is asked for up to 1,000
   * at once, before each answer that names deletions, and again when an answer is repeated.
   */
  sign(statements: readonly ReceiptStatement[]): ResultAsync<readonly (string | null)[], SigningFault>;
}

const installation: z.ZodType<InstallationId> = z.custom<InstallationId>(isHostId);

const statement: z.ZodType<ReceiptStatement> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("deletion"),
    installation,
    linkId,
    choice: choice.nullable(),
    deletedAt: instant,
    removed: z.strictObject({ first: date, last: date }).nullable(),
  }),
  z.strictObject({ type: z.literal("disabling"), installation, epoch, disabledAt: instant }),
]);

/** Returns the statement in a parsed JSON value, or null if the value is anything else. */
export function parseReceiptStatement(input: unknown): ReceiptStatement | null {
  return statement.safeParse(input).data ?? null;
}
