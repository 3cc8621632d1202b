import { okAsync, type ResultAsync } from "neverthrow";
import { callPlug, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { InstallationId, Instant } from "../domain/identifiers.ts";
import { retryOnConflict } from "../domain/retry-on-conflict.ts";
import type { ReceiverStore, RegistrationCommit } from "./ports.ts";
import type { Registration } from "./registration.ts";

/** What becomes of a registration, and what to say of it. */
export interface RegistrationDecision<Said> {
  /** The registration afterwards; the very same where nothing changes, null where there is none. */
  readonly registration: Registration | null;
  readonly said: Said;
}

/** Load, decide, commit one registration; with a session's first completed round its unreported links die (R9). */
export function updateRegistration<Said>(
  store: ReceiverStore,
  installation: InstallationId,
  at: Instant,
  decide: (before: Registration | null) => RegistrationDecision<Said>,
): ResultAsync<Said, StorageFault> {
  return retryOnConflict<Said, StorageFault | VersionConflict>(() =>
    callPlug(() => store.loadRegistration(installation), STORAGE_THREW).andThen((stored) => {
      const before = stored?.registration ?? null;
      const { registration, said } = decide(before);
      if (!registration || registration === before) return okAsync(said);
      const commit: RegistrationCommit = {
        expectedVersion: stored?.version ?? 0,
        registration,
        killsUnreported: registration.session.isCompleted && !before?.session.isCompleted,
        at,
      };
      return callPlug<number, StorageFault | VersionConflict>(
        () => store.commitRegistration(commit),
        STORAGE_THREW,
      ).map(() => said);
    }),
  );
}
