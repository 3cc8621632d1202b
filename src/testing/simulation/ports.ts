import type { Result, ResultAsync } from "neverthrow";
import type { Message } from "../../domain/message.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import type { SenderStore } from "../../ghes/ports.ts";

/** A sender's storage; one without `snapshot` is never restored from a backup and never copied. */
export type SimulatedSenderStore = SenderStore & {
  /** All that is stored, or a promise of it, for `makeSenderStore` to begin with. */
  readonly snapshot?: () => unknown;
};

/** A receiver's storage; one without `snapshot` is never restored from a backup. */
export type SimulatedReceiverStore = ReceiverStore & {
  /** All that is stored, or a promise of it, for `makeReceiverStore` to begin with. */
  readonly snapshot?: () => unknown;
};

/** Makes a fresh sender's storage that holds this backup, or nothing. */
export type MakeSenderStore = (backup?: unknown) => SimulatedSenderStore | PromiseLike<SimulatedSenderStore>;

/** Makes a fresh receiver's storage that holds this backup, or nothing. */
export type MakeReceiverStore = (
  backup?: unknown,
) => SimulatedReceiverStore | PromiseLike<SimulatedReceiverStore>;

/** Makes a fresh ledger of deletions. */
export type MakeLedger = () => DeletionLedger | PromiseLike<DeletionLedger>;

/** Carries a message to the receiver's handler and brings back the answer, as a transport does; an error where none came. */
export type CarryMessage = (
  message: Message,
  handle: (input: unknown) => ResultAsync<unknown, unknown>,
) => PromiseLike<Result<unknown, unknown>>;
