import { err, ok, type Result } from "neverthrow";
import { dateOfInstant, dayNumberAt } from "../../domain/calendar-date.ts";
import type { TransportFault } from "../../domain/fault.ts";
import type { AccountId, ConnectionId, InstallationId, Instant, LinkId } from "../../domain/identifiers.ts";
import type { Message } from "../../domain/message.ts";
import { createReceiver, type Receiver } from "../../ghec/receiver.ts";
import type { CarryMessage, MakeLedger, MakeReceiverStore } from "./ports.ts";
import type { Process } from "./stage.ts";
import { troubledLedger, troubledReceiverStore } from "./troubled-store.ts";
import { createTrouble, type World } from "./world.ts";

/** What the cloud's side is made of. */
export interface CloudPorts {
  readonly makeReceiverStore: MakeReceiverStore;
  readonly makeLedger: MakeLedger;
  readonly carry: CarryMessage;
}

/** An answer as it comes back over the wire. */
export type Reply = Result<unknown, TransportFault>;

/** GitHub Enterprise Cloud, as its host sees it. */
export interface Cloud {
  /** Over storage that fails like any other. */
  readonly receiver: Receiver;
  /** Over the same storage, for the judge: it never fails. */
  readonly observer: Receiver;
  /** The connection of each installation that the host's authentication lets in. */
  readonly connections: Map<InstallationId, ConnectionId>;
  /** Whether nothing goes wrong on this side in this hour. */
  isCalm(): boolean;
  /** Takes a message from the wire. */
  take(
    installation: InstallationId,
    message: Message,
    readAt: (linkId: LinkId) => number,
    reply: (reply: Reply) => void,
  ): void;
  /** Takes a backup, of which the last three are kept. */
  backUp(): Promise<void>;
  /** Recovers the receiver from one of the backups; false if there is none. */
  recover(fraction: number): Promise<boolean>;
  /** Lets the judge look at what is shown, if anything may have changed. */
  show(): Promise<void>;
}

const UNREACHABLE: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "The simulated receiver answered with a fault.",
};

interface Backup {
  readonly snapshot: unknown;
  readonly at: Instant;
}

const CLOUD = 100;
const KEPT_BACKUPS = 3;

/** Makes the cloud's side, in which the accounts given can be looked at. */
export async function createCloud(
  world: World,
  ports: CloudPorts,
  accounts: readonly AccountId[],
): Promise<Cloud> {
  const { stage, judge } = world;
  const process: Process = { name: "cloud" };
  const trouble = createTrouble(world, CLOUD);
  const ledger = await ports.makeLedger();
  let store = await ports.makeReceiverStore();
  let backups: Backup[] = [];
  let isChanged = true;
  let shownDay = 0;
  const changes = (): void => {
    isChanged = true;
  };
  const calm = { ...trouble, isCalm: (): boolean => true, happens: (): boolean => false };
  const parts = { clock: { now: world.now }, random: world.random };
  const receiver = createReceiver({
    ...parts,
    store: troubledReceiverStore(world, trouble, () => store, changes),
    ledger: troubledLedger(world, trouble, ledger),
  });
  const observer = createReceiver({
    ...parts,
    store: troubledReceiverStore(world, calm, () => store, changes),
    ledger,
  });

  const cloud: Cloud = {
    receiver,
    observer,
    connections: new Map(),
    isCalm: trouble.isCalm,

    take: (installation, message, readAt, reply) => {
      judge.arrives(installation, message, readAt);
      stage.start(
        process,
        () => ports.carry(message, (input) => receiver.handle(installation, input)),
        (answered) => {
          if (answered.isErr()) return reply(err(UNREACHABLE));
          const answer = answered.value;
          const text = JSON.stringify(answer);
          judge.overhears(text);
          world.history.imprint(text);
          // What a receiver answers is an answer; the sender checks it all the same.
          judge.answered(installation, message, answer as Parameters<typeof judge.answered>[2]);
          reply(ok(answer));
        },
      );
    },

    backUp: async () => {
      if (!store.snapshot) return;
      const backup = { snapshot: await store.snapshot(), at: world.now() };
      backups = [...backups, backup].slice(-KEPT_BACKUPS);
    },

    recover: async (fraction) => {
      const backup = backups[Math.floor(fraction * backups.length)];
      if (!backup) return false;
      stage.kill(process);
      judge.receiverRecovered();
      store = await ports.makeReceiverStore(backup.snapshot);
      backups = backups.filter(({ at }) => at <= backup.at);
      (await observer.recover(backup.at))._unsafeUnwrap();
      for (const [installation, connectionId] of cloud.connections) {
        (await observer.connectInstallation(installation, connectionId))._unsafeUnwrap();
      }
      return true;
    },

    show: async () => {
      const today = dateOfInstant(world.now());
      const day = dayNumberAt(today);
      if (!isChanged && day === shownDay) return;
      isChanged = false;
      shownDay = day;
      for (const account of accounts) {
        const shown = await observer.shownCounts(account, today);
        if (shown.isOk()) judge.looks(account, shown.value, day);
      }
    },
  };
  return cloud;
}
