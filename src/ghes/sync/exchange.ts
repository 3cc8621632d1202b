import { err, ok, okAsync, type Result, ResultAsync, safeTry } from "neverthrow";
import type { Answer, RejectedAnswer } from "../../domain/answer.ts";
import { callListener } from "../../domain/call-listener.ts";
import type { Decision } from "../../domain/decision.ts";
import type { StorageFault, TransportFault } from "../../domain/fault.ts";
import type { Instant, LinkId, RequestId } from "../../domain/identifiers.ts";
import type { LedgerPlace } from "../../domain/ledger-place.ts";
import type { Message } from "../../domain/message.ts";
import { ask } from "../ask.ts";
import {
  type Acknowledged,
  createServerCommits,
  NOTHING_ACKNOWLEDGED,
  type ServerChange,
  type ServerCommits,
} from "../commit.ts";
import type { SenderConfiguration } from "../options.ts";
import { messageRejected } from "../refusal-messages.ts";
import type { MessageRejected, ServerState } from "../server-state.ts";
import { applyAnswer } from "./answers.ts";
import type { PlannedRequest } from "./requests.ts";
import { progressOf, type SyncProgress, type SyncTally } from "./sync-report.ts";
import { tellChange } from "./telling.ts";

/** Another process of this server runs the sync now. This process stops without a trace. */
interface Superseded {
  readonly type: "superseded";
}

/** The signal ended the sync between two requests. */
export interface Aborted {
  readonly type: "aborted";
}

/** The ways in which a sync can end early. */
export type EarlyEnd = StorageFault | TransportFault | Superseded | MessageRejected | Aborted;

/** The context that the steps of one sync share. */
export interface SyncContext extends SenderConfiguration {
  /** The sync's random id, which its lease names. */
  readonly id: RequestId;
  readonly signal: AbortSignal;
  /** Receives the progress after every answer. */
  readonly onProgress: (progress: SyncProgress) => void;
  readonly commits: ServerCommits;
  /** The numbers that the report gives in the end. No step depends on them. */
  readonly tally: SyncTally;
  readonly deletions: DeletionMemory;
  readonly pace: Pace;
}

/** The pause that a request leaves behind. The next request takes it, so the last one keeps no caller waiting. */
interface Pace {
  isPauseOwed: boolean;
}

/** The memory that a sync has of the deletions. */
interface DeletionMemory {
  /** The withdrawals that the receiver refused. They wait for the next sync. */
  readonly refused: Set<LinkId>;
  /** {@link ServerState.deletionsAskedBy} at the moment when the sync last looked for all deletions to send. */
  askedBy: RequestId | null;
}

/** Plans a request from the present state. Returns null if nothing is left to send. */
type Plan<Planned extends Message> = (
  server: ServerState,
  requestId: RequestId,
) => PlannedRequest<Planned> | null;

/** The planned message, or null, and the state before it leaves. */
interface Planning<Planned extends Message> {
  readonly message: Planned | null;
  readonly server: ServerState;
}

/** The conclusion from an answer, beside what every answer does to the state. */
interface Conclusion {
  readonly server: ServerState;
  readonly acknowledged: Acknowledged;
}

/** Returns the conclusion from an answer. */
type Conclude<Planned extends Message> = (
  answered: ServerState,
  message: Planned,
  answer: Answer,
  at: Instant,
) => Conclusion;

/** An answer to a message that the receiver understood. */
type UnderstoodAnswer = Exclude<Answer, RejectedAnswer>;

/** The answer to a request, or null if nothing had to be sent; the state after it, and what it acknowledged. */
export interface Exchanged {
  readonly answer: UnderstoodAnswer | null;
  readonly server: ServerState;
  readonly acknowledged: Acknowledged;
}

/**
 * Sends one request: plans it, stores the plan, sends it, reads the answer, and stores what the answer acknowledges
 * (S3, S4). If a pause is owed, it comes first.
 */
export function exchange<Planned extends Message>(
  context: SyncContext,
  plan: Plan<Planned>,
  conclude: Conclude<Planned> = (server) => ({ server, acknowledged: NOTHING_ACKNOWLEDGED }),
): ResultAsync<Exchanged, EarlyEnd> {
  return safeTry<Exchanged, EarlyEnd>(async function* () {
    const requestId = context.random.id() as RequestId;
    const isPlanned = (server: ServerState) => ok({ write: null, value: plan(server, requestId) !== null });
    if (context.pace.isPauseOwed && (yield* change<boolean>(context, isPlanned))) yield* pace(context);
    const { message, server: planned } = yield* change<Planning<Planned>>(context, (server) => {
      const request = plan(server, requestId);
      if (!request) return ok({ write: null, value: { message: null, server } });
      const write = { server: request.server, audit: null, acknowledged: NOTHING_ACKNOWLEDGED };
      return ok({ write, value: request });
    });
    if (!message) return ok({ answer: null, server: planned, acknowledged: NOTHING_ACKNOWLEDGED });

    const answer = yield* askPaced(context, message);
    const at = context.clock.now();
    const concluded = yield* change<Conclusion>(context, (stored) => {
      const applied = applyAnswer(stored, answer, at);
      if (!applied) return err({ type: "superseded" });
      const value = conclude(applied.server, message, answer, at);
      return ok({ write: { ...value, audit: applied.audit }, value });
    });
    context.tally.requests++;
    callListener(context.onProgress, progressOf(context.tally));
    tellChange(context, planned, concluded.server);
    if (answer.type === "rejected") return err<never, MessageRejected>(messageRejected(answer.reason));
    return ok({ answer, ...concluded });
  });
}

/**
 * Takes the pause after the last request, if it is owed, until the signal says to stop. A step that reads what it sends
 * takes it before it reads. Whatever is chosen in the pause is then heeded.
 */
export function pace(context: SyncContext): ResultAsync<void, Aborted> {
  const { clock, pauseMs, signal } = context;
  if (!context.pace.isPauseOwed) return okAsync(undefined);
  context.pace.isPauseOwed = false;
  const pause =
    pauseMs > 0
      ? outside(context, () => ResultAsync.fromSafePromise(clock.wait(pauseMs, signal)))
      : okAsync(undefined);
  return pause.andThen(() => (signal.aborted ? err({ type: "aborted" as const }) : ok()));
}

/** Sends a message, and leaves a pause behind. */
export function askPaced(context: SyncContext, message: Message): ResultAsync<Answer, TransportFault> {
  context.pace.isPauseOwed = true;
  return outside(context, () => ask(context, message));
}

/** Takes a step outside of the storage, and renews the lease while the step lasts. */
export function outside<Value, Fault>(
  context: SyncContext,
  step: () => ResultAsync<Value, Fault>,
): ResultAsync<Value, Fault> {
  const accompanied = async (): Promise<Result<Value, Fault>> => {
    const over = new AbortController();
    const renewing = keepLease(context, over.signal);
    const result = await step();
    over.abort("over");
    await renewing;
    return result;
  };
  return context.commits.across(() => new ResultAsync(accompanied()));
}

/** Renews the lease three times in its length, until the signal ends that or another process has the lease. */
async function keepLease(context: SyncContext, over: AbortSignal): Promise<void> {
  const { clock, leaseMs, store } = context;
  for (;;) {
    const began = clock.now();
    await clock.wait(Math.ceil(leaseMs / 3), over, true);
    // A clock that does not wait would renew it without an end.
    if (over.aborted || clock.now() === began) return;
    const commits = createServerCommits(store);
    const renewed = await commitAcknowledged({ ...context, commits }, NOTHING_ACKNOWLEDGED);
    if (renewed.isErr() && renewed.error.type === "superseded") return;
  }
}

/** Stores an acknowledgement that needed no request. */
export function commitAcknowledged(
  context: SyncContext,
  acknowledged: Acknowledged,
): ResultAsync<void, EarlyEnd> {
  return change(context, (server) => ok({ write: { server, audit: null, acknowledged }, value: undefined }));
}

/** Stores the place up to which the receiver has named the deleted links. */
export function commitHeard(context: SyncContext, heardTo: LedgerPlace | null): ResultAsync<void, EarlyEnd> {
  return change(context, (server) =>
    ok({
      write: { server: { ...server, heardTo }, audit: null, acknowledged: NOTHING_ACKNOWLEDGED },
      value: undefined,
    }),
  );
}

/**
 * Decides on the present state, commits, and renews the lease. Fails as `superseded` if another process runs the sync
 * by now.
 */
function change<Value>(
  { id, clock, leaseMs, commits }: SyncContext,
  decide: (server: ServerState) => Result<Decision<ServerChange, Value>, Superseded>,
): ResultAsync<Value, StorageFault | Superseded> {
  return commits.change<Value, Superseded>((stored) => {
    if (stored.lease?.id !== id) return err({ type: "superseded" });
    return decide(stored).map(({ write, value }) => {
      if (!write?.server.lease) return { write, value };
      const lease = { id, until: (clock.now() + leaseMs) as Instant, leaseMs };
      return { write: { ...write, server: { ...write.server, lease } }, value };
    });
  });
}
