import { err, ok, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { ConnectionId, InstallationId, SessionId } from "../domain/identifiers.ts";
import type { InstallationActor } from "./audit.ts";
import { loadRegistration } from "./commit.ts";
import { changeRecorded } from "./deletions.ts";
import type { ReceiverOptions } from "./ports.ts";
import { connect, disconnect, type Registration, registerByMessage } from "./registration.ts";

/** The receiver does not know the installation. */
export interface UnknownInstallation {
  readonly type: "unknown-installation";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const UNKNOWN_INSTALLATION: UnknownInstallation = {
  type: "unknown-installation",
  message: "This installation was never registered: check its id.",
};

/**
 * Registers a connection, and returns the registration.
 *
 * @param actor if the host says so, another connection that still stands has ended (R10); a server's message ends none
 */
export function connectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
  actor: InstallationActor = "host",
): ResultAsync<Registration, StorageFault> {
  const { clock, random } = options;
  const sessionId = random.id() as SessionId;
  const register = actor === "host" ? connect : registerByMessage;
  return changeRecorded(options, installation, actor, (before) => {
    const registration = register(before, installation, connectionId, sessionId, clock.now());
    return { registration, value: registration };
  });
}

/** Ends a connection, and returns the registration, with the ledger's entry of it (R10). */
export function disconnectInstallation(
  options: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
): ResultAsync<Registration, UnknownInstallation | StorageFault> {
  return changeRecorded(options, installation, "host", (before) => ({
    registration: before && disconnect(before, options.clock.now(), connectionId),
    value: undefined,
  }))
    .andThen(() => loadRegistration(options.store, installation))
    .andThen((registration) => (registration ? ok(registration) : err(UNKNOWN_INSTALLATION)));
}
