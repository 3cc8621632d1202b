import type {
  AccountId,
  AttemptId,
  CalendarDate,
  InstallationId,
  Instant,
  LinkId,
} from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { Registration } from "unified-contributions/ghec";
import type { PushedAttempt, ReceiverStore } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { openLinkIn } from "../../../support/consents.ts";
import { valueFrom } from "../../../support/postgres/marked-reports.ts";

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
      audit: [],
    };
    (await store.commitRegistration(commit))._unsafeUnwrap();
    const opening = { linkId: LINK, installation: SERVER, account: OCTO, at: NOW };
    (await openLinkIn(store, opening))._unsafeUnwrap();
    const delivery = {
      installation: SERVER,
      sessionId: SESSION,
      requestId: "request_9876543210" as RequestId,
      follows: [ATTACHING],
      reports: [{ linkId: LINK, choice: 1, window: WINDOW }],
      withdrawals: [],
      at: NOW,
    };
    (await store.applyDelivery(delivery))._unsafeUnwrap();
    const backup = store.snapshot();
    (await store.deleteLinks({ account: OCTO, installation: null }, NOW))._unsafeUnwrap();

    const restored = createMemoryReceiverStore(backup);

    expect((await store.loadShown(OCTO))._unsafeUnwrap()).toEqual([]);
    expect((await restored.loadShown(OCTO))._unsafeUnwrap()).toEqual([
      { installation: SERVER, linkId: LINK, choice: 1, epoch: 1, window: WINDOW, receivedAt: NOW },
    ]);
    expect((await restored.loadRegistration(SERVER))._unsafeUnwrap()).toEqual(backup.registrations[0]);
    const killed = (await restored.deleteLinks({ account: OCTO, installation: null }, NOW))._unsafeUnwrap();
    expect(killed.map(({ linkId }) => linkId)).toEqual([LINK]);
    expect(backup.links.map(({ status }) => status)).toEqual(["live"]);
    expect((await openLinkIn(restored, opening))._unsafeUnwrap()).toMatchObject({ type: "link-ended" });
  });
});

describe("a receiver's store in memory", () => {
  const register = (store: ReceiverStore, epoch: number, expectedVersion: number) =>
    valueFrom(
      store.commitRegistration({
        expectedVersion,
        registration: { ...REGISTRATION, featureSwitch: { epoch, status: "on" } },
        hidesUnreported: false,
        ended: [],
        audit: [],
      }),
    );
  const opening = { linkId: LINK, installation: SERVER, account: OCTO, at: NOW };

  it("forgets the attempt that opened a link together with the link, also one of a backup", async () => {
    for (const isRestored of [false, true]) {
      const made = createMemoryReceiverStore();
      const version = await register(made, 1, 0);
      (await openLinkIn(made, opening))._unsafeUnwrap();
      const store = isRestored ? createMemoryReceiverStore(made.snapshot()) : made;
      expect(store.snapshot().attempts).toHaveLength(1);
      await register(store, 2, version);

      const swept = (await store.sweep({ keep: null, limit: 10, at: NOW }))._unsafeUnwrap();

      expect(swept).toEqual({ deleted: 1, trimmed: 0, forgotten: 0, isDone: true });
      expect(store.snapshot().attempts).toEqual([]);
    }
  });

  it("is done when it has removed as many attempts as the limit, and none is left", async () => {
    const store = createMemoryReceiverStore();
    await register(store, 1, 0);
    const attempt = "attempt_0123456789" as AttemptId;
    const pushed = { installation: SERVER, attempt, linkId: LINK, limit: 9, at: NOW };
    (await store.pushAttempt({ ...pushed, expiresAt: (NOW + 1) as Instant }))._unsafeUnwrap();

    const keep = { counts: "2025-12-02" as CalendarDate, receipts: NOW, audit: NOW };
    const swept = (await store.sweep({ keep, limit: 1, at: (NOW + 1) as Instant }))._unsafeUnwrap();

    expect(swept).toEqual({ deleted: 0, trimmed: 0, forgotten: 1, isDone: true });
  });

  it("says what to do if a link id repeats", async () => {
    const store = createMemoryReceiverStore();
    await register(store, 1, 0);
    (await openLinkIn(store, opening))._unsafeUnwrap();

    const mona = { linkId: "link_9876543210fedcba" as LinkId, account: "mona-cloud" as AccountId };
    const taking = {
      ...store,
      pushAttempt: (pushed: PushedAttempt) => store.pushAttempt({ ...pushed, linkId: LINK }),
    };
    const again = await openLinkIn(taking, { ...opening, ...mona });

    expect(again._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "corrupt",
      message:
        "A link of this id exists: let `random.id` return ids that cannot be guessed and never repeat.",
    });
  });
});

describe("a receiver's store in memory that has lost its last commits", () => {
  /** Writes the registration that stands once more, in each of the three ways; answers the version then. */
  const WRITES: Record<string, (store: ReceiverStore, expectedVersion: number) => Promise<unknown>> = {
    "a commit": (store, expectedVersion) =>
      valueFrom(
        store.commitRegistration({
          expectedVersion,
          registration: REGISTRATION,
          hidesUnreported: false,
          ended: [],
          audit: [],
        }),
      ),
    "a delivery": (store, expectedVersion) =>
      valueFrom(
        store.applyDelivery({
          installation: SERVER,
          sessionId: SESSION,
          requestId: `request_after_${expectedVersion}` as RequestId,
          follows: [ATTACHING],
          reports: [],
          withdrawals: [],
          at: NOW,
        }),
      ),
    "what is taken for unrecorded": (store) =>
      valueFrom(store.takeForUnrecorded({ installation: SERVER, readTo: null })),
  };

  it.each(Object.entries(WRITES))(
    "refuses what was decided upon a state that is lost, after %s instead",
    async (_, write) => {
      const store = createMemoryReceiverStore();
      await WRITES["a commit"]?.(store, 0);
      const backup = store.snapshot();
      const version = backup.registrations[0]?.version ?? 0;
      await WRITES["a commit"]?.(store, version);
      const lost = (await valueFrom(store.loadRegistration(SERVER)))?.version ?? 0;

      const restored = createMemoryReceiverStore(backup);
      await write(restored, version);

      const commit = { registration: REGISTRATION, hidesUnreported: false, ended: [], audit: [] };
      const late = await restored.commitRegistration({ expectedVersion: lost, ...commit });
      expect(late._unsafeUnwrapErr()).toEqual({ type: "version-conflict" });
    },
  );
});
