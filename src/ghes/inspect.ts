import type { ResultAsync } from "neverthrow";
import type { Clock } from "../domain/environment.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { Instant, UserId } from "../domain/identifiers.ts";
import {
  isDue,
  type SenderReader,
  type SendingScope,
  type ServerTally,
  type UserStanding,
} from "./reader.ts";
import { isLeased, linkContextOf, type ServerState } from "./server-state.ts";
import { type Sharing, sharingOf } from "./sharing.ts";
import { type ServerStatus, statusOf } from "./status.ts";
import type { UserLink } from "./user-link.ts";

/** How a server stands, for an operator. */
export interface ServerInspection extends ServerStatus, ServerTally {
  readonly session: "detached" | "attached" | "contested";
  /** Until when the sync that runs now has its lease, or null where none runs. */
  readonly leasedUntil: Instant | null;
}

/** How a user stands, for an operator: without ids of links and attempts, codes and counts. */
export interface UserInspection extends Pick<Sharing, "decision" | "deletion" | "attention" | "nextSyncAt"> {
  readonly user: UserId;
  readonly status: UserLink["status"];
  /** When GitHub Enterprise Cloud last took this user's counts, or null where it has none. */
  readonly lastReportAt: Instant | null;
  /** Whether the next sync reports the user. */
  readonly isDue: boolean;
  /** The withdrawal that waits for a receipt, or is asked for once more, or null. */
  readonly withdrawal: {
    readonly requestedAt: Instant;
    /** From when on it is asked for; 0 where it never was answered. */
    readonly nextAskAt: Instant;
    /** Whether a receipt has come: it is asked for once more a day later. */
    readonly hasReceipt: boolean;
  } | null;
}

/** What an inspection is made with. */
interface InspectionParts {
  readonly reader: SenderReader;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Returns how the server stands, with what it has to do.
 *
 * @param lookAt how far is counted, from 1 on
 */
export function inspectServer(
  { reader, clock }: InspectionParts,
  lookAt: number,
): ResultAsync<ServerInspection, StorageFault> {
  return callPort(() => reader.loadServer(), STORAGE_THREW).andThen((server) => {
    const now = clock.now();
    return callPort(() => reader.loadTally({ ...scopeOf(server, now), lookAt }), STORAGE_THREW).map(
      ({ sending, due, neverReported, withdrawals, oldestWithdrawalAt, redemptions }) => ({
        ...statusOf(server, now),
        session: server.session.status,
        leasedUntil: server.lease && isLeased(server.lease, now) ? server.lease.until : null,
        ...{ sending, due, neverReported, withdrawals, oldestWithdrawalAt, redemptions },
      }),
    );
  });
}

/** Returns how a user stands, or null where nothing is stored about them. */
export function inspectUser(
  { reader, clock }: InspectionParts,
  user: UserId,
): ResultAsync<UserInspection | null, StorageFault> {
  return callPort(() => reader.loadUser(user), STORAGE_THREW).andThen((standing) =>
    callPort(() => reader.loadServer(), STORAGE_THREW).map((server) =>
      standing ? inspectionOf(server, standing, clock.now()) : null,
    ),
  );
}

function inspectionOf(server: ServerState, standing: UserStanding, now: Instant): UserInspection {
  const { link, decision, deletion, attention, lastSyncAt, nextSyncAt } = sharingOf(server, standing, now);
  const { user, withdrawal } = standing;
  return {
    user,
    status: link.status,
    decision,
    attention,
    lastReportAt: lastSyncAt,
    isDue: isDue(standing, scopeOf(server, now)),
    deletion,
    withdrawal: withdrawal && {
      requestedAt: withdrawal.requestedAt,
      nextAskAt: withdrawal.nextAskAt,
      hasReceipt: withdrawal.hasReceipt,
    },
    nextSyncAt,
  };
}

function scopeOf(server: ServerState, now: Instant): SendingScope {
  const { session } = server;
  return {
    ...linkContextOf(server),
    sessionId: session.status === "attached" ? session.sessionId : null,
    now,
  };
}
