import type { Result, ResultAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { Message } from "../../domain/message.ts";
import type { DeletionLedger, ReceiverStore } from "../../ghec/ports.ts";
import type { SenderStore } from "../../ghes/ports.ts";

/** A sender's storage. One without `snapshot` is never restored from a backup and never copied. */
type SimulatedSenderStore = SenderStore & {
  /** Returns the whole contents, or a promise of them, for `makeSenderStore` to begin with. */
  readonly snapshot?: () => unknown;
};

/** A receiver's storage. One without `snapshot` never loses anything. */
export type SimulatedReceiverStore = ReceiverStore & {
  /** Returns the whole contents, or a promise of them, for `makeReceiverStore` to begin with. */
  readonly snapshot?: () => unknown;
  /**
   * Returns the whole contents, with one installation's part as it was in an earlier snapshot.
   *
   * Without this method, no installation ever goes back alone.
   */
  readonly snapshotWith?: (installation: InstallationId, earlier: unknown) => unknown;
};

/** A ledger of deletions. One without `snapshot` never loses anything. */
export type SimulatedLedger = DeletionLedger & {
  /** Returns the whole contents, or a promise of them, for `makeLedger` to begin with. */
  readonly snapshot?: () => unknown;
};

/** Returns a fresh sender's storage that holds this backup, or nothing. */
export type MakeSenderStore = (backup?: unknown) => SimulatedSenderStore | PromiseLike<SimulatedSenderStore>;

/** Returns a fresh receiver's storage that holds this backup, or nothing. */
export type MakeReceiverStore = (
  backup?: unknown,
) => SimulatedReceiverStore | PromiseLike<SimulatedReceiverStore>;

/** Returns a fresh ledger of deletions that holds this backup, or nothing. */
export type MakeLedger = (backup?: unknown) => SimulatedLedger | PromiseLike<SimulatedLedger>;

/** Carries a message to the receiver's handler and returns the answer, as a transport does; an error if none came. */
export type CarryMessage = (
  message: Message,
  handle: (input: unknown) => ResultAsync<unknown, unknown>,
) => PromiseLike<Result<unknown, unknown>>;
