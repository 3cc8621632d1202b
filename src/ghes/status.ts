import type { Instant } from "../domain/identifiers.ts";
import { nextSyncOf, type ServerState } from "./server-state.ts";

/** The state of the whole server, for an administrator's page. */
export interface ServerStatus
  extends Pick<
    ServerState,
    "settings" | "featureSwitch" | "disabling" | "failures" | "lastFault" | "lastSyncAt" | "lastFailed"
  > {
  /** Whether another copy of this server holds the session. Reports then wait until `takeOver` (S5). */
  readonly isContested: boolean;
  /** When the next sync is due, or null while GitHub Connect is off. */
  readonly nextSyncAt: Instant | null;
}

/** Returns the state of the whole server at an instant. It is pure. */
export function statusOf(server: ServerState, now: Instant): ServerStatus {
  const { settings, featureSwitch, disabling, failures, lastFault, lastSyncAt, lastFailed, session } = server;
  const nextSyncAt = nextSyncOf(server, now);
  const isContested = session.status === "contested";
  return {
    ...{ settings, featureSwitch, disabling, failures, lastFault, lastSyncAt, lastFailed },
    ...{ nextSyncAt, isContested },
  };
}
