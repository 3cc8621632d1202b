import { ok, type ResultAsync } from "neverthrow";
import { commitDecision } from "../domain/decision.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import type { EndedLink } from "../domain/receipt.ts";
import { auditOf, type InstallationActor } from "./audit.ts";
import type { ReceiverStore, RegistrationCommit } from "./ports.ts";
import type { Registration } from "./registration.ts";

/** Returns a registration, or null if there is none. */
export function loadRegistration(
  store: ReceiverStore,
  installation: InstallationId,
): ResultAsync<Registration | null, StorageFault> {
  return callPort(() => store.loadRegistration(installation), STORAGE_THREW).map(
    (stored) => stored?.value ?? null,
  );
}

/** The actor and the time of a change of a registration. */
export interface ChangeOrigin {
  readonly actor: InstallationActor;
  readonly at: Instant;
}

/** The registration after a decision, and the value for the caller. */
export interface RegistrationDecision<Value> {
  /** The registration afterwards: the same object if nothing changes, null if there is none. */
  readonly registration: Registration | null;
  readonly value: Value;
  /** The links that the ledger has as ended, written in the same commit. Left out, there are none. */
  readonly ended?: readonly EndedLink[];
}

/**
 * Loads a registration, decides and commits, and returns the value of the decision.
 *
 * The first completed sync of a session hides the links that were not reported in it (R9). The entries of the audit log
 * are in the same commit.
 */
export function changeRegistration<Value>(
  store: ReceiverStore,
  installation: InstallationId,
  { actor, at }: ChangeOrigin,
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
      const { registration, value, ended = [] } = decide(before);
      if (!registration || registration === before) return ok({ write: null, value });
      const hidesUnreported = registration.session.isCompleted && !before?.session.isCompleted;
      const audit = auditOf(before, registration, actor, at);
      return ok({ write: { registration, hidesUnreported, ended, audit }, value });
    },
  );
}

/** Does {@link changeRegistration}, and returns the whole decision: the registration beside the value. */
export function decideRegistration<Decision extends RegistrationDecision<unknown>>(
  store: ReceiverStore,
  installation: InstallationId,
  origin: ChangeOrigin,
  decide: (before: Registration | null) => Decision,
): ResultAsync<Decision, StorageFault> {
  return changeRegistration(store, installation, origin, (before) => {
    const decision = decide(before);
    return { ...decision, value: decision };
  });
}
