import type { AccountId, CalendarDate, InstallationId, Instant, LinkId } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { Registration } from "unified-contributions/ghec";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const SERVER = "server-1" as InstallationId;
const OCTO = "octo-cloud" as AccountId;
const LINK = "link_0123456789abcdef" as LinkId;
const SESSION = "session_0123456789" as SessionId;
const ATTACHING = "request_0123456789" as RequestId;
const REGISTRATION: Registration = {
  installation: SERVER,
  isConnected: true,
  connectionId: null,
  featureSwitch: { epoch: 1, status: "on" },
  disabledAt: null,
  session: {
    id: SESSION,
    ordinal: 1,
    attachedBy: ATTACHING,
    lastRequestId: ATTACHING,
    isCompleted: false,
  },
  readTo: null,
  recordedOff: 0,
};
const WINDOW = { first: "2026-03-01" as CalendarDate, counts: [3] };

describe("a receiver's store in memory that was made of a backup", () => {
  it("holds all that stood when the backup was taken, and nothing that came after", async () => {
    const store = createMemoryReceiverStore();
    const commit = {
      expectedVersion: 0,
      registration: REGISTRATION,
      hidesUnreported: false,
      ended: [],
      at: NOW,
    };
    (await store.commitRegistration(commit))._unsafeUnwrap();
    const opening = { linkId: LINK, installation: SERVER, account: OCTO, epoch: 1, at: NOW };
    (await store.openLink(opening))._unsafeUnwrap();
    const delivery = {
      installation: SERVER,
      sessionId: SESSION,
      requestId: "request_9876543210" as RequestId,
      follows: [ATTACHING],
      reports: [{ linkId: LINK, window: WINDOW }],
      withdrawals: [],
      at: NOW,
    };
    (await store.applyDelivery(delivery))._unsafeUnwrap();
    const backup = store.snapshot();
    (await store.deleteLinks({ account: OCTO, installation: null }, NOW))._unsafeUnwrap();

    const restored = createMemoryReceiverStore(backup);

    expect((await store.loadShown(OCTO))._unsafeUnwrap()).toEqual([]);
    expect((await restored.loadShown(OCTO))._unsafeUnwrap()).toEqual([
      { installation: SERVER, linkId: LINK, epoch: 1, window: WINDOW, receivedAt: NOW },
    ]);
    expect((await restored.loadRegistration(SERVER))._unsafeUnwrap()?.version).toBe(2);
    const killed = (await restored.deleteLinks({ account: OCTO, installation: null }, NOW))._unsafeUnwrap();
    expect(killed.map(({ linkId }) => linkId)).toEqual([LINK]);
    expect(backup.links.map(({ status }) => status)).toEqual(["live"]);
  });
});
