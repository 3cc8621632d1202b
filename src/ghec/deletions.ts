import { okAsync, type ResultAsync } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant, SessionId } from "../domain/identifiers.ts";
import { changeRegistration, loadRegistration } from "./commit.ts";
import type { DeletedLink } from "./link.ts";
import type { LedgerEntry, LinkSelection, ReceiverOptions, Recovery } from "./ports.ts";
import { disable, disconnect, type Registration } from "./registration.ts";

/** Makes a deletion durable: the ledger has it before it is committed, and so before it is acknowledged (L1, R11). */
export function recordDeletion(
  { ledger }: Pick<ReceiverOptions, "ledger">,
  entry: LedgerEntry,
): ResultAsync<void, StorageFault> {
  return callPort(() => ledger.append(entry), STORAGE_THREW);
}

/** A deletion that a server asks for. */
export type RequestedDeletion = Extract<
  LedgerEntry,
  { readonly type: "installation-disabled" | "links-withdrawn" }
>;

/** {@link recordDeletion} for a server that is connected; another one can't fill the ledger. */
export function recordRequestedDeletion(
  options: Pick<ReceiverOptions, "ledger" | "store">,
  entry: RequestedDeletion,
): ResultAsync<void, StorageFault> {
  return loadRegistration(options.store, entry.installation).andThen((registration) =>
    registration?.isConnected ? recordDeletion(options, entry) : okAsync(undefined),
  );
}

/** A deletion of one account's links. */
export type AccountDeletion = Extract<
  LedgerEntry,
  { readonly type: "account-deleted" | "authorization-revoked" }
>;

/** Ends an account's links (R10): the ledger first, so that a restore finds every deletion. */
export function deleteLinks(
  options: ReceiverOptions,
  deletion: AccountDeletion,
): ResultAsync<readonly DeletedLink[], StorageFault> {
  return recordDeletion(options, deletion).andThen(() => deleteLinksOf(options, deletion));
}

/**
 * How long a deletion may be under way at most, in milliseconds: one that had begun before the backup was taken may have
 * been committed after it, and is in no backup.
 */
const MAX_DELETION_MS = 3_600_000;

/** Drops all counts, vacates all sessions and replays the deletions since an instant (R11). */
export function recover(options: ReceiverOptions, since: Instant): ResultAsync<Recovery, StorageFault> {
  const { store, ledger, random } = options;
  const earliest = Math.max(0, since - MAX_DELETION_MS) as Instant;
  // A server that was connected again before the backup must not be cut off once more; its old credentials are gone.
  const isMissing = ({ type, at }: LedgerEntry): boolean =>
    type !== "installation-disconnected" || at >= since;
  return callPort(() => store.recover(random.id() as SessionId), STORAGE_THREW).andThen((result) =>
    callPort(() => ledger.entriesSince(earliest), STORAGE_THREW)
      .andThen((entries) =>
        entries
          .filter(isMissing)
          .reduce<ResultAsync<unknown, StorageFault>>(
            (before, entry) => before.andThen(() => replay(options, entry)),
            okAsync(undefined),
          ),
      )
      .map(() => result),
  );
}

function replay(options: ReceiverOptions, entry: LedgerEntry): ResultAsync<unknown, StorageFault> {
  const { store } = options;
  switch (entry.type) {
    case "installation-disconnected":
      return endConnection(store, entry);
    case "installation-disabled":
      return changeRegistration(store, entry.installation, entry.at, (before) => ({
        registration: before && disable(before, entry.epoch, entry.at),
        value: undefined,
      }));
    case "links-withdrawn": {
      const { linkIds, installation, at } = entry;
      return callPort(() => store.deleteLinks({ type: "links", linkIds, installation }, at), STORAGE_THREW);
    }
    case "account-deleted":
    case "authorization-revoked":
      return deleteLinksOf(options, entry);
  }
}

function deleteLinksOf(
  { store }: ReceiverOptions,
  deletion: AccountDeletion,
): ResultAsync<readonly DeletedLink[], StorageFault> {
  const { account, at } = deletion;
  const selection: LinkSelection =
    deletion.type === "account-deleted"
      ? { type: "account", account }
      : { type: "account-on-installation", account, installation: deletion.installation };
  return callPort(() => store.deleteLinks(selection, at), STORAGE_THREW);
}

/** Ends a connection that the ledger knows to be over (R10). */
export function endConnection(
  store: ReceiverOptions["store"],
  ended: {
    readonly installation: InstallationId;
    readonly connectionId: ConnectionId | null;
    readonly at: Instant;
  },
): ResultAsync<Registration | null, StorageFault> {
  const { installation, connectionId, at } = ended;
  return changeRegistration(store, installation, at, (before) => {
    const registration = before && disconnect(before, at, connectionId);
    return { registration, value: registration };
  });
}
