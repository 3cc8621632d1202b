import { okAsync } from "neverthrow";
import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  LinkId,
  UserId,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { createReceiver } from "unified-contributions/ghec";
import {
  type ContributionSource,
  createSender,
  type Sender,
  type SenderOptions,
  type SyncOptions,
  type SyncReport,
  type UserContributions,
} from "unified-contributions/ghes";
import {
  type Lease,
  type LinkRecord,
  mintVersion,
  type ReceiverStore,
  type ServerState,
} from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import type { Message } from "unified-contributions/wire";
import { createWire, intercept, lost } from "./ghes-interventions.ts";
import { linkId, MONA, NOW, OCTO, OWNER, sessionId } from "./values.ts";

export const SERVER = "server-1" as InstallationId;
const NOTHING: UserContributions = { type: "contributions", contributions: [] };
const BY = { userId: OWNER, isEnterpriseOwner: true };

/** One server at noon on 1 March 2026, whose every part can be intercepted, and a receiver that works. */
export function createGhesWorld() {
  const clock = createTestClock(NOW);
  let minted = 0;
  const random = {
    id: () => `id-${String(++minted).padStart(13, "0")}`,
    fraction: () => 0.5,
  };
  let cloud = createMemoryReceiverStore();
  let ledger = createMemoryLedger();
  let nextLink: LinkId | null = null;
  const pushAttempt: ReceiverStore["pushAttempt"] = (pushed) =>
    cloud.pushAttempt({ ...pushed, linkId: nextLink ?? pushed.linkId });
  const receiver = createReceiver({
    store: new Proxy(cloud, {
      get: (_, method) => (method === "pushAttempt" ? pushAttempt : Reflect.get(cloud, method)),
    }),
    ledger: new Proxy(ledger, { get: (_, method) => Reflect.get(ledger, method) }),
    clock,
    random,
  });
  const memory = createMemorySenderStore();
  const store = intercept(memory);
  const wire = createWire(createMemoryTransport({ handle: (input) => receiver.handle(SERVER, input) }));
  const contributions = new Map<UserId, UserContributions>();
  const source = intercept<ContributionSource>({
    // What the test has set stands as it is, so that it can be anything.
    read: ({ users }) =>
      okAsync(
        new Map(users.map((user) => [user, contributions.has(user) ? contributions.get(user) : NOTHING])),
      ) as never,
  });
  const options: SenderOptions = {
    installation: SERVER,
    store: store.port,
    transport: wire,
    source: source.port,
    clock,
    random,
    pauseMs: 0,
  };
  const sender = createSender(options);

  const world = {
    clock,
    random,
    receiver,
    memory,
    store,
    wire,
    source,
    contributions,
    options,
    sender,

    /**
     * Turns GitHub Connect and the feature on, and runs a round, so that the epoch is confirmed and all is quiet; or the
     * round ends before its `complete`.
     */
    async turnOn({ isCompleted = true } = {}): Promise<void> {
      (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
      await world.connectServer();
      await world.enable();
      if (!isCompleted) wire.on("complete", lost);
      await world.sync();
      wire.sent.length = 0;
    },
    async connectServer(): Promise<void> {
      const connect = {
        type: "connect",
        by: BY,
        at: clock.now(),
        platform: { type: "github.com" },
        isCloudOwner: true,
      } as const;
      (await sender.changeSettings(connect))._unsafeUnwrap();
    },
    async enable(): Promise<void> {
      const enable = { type: "enable", by: BY, at: clock.now(), terms: { isAccepted: true } } as const;
      (await sender.changeSettings(enable))._unsafeUnwrap();
    },
    async disable(): Promise<void> {
      (await sender.changeSettings({ type: "disable", by: BY, at: clock.now() }))._unsafeUnwrap();
    },
    async disconnectServer(): Promise<void> {
      (await sender.changeSettings({ type: "disconnect", by: BY, at: clock.now() }))._unsafeUnwrap();
    },

    /** Users who send from now on, each under the link `link-<user>` unless it is said otherwise. */
    async startSending(...users: UserId[]): Promise<void> {
      for (const user of users) await world.optIn(user, linkId(`link-${user}`));
    },
    async optIn(user: UserId, id: LinkId): Promise<void> {
      await world.connect(user, id);
      await world.choose(user, "opt-in");
    },
    /** The user connects the account named after them, in place of another, under the link of this id. */
    async connect(user: UserId, id: LinkId): Promise<void> {
      const { link } = await world.record(user);
      if (link.status === "connected" || link.status === "sending") await world.choose(user, "disconnect");
      nextLink = id;
      const { attempt, code } = await world.consent(user);
      nextLink = null;
      const quiet = wire.sent.length;
      (await sender.redeem({ user, attempt, code }))._unsafeUnwrap();
      wire.sent.length = quiet;
    },
    /** The user goes to the cloud with an attempt, and comes back with a code. */
    async consent(user: UserId): Promise<{ readonly attempt: AttemptId; readonly code: ConsentCode }> {
      const quiet = wire.sent.length;
      const { attempt } = (await sender.connect(user))._unsafeUnwrap();
      wire.sent.length = quiet;
      const given = {
        attempt,
        browser: "browser-of-a-user" as BrowserId,
        account: `${user}-cloud` as AccountId,
      };
      const { code } = (await receiver.giveConsent(given))._unsafeUnwrap();
      return { attempt, code };
    },
    async choose(user: UserId, type: "opt-in" | "opt-out" | "disconnect"): Promise<void> {
      (await sender.changeLink(user, { type, by: user, at: clock.now() }))._unsafeUnwrap();
    },
    async optOut(user: UserId = OCTO): Promise<void> {
      await world.choose(user, "opt-out");
    },

    /** So many contributions of this user today, and nothing else; the sender is told. */
    async contribute(user: UserId, contributionCount: number): Promise<void> {
      const date = new Date(clock.now()).toISOString().slice(0, 10);
      contributions.set(user, { type: "daily-counts", dailyCounts: [{ date, contributionCount }] });
      (await sender.contributionsChanged([user]))._unsafeUnwrap();
    },

    async sync(given: SyncOptions = {}, by: Sender = sender): Promise<SyncReport> {
      return (await by.sync(given))._unsafeUnwrap();
    },
    async server(): Promise<ServerState> {
      return (await memory.loadServer())._unsafeUnwrap().value;
    },
    /** The cloud goes back to this moment when what is returned is called, its ledger too, and tells nobody. */
    keepCloud(): () => void {
      const backup = cloud.snapshot();
      const kept = ledger.snapshot();
      return () => {
        cloud = createMemoryReceiverStore(backup);
        ledger = createMemoryLedger(kept);
      };
    },
    /** The cloud has a session of its own, for a server to take. */
    vacate(): void {
      const { registrations, ...rest } = cloud.snapshot();
      const vacated = registrations.map(({ value }) => {
        const id = sessionId(`vacant-${++minted}`);
        const session = { ...value.session, id, ordinal: value.session.ordinal + 1 };
        const vacant = { ...session, attachedBy: null, lastRequestId: null, isCompleted: false };
        return { value: { ...value, session: vacant }, version: mintVersion() };
      });
      cloud = createMemoryReceiverStore({ ...rest, registrations: vacated });
    },
    /** Writes a round into the server's state, as another process would. */
    async setLease(lease: Lease): Promise<void> {
      const { value, version } = (await memory.loadServer())._unsafeUnwrap();
      const commit = { expectedVersion: version, server: { ...value, lease }, audit: null };
      (await memory.commitServer({ ...commit, reported: [], withdrawn: [] }))._unsafeUnwrap();
    },
    async record(user: UserId = OCTO): Promise<LinkRecord> {
      return (await memory.loadLink(user))._unsafeUnwrap().value;
    },
    /** What the receiver shows of a user's account: the sum of the counts, or null where there is nothing to show. */
    async shown(user: UserId = OCTO): Promise<number | null> {
      const shown = (await receiver.shownCounts(`${user}-cloud` as AccountId))._unsafeUnwrap();
      return shown.map(({ window }) => window.counts.reduce((sum, count) => sum + count, 0)).at(0) ?? null;
    },
    /** What left since it was last asked, such as `deliver: report link-octo`. */
    said(): readonly string[] {
      return wire.sent.splice(0).map(inShort);
    },
  };
  return world;
}

function inShort(message: Message): string {
  switch (message.type) {
    case "deliver": {
      const records = message.records.map(({ type, linkId: id }) => `${type} ${id.replace(/_+$/, "")}`);
      return `deliver: ${records.join(", ")}`;
    }
    case "complete":
      return "complete";
    case "disable":
      return `disable ${message.epoch}`;
    case "enable":
      return `enable after ${message.after}`;
    case "push":
    case "redeem":
    case "attach":
      return message.type;
  }
}

/** A server on which octo sends three contributions of today; a round has told the receiver so. */
export async function createSendingWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = createGhesWorld();
  await world.turnOn();
  await world.startSending(OCTO);
  await world.contribute(OCTO, 3);
  await world.sync();
  world.wire.sent.length = 0;
  return world;
}

/** A server on which these users send, and no report has left yet. */
export async function createWorldOf(...users: UserId[]): Promise<ReturnType<typeof createGhesWorld>> {
  const world = createGhesWorld();
  await world.turnOn();
  await world.startSending(...users);
  return world;
}

/** The same, in a session of which no `complete` has arrived yet. */
export async function createNewSessionOf(...users: UserId[]): Promise<ReturnType<typeof createGhesWorld>> {
  const world = createGhesWorld();
  await world.turnOn({ isCompleted: false });
  await world.startSending(...users);
  return world;
}

/** Octo and mona send; mona contributed once today. */
export async function createPairWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = await createWorldOf(OCTO, MONA);
  await world.contribute(MONA, 1);
  return world;
}
