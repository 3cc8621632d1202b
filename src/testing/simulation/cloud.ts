import { err, ok, type Result, ResultAsync } from "neverthrow";
import { type CalendarDate, dateOfInstant, dayNumberAt } from "../../domain/calendar-date.ts";
import { windowEndingOn } from "../../domain/contribution-window.ts";
import type { StorageFault, TransportFault, TransportFaultReason } from "../../domain/fault.ts";
import type { AccountId, ConnectionId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { Message } from "../../domain/message.ts";
import { createReceiver, type Receiver } from "../../ghec/receiver.ts";
import { createDatabases, type Databases } from "./databases.ts";
import { createFront, type Front, observedDatabases, waitForEnd } from "./front.ts";
import type { Look } from "./judge.ts";
import type { CarryMessage, MakeLedger, MakeReceiverStore } from "./ports.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type World } from "./world.ts";

/** The parts of the cloud's side. */
export interface CloudPorts {
  readonly makeReceiverStore: MakeReceiverStore;
  readonly makeLedger: MakeLedger;
  readonly carry: CarryMessage;
}

/** An answer as it comes back over the wire. */
export type Reply = Result<unknown, TransportFault>;

/** A message as it comes in. */
interface Delivered {
  readonly installation: InstallationId;
  /** The connection whose credentials it was sent with, or null. */
  readonly connectionId: ConnectionId | null;
  readonly message: Message;
  readonly readAt: (linkId: LinkId) => number;
}

/** GitHub Enterprise Cloud, as its host sees it. */
export interface Cloud {
  /** Runs work in one of its processes. The current work waits for the result. */
  call<Value, Fault>(
    work: (receiver: Receiver) => ResultAsync<Value, Fault>,
  ): ResultAsync<Value, Fault | StorageFault>;
  /** A receiver over the same databases, for the judge. It never fails while the ledger can be read. */
  readonly observer: Receiver;
  readonly databases: Databases;
  /** Its processes, each with its own clock. */
  readonly fronts: readonly Front[];
  /** The connection of each installation that the host's authentication lets in. */
  readonly connections: Map<InstallationId, ConnectionId>;
  /** Whether nothing goes wrong on this side in this hour. */
  isCalm(): boolean;
  /** Takes a message from the wire. */
  take(delivered: Delivered, reply: (reply: Reply) => void): void;
  /** Sweeps, in a process whose clock is this many milliseconds ahead. */
  sweep(skewMs: number): void;
  /** Lets the judge look at the shown counts, if they may have changed. */
  show(): Promise<void>;
  /** Ends all trouble. */
  heal(): void;
}

const NO_ANSWER: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message: "The simulated process has not answered.",
};

/** The numbers of the cloud's processes begin here. No server has as many machines. */
const CLOUD = 10_000;
const MAX_FRONTS = 3;

/** How long a page of the host waits for one of its processes. */
const PATIENCE_MS = HOUR_MS;

/** How far a clock may be ahead of the last sweep to be believed at once. */
const MAX_AHEAD_MS = 8 * DAY_MS;

/**
 * How long a clock that is further ahead may wait for one that agrees. The sweeps between may have failed, or the store
 * may have lost them.
 */
const DOUBTED_MS = 4 * DAY_MS;

/** How much a database loses if it loses data right after a deletion. */
const SECONDS_MS = [SECOND_MS / 10, SECOND_MS, 10 * SECOND_MS, MINUTE_MS];

/** Returns the cloud's side. The judge can look at the given accounts. */
export async function createCloud(
  world: World,
  ports: CloudPorts,
  accounts: readonly AccountId[],
): Promise<Cloud> {
  const { stage, judge, dice, incidents } = world;
  let isChanged = true;
  let shownDay = 0;
  const onChange = (): void => {
    isChanged = true;
  };
  const databases = await createDatabases(world, { ...ports, onChange, beforeLoss: glance });
  const observed = observedDatabases(world, databases, onChange);
  const clock = { now: world.now, wait: waitForEnd };
  const createObserver = (): Receiver => createReceiver({ ...observed, clock, random: world.random });
  /** A receiver that reads the ledger once per minute, as any process does. */
  const glancer = createObserver();
  const fronts = Array.from({ length: 1 + Math.floor(dice.fraction(30) * MAX_FRONTS) }, (_, number) =>
    createFront(world, { number: CLOUD + number, databases, onChange }),
  );
  const sweeper = createFront(world, { number: CLOUD + MAX_FRONTS, databases, onChange });

  // When a sweep's clock was last too far ahead, and the furthest that may have been believed.
  let doubtedAt = Number.NEGATIVE_INFINITY;
  let believedMs = 0;
  const isNear = (aheadMs: number): boolean => aheadMs <= believedMs + MAX_AHEAD_MS;

  function minute(): number {
    return Math.floor(world.now() / MINUTE_MS);
  }

  /** Returns the process that the next request goes to. */
  function next(): Front {
    return dice.pick(fronts, 31, minute());
  }

  /** The databases may lose the coming change right after it is made. */
  async function mayLoseSeconds(): Promise<void> {
    for (const type of ["store", "ledger", "both"] as const) {
      if (!incidents.happens(`${type}-lost-seconds`, type === "both" ? 0.001 : 0.01, minute())) continue;
      const depth = dice.pick(SECONDS_MS, 32, minute()) * dice.fraction(33, minute());
      await databases.lose({ type }, Math.ceil(depth));
    }
  }

  async function lookAt(receiver: Receiver, today: CalendarDate, look: (look: Look) => void): Promise<void> {
    for (const account of accounts) {
      const shown = await receiver.shownCounts(account, today);
      if (shown.isErr()) continue;
      const readableSince = databases.readableSince();
      look({ account, windows: shown.value, lastDay: dayNumberAt(today), readableSince });
    }
  }

  async function glance(): Promise<void> {
    await lookAt(glancer, dateOfInstant(world.now()), judge.glances);
  }

  /** The message travels outside of the process, except while the process handles it. */
  async function carry(
    front: Front,
    { installation, connectionId, message }: Pick<Delivered, "installation" | "connectionId" | "message">,
  ): Promise<Result<unknown, unknown>> {
    stage.leaves();
    const answered: Result<unknown, unknown> = await ports.carry(message, (input) => {
      stage.returns();
      const handled = front.receiver().handle(installation, input, connectionId ?? undefined);
      return new ResultAsync<unknown, unknown>(
        (async () => {
          const answer: Result<unknown, unknown> = await handled;
          stage.leaves();
          return answer;
        })(),
      );
    });
    stage.returns();
    return answered;
  }

  const cloud: Cloud = {
    observer: createObserver(),
    databases,
    fronts,
    connections: new Map(),
    isCalm: () => databases.outage() === null && fronts.every(({ trouble }) => trouble.isCalm()),

    call: <Value, Fault>(work: (receiver: Receiver) => ResultAsync<Value, Fault>) => {
      const front = next();
      const pause = stage.pause<Result<Value, Fault | StorageFault>>();
      world.later(PATIENCE_MS, () => pause.resume(err(NO_ANSWER)));
      stage.start(
        front.process(),
        () => stage.outside(mayLoseSeconds).then(() => work(front.receiver())),
        pause.resume,
      );
      return new ResultAsync(pause.promise);
    },

    take: ({ installation, connectionId, message, readAt }, reply) => {
      if (connectionId === null || cloud.connections.get(installation) !== connectionId)
        return reply(err(fault("unauthenticated")));
      judge.arrives(installation, message, readAt);
      const front = next();
      stage.start(
        front.process(),
        async () => {
          if (changes(message)) await stage.outside(mayLoseSeconds);
          return await carry(front, { installation, connectionId, message });
        },
        (answered) => {
          if (answered.isErr()) return reply(err(fault("unreachable")));
          const answer = answered.value;
          const text = JSON.stringify(answer);
          judge.overhears(text);
          world.history.imprint(text);
          // The receiver's answer has the right type here, but the sender checks it all the same.
          judge.answered(installation, message, answer as Parameters<typeof judge.answered>[2]);
          reply(ok(answer));
        },
      );
    },

    sweep: (skewMs) => {
      sweeper.skewMs = skewMs;
      // A clock that is much further ahead than ever is believed when a later sweep agrees.
      if (isNear(skewMs) || world.now() - doubtedAt < DOUBTED_MS) {
        const { first } = windowEndingOn(dateOfInstant((world.now() + skewMs) as Instant));
        judge.sweeps(dayNumberAt(first));
        believedMs = Math.max(believedMs, skewMs);
      }
      if (!isNear(skewMs)) doubtedAt = world.now();
      stage.start(sweeper.process(), async () => {
        const receiver = sweeper.receiver();
        const swept = await receiver.sweep({ limit: 10 });
        if (swept.isOk() && !swept.value.isDone) await receiver.sweep().unwrapOr(null);
      });
    },

    show: async () => {
      const day = Math.floor(world.now() / DAY_MS);
      if (!isChanged && day === shownDay) return;
      const today = dateOfInstant(world.now());
      isChanged = false;
      shownDay = day;
      await lookAt(createObserver(), today, judge.looks);
      if (!databases.mayLack()) return;
      await lookAt(glancer, today, judge.glances);
      await databases.check();
    },

    heal: () => {
      databases.heal();
      for (const front of [...fronts, sweeper]) front.skewMs = 0;
    },
  };

  return cloud;
}

/** Whether a message asks for a deletion, or for a change that ends another link. */
function changes(message: Message): boolean {
  if (message.type === "deliver") return message.records.some(({ type }) => type === "withdraw");
  return message.type !== "complete" && message.type !== "push";
}

function fault(reason: TransportFaultReason): TransportFault {
  return {
    type: "transport-fault",
    reason,
    retryAfterMs: null,
    message: "The simulated receiver answered with a fault.",
  };
}
