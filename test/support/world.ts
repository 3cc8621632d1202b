import type { AccountId, InstallationId, Instant, UserId } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { createReceiver } from "unified-contributions/ghec";
import { createSender, type SyncReport } from "unified-contributions/ghes";
import { createTestChance, createTestClock } from "unified-contributions/testing";

export const SERVER = "server-1" as InstallationId;
export const OCTO = "octo" as UserId;
export const OCTO_CLOUD = "octo-cloud" as AccountId;
export const OWNER = { userId: "owner" as UserId, isEnterpriseOwner: true };

/** Both sides over memory parts, with one user's way through the settings spelled out. */
export function createWorld(start = "2026-03-01T12:00:00Z") {
  const clock = createTestClock(start);
  const chance = createTestChance(1);
  const wire: string[] = [];
  const receiverStore = createMemoryReceiverStore();
  const receiver = createReceiver({ store: receiverStore, ledger: createMemoryLedger(), clock, chance });
  const senderStore = createMemorySenderStore();
  const source = createMemorySource();
  const transport = createMemoryTransport({
    handle: (input) => receiver.handle(SERVER, input),
    onBytes: (_, text) => wire.push(text),
  });
  const options = { installation: SERVER, store: senderStore, transport, source, clock, chance, pauseMs: 0 };
  const sender = createSender(options);
  const at = (): Instant => clock.now();

  const world = {
    clock,
    chance,
    wire,
    receiver,
    receiverStore,
    sender,
    senderStore,
    source,
    transport,
    options,
    async enable(): Promise<void> {
      (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
      const connect = {
        type: "connect",
        by: OWNER,
        at: at(),
        platform: { type: "github.com" },
        isCloudOwner: true,
      } as const;
      (await sender.changeSettings(connect))._unsafeUnwrap();
      const enable = { type: "enable", by: OWNER, at: at(), terms: { isAccepted: true } } as const;
      (await sender.changeSettings(enable))._unsafeUnwrap();
      await world.sync();
    },
    async disable(): Promise<void> {
      (await sender.changeSettings({ type: "disable", by: OWNER, at: at() }))._unsafeUnwrap();
    },
    async connect(user = OCTO): Promise<void> {
      const attempt = `attempt-${chance.id()}`;
      const expiresAt = (at() + 600_000) as Instant;
      (
        await sender.changeLink(user, { type: "start-connecting", by: user, at: at(), attempt, expiresAt })
      )._unsafeUnwrap();
      (
        await sender.changeLink(user, { type: "finish-connecting", by: user, at: at(), attempt })
      )._unsafeUnwrap();
    },
    async optIn(user = OCTO, account = OCTO_CLOUD): Promise<void> {
      const { epoch } = (await receiver.offerConsent(SERVER))._unsafeUnwrap();
      const consent = (await receiver.openLink({ installation: SERVER, account, epoch }))._unsafeUnwrap();
      (await sender.changeLink(user, { type: "opt-in", by: user, at: at(), consent }))._unsafeUnwrap();
    },
    async optOut(user = OCTO): Promise<void> {
      (await sender.changeLink(user, { type: "opt-out", by: user, at: at() }))._unsafeUnwrap();
    },
    async sync(scope: "everything" | "deletions" = "everything"): Promise<SyncReport> {
      return (await sender.sync({ scope }))._unsafeUnwrap();
    },
    async shown(account = OCTO_CLOUD): Promise<readonly number[]> {
      const windows = (await receiver.shownCounts(account))._unsafeUnwrap();
      return windows.map(({ window }) => window.counts.reduce((total, count) => total + count, 0));
    },
  };
  return world;
}
