import { errAsync, type StorageFault } from "unified-contributions";
import { createMemorySenderReader, createMemorySenderStore } from "unified-contributions/adapters/memory";
import { sharingOf } from "unified-contributions/ghes";
import {
  inspectServer,
  inspectUser,
  isDue,
  type LinkRecord,
  NEW_SERVER,
  newLinkRecord,
  type Reported,
  type SendingScope,
  type ServerState,
} from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { CONNECTED, REPORTING, SENDING } from "../../support/ghes-states.ts";
import { never, untilEnded } from "../../support/hung-parts.ts";
import {
  attemptId,
  consentCode,
  day,
  EARLIER,
  instant,
  linkId,
  MONA,
  NOW,
  OCTO,
  requestId,
  sessionId,
} from "../../support/values.ts";

const LATER = instant("2026-03-01T12:30:00Z");
const SCOPE: SendingScope = { connectionOrdinal: 1, epoch: 2, sessionId: sessionId("own"), now: NOW };
const REPORTED: Reported = {
  type: "kept",
  linkId: linkId("link-1"),
  choice: 1,
  sessionId: sessionId("own"),
  changes: 0,
  window: { first: day("2025-12-02"), counts: [1] },
  reportedAt: EARLIER,
  refreshAt: LATER,
};
const UNKNOWN: Reported = {
  type: "unknown",
  linkId: linkId("link-1"),
  choice: 1,
  sessionId: sessionId("own"),
  since: EARLIER,
  refreshAt: LATER,
};
const SENDER: LinkRecord = {
  ...newLinkRecord(OCTO),
  link: { ...SENDING, sendingAt: NOW },
  reported: REPORTED,
};

/** What a server and its users stand at, as it would be inspected at noon. */
function partsOf(server: ServerState, ...records: readonly LinkRecord[]) {
  const store = createMemorySenderStore({
    server: { value: server, version: 1 },
    links: records.map((value) => ({ value, version: 1 })),
    withdrawals: records.flatMap(({ user, deletion }) =>
      deletion ? [{ ...deletion, user, nextAskAt: 0 as never, hasReceipt: false }] : [],
    ),
    audit: [],
  });
  return { reader: createMemorySenderReader(store), clock: createTestClock(NOW) };
}

const FAULT: StorageFault = { type: "storage-fault", reason: "unavailable", message: "It is away." };
const DELETION = {
  linkId: linkId("link-0"),
  choice: null,
  connectionOrdinal: 1,
  requestedAt: EARLIER,
  receipt: null,
  notFoundSince: null,
};

describe("whether a link is due", () => {
  it.each<readonly [string, boolean, Partial<LinkRecord>, Partial<SendingScope>]>([
    ["one that was never reported", true, { reported: null }, {}],
    ["one that is kept as it is", false, {}, {}],
    ["one that has changed since", true, { changes: 1 }, {}],
    ["one whose day has come", true, {}, { now: LATER }],
    ["one that was reported in another session", true, {}, { sessionId: sessionId("other") }],
    ["one without a session", true, {}, { sessionId: null }],
    ["one that is not known there, and has changed", false, { reported: UNKNOWN, changes: 1 }, {}],
    ["one that is not known there, and whose day has come", true, { reported: UNKNOWN }, { now: LATER }],
    ["one that does not send", false, { link: CONNECTED, reported: null }, {}],
    ["one of another epoch", false, { reported: null }, { epoch: 3 }],
    ["one while no epoch is confirmed", false, { reported: null }, { epoch: null }],
    ["one of another connection", false, { reported: null }, { connectionOrdinal: 2 }],
  ])("%s: %s", (_, expected, changed, scope) => {
    expect(isDue({ ...SENDER, ...changed }, { ...SCOPE, ...scope })).toBe(expected);
  });
});

describe("an inspection of a server", () => {
  it("says how it stands, and what it has to do", async () => {
    const lease = { id: requestId("sync"), until: LATER, leaseMs: 3_600_000 };
    const waiting = { ...newLinkRecord(MONA), deletion: DELETION };
    const parts = partsOf({ ...REPORTING, lease, failures: 2 }, { ...SENDER, changes: 1 }, waiting);

    const inspection = (await inspectServer(parts, 10))._unsafeUnwrap();

    expect(inspection).toEqual({
      settings: REPORTING.settings,
      featureSwitch: { epoch: 2, status: "on" },
      disabling: null,
      failures: 2,
      lastFault: null,
      lastSyncAt: null,
      lastFailed: 0,
      isContested: false,
      nextSyncAt: NOW,
      session: "attached",
      leasedUntil: LATER,
      sending: { atLeast: 1, isExact: true },
      due: { atLeast: 1, isExact: true },
      neverReported: { atLeast: 0, isExact: true },
      withdrawals: { atLeast: 1, isExact: true },
      oldestWithdrawalAt: EARLIER,
      redemptions: { atLeast: 0, isExact: true },
    });
  });

  it("says that no sync runs where there is no lease, or it has ended", async () => {
    const over = { id: requestId("sync"), until: EARLIER, leaseMs: 60_000 };

    for (const lease of [null, over]) {
      const { leasedUntil } = (await inspectServer(partsOf({ ...REPORTING, lease }), 10))._unsafeUnwrap();
      expect(leasedUntil).toBeNull();
    }
  });

  it("is all zero for a server that has done nothing yet, and says who holds a contested session", async () => {
    const contested: ServerState = {
      ...REPORTING,
      session: { status: "contested", current: sessionId("copy") },
    };

    expect((await inspectServer(partsOf(NEW_SERVER), 10))._unsafeUnwrap()).toMatchObject({
      settings: { status: "disconnected" },
      session: "detached",
      nextSyncAt: null,
      sending: { atLeast: 0, isExact: true },
    });
    expect((await inspectServer(partsOf(contested, SENDER), 10))._unsafeUnwrap()).toMatchObject({
      session: "contested",
      isContested: true,
      due: { atLeast: 1, isExact: true },
    });
  });

  it("is a fault where the reader has one, and where it throws", async () => {
    const { reader, clock } = partsOf(REPORTING);
    const away = { ...reader, loadServer: () => errAsync(FAULT) };
    const half = { ...reader, loadTally: () => errAsync(FAULT) };
    const throwing = {
      ...reader,
      loadServer: () => {
        throw new Error("secret");
      },
    };

    for (const broken of [away, half]) {
      expect((await inspectServer({ reader: broken, clock }, 10))._unsafeUnwrapErr()).toEqual(FAULT);
    }
    const fault = (await inspectServer({ reader: throwing, clock }, 10))._unsafeUnwrapErr();
    expect(fault).toMatchObject({ type: "storage-fault" });
    expect(JSON.stringify(fault)).not.toContain("secret");
  });
});

it.each(["loadServer", "loadTally", "loadUser"] as const)(
  "an inspection gives a reader that hangs up after two minutes: %s",
  async (method) => {
    const { reader, clock } = partsOf(REPORTING, SENDER);
    const hanging = { ...reader, [method]: never };
    const inspect = (parts: { reader: typeof reader; clock: typeof clock }) =>
      method === "loadUser"
        ? inspectUser(parts, OCTO).map(() => null)
        : inspectServer(parts, 10).map(() => null);
    const { value, steps } = await untilEnded(inspect({ reader: hanging, clock }), clock, 60_000);

    expect(value._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
    expect(steps).toBe(2);
  },
);

describe("an inspection of a user", () => {
  it("says what a settings page says, whether a report is due, and which withdrawal waits", async () => {
    const record = { ...SENDER, changes: 1, deletion: DELETION };
    const sharing = sharingOf(REPORTING, record, NOW);

    expect((await inspectUser(partsOf(REPORTING, record), OCTO))._unsafeUnwrap()).toEqual({
      user: OCTO,
      status: "sending",
      decision: { isAllowed: true },
      attention: null,
      lastReportAt: EARLIER,
      isDue: true,
      deletion: sharing.deletion,
      withdrawal: { requestedAt: EARLIER, nextAskAt: 0, hasReceipt: false },
      nextSyncAt: sharing.nextSyncAt,
    });
  });

  it("holds no link, no code, no attempt and no counts", async () => {
    const attempt = attemptId(7);
    const code = consentCode(7);
    const link = {
      status: "redeeming" as const,
      connectionOrdinal: 1,
      attempt,
      code,
      before: { status: "never-connected" as const },
      instead: null,
    };
    const redeeming = { ...newLinkRecord(MONA), link };
    const parts = partsOf(REPORTING, SENDER, redeeming);

    const texts = [await inspectUser(parts, OCTO), await inspectUser(parts, MONA)].map((result) =>
      JSON.stringify(result._unsafeUnwrap()),
    );

    for (const secret of [linkId("link-1"), attempt, code, "counts", "window"]) {
      for (const text of texts) expect(text).not.toContain(secret);
    }
    expect(JSON.parse(texts[1] ?? "")).toMatchObject({ status: "redeeming", withdrawal: null, isDue: false });
  });

  it("is null where nothing is stored, and a fault where the reader has one", async () => {
    const { reader, clock } = partsOf(REPORTING, SENDER);
    const away = { ...reader, loadUser: () => errAsync(FAULT) };

    expect((await inspectUser({ reader, clock }, MONA))._unsafeUnwrap()).toBeNull();
    expect((await inspectUser({ reader: away, clock }, OCTO))._unsafeUnwrapErr()).toEqual(FAULT);
  });
});
