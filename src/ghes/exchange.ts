import { err, ok, type Result, ResultAsync, safeTry } from "neverthrow";
import type { Answer, RejectedAnswer } from "../domain/answer.ts";
import { callPlug, type StorageFault, TRANSPORT_THREW, type TransportFault } from "../domain/fault.ts";
import type { InstallationId, Instant, RequestId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import { parseAnswer } from "../domain/parse-answer.ts";
import type { Chance, Clock } from "../domain/world.ts";
import { applyAnswer } from "./apply-answer.ts";
import { COMPLETED, endRound } from "./end-round.ts";
import { nextControlRequest, type PlannedRequest } from "./next-request.ts";
import type { ContributionSource, SenderStore, Transport } from "./ports.ts";
import { progressOf, type RoundTally } from "./round-tally.ts";
import type { MessageRejected, ServerState } from "./server-state.ts";
import type { SyncProgress } from "./sync-report.ts";
import {
  type KnownServer,
  NOTHING_PROVED,
  type Proof,
  type ServerChange,
  updateServer,
} from "./update-server.ts";

/** Another process of this server runs the round now; this one stops without a trace. */
interface Superseded {
  readonly type: "superseded";
}

/** The signal ended the round between two requests. */
export interface Aborted {
  readonly type: "aborted";
}

/** How a round can end early. */
export type RoundFailure = StorageFault | TransportFault | Superseded | MessageRejected | Aborted;

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
  readonly known: KnownServer;
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

/** The answer to a request, or null where nothing had to be sent; and the state after it. */
export interface Exchanged {
  readonly answer: UnderstoodAnswer | null;
  readonly server: ServerState;
}

/**
 * One request and its answer: plan it, store the plan, send, read the answer, store what it proved (S3, S4). The answer
 * to the last one ends the round in the same commit.
 *
 * @param plan what to send, given the state as it stands; null where nothing has to be sent any more
 * @param prove what the answer proves
 */
export function exchange<Planned extends Message>(
  round: RoundContext,
  plan: (server: ServerState, requestId: RequestId) => PlannedRequest<Planned> | null,
  prove: (message: Planned, answer: Answer, at: Instant) => Proof = () => NOTHING_PROVED,
): ResultAsync<Exchanged, RoundFailure> {
  return safeTry<Exchanged, RoundFailure>(async function* () {
    const requestId = round.chance.id() as RequestId;
    let message: Planned | null = null;
    const before = yield* commitRound(round, (server) => {
      const planned = plan(server, requestId);
      message = planned?.message ?? null;
      return ok(planned && { server: planned.server, audit: null, proof: NOTHING_PROVED });
    });
    // Assigned in the callback, which the compiler does not follow.
    const sent = message as Planned | null;
    if (!sent) return ok({ answer: null, server: before });

    round.known.state = null;
    const received = yield* callPlug(() => round.transport.send(sent, round.signal), TRANSPORT_THREW);
    const answer = yield* parseAnswer(sent, received);
    const at = round.clock.now();
    const server = yield* commitRound(round, (stored) => {
      const applied = applyAnswer(stored, answer, at);
      if (!applied) return err({ type: "superseded" });
      const { server: answered, audit } = applied;
      // Nothing follows it, but for what the owner asked for meanwhile.
      const isLast = answer.type === "completed" && nextControlRequest(answered, requestId) === null;
      const next = isLast ? endRound(round, answered, "everything", COMPLETED, at) : answered;
      return ok({ server: next, audit, proof: prove(sent, answer, at) });
    });
    round.tally.requests++;
    tellProgress(round);
    if (answer.type === "rejected")
      return err<never, MessageRejected>({ type: "rejected", reason: answer.reason });
    return ok({ answer, server });
  });
}

/** Keeps the pace between two requests, until the signal says to stop. */
export function pace(round: RoundContext): ResultAsync<void, Aborted> {
  const { clock, pauseMs, signal, known } = round;
  known.state = null;
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
  return commitRound(round, (server) => ok({ server, audit: null, proof })).map(() => undefined);
}

/** Decides on the state as it stands and commits, again where somebody wrote in between; renews the lease. */
function commitRound(
  round: RoundContext,
  decide: (server: ServerState) => Result<ServerChange | null, Superseded>,
): ResultAsync<ServerState, StorageFault | Superseded> {
  return updateServer<Superseded>(
    round.store,
    (stored) =>
      stored.round?.id === round.id
        ? decide(stored).map((change) => change && withLease(round, change))
        : err({ type: "superseded" }),
    round.known,
  );
}

function withLease({ id, clock, leaseMs }: RoundContext, change: ServerChange): ServerChange {
  const round = change.server.round && { id, leaseUntil: (clock.now() + leaseMs) as Instant };
  return { ...change, server: { ...change.server, round } };
}
