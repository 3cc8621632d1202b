import { err, ok, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { ConnectionId, InstallationId, SessionId } from "../domain/identifiers.ts";
import { changeRegistration, loadRegistration } from "./commit.ts";
import { endConnection, recordDeletion } from "./deletions.ts";
import type { ReceiverOptions } from "./ports.ts";
import { connect, endsConnection, type Registration } from "./registration.ts";

/** The installation is not known. */
export interface UnknownInstallation {
  readonly type: "unknown-installation";
  /** What is wrong and what to do. */
  readonly message: string;
}

const UNKNOWN_INSTALLATION: UnknownInstallation = {
  type: "unknown-installation",
  message: "This installation was never registered: check its id.",
};

/** Registers a connection; another one that still stands has ended, which the ledger learns first (R10). */
export function connectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
): ResultAsync<Registration, StorageFault> {
  const { store, clock, random } = options;
  const at = clock.now();
  const sessionId = random.id() as SessionId;
  return loadRegistration(store, installation)
    .andThen((before) => {
      if (!before || !endsConnection(before, connectionId)) return okAsync(undefined);
      const { connectionId: ended } = before;
      const entry = { type: "installation-disconnected", installation, connectionId: ended, at } as const;
      return recordDeletion(options, entry);
    })
    .andThen(() =>
      changeRegistration(store, installation, at, (before) => {
        const registration = connect(before, installation, connectionId, sessionId, at);
        return { registration, value: registration };
      }),
    );
}

/** Ends a connection (R10): the ledger first, so that a restore finds every deletion. */
export function disconnectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
): ResultAsync<Registration, UnknownInstallation | StorageFault> {
  const { store, clock } = options;
  const at = clock.now();
  const entry = { type: "installation-disconnected", installation, connectionId, at } as const;
  return loadRegistration(store, installation)
    .andThen((registration) => (registration ? ok(registration) : err(UNKNOWN_INSTALLATION)))
    .andThen(() => recordDeletion(options, entry))
    .andThen(() => endConnection(store, entry))
    .andThen((registration) => (registration ? ok(registration) : err(UNKNOWN_INSTALLATION)));
}
