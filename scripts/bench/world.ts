// Both sides over memory parts, with a wire between them that really serializes.
import type {
  AccountId,
  AttemptId,
  BrowserId,
  InstallationId,
  LinkId,
  Result,
  ResultAsync,
  UserId,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemoryTransport,
  type MemoryReceiverSnapshot,
  type MemoryReceiverStore,
  type MemorySenderSnapshot,
  type MemorySenderStore,
} from "unified-contributions/adapters/memory";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { type ContributionSource, createSender, type Sender } from "unified-contributions/ghes";
import { createTestClock, createTestRandom, type TestClock } from "unified-contributions/testing";
import { linkContextOf } from "../../src/ghes/server-state.ts";
import { uuid } from "./activity.ts";
import { WrongResult } from "./measure.ts";

const SERVER = "server-1" as InstallationId;

/** Both sides. */
export interface World {
  readonly clock: TestClock;
  readonly sender: Sender;
  readonly senderStore: MemorySenderStore;
  readonly receiver: Receiver;
  readonly receiverStore: MemoryReceiverStore;
}

/** The contents of both sides at one moment. */
export interface Backup {
  readonly sender: MemorySenderSnapshot;
  readonly receiver: MemoryReceiverSnapshot;
}

/**
 * Returns both sides, empty or with the contents of a backup.
 *
 * @param told the options that give both sides a listener, or none
 */
export function createWorld(
  start: string,
  source: ContributionSource,
  backup?: Backup,
  told: { readonly onEvent?: () => void } = {},
): World {
  const clock = createTestClock(start);
  const random = createTestRandom(1);
  const senderStore = createMemorySenderStore(backup?.sender);
  const receiverStore = createMemoryReceiverStore(backup?.receiver);
  const ledger = createMemoryLedger();
  const receiver = createReceiver({ store: receiverStore, ledger, clock, random, ...told });
  const transport = createMemoryTransport({ handle: (input) => receiver.handle(SERVER, input) });
  const sender = createSender({
    installation: SERVER,
    store: senderStore,
    transport,
    source,
    clock,
    random,
    pauseMs: 0,
    ...told,
  });
  return { clock, sender, senderStore, receiver, receiverStore };
}

/** Connects the server and enables the feature, on both sides. */
export async function enable({ clock, sender, receiver }: World): Promise<void> {
  const by = { userId: "owner" as UserId, isEnterpriseOwner: true };
  const at = clock.now();
  await valueFrom(receiver.connectInstallation(SERVER));
  const platform = { type: "github.com" } as const;
  await valueFrom(sender.changeSettings({ type: "connect", by, at, platform, isCloudOwner: true }));
  await valueFrom(sender.changeSettings({ type: "enable", by, at, terms: { isAccepted: true } }));
  await valueFrom(sender.sync());
}

/** Connects one user's account and opts them in, on both sides. */
export async function optIn(
  { clock, sender, receiver }: World,
  user: UserId,
  account: AccountId,
): Promise<void> {
  const at = clock.now();
  const { attempt } = await valueFrom(sender.connect(user));
  const { code } = await valueFrom(receiver.giveConsent({ attempt, browser: BROWSER, account }));
  await valueFrom(sender.redeem({ user, attempt, code }));
  await valueFrom(sender.changeLink(user, { type: "opt-in", by: user, at }));
}

const BROWSER = "browser-of-a-user" as BrowserId;

/** Opens a link at a receiver, as a server's messages and an account's owner do. */
export async function openLinkAt(receiver: Receiver, account: AccountId): Promise<LinkId> {
  const attempt = uuid() as AttemptId;
  const say = (message: object) =>
    valueFrom(receiver.handle(SERVER, { version: 1, requestId: uuid(), ...message }));
  await say({ type: "push", attempt });
  const { code } = await valueFrom(receiver.giveConsent({ attempt, browser: BROWSER, account }));
  const answer = await say({ type: "redeem", attempt, code });
  if (answer.type !== "redeemed") throw new WrongResult(`a link and not ${answer.type}`);
  return answer.linkId;
}

/**
 * Returns the contents of both sides after all these users opted in. They are written down, because a hundred thousand
 * commands take long.
 */
export function withSending(world: World, users: readonly UserId[]): Backup {
  const sender = world.senderStore.snapshot();
  const receiver = world.receiverStore.snapshot();
  const { connectionOrdinal, epoch } = linkContextOf(sender.server.value);
  if (connectionOrdinal === null || epoch === null) throw new WrongResult("it is enabled");
  const at = world.clock.now();
  const ids = users.map((user) => ({
    user,
    linkId: uuid() as LinkId,
    account: `cloud-${user}` as AccountId,
  }));
  return {
    sender: {
      ...sender,
      links: ids.map(({ user, linkId }) => ({
        version: 1,
        value: {
          user,
          link: {
            status: "sending",
            connectionOrdinal,
            attempt: linkId as string as AttemptId,
            connectedAt: at,
            consent: { linkId, epoch },
            choice: 1,
            sendingAt: at,
          },
          changes: 0,
          reported: null,
          deletion: null,
        },
      })),
    },
    receiver: {
      ...receiver,
      links: ids.map(({ linkId, account }) => ({
        status: "live",
        linkId,
        installation: SERVER,
        account,
        epoch,
        openedAt: at,
        report: null,
        withdrawn: null,
      })),
    },
  };
}

type Settling<Value> =
  | Result<Value, { readonly type: string }>
  | ResultAsync<Value, { readonly type: string }>;

/** Returns the value of a Result that has to be one. */
export async function valueFrom<Value>(result: Settling<Value>): Promise<Value> {
  const settled = await result;
  if (settled.isErr()) throw new WrongResult(`a value and not ${settled.error.type}`);
  return settled.value;
}
