import type { Result, ResultAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { Message } from "../../domain/message.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import type { SenderStore } from "../../ghes/ports.ts";

/** A sender's storage; one without `snapshot` is never restored from a backup and never copied. */
type SimulatedSenderStore = SenderStore & {
  /** All that is stored, or a promise of it, for `makeSenderStore` to begin with. */
  readonly snapshot?: () => unknown;
};

/** A receiver's storage; one without `snapshot` never loses anything. */
export type SimulatedReceiverStore = ReceiverStore & {
  /** All that is stored, or a promise of it, for `makeReceiverStore` to begin with. */
  readonly snapshot?: () => unknown;
  /**
   * All that is stored, except that what belongs to one installation is as it was in an earlier snapshot; without it no
   * installation ever goes back alone.
   */
  readonly snapshotWith?: (installation: InstallationId, earlier: unknown) => unknown;
};

/** A ledger of deletions; one without `snapshot` never loses anything. */
export type SimulatedLedger = DeletionLedger & {
  /** All that is stored, or a promise of it, for `makeLedger` to begin with. */
  readonly snapshot?: () => unknown;
};

/** Makes a fresh sender's storage that holds this backup, or nothing. */
export type MakeSenderStore = (backup?: unknown) => SimulatedSenderStore | PromiseLike<SimulatedSenderStore>;

/** Makes a fresh receiver's storage that holds this backup, or nothing. */
export type MakeReceiverStore = (
  backup?: unknown,
) => SimulatedReceiverStore | PromiseLike<SimulatedReceiverStore>;

/** Makes a fresh ledger of deletions that holds this backup, or nothing. */
export type MakeLedger = (backup?: unknown) => SimulatedLedger | PromiseLike<SimulatedLedger>;

/** Carries a message to the receiver's handler and brings back the answer, as a transport does; an error where none came. */
export type CarryMessage = (
  message: Message,
  handle: (input: unknown) => ResultAsync<unknown, unknown>,
) => PromiseLike<Result<unknown, unknown>>;
