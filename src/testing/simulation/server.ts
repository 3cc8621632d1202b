import type { ResultAsync } from "neverthrow";
import type { AttemptId, ConsentCode, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { SenderOptions, SyncOptions } from "../../ghes/options.ts";
import { createSender } from "../../ghes/sender.ts";
import type { SettingsCommand } from "../../ghes/settings.ts";
import type { UserLinkCommand } from "../../ghes/user-link.ts";
import type { MakeSenderStore } from "./ports.ts";
import { type Troubled, troubledSenderStore } from "./troubled-store.ts";

type Promised<Value> = ResultAsync<Value, { readonly type: string }>;

/** The link of a user, as far as a world looks at it. */
export interface SimulatedLink {
  readonly status: string;
  readonly consent?: { readonly linkId: LinkId };
  /** The last choice to send under the link; 0 if the user has not chosen to send yet. */
  readonly choice?: number;
}

/** The parts of a sender that a world uses. The library's own sender is one. */
export interface SimulatedSender {
  /** Carries out an owner's command. */
  changeSettings(command: SettingsCommand): Promised<{ readonly isDeletionPending: boolean }>;
  /** A user starts to connect. */
  connect(user: UserId): Promised<{ readonly attempt: AttemptId }>;
  /** A user's browser has come back. */
  redeem(redemption: {
    readonly user: UserId;
    readonly attempt: AttemptId;
    readonly code: ConsentCode;
  }): Promised<{ readonly isDeletionPending: boolean }>;
  /** Carries out a user's command. */
  changeLink(user: UserId, command: UserLinkCommand): Promised<{ readonly isDeletionPending: boolean }>;
  /** Takes the users whose contributions have changed. */
  contributionsChanged(users: readonly UserId[]): Promised<unknown>;
  /** Returns the state of the whole server. */
  status(): Promised<{
    readonly settings: { readonly status: string; readonly epoch?: number | null };
    readonly disabling: { readonly receipt: unknown } | null;
    readonly nextSyncAt: number | null;
    readonly isContested: boolean;
  }>;
  /** Returns the state of a user. */
  sharing(user: UserId): Promised<{
    readonly link: SimulatedLink;
    readonly decision: { readonly isAllowed: boolean };
    readonly deletion: { readonly status: string; readonly receipt?: unknown };
    readonly earlierDeletion?: { readonly status: string; readonly receipt?: unknown };
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
  /** The operator says that this copy is the one to go on. */
  takeOver(): Promised<unknown>;
}

/** Puts all possible trouble between a sender and its storage, which may be another one at each step. */
type MakeTroubled = <Store>(current: () => Store) => Troubled<Store>;

/** The storage of one server, and a function that makes senders over it. */
export interface SimulatedServer {
  /**
   * Returns the whole contents, or a promise of them. A server without it is never restored from a backup and never
   * copied.
   */
  readonly snapshot?: () => unknown;
  /** Goes back to the contents that `snapshot` returned, under the running senders. */
  restore(backup: unknown): PromiseLike<void>;
  /** Returns a sender whose every step with the storage goes through `makeTroubled`. */
  createSender(parts: Omit<SenderOptions, "store">, makeTroubled: MakeTroubled): SimulatedSender;
  /** Whether a withdrawal of the connection waits for its receipt, or a redemption for its answer. */
  isWithdrawalPending(now: Instant): Promise<boolean>;
}

/** Returns a fresh server over this backup, or over nothing. */
export type MakeServer = (backup?: unknown) => SimulatedServer | PromiseLike<SimulatedServer>;

/** Returns servers that run the library's own sender. */
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
