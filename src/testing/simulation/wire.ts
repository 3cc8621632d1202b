import { err, errAsync, ResultAsync } from "neverthrow";
import type { TransportFault } from "../../domain/fault.ts";
import type { ConnectionId, InstallationId, LinkId, UserId } from "../../domain/identifiers.ts";
import type { Message } from "../../domain/message.ts";
import type { Transport } from "../../ghes/ports.ts";
import type { Cloud, Reply } from "./cloud.ts";
import type { IncidentKind } from "./incidents.ts";
import type { Caller } from "./troubled-store.ts";
import { DAY_MS, MINUTE_MS, type Trouble, type World } from "./world.ts";

/** The readings of the source of truth in a sync: the order of the reading per user. */
export type Readings = Map<UserId, number>;

/** A request without an answer counts as lost after this time. */
const TIMEOUT_MS = 30_000;

/** How long a slow message or answer takes at most: longer than a lease. */
const SLOWEST_MS = 25 * MINUTE_MS;

/** How long a message can be delayed before it arrives. */
const LATEST_MS = 5 * DAY_MS;

/** How long a busy receiver asks to wait at most. */
const BUSIEST_MS = 30 * MINUTE_MS;

/** How much more often things go wrong on the wire than in storage. */
const OFTEN = 3;

/** The machine that sends. */
interface WireEnd {
  readonly installation: InstallationId;
  readonly trouble: Trouble;
  /** The connection whose credentials it holds, or null. */
  readonly connectionId: ConnectionId | null;
  kill(): void;
}

/** A message on its way. */
interface Journey {
  /** Hands the message over. The answer goes to `reply`. */
  arrive(reply: (reply: Reply) => void): void;
  /** Gives the answer to the sender, if it still waits. */
  answer(reply: Reply): void;
}

/**
 * Returns the way from one machine to the cloud, with all possible trouble: one transport per sync, with its readings.
 */
export function createWire(
  world: World,
  cloud: Cloud,
  senderOf: () => WireEnd,
  userOf: (linkId: LinkId) => UserId | undefined,
): (caller: Caller, readings: Readings) => Transport {
  const { judge, later } = world;
  let sent = 0;
  let arrived = 0;

  /** Returns why a message does not even leave, or null. */
  function refusal(): TransportFault | null {
    const { installation, connectionId, trouble } = senderOf();
    // A machine whose credentials were destroyed is not let in.
    if (connectionId === null || cloud.connections.get(installation) !== connectionId)
      return fault("unauthenticated");
    if (trouble.happens("server-offline", OFTEN)) return fault("unreachable");
    if (!trouble.happens("receiver-busy", OFTEN)) return null;
    return { ...fault("busy"), retryAfterMs: Math.ceil(trouble.fraction() * BUSIEST_MS) };
  }

  function timeOut({ answer }: Journey, after = 0): void {
    later(after + TIMEOUT_MS, () => answer(err(fault("timed-out"))));
  }

  /** The possible fates of a message, each with the rest of its journey. */
  const fates: readonly (readonly [IncidentKind, (journey: Journey, fraction: number) => void])[] = [
    ["message-lost", (journey) => timeOut(journey)],
    [
      "message-delayed-for-days",
      (journey, fraction) => {
        timeOut(journey);
        later(Math.ceil(fraction * LATEST_MS), () => journey.arrive(ignored));
      },
    ],
    [
      "message-slow",
      (journey, fraction) => {
        const wait = Math.ceil(fraction * SLOWEST_MS);
        timeOut(journey, wait);
        later(wait, () => journey.arrive(journey.answer));
      },
    ],
    [
      "answer-lost",
      (journey) => {
        timeOut(journey);
        journey.arrive(ignored);
      },
    ],
    [
      "answer-slow",
      (journey, fraction) => {
        const wait = Math.ceil(fraction * SLOWEST_MS);
        timeOut(journey, wait);
        journey.arrive((reply) => later(wait, () => journey.answer(reply)));
      },
    ],
  ];

  /** Lets the sending process die while it waits. Its message may arrive all the same. */
  function waitInVain(): void {
    const { trouble, kill } = senderOf();
    if (!trouble.happens("process-died-waiting-for-an-answer")) return;
    later(Math.ceil(trouble.fraction() * TIMEOUT_MS), kill);
  }

  function travel(journey: Journey): void {
    const { trouble } = senderOf();
    if (trouble.happens("message-duplicated", OFTEN))
      later(Math.ceil(trouble.fraction() * LATEST_MS), () => journey.arrive(ignored));
    for (const [kind, goOn] of fates) {
      if (trouble.happens(kind, OFTEN)) return void goOn(journey, trouble.fraction());
    }
    if (!trouble.isCalm() || !cloud.isCalm()) timeOut(journey);
    journey.arrive(journey.answer);
  }

  return (caller, readings) => ({
    send: (message: Message, signal) => {
      if (signal.aborted) return errAsync(fault("aborted"));
      const refused = refusal();
      if (refused) return errAsync(refused);

      const text = JSON.stringify(message);
      judge.overhears(text);
      world.history.imprint(text);
      const { installation, connectionId } = senderOf();
      const readAt = (linkId: LinkId): number => readings.get(userOf(linkId) ?? ("" as UserId)) ?? 0;
      const pause = caller.pause<Reply>();
      const abort = (): void => pause.resume(err(fault("aborted")));
      signal.addEventListener("abort", abort);
      const order = ++sent;
      waitInVain();
      travel({
        arrive: (reply) => {
          if (order < arrived) world.incidents.follows("message-overtaken");
          arrived = Math.max(arrived, order);
          cloud.take({ installation, connectionId, message, readAt }, reply);
        },
        answer: pause.resume,
      });
      const replied = pause.promise.then((reply) => {
        signal.removeEventListener("abort", abort);
        return reply;
      });
      return new ResultAsync(replied);
    },
  });
}

function ignored(): void {
  // No sender waits for it.
}

function fault(reason: TransportFault["reason"]): TransportFault {
  return { type: "transport-fault", reason, retryAfterMs: null, message: "The simulated wire failed." };
}
