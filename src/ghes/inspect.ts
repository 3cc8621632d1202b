import type { ResultAsync } from "neverthrow";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant, UserId } from "../domain/identifiers.ts";
import { callInTime } from "../domain/in-time.ts";
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

/** The state of a server, as an operator sees it. */
export interface ServerInspection extends ServerStatus, ServerTally {
  readonly session: "detached" | "attached" | "contested";
  /** The end of the lease of the sync that runs now, or null if none runs. */
  readonly leasedUntil: Instant | null;
}

/**
 * The state of a user, as an operator sees it. It holds no ids of links and attempts, except the link that a receipt's
 * signature names, no codes and no counts.
 */
export interface UserInspection extends Pick<Sharing, "decision" | "deletion" | "attention" | "nextSyncAt"> {
  readonly user: UserId;
  readonly status: UserLink["status"];
  /** When GitHub Enterprise Cloud last took this user's counts, or null if it has none. */
  readonly lastReportAt: Instant | null;
  /** Whether the next sync reports the user. */
  readonly isDue: boolean;
  /** The withdrawal that waits for a receipt, or that the sender asks for once more; or null. */
  readonly withdrawal: {
    readonly requestedAt: Instant;
    /** The instant from which the sender asks for it, or 0 if it was never answered. */
    readonly nextAskAt: Instant;
    /** Whether a receipt has come. The sender then asks for it once more, a day later. */
    readonly hasReceipt: boolean;
  } | null;
}

/** The parts that an inspection needs. Each call of the reader may take two minutes. */
interface InspectionParts {
  readonly reader: SenderReader;
  readonly clock: Clock;
}

/**
 * Returns the state of the server and the work that it has left.
 *
 * @param lookAt how far the tallies count, from 1 on
 */
export function inspectServer(
  { reader, clock }: InspectionParts,
  lookAt: number,
): ResultAsync<ServerInspection, StorageFault> {
  return callInTime(clock, () => reader.loadServer()).andThen((server) => {
    const now = clock.now();
    return callInTime(clock, () => reader.loadTally({ ...scopeOf(server, now), lookAt })).map(
      ({ sending, due, neverReported, withdrawals, oldestWithdrawalAt, redemptions }) => ({
        ...statusOf(server, now),
        session: server.session.status,
        leasedUntil: server.lease && isLeased(server.lease, now) ? server.lease.until : null,
        ...{ sending, due, neverReported, withdrawals, oldestWithdrawalAt, redemptions },
      }),
    );
  });
}

/** Returns the state of a user, or null if nothing is stored about them. */
export function inspectUser(
  { reader, clock }: InspectionParts,
  user: UserId,
): ResultAsync<UserInspection | null, StorageFault> {
  return callInTime(clock, () => reader.loadUser(user)).andThen((standing) =>
    callInTime(clock, () => reader.loadServer()).map((server) =>
      standing ? inspectionOf(server, standing, clock.now()) : null,
    ),
  );
}

function inspectionOf(server: ServerState, standing: UserStanding, now: Instant): UserInspection {
  const { link, decision, deletion, attention, lastReportAt, nextSyncAt } = sharingOf(server, standing, now);
  const { user, withdrawal } = standing;
  return {
    user,
    status: link.status,
    decision,
    attention,
    lastReportAt,
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
