import { err, errAsync } from "neverthrow";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
  type MemorySource,
} from "../adapters/memory/index.ts";
import type { Random } from "../domain/environment.ts";
import type { TransportFault } from "../domain/fault.ts";
import type { AccountId, BrowserId, InstallationId, UserId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import type { DeletionLedger, ReceiverOptions, ReceiverStore } from "../ghec/ports.ts";
import { createReceiver, type Receiver } from "../ghec/receiver.ts";
import type { SenderOptions } from "../ghes/options.ts";
import type { ContributionSource, SenderStore, Transport } from "../ghes/ports.ts";
import { createSender, type Sender } from "../ghes/sender.ts";
import type { Sharing } from "../ghes/sharing.ts";
import type { SyncReport } from "../ghes/sync/sync-report.ts";
import { createTestClock, type TestClock } from "./clock.ts";
import { answerOf } from "./contract.ts";
import { createTestRandom } from "./random.ts";

/** The options of a {@link TestWorld}. Every part that is left out is in memory. */
export interface TestWorldOptions {
  /** The first instant of the world; `2026-03-01T12:00:00Z` if left out. */
  readonly start?: string;
  /** The seed of every random id; 1 if left out. */
  readonly seed?: number;
  readonly senderStore?: SenderStore;
  readonly receiverStore?: ReceiverStore;
  readonly ledger?: DeletionLedger;
  /** Your own source. Add contributions there, and tell the sender by `contributionsChanged`: `contribute` rejects. */
  readonly source?: ContributionSource;
  /** The sender's other options, such as `onEvent`, `timeZone` and `batchSize`. `pauseMs` is 0 if left out. */
  readonly sender?: Omit<
    Partial<SenderOptions>,
    "installation" | "store" | "source" | "transport" | "clock" | "random"
  >;
  /** The receiver's other options, such as `onEvent`. */
  readonly receiver?: Omit<Partial<ReceiverOptions>, "store" | "ledger" | "clock" | "random">;
}

/** A fault of the wire of a {@link TestWorld} in one request. */
export type WireFault =
  /** The request does not arrive. */
  | "request-lost"
  /** It arrives, and its answer does not. */
  | "answer-lost"
  /** It arrives twice, and the second answer comes back. */
  | "repeated"
  /** It does not arrive, and the transport answers this fault, such as `unknown-key` or `busy`. */
  | TransportFault;

/**
 * Both sides over one wire, for a test of a host's own code. A refusal rejects with an `Error` that names it.
 *
 * The server is called `server-1`. Each of its users connects the account of the cloud with the user's own name.
 */
export interface TestWorld {
  readonly clock: TestClock;
  readonly random: Random;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly installation: InstallationId;
  /** All bytes that crossed the wire, as text, in their order. */
  readonly bytes: readonly string[];
  /** Sets the faults of the wire for the next requests, one after another. After them the wire works. */
  fail(...faults: readonly WireFault[]): void;
  /** The owner turns on GitHub Connect and enables the feature, and both sides are told. */
  enable(): Promise<void>;
  /** The owner disables the feature. Nothing is sent yet. */
  disable(): Promise<void>;
  /** The user connects the account and selects "Send my contribution counts". Nothing is sent yet. */
  join(user: string): Promise<void>;
  /** The user deselects it. Nothing is sent yet. */
  leave(user: string): Promise<void>;
  /** The user contributes once at each of these instants, and the sender is told. */
  contribute(user: string, ...occurredAt: readonly string[]): Promise<void>;
  /** Syncs, even if no sync is due. */
  sync(): Promise<SyncReport>;
  /** Returns how many contributions the cloud shows for the user's account. */
  shown(user: string): Promise<number>;
  /** Returns the sharing state that a settings page shows to the user. */
  sharing(user: string): Promise<Sharing>;
}

const INSTALLATION = "server-1" as InstallationId;
const OWNER = { userId: "owner" as UserId, isEnterpriseOwner: true };

/**
 * Returns both sides, switched off and without users.
 *
 * ```ts
 * const world = createTestWorld();
 * await world.enable();
 * await world.join("ann");
 * await world.contribute("ann", "2026-03-01T09:00:00Z");
 * await world.sync();
 * assert.equal(await world.shown("ann"), 1);
 * ```
 */
export function createTestWorld(options: TestWorldOptions = {}): TestWorld {
  const clock = createTestClock(options.start ?? "2026-03-01T12:00:00Z");
  const random = createTestRandom(options.seed ?? 1);
  const { senderStore = createMemorySenderStore(), receiverStore = createMemoryReceiverStore() } = options;
  const ledger = options.ledger ?? createMemoryLedger();
  const receiver = createReceiver({ ...options.receiver, store: receiverStore, ledger, clock, random });
  const ownSource: MemorySource = createMemorySource();
  const bytes: string[] = [];
  const faults: WireFault[] = [];
  const wire = createMemoryTransport({
    handle: (input) => receiver.handle(INSTALLATION, input),
    onBytes: (_, text) => bytes.push(text),
  });
  const sender = createSender({
    ...{ pauseMs: 0, ...options.sender },
    ...{ installation: INSTALLATION, store: senderStore, clock, random },
    transport: faulty(wire, () => faults.shift() ?? null),
    source: options.source ?? ownSource,
  });
  const by = OWNER;

  return {
    ...{ clock, random, sender, receiver, bytes, installation: INSTALLATION },
    fail: (...next) => {
      faults.push(...next);
    },

    enable: async () => {
      await answerOf(receiver.connectInstallation(INSTALLATION));
      const platform = { type: "github.com" } as const;
      const connect = { type: "connect", by, at: clock.now(), platform, isCloudOwner: true } as const;
      await answerOf(sender.changeSettings(connect));
      const enable = { type: "enable", by, at: clock.now(), terms: { isAccepted: true } } as const;
      await answerOf(sender.changeSettings(enable));
      await answerOf(sender.sync());
    },

    disable: async () => {
      await answerOf(sender.changeSettings({ type: "disable", by, at: clock.now() }));
    },

    join: async (name) => {
      const user = name as UserId;
      const { link } = await answerOf(sender.sharing(user));
      if (link.status !== "connected" && link.status !== "sending") {
        const { attempt } = await answerOf(sender.connect(user));
        const request = { attempt, browser: random.id() as BrowserId };
        await answerOf(receiver.offerConsent(request));
        const { code } = await answerOf(receiver.giveConsent({ ...request, account: name as AccountId }));
        await answerOf(sender.redeem({ user, attempt, code }));
      }
      await answerOf(sender.changeLink(user, { type: "opt-in", by: user, at: clock.now() }));
    },

    leave: async (name) => {
      const user = name as UserId;
      await answerOf(sender.changeLink(user, { type: "opt-out", by: user, at: clock.now() }));
    },

    contribute: async (name, ...occurredAt) => {
      const user = name as UserId;
      if (options.source) throw new TypeError(FOREIGN_SOURCE);
      ownSource.add(
        user,
        occurredAt.map((instant) => ({ occurredAt: instant })),
      );
      await answerOf(sender.contributionsChanged([user]));
    },

    sync: () => answerOf(sender.sync()),

    shown: async (name) => {
      const windows = await answerOf(receiver.shownCounts(name as AccountId));
      return windows.flatMap(({ window }) => window.counts).reduce((sum, count) => sum + count, 0);
    },

    sharing: (name) => answerOf(sender.sharing(name as UserId)),
  };
}

const FOREIGN_SOURCE =
  "contribute: the source of this test world is yours. Add the contributions to it, then call `sender.contributionsChanged`.";

const LOST: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "The test's wire lost the message, as the test asked.",
};

function faulty(wire: Transport, nextFault: () => WireFault | null): Transport {
  return {
    send: (message: Message, signal) => {
      const fault = nextFault();
      switch (fault) {
        case null:
          return wire.send(message, signal);
        case "request-lost":
          return errAsync(LOST);
        case "answer-lost":
          return wire.send(message, signal).andThen(() => err(LOST));
        case "repeated":
          return wire.send(message, signal).andThen(() => wire.send(message, signal));
        default:
          return errAsync(fault);
      }
    },
  };
}
