import { ok, type ResultAsync } from "neverthrow";
import { commitDecision } from "../domain/decision.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import { auditOf, type InstallationActor } from "./audit.ts";
import type { EndedLink, ReceiverStore, RegistrationCommit } from "./ports.ts";
import type { Registration } from "./registration.ts";

/** Loads a registration, or null where there is none. */
export function loadRegistration(
  store: ReceiverStore,
  installation: InstallationId,
): ResultAsync<Registration | null, StorageFault> {
  return callPort(() => store.loadRegistration(installation), STORAGE_THREW).map(
    (stored) => stored?.value ?? null,
  );
}

/** Who changes a registration, and when. */
export interface ChangeOrigin {
  readonly actor: InstallationActor;
  readonly at: Instant;
}

/** What becomes of a registration, and what the caller gets. */
export interface RegistrationDecision<Value> {
  /** The registration afterwards; the very same where nothing changes, null where there is none. */
  readonly registration: Registration | null;
  readonly value: Value;
  /** The links that the ledger has as ended, written in the same commit; none where it is left out. */
  readonly ended?: readonly EndedLink[];
}

/**
 * Loads, decides and commits one registration; with a session's first completed sync what was not reported is hidden (R9).
 * What the audit log has to say of it is in the same commit.
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
