import type { Settings } from "unified-contributions/ghes";
import { NEW_SERVER, type ServerState } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  isLeased,
  lastEpochOf,
  linkContextOf,
  nextSyncOf,
  withSettings,
} from "../../../src/ghes/server-state.ts";
import { DISABLED, ENABLED, REPORTING } from "../../support/ghes-states.ts";
import { EARLIER, instant, NOW, OWNER, requestId, sessionId } from "../../support/values.ts";

const DISCONNECTED: Settings = { status: "disconnected", connectionOrdinal: 1 };
const TURNED_OFF: Settings = { ...DISABLED, disabled: { at: NOW, by: OWNER } };
const LEASE = { id: requestId("round"), until: NOW, leaseMs: 60_000 };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const BUSY: ServerState = {
  ...REPORTING,
  inFlight: requestId("request-1"),
  lease: LEASE,
  failures: 2,
  lastFault: { type: "rejected", reason: "malformed-message", message: "Why." },
  lastSyncAt: EARLIER,
  lastFailed: 0,
  nextSyncAt: instant("2026-03-01T12:34:00Z"),
  nextSyncWaitMs: 34 * MINUTE_MS,
};

it("a server that has done nothing yet", () => {
  expect(NEW_SERVER).toEqual({
    settings: { status: "disconnected", connectionOrdinal: 0 },
    featureSwitch: { epoch: 0, status: "off" },
    disabling: null,
    session: { status: "detached", replaces: null, requestId: null },
    knownSessions: [],
    heardTo: null,
    inFlight: null,
    lease: null,
    deletionsAskedBy: null,
    failures: 0,
    lastFault: null,
    lastSyncAt: null,
    lastFailed: 0,
    nextSyncAt: null,
    nextSyncWaitMs: 0,
  });
});

describe("what links depend on", () => {
  it.each<[Settings, number | null, number | null]>([
    [DISCONNECTED, null, null],
    [DISABLED, 1, null],
    [{ ...ENABLED, epoch: null }, 1, null],
    [ENABLED, 1, 2],
  ])("of %o", (settings, connectionOrdinal, epoch) => {
    expect(linkContextOf({ ...NEW_SERVER, settings })).toEqual({ connectionOrdinal, epoch });
  });
});

describe("the highest epoch that was heard of or asked to end", () => {
  it("is the switch's, where no disabling was asked for", () => {
    expect(lastEpochOf(REPORTING)).toBe(2);
  });

  it.each([
    [1, 2],
    [5, 5],
  ])("is the disabling's where that is higher: %i, so %i", (epoch, last) => {
    const server = { ...REPORTING, disabling: { epoch, requestedAt: NOW, receipt: null } };

    expect(lastEpochOf(server)).toBe(last);
  });
});

describe("the next sync is due", () => {
  const planned = (waitMs: number, isAwayMs = waitMs): ServerState => ({
    ...REPORTING,
    nextSyncAt: (NOW + isAwayMs) as typeof NOW,
    nextSyncWaitMs: waitMs,
  });

  it("at once, where none is planned", () => {
    expect(nextSyncOf(REPORTING, NOW)).toBe(NOW);
  });

  it.each([
    ["when it was planned for", HOUR_MS, HOUR_MS],
    ["when it was planned for, also late", HOUR_MS, -HOUR_MS],
    ["when `Retry-After` asked for, a day later", DAY_MS, DAY_MS],
    ["as planned, where the clock went back by less than the wait", 20 * MINUTE_MS, 40 * MINUTE_MS],
    ["as planned, where it went back by less than a day that was asked for", DAY_MS, 2 * DAY_MS],
  ])("%s", (_, waitMs, isAwayMs) => {
    expect(nextSyncOf(planned(waitMs, isAwayMs), NOW)).toBe(NOW + isAwayMs);
  });

  it.each([
    ["further away than twice the wait", 20 * MINUTE_MS, 40 * MINUTE_MS + 1],
    ["further away than an hour, which nothing asked for", 40 * MINUTE_MS, HOUR_MS + 1],
    ["20 hours away, by a clock that was ahead", HOUR_MS, 20 * HOUR_MS],
    ["further away than two days, of which one was asked for", DAY_MS, 2 * DAY_MS + 1],
  ])("at once, where the clock went back: %s", (_, waitMs, isAwayMs) => {
    expect(nextSyncOf(planned(waitMs, isAwayMs), NOW)).toBe(NOW);
  });

  it("never, while GitHub Connect is off", () => {
    expect(nextSyncOf({ ...planned(0), settings: DISCONNECTED }, NOW)).toBeNull();
  });

  it.each([
    ["at once, where nobody runs one", null, 0],
    ["at once, where the lease has ended", 0, 0],
    ["at once, where the lease is from a clock that was ahead", 3 * MINUTE_MS, 0],
    ["when the lease ends", MINUTE_MS, MINUTE_MS],
  ])("for deletions that met one that runs: %s", (_, endsIn, dueIn) => {
    const until = (NOW + (endsIn ?? 0)) as typeof NOW;
    const lease = endsIn === null ? null : { ...LEASE, until };

    expect(nextSyncOf({ ...planned(HOUR_MS), deletionsAskedBy: requestId("asked"), lease }, NOW)).toBe(
      NOW + dueIn,
    );
  });

  it("as planned for deletions, where that is earlier", () => {
    const lease = { ...LEASE, until: (NOW + MINUTE_MS) as typeof NOW };
    const server = { ...planned(30_000), deletionsAskedBy: requestId("asked"), lease };

    expect(nextSyncOf(server, NOW)).toBe(NOW + 30_000);
  });
});

describe("a lease", () => {
  it.each([
    [-1, false],
    [0, false],
    [1, true],
    [2 * MINUTE_MS, true],
    [2 * MINUTE_MS + 1, false],
  ])("of a minute that ends in %i milliseconds is believed: %s", (endsIn, isBelieved) => {
    expect(isLeased({ ...LEASE, until: (NOW + endsIn) as typeof NOW }, NOW)).toBe(isBelieved);
  });
});

describe("disconnecting", () => {
  it("forgets the other side, but not the sync that is running, nor which sessions were its own", () => {
    expect(withSettings(BUSY, DISCONNECTED, NOW)).toEqual({
      ...NEW_SERVER,
      settings: DISCONNECTED,
      lease: LEASE,
      knownSessions: [sessionId("own")],
    });
  });
});

describe("connecting", () => {
  it("as a new connection forgets the other side too", () => {
    const settings: Settings = { ...DISABLED, connectionOrdinal: 2 };
    const before: ServerState = { ...BUSY, settings: DISCONNECTED };

    expect(withSettings(before, settings, NOW)).toEqual({
      ...NEW_SERVER,
      settings,
      lease: LEASE,
      knownSessions: [sessionId("own")],
    });
  });
});

describe("enabling", () => {
  it("changes the settings, and has a sync due at once", () => {
    const before: ServerState = { ...BUSY, settings: DISABLED };

    expect(withSettings(before, ENABLED, NOW)).toEqual({
      ...BUSY,
      settings: ENABLED,
      nextSyncAt: NOW,
      nextSyncWaitMs: 0,
    });
  });
});

describe("disabling", () => {
  it("asks for the deletion of its epoch, with a sync due at once", () => {
    expect(withSettings(BUSY, TURNED_OFF, NOW)).toEqual({
      ...BUSY,
      settings: TURNED_OFF,
      nextSyncAt: NOW,
      nextSyncWaitMs: 0,
      disabling: { epoch: 2, requestedAt: NOW, receipt: null },
    });
  });

  it("that is no end of an enabling asks for nothing", () => {
    const epoch3: Settings = { ...ENABLED, epoch: 3 };

    expect(withSettings(BUSY, epoch3, NOW).disabling).toBeNull();
    expect(withSettings({ ...BUSY, settings: DISABLED }, TURNED_OFF, NOW).disabling).toBeNull();
  });

  it.each([
    ["not asked for yet, where there was none before", null, 0, null, 0],
    ["not asked for yet", null, 3, null, 3],
    ["asked for after the switch's epoch", 3, 3, null, 4],
    ["asked for, and the switch has moved on", 3, 7, null, 7],
    ["not asked for yet, with another deletion under way", null, 3, 5, 5],
  ])(
    "of an enabling that was %s asks for whatever may be on its way",
    (_, askedAfter, heard, asked, epoch) => {
      const before: ServerState = {
        ...REPORTING,
        settings: { ...ENABLED, askedAfter, epoch: null },
        featureSwitch: { epoch: heard, status: "off" },
        disabling: asked === null ? null : { epoch: asked, requestedAt: EARLIER, receipt: null },
      };

      expect(withSettings(before, TURNED_OFF, NOW).disabling).toEqual({
        epoch,
        requestedAt: NOW,
        receipt: null,
      });
    },
  );
});
