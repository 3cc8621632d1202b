import { err, ok, okAsync, type ResultAsync } from "neverthrow";
import { commitDecision } from "../domain/commit.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant, SessionId } from "../domain/identifiers.ts";
import type { ReceiverOptions, ReceiverStore, RegistrationCommit } from "./ports.ts";
import { connect, disconnect, endsConnection, type Registration } from "./registration.ts";

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

/** Loads a registration, or null where there is none. */
export function loadRegistration(
  store: ReceiverStore,
  installation: InstallationId,
): ResultAsync<Registration | null, StorageFault> {
  return callPort(() => store.loadRegistration(installation), STORAGE_THREW).map(
    (stored) => stored?.value ?? null,
  );
}

/** What becomes of a registration, and what the caller gets. */
export interface RegistrationDecision<Value> {
  /** The registration afterwards; the very same where nothing changes, null where there is none. */
  readonly registration: Registration | null;
  readonly value: Value;
}

/** Loads, decides and commits one registration; with a session's first completed sync its unreported links end (R9). */
export function changeRegistration<Value>(
  store: ReceiverStore,
  installation: InstallationId,
  at: Instant,
  decide: (before: Registration | null) => RegistrationDecision<Value>,
): ResultAsync<Value, StorageFault> {
  return commitDecision<Registration | null, Omit<RegistrationCommit, "expectedVersion">, Value, never>(
    {
      load: () =>
        callPort(() => store.loadRegistration(installation), STORAGE_THREW).map((stored) => ({
          value: stored?.value ?? null,
          version: stored?.version ?? 0,
        })),
      commit: (write, expectedVersion) =>
        callPort<number, StorageFault | VersionConflict>(
          () => store.commitRegistration({ expectedVersion, ...write }),
          STORAGE_THREW,
        ),
    },
    (before) => {
      const { registration, value } = decide(before);
      if (!registration || registration === before) return ok({ write: null, value });
      const deletesUnreported = registration.session.isCompleted && !before?.session.isCompleted;
      return ok({ write: { registration, deletesUnreported, at }, value });
    },
  );
}

/** Registers a connection; another one that still stands has ended, which the ledger learns first (R10). */
export function connectInstallation(
  { store, ledger, clock, random }: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
): ResultAsync<Registration, StorageFault> {
  const at = clock.now();
  const sessionId = random.id() as SessionId;
  return loadRegistration(store, installation)
    .andThen((before) => {
      if (!before || !endsConnection(before, connectionId)) return okAsync(undefined);
      const { connectionId: ended } = before;
      const entry = { type: "installation-disconnected", installation, connectionId: ended, at } as const;
      return callPort(() => ledger.append(entry), STORAGE_THREW);
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
  { store, ledger, clock }: ReceiverOptions,
  installation: InstallationId,
  connectionId: ConnectionId | null,
): ResultAsync<Registration, UnknownInstallation | StorageFault> {
  const at = clock.now();
  const entry = { type: "installation-disconnected", installation, connectionId, at } as const;
  return loadRegistration(store, installation)
    .andThen((registration) => (registration ? ok(registration) : err(UNKNOWN_INSTALLATION)))
    .andThen(() => callPort(() => ledger.append(entry), STORAGE_THREW))
    .andThen(() => endConnection(store, entry))
    .andThen((registration) => (registration ? ok(registration) : err(UNKNOWN_INSTALLATION)));
}

/** Ends a connection that the ledger knows to be over. */
export function endConnection(
  store: ReceiverStore,
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
