import type { AccountId, BrowserId, InstallationId, Instant, UserId } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
  type MemorySenderStore,
  type MemorySource,
} from "unified-contributions/adapters/memory";
import { createReceiver, type Receiver, type ReceiverOptions } from "unified-contributions/ghec";
import {
  createSender,
  type Platform,
  type Sender,
  type SenderEvent,
  type Sharing,
  type SyncReport,
  type Transport,
} from "unified-contributions/ghes";
import type { DeletionLedger, ReceiverStore, SenderStore } from "unified-contributions/storage";
import { createTestClock, createTestRandom, type TestClock } from "unified-contributions/testing";

export const SERVER = "server-1" as InstallationId;
export const OCTO = "octo" as UserId;
export const OCTO_CLOUD = "octo-cloud" as AccountId;
export const OWNER = { userId: "owner" as UserId, isEnterpriseOwner: true };

/** When a world begins unless a test says otherwise. */
export const START = "2026-03-01T12:00:00Z";

/** The cloud's side over memory parts. */
export function createCloud(start = START, seed = 1, told: Pick<ReceiverOptions, "onEvent"> = {}) {
  return createCloudOver(createMemoryReceiverStore(), createMemoryLedger(), start, seed, told);
}

/** The cloud's side over a storage. A test that restores it from a backup puts another receiver in the place of its own. */
export function createCloudOver<Store extends ReceiverStore>(
  receiverStore: Store,
  ledger: DeletionLedger,
  start: string,
  seed: number,
  told: Pick<ReceiverOptions, "onEvent"> = {},
) {
  const clock = createTestClock(start);
  const random = createTestRandom(seed);
  const options = { store: receiverStore, ledger, clock, random, ...told };
  const receiver: Receiver = createReceiver(options);
  return {
    /** What the receiver is made of, for another one over the same parts. */
    options,
    clock,
    random,
    ledger,
    receiverStore,
    receiver,
    /** The sum of what each server's window shows, in the order of the servers' ids. */
    async shown(account = OCTO_CLOUD): Promise<readonly number[]> {
      const windows = (await this.receiver.shownCounts(account))._unsafeUnwrap();
      return windows.map(({ window }) => window.counts.reduce((total, count) => total + count, 0));
    },
  };
}

/** The cloud's side, as {@link createCloudOver} makes it. */
export type Cloud = ReturnType<typeof createCloudOver<ReceiverStore>>;

/** What a server can be given instead of parts of its own. */
export interface ServerParts {
  readonly installation?: InstallationId;
  readonly platform?: Platform;
  /** The server's own clock; the cloud's if left out. */
  readonly clock?: TestClock;
  readonly source?: MemorySource;
  /** Stands between the sender and its storage. */
  readonly storeThrough?: (store: SenderStore) => SenderStore;
  /** Stands between the sender and the wire. */
  readonly wireThrough?: (transport: Transport) => Transport;
  readonly onEvent?: (event: SenderEvent) => void;
}

/**
 * A server's side over memory parts, leading to a cloud.
 *
 * @param parts the storage among them: given again, it is the same server after a restart
 */
export function createServer(
  cloud: Cloud,
  {
    senderStore = createMemorySenderStore(),
    ...parts
  }: ServerParts & { senderStore?: MemorySenderStore } = {},
) {
  return createServerOver(senderStore, cloud, parts);
}

/** A server's side over a storage, leading to a cloud, with one user's way through the settings spelled out. */
export function createServerOver<Store extends SenderStore>(
  senderStore: Store,
  cloud: Cloud,
  parts: ServerParts,
) {
  const { installation = SERVER, platform = { type: "github.com" }, clock = cloud.clock } = parts;
  const { source = createMemorySource() } = parts;
  const wire: string[] = [];
  const sent: string[] = [];
  const memoryTransport = createMemoryTransport({
    handle: (input) => cloud.receiver.handle(installation, input),
    onBytes: (direction, text) => {
      wire.push(text);
      if (direction === "sent") sent.push(text);
    },
  });
  const transport = parts.wireThrough?.(memoryTransport) ?? memoryTransport;
  const store = parts.storeThrough?.(senderStore) ?? senderStore;
  const options = { installation, store, transport, source, clock, random: cloud.random, pauseMs: 0 };
  const told = parts.onEvent ? { onEvent: parts.onEvent } : {};
  const sender = createSender({ ...options, ...told });
  const at = (): Instant => clock.now();

  const server = {
    installation,
    /** Every byte that crossed the wire, as text: what left, and what came back. */
    wire,
    /** What left. */
    sent,
    sender,
    senderStore,
    source,
    transport,
    options,
    /** GitHub Connect on, on both sides. */
    async connectEnterprise(): Promise<void> {
      (await cloud.receiver.connectInstallation(installation))._unsafeUnwrap();
      const connect = { type: "connect", by: OWNER, at: at(), platform, isCloudOwner: true } as const;
      (await sender.changeSettings(connect))._unsafeUnwrap();
    },
    /** GitHub Connect off, on both sides. */
    async disconnectEnterprise(): Promise<void> {
      (await sender.changeSettings({ type: "disconnect", by: OWNER, at: at() }))._unsafeUnwrap();
      (await cloud.receiver.disconnectInstallation(installation))._unsafeUnwrap();
    },
    async enable(): Promise<void> {
      await server.connectEnterprise();
      const enable = { type: "enable", by: OWNER, at: at(), terms: { isAccepted: true } } as const;
      (await sender.changeSettings(enable))._unsafeUnwrap();
      await server.sync();
    },
    async disable(): Promise<void> {
      (await sender.changeSettings({ type: "disable", by: OWNER, at: at() }))._unsafeUnwrap();
    },
    /** The user starts to connect an account. */
    async connect(user = OCTO): Promise<void> {
      (await sender.connect(user))._unsafeUnwrap();
    },
    /** The user's browser goes to the cloud, where they consent, and comes back: their account is connected. */
    async goToCloud(user = OCTO, account = OCTO_CLOUD): Promise<void> {
      const { link } = await server.sharing(user);
      if (link.status !== "connecting") throw new Error(`Nothing is under way: ${link.status}.`);
      const { attempt } = link;
      const request = { attempt, browser: `browser-${cloud.random.id()}` as BrowserId };
      (await cloud.receiver.offerConsent(request))._unsafeUnwrap();
      const { code } = (await cloud.receiver.giveConsent({ ...request, account }))._unsafeUnwrap();
      (await sender.redeem({ user, attempt, code }))._unsafeUnwrap();
    },
    /** The user connects this account, in place of another, and opts in. */
    async optIn(user = OCTO, account = OCTO_CLOUD): Promise<void> {
      const { link } = await server.sharing(user);
      if (link.status === "connected" || link.status === "sending") await server.disconnect(user);
      if (link.status !== "connecting") await server.connect(user);
      await server.goToCloud(user, account);
      (await server.select(user))._unsafeUnwrap();
    },
    /** The user selects "Send my contribution counts", with or without an account. */
    select(user = OCTO): ReturnType<Sender["changeLink"]> {
      return sender.changeLink(user, { type: "opt-in", by: user, at: at() });
    },
    async optOut(user = OCTO): Promise<void> {
      (await sender.changeLink(user, { type: "opt-out", by: user, at: at() }))._unsafeUnwrap();
    },
    /** The user disconnects the account. */
    async disconnect(user = OCTO): Promise<void> {
      (await sender.changeLink(user, { type: "disconnect", by: user, at: at() }))._unsafeUnwrap();
    },
    async sync(scope: "everything" | "deletions" = "everything"): Promise<SyncReport> {
      return (await sender.sync({ scope }))._unsafeUnwrap();
    },
    async sharing(user = OCTO): Promise<Sharing> {
      return (await sender.sharing(user))._unsafeUnwrap();
    },
    /** Contributions of a user, of which the sender is told. */
    async contribute(user: UserId, ...instants: readonly string[]): Promise<void> {
      source.add(
        user,
        instants.map((occurredAt) => ({ occurredAt })),
      );
      (await sender.contributionsChanged([user]))._unsafeUnwrap();
    },
  };
  return server;
}

/** A server's side, as {@link createServerOver} makes it. */
export type Server = ReturnType<typeof createServerOver<SenderStore>>;

/** Both sides over memory parts, with one server. */
export function createWorld(start = START) {
  const cloud = createCloud(start);
  return { ...cloud, ...createServer(cloud), cloud };
}
