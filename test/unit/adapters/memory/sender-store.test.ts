import type { AttemptId, Instant, LinkId, UserId } from "unified-contributions";
import { createMemorySenderStore } from "unified-contributions/adapters/memory";
import type { AuditEntry, Sending } from "unified-contributions/ghes";
import type { Withdrawal } from "unified-contributions/storage";
import type { SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const OCTO = "octo" as UserId;
const LINK = "link_0123456789abcdef" as LinkId;
const SENDING: Sending = {
  status: "sending",
  connectionOrdinal: 1,
  attempt: "attempt_0123456789" as AttemptId,
  connectedAt: NOW,
  consent: { linkId: LINK, epoch: 1 },
  choice: 1,
  sendingAt: NOW,
};
const WITHDRAW: Withdrawal = {
  linkId: "link_fedcba9876543210" as LinkId,
  choice: 2,
  connectionOrdinal: 1,
  requestedAt: NOW,
};
const AUDIT: AuditEntry = {
  action: "unified_contributions_link.create",
  actor: OCTO,
  user: OCTO,
  createdAt: NOW,
};

describe("a sender's store in memory that was made of a backup", () => {
  it("holds all that stood when the backup was taken, and nothing that came after", async () => {
    const store = createMemorySenderStore();
    const commit = { expectedVersion: 0, user: OCTO, link: SENDING, withdraw: WITHDRAW, audit: AUDIT };
    const version = (await store.commitLink(commit))._unsafeUnwrap();
    const backup = store.snapshot();
    (await store.markChanged([OCTO]))._unsafeUnwrap();
    const { value: server } = (await store.loadServer())._unsafeUnwrap();
    const later = { expectedVersion: 0, server, audit: AUDIT, reported: [], withdrawn: [] };
    (await store.commitServer(later))._unsafeUnwrap();

    const restored = createMemorySenderStore(backup);

    const sessionId = "session_0123456789" as SessionId;
    const query = { connectionOrdinal: 1, epoch: 1, sessionId, now: NOW, after: null, limit: 10 };
    expect((await restored.loadServer())._unsafeUnwrap().version).toBe(0);
    expect((await restored.loadLink(OCTO))._unsafeUnwrap()).toEqual({
      value: {
        user: OCTO,
        link: SENDING,
        changes: 0,
        reported: null,
        deletion: { ...WITHDRAW, receipt: null, notFoundSince: null },
      },
      version,
    });
    expect((await restored.dueLinks(query))._unsafeUnwrap().map(({ linkId }) => linkId)).toEqual([LINK]);
    expect((await restored.pendingWithdrawals(query))._unsafeUnwrap()).toEqual([
      { ...WITHDRAW, nextAskAt: 0, hasReceipt: false },
    ]);
    expect(restored.auditLog()).toEqual([AUDIT]);
    expect(restored.snapshot()).toEqual(backup);
  });
});

describe("a sender's store in memory", () => {
  it("finds nothing of a user who was forgotten, by link or by attempt", async () => {
    const store = createMemorySenderStore();
    const query = {
      connectionOrdinal: 1,
      epoch: 1,
      sessionId: "session-0123456789" as never,
      now: NOW,
      after: null,
      limit: 10,
    };
    const commit = { user: OCTO, link: SENDING, withdraw: null, audit: null };
    const expectedVersion = (await store.commitLink({ expectedVersion: 0, ...commit }))._unsafeUnwrap();
    expect((await store.dueLinks(query))._unsafeUnwrap()).toHaveLength(1);

    (await store.forgetUser({ user: OCTO, expectedVersion }))._unsafeUnwrap();

    expect((await store.dueLinks(query))._unsafeUnwrap()).toEqual([]);
    expect((await store.userOf(SENDING.attempt))._unsafeUnwrap()).toBeNull();
    expect(store.snapshot().links).toEqual([]);
  });
});

describe("a sender's store in memory to which the receiver gives one link twice", () => {
  it("refuses the second user's, and says what to check", async () => {
    const store = createMemorySenderStore();
    const commit = { expectedVersion: 0, link: SENDING, withdraw: null, audit: null };
    (await store.commitLink({ ...commit, user: OCTO }))._unsafeUnwrap();

    const second = await store.commitLink({ ...commit, user: "mona" as UserId });

    expect(second._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "corrupt",
      message:
        "Another user has this link: a link belongs to one user. Check that the receiver gives no link twice.",
    });
  });
});

describe("a sender's store in memory that has lost its last commits", () => {
  it("refuses what was decided upon a state that is lost", async () => {
    const store = createMemorySenderStore();
    const { value: server } = (await store.loadServer())._unsafeUnwrap();
    const ofServer = { server, audit: null, reported: [], withdrawn: [] };
    const ofLink = { user: OCTO, link: SENDING, withdraw: null, audit: null };
    const first = (await store.commitServer({ expectedVersion: 0, ...ofServer }))._unsafeUnwrap();
    const firstOfLink = (await store.commitLink({ expectedVersion: 0, ...ofLink }))._unsafeUnwrap();
    const backup = store.snapshot();
    const lost = (await store.commitServer({ expectedVersion: first, ...ofServer }))._unsafeUnwrap();
    const lostOfLink = (await store.commitLink({ expectedVersion: firstOfLink, ...ofLink }))._unsafeUnwrap();

    const restored = createMemorySenderStore(backup);
    (await restored.commitServer({ expectedVersion: first, ...ofServer }))._unsafeUnwrap();
    (await restored.commitLink({ expectedVersion: firstOfLink, ...ofLink }))._unsafeUnwrap();

    const late = await restored.commitServer({ expectedVersion: lost, ...ofServer });
    const lateOfLink = await restored.commitLink({ expectedVersion: lostOfLink, ...ofLink });
    expect(late._unsafeUnwrapErr()).toEqual({ type: "version-conflict" });
    expect(lateOfLink._unsafeUnwrapErr()).toEqual({ type: "version-conflict" });
  });
});
