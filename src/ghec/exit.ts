import { err, ok, okAsync, type ResultAsync } from "neverthrow";
import { callPlug, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant, SessionId } from "../domain/identifiers.ts";
import type { KilledLink, KillSelection, LedgerEntry, RestoreResult } from "./ports.ts";
import type { ReceiverOptions } from "./receiver-options.ts";
import { connect, disable, disconnect, endsConnection, type Registration } from "./registration.ts";
import { updateRegistration } from "./update-registration.ts";

/** The installation is not known. */
export interface UnknownInstallation {
  readonly type: "unknown-installation";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A deletion of one account's links. */
export type LinkExit = Extract<LedgerEntry, { readonly type: "account-deleted" | "authorization-revoked" }>;

/** The end of a connection, as the ledger has it. */
type Disconnection = Extract<LedgerEntry, { readonly type: "installation-disconnected" }>;

/** Registers a connection; another one that still stands has ended, which the ledger learns first (R10). */
export function connectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connection: ConnectionId | null,
): ResultAsync<Registration, StorageFault> {
  const at = options.clock.now();
  const session = options.chance.id() as SessionId;
  return load(options, installation)
    .andThen((before) =>
      before && endsConnection(before, connection)
        ? note(options, {
            type: "installation-disconnected",
            installation,
            connection: before.connection,
            at,
          })
        : okAsync(undefined),
    )
    .andThen(() =>
      updateRegistration(options.store, installation, at, (before) => {
        const registration = connect(before, installation, connection, session, at);
        return { registration, said: registration };
      }),
    );
}

/** Ends a connection (R10): the ledger first, so that a restore finds every deletion. */
export function disconnectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connection: ConnectionId | null,
): ResultAsync<Registration, UnknownInstallation | StorageFault> {
  const at = options.clock.now();
  return load(options, installation)
    .andThen((registration) => (registration ? ok(registration) : err(unknownInstallation())))
    .andThen(() => note(options, { type: "installation-disconnected", installation, connection, at }))
    .andThen(() => cutOff(options, { installation, connection, at }))
    .andThen((registration) => (registration ? ok(registration) : err(unknownInstallation())));
}

/** Kills an account's links (R10): the ledger first, so that a restore finds every deletion. */
export function killLinks(
  options: ReceiverOptions,
  exit: LinkExit,
): ResultAsync<readonly KilledLink[], StorageFault> {
  return note(options, exit).andThen(() => kill(options, exit));
}

/**
 * How long a deletion may be under way at most, in milliseconds: one that had begun before the backup was taken may have
 * been committed after it, and is in no backup.
 */
const LONGEST_DELETION_MS = 3_600_000;

/** Drops all counts, vacates all sessions and replays the deletions since an instant (R11). */
export function recover(options: ReceiverOptions, since: Instant): ResultAsync<RestoreResult, StorageFault> {
  const { store, ledger, chance } = options;
  const earliest = Math.max(0, since - LONGEST_DELETION_MS) as Instant;
  // A server that was connected again before the backup must not be cut off once more; its old credentials are gone.
  const isMissing = ({ type, at }: LedgerEntry): boolean =>
    type !== "installation-disconnected" || at >= since;
  return callPlug(() => store.restore(chance.id() as SessionId), STORAGE_THREW).andThen((result) =>
    callPlug(() => ledger.entriesSince(earliest), STORAGE_THREW)
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
      return cutOff(options, entry);
    case "installation-disabled":
      return updateRegistration(store, entry.installation, entry.at, (before) => ({
        registration: before && disable(before, entry.epoch, entry.at),
        said: null,
      }));
    case "links-withdrawn": {
      const { links, installation, at } = entry;
      return callPlug(() => store.killLinks({ type: "links", links, installation }, at), STORAGE_THREW);
    }
    case "account-deleted":
    case "authorization-revoked":
      return kill(options, entry);
  }
}

/** A registration, or null where there is none. */
export function load(
  { store }: ReceiverOptions,
  installation: InstallationId,
): ResultAsync<Registration | null, StorageFault> {
  return callPlug(() => store.loadRegistration(installation), STORAGE_THREW).map(
    (stored) => stored?.registration ?? null,
  );
}

/** Writes a deletion into the ledger, which has to know of it before it is acknowledged (L1, R11). */
export function note({ ledger }: ReceiverOptions, entry: LedgerEntry): ResultAsync<void, StorageFault> {
  return callPlug(() => ledger.append(entry), STORAGE_THREW);
}

function cutOff(
  { store }: ReceiverOptions,
  { installation, connection, at }: Omit<Disconnection, "type">,
): ResultAsync<Registration | null, StorageFault> {
  return updateRegistration(store, installation, at, (before) => {
    const registration = before && disconnect(before, at, connection);
    return { registration, said: registration };
  });
}

function kill({ store }: ReceiverOptions, exit: LinkExit): ResultAsync<readonly KilledLink[], StorageFault> {
  const { account, at } = exit;
  const selection: KillSelection =
    exit.type === "account-deleted"
      ? { type: "account", account }
      : { type: "account-on-installation", account, installation: exit.installation };
  return callPlug(() => store.killLinks(selection, at), STORAGE_THREW);
}

function unknownInstallation(): UnknownInstallation {
  return { type: "unknown-installation", message: "This installation was never registered: check its id." };
}
