import type { Settings } from "unified-contributions/ghes";
import { NEW_SERVER, type ServerState } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { lastEpochOf, linkContextOf, nextSyncOf, withSettings } from "../../../src/ghes/server-state.ts";
import { DISABLED, ENABLED, REPORTING } from "../../support/ghes-states.ts";
import { EARLIER, instant, NOW, OWNER, requestId } from "../../support/values.ts";

const DISCONNECTED: Settings = { status: "disconnected", connectionOrdinal: 1 };
const TURNED_OFF: Settings = { ...DISABLED, disabled: { at: NOW, by: OWNER } };
const LEASE = { id: requestId("round"), until: NOW };

const BUSY: ServerState = {
  ...REPORTING,
  inFlight: requestId("request-1"),
  lease: LEASE,
  failures: 2,
  lastFault: { type: "rejected", reason: "unknown-installation" },
  lastSyncAt: EARLIER,
  nextSyncAt: instant("2026-03-01T12:34:00Z"),
};

it("a server that has done nothing yet", () => {
  expect(NEW_SERVER).toEqual({
    settings: { status: "disconnected", connectionOrdinal: 0 },
    featureSwitch: { epoch: 0, status: "off" },
    disabling: null,
    session: { status: "detached", sessionId: null, replaces: null, requestId: null },
    inFlight: null,
    lease: null,
    failures: 0,
    lastFault: null,
    lastSyncAt: null,
    nextSyncAt: null,
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
  const plannedFor = (nextSyncAt: typeof NOW | null): ServerState => ({ ...REPORTING, nextSyncAt });

  it("at once, where none is planned", () => {
    expect(nextSyncOf(plannedFor(null), NOW)).toBe(NOW);
  });

  it.each(["2026-03-01T11:00:00Z", "2026-03-01T12:34:56Z", "2026-03-02T12:00:00Z"])(
    "when it was planned for: %s",
    (planned) => {
      expect(nextSyncOf(plannedFor(instant(planned)), NOW)).toBe(Date.parse(planned));
    },
  );

  it("never, while GitHub Connect is off", () => {
    expect(nextSyncOf({ ...plannedFor(NOW), settings: DISCONNECTED }, NOW)).toBeNull();
  });

  it("at once, where it is planned further ahead than a day, as by a clock that has gone back since", () => {
    expect(nextSyncOf(plannedFor(instant("2026-03-02T12:00:00.001Z")), NOW)).toBe(NOW);
  });
});

describe("disconnecting", () => {
  it("forgets the other side, but not the sync that is running", () => {
    expect(withSettings(BUSY, DISCONNECTED, NOW)).toEqual({
      ...NEW_SERVER,
      settings: DISCONNECTED,
      lease: LEASE,
    });
  });
});

describe("connecting", () => {
  it("as a new connection forgets the other side too", () => {
    const settings: Settings = { ...DISABLED, connectionOrdinal: 2 };
    const before: ServerState = { ...BUSY, settings: DISCONNECTED };

    expect(withSettings(before, settings, NOW)).toEqual({ ...NEW_SERVER, settings, lease: LEASE });
  });
});

describe("enabling", () => {
  it("changes the settings, and has a sync due at once", () => {
    const before: ServerState = { ...BUSY, settings: DISABLED };

    expect(withSettings(before, ENABLED, NOW)).toEqual({ ...BUSY, settings: ENABLED, nextSyncAt: NOW });
  });
});

describe("disabling", () => {
  it("asks for the deletion of its epoch, with a sync due at once", () => {
    expect(withSettings(BUSY, TURNED_OFF, NOW)).toEqual({
      ...BUSY,
      settings: TURNED_OFF,
      nextSyncAt: NOW,
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
