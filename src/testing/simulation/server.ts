import type { ResultAsync } from "neverthrow";
import type { AttemptId, ConsentCode, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { SenderOptions, SyncOptions } from "../../ghes/options.ts";
import { createSender } from "../../ghes/sender.ts";
import type { SettingsCommand } from "../../ghes/settings.ts";
import type { UserLinkCommand } from "../../ghes/user-link.ts";
import type { MakeSenderStore } from "./ports.ts";
import { type Troubled, troubledSenderStore } from "./troubled-store.ts";

type Promised<Value> = ResultAsync<Value, { readonly type: string }>;

/** A sender, as far as a world asks anything of it. The library's own is one. */
export interface SimulatedSender {
  /** Carries out an owner's command. */
  changeSettings(command: SettingsCommand): Promised<{ readonly isDeletionPending: boolean }>;
  /** A user wants to connect. */
  connect(user: UserId): Promised<{ readonly attempt: AttemptId }>;
  /** A user's browser has come back. */
  redeem(redemption: {
    readonly user: UserId;
    readonly attempt: AttemptId;
    readonly code: ConsentCode;
  }): Promised<{ readonly isDeletionPending: boolean }>;
  /** Carries out a user's command. */
  changeLink(user: UserId, command: UserLinkCommand): Promised<{ readonly isDeletionPending: boolean }>;
  /** Is told whose contributions have changed. */
  contributionsChanged(users: readonly UserId[]): Promised<unknown>;
  /** Answers how the whole server stands. */
  status(): Promised<{
    readonly settings: { readonly status: string; readonly epoch?: number | null };
    readonly disabling: { readonly receipt: unknown } | null;
    readonly nextSyncAt: number | null;
    readonly isContested: boolean;
  }>;
  /** Answers how a user stands. */
  sharing(user: UserId): Promised<{
    readonly link: { readonly status: string; readonly consent?: { readonly linkId: LinkId } };
    readonly decision: { readonly isAllowed: boolean };
    readonly deletion: { readonly status: string };
    readonly attention: string | null;
  }>;
  /** Syncs once, now. */
  sync(options: SyncOptions): Promised<{
    readonly outcome: string;
    readonly requests: number;
    readonly kept: number;
    readonly unchanged: number;
    readonly ended: number;
    readonly unknown: number;
    readonly receipts: readonly unknown[];
    readonly nextSyncAt: number | null;
  }>;
  /** Is told by the operator that this copy is the one to go on. */
  takeOver(): Promised<unknown>;
}

/** Puts everything that can go wrong between a sender and its storage, which may be another one at each step. */
type MakeTroubled = <Store>(current: () => Store) => Troubled<Store>;

/** The storage of one server, and what makes senders over it. */
export interface SimulatedServer {
  /** All that is stored, or a promise of it; a server without it is never restored from a backup and never copied. */
  readonly snapshot?: () => unknown;
  /** Goes back to what `snapshot` gave, under the running senders. */
  restore(backup: unknown): PromiseLike<void>;
  /** Makes a sender whose every step with the storage goes through `makeTroubled`. */
  createSender(parts: Omit<SenderOptions, "store">, makeTroubled: MakeTroubled): SimulatedSender;
  /** Whether a withdrawal of the connection waits for its receipt, or a redemption for its answer. */
  isWithdrawalPending(now: Instant): Promise<boolean>;
}

/** Makes a fresh server over this backup, or over nothing. */
export type MakeServer = (backup?: unknown) => SimulatedServer | PromiseLike<SimulatedServer>;

/** Servers that run the library's own sender. */
export function serversOver(makeSenderStore: MakeSenderStore): MakeServer {
  return async (backup) => {
    let store = await (backup === undefined ? makeSenderStore() : makeSenderStore(backup));
    const { snapshot } = store;
    return {
      ...(snapshot && { snapshot: () => store.snapshot?.() }),
      restore: async (given) => {
        store = await makeSenderStore(given);
      },
      createSender: (parts, makeTroubled) =>
        createSender({ ...parts, store: troubledSenderStore(makeTroubled(() => store)) }),
      isWithdrawalPending: async (now) => {
        const { settings } = (await store.loadServer())._unsafeUnwrap().value;
        const { connectionOrdinal } = settings;
        const query = { connectionOrdinal, now, after: null, limit: 1 };
        const redemptions = (await store.pendingRedemptions(query))._unsafeUnwrap();
        const withdrawals = (await store.pendingWithdrawals(query))._unsafeUnwrap();
        return redemptions.length + withdrawals.length > 0;
      },
    };
  };
}
