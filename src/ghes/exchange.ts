import { err, ok, okAsync, type Result, ResultAsync, safeTry } from "neverthrow";
import type { Answer, RejectedAnswer } from "../domain/answer.ts";
import {
  callPlug,
  STORAGE_THREW,
  type StorageFault,
  TRANSPORT_THREW,
  type TransportFault,
  type VersionConflict,
} from "../domain/fault.ts";
import type { InstallationId, Instant, RequestId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import { parseAnswer } from "../domain/parse-answer.ts";
import { retryOnConflict } from "../domain/retry-on-conflict.ts";
import type { Chance, Clock } from "../domain/world.ts";
import { applyAnswer } from "./apply-answer.ts";
import type { AuditEntry } from "./audit.ts";
import type { PlannedRequest } from "./next-request.ts";
import type { ContributionSource, SenderStore, ServerCommit, Transport } from "./ports.ts";
import { progressOf, type RoundTally } from "./round-tally.ts";
import type { MessageRejected, ServerState } from "./server-state.ts";
import type { SyncProgress } from "./sync-report.ts";

/** Another process of this server runs the round now; this one stops without a trace. */
export interface Superseded {
  readonly type: "superseded";
}

/** The signal ended the round between two requests. */
export interface Aborted {
  readonly type: "aborted";
}

/** How a round can end early. */
export type RoundFailure = StorageFault | TransportFault | Superseded | MessageRejected | Aborted;

/** What an answer has proved, to be stored in the same commit as the answer itself. */
export type Proof = Pick<ServerCommit, "reported" | "withdrawn">;

/** What the steps of one round share. */
export interface RoundContext {
  readonly store: SenderStore;
  readonly transport: Transport;
  readonly source: ContributionSource;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly signal: AbortSignal;
  readonly tally: RoundTally;
  /** Told after every answer. */
  readonly onProgress: (progress: SyncProgress) => void;
  /** The round's own random id. */
  readonly id: RequestId;
  readonly installation: InstallationId;
  /** How long the round may go without a commit before another process takes over, in milliseconds. */
  readonly leaseMs: number;
  /** How many records one request carries, 1 to 1,000. */
  readonly batchSize: number;
  /** How long to wait between two requests, in milliseconds. */
  readonly pauseMs: number;
  /** How far the server's zone is ahead of UTC, in minutes; says when its day begins. */
  readonly utcOffsetMinutes: number;
}

/** An answer to a message that was understood. */
type UnderstoodAnswer = Exclude<Answer, RejectedAnswer>;

/** The answer to a request, and the state after it. */
export interface Exchanged {
  readonly answer: UnderstoodAnswer;
  readonly server: ServerState;
}

/** The proof of nothing. */
export const NOTHING_PROVED: Proof = { reported: [], withdrawn: [] };

/**
 * One request and its answer: plan it, store the plan, send, read the answer, store what it proved (S3, S4).
 *
 * @param plan what to send, given the state as it stands; null where nothing has to be sent any more
 * @param prove what the answer proves
 */
export function exchange<Planned extends Message>(
  round: RoundContext,
  plan: (server: ServerState, requestId: RequestId) => PlannedRequest<Planned> | null,
  prove: (message: Planned, answer: Answer, at: Instant) => Proof = () => NOTHING_PROVED,
): ResultAsync<Exchanged | null, RoundFailure> {
  return safeTry<Exchanged | null, RoundFailure>(async function* () {
    const requestId = round.chance.id() as RequestId;
    let message: Planned | null = null;
    yield* commitRound(round, (server) => {
      const planned = plan(server, requestId);
      message = planned?.message ?? null;
      return planned && { server: planned.server, audit: null, proof: NOTHING_PROVED };
    });
    // Assigned in the callback, which the compiler does not follow.
    const sent = message as Planned | null;
    if (!sent) return ok(null);

    const received = yield* callPlug(() => round.transport.send(sent, round.signal), TRANSPORT_THREW);
    const answer = yield* parseAnswer(sent, received);
    const at = round.clock.now();
    const server = yield* commitRound(round, (stored) => {
      const applied = applyAnswer(stored, answer, at);
      return applied && { ...applied, proof: prove(sent, answer, at) };
    });
    if (!server) return err<never, Superseded>({ type: "superseded" });
    round.tally.requests++;
    tellProgress(round);
    if (answer.type === "rejected")
      return err<never, MessageRejected>({ type: "rejected", reason: answer.reason });
    return ok({ answer, server });
  });
}

/** Keeps the pace between two requests, until the signal says to stop. */
export function pace(round: RoundContext): ResultAsync<void, Aborted> {
  const { clock, pauseMs, signal } = round;
  const pause = pauseMs > 0 ? clock.wait(pauseMs, signal) : Promise.resolve();
  return ResultAsync.fromSafePromise(pause).andThen(() =>
    signal.aborted ? err({ type: "aborted" as const }) : ok(),
  );
}

function tellProgress({ onProgress, tally }: RoundContext): void {
  try {
    onProgress(progressOf(tally));
  } catch {
    // A host's display is no reason to stop sending.
  }
}

/** Stores what a page has proved without a request. */
export function commitProof(round: RoundContext, proof: Proof): ResultAsync<void, RoundFailure> {
  return commitRound(round, (server) => ({ server, audit: null, proof })).map(() => undefined);
}

/** What a round wants to write. */
export interface RoundChange {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  readonly proof: Proof;
}

/**
 * Decides on the state as it stands and commits, again where somebody wrote in between; renews the lease. Answers the
 * state committed, or null where the decision was to write nothing.
 */
export function commitRound(
  round: RoundContext,
  decide: (server: ServerState) => RoundChange | null,
): ResultAsync<ServerState | null, StorageFault | Superseded> {
  return updateServer(round.store, (stored) => {
    if (stored.round?.id !== round.id) return err<never, Superseded>({ type: "superseded" });
    const change = decide(stored);
    if (!change) return ok(null);
    const leaseUntil = (round.clock.now() + round.leaseMs) as Instant;
    // The last commit of a round ends it.
    const renewed = change.server.round && { id: round.id, leaseUntil };
    return ok({ ...change, server: { ...change.server, round: renewed } });
  });
}

/** Load, decide, commit; once more where somebody else wrote first. Null where nothing is to be written. */
export function updateServer<Refusal extends { readonly type: string }>(
  store: SenderStore,
  decide: (server: ServerState) => Result<RoundChange | null, Refusal>,
): ResultAsync<ServerState | null, Refusal | StorageFault> {
  return retryOnConflict<ServerState | null, Refusal | StorageFault>(() =>
    callPlug(() => store.loadServer(), STORAGE_THREW).andThen(({ value, version }) =>
      decide(value).asyncAndThen(
        (change): ResultAsync<ServerState | null, StorageFault | VersionConflict> => {
          if (!change) return okAsync(null);
          const { server, audit, proof } = change;
          const commit: ServerCommit = { expectedVersion: version, server, audit, ...proof };
          return callPlug<number, StorageFault | VersionConflict>(
            () => store.commitServer(commit),
            STORAGE_THREW,
          ).map(() => server);
        },
      ),
    ),
  );
}
