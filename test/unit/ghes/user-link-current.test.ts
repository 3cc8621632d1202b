import {
  type Connecting,
  currentLink,
  type OptedOut,
  type Redeeming,
  type UserLink,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { CONNECTED, CONTEXT, DESELECTED, SENDING } from "../../support/ghes-states.ts";
import { attemptId, consentCode, EARLIER, NOW } from "../../support/values.ts";

const GONE: OptedOut = { status: "opted-out", optedOutAt: EARLIER };
const CONNECTING: Connecting = {
  status: "connecting",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  expiresAt: NOW,
  before: GONE,
};

const REDEEMING: Redeeming = {
  status: "redeeming",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  code: consentCode(1),
  before: GONE,
  instead: null,
};

describe("a link that nothing has happened to", () => {
  it.each<UserLink>([
    { status: "never-connected" },
    { ...CONNECTING, expiresAt: (NOW + 1) as typeof NOW },
    REDEEMING,
    CONNECTED,
    SENDING,
    DESELECTED,
    GONE,
    { status: "suspended", reason: "github-connect-disabled" },
    { status: "ended", reason: "user-deleted", endedAt: EARLIER, receipt: null },
  ])("is what is stored: $status", (stored) => {
    expect(currentLink(stored, CONTEXT, NOW)).toBe(stored);
  });
});

describe("an attempt to connect", () => {
  it("is forgotten from the instant on at which it expires", () => {
    expect(currentLink(CONNECTING, CONTEXT, NOW)).toBe(GONE);
  });

  it("is forgotten once GitHub Connect has another connection", () => {
    const connecting = { ...CONNECTING, expiresAt: (NOW + 1) as typeof NOW };

    expect(currentLink(connecting, { ...CONTEXT, connectionOrdinal: 2 }, NOW)).toBe(GONE);
    expect(currentLink(connecting, { ...CONTEXT, connectionOrdinal: null }, NOW)).toBe(GONE);
  });

  it("leaves behind the link before it", () => {
    const before = { status: "suspended", reason: "unified-contributions-disabled" } as const;

    expect(currentLink({ ...CONNECTING, before }, { ...CONTEXT, connectionOrdinal: 2 }, NOW)).toBe(before);
  });
});

describe("a redemption", () => {
  const elsewhere = { ...CONTEXT, connectionOrdinal: 2 };

  it("is forgotten with the connection of GitHub Connect that it belongs to", () => {
    expect(currentLink(REDEEMING, elsewhere, NOW)).toBe(GONE);
  });

  it("leaves behind what its user has chosen meanwhile", () => {
    const instead = { status: "ended", reason: "user-deleted", endedAt: NOW, receipt: null } as const;

    expect(currentLink({ ...REDEEMING, instead }, elsewhere, NOW)).toBe(instead);
  });

  it("goes on whatever the epoch is", () => {
    expect(currentLink(REDEEMING, { ...CONTEXT, epoch: null }, NOW)).toBe(REDEEMING);
  });
});

describe("a connection of an earlier GitHub Connect is gone:", () => {
  const context = { ...CONTEXT, connectionOrdinal: 2 };

  it.each([CONNECTED, DESELECTED, SENDING])("who was $status is suspended", (stored) => {
    expect(currentLink(stored, context, NOW)).toEqual({
      status: "suspended",
      reason: "github-connect-disabled",
    });
  });
});

describe("an epoch that is over", () => {
  it.each([null, 1, 3])("suspends who was connected or sending under another: %s", (epoch) => {
    for (const stored of [CONNECTED, DESELECTED, SENDING]) {
      expect(currentLink(stored, { ...CONTEXT, epoch }, NOW)).toEqual({
        status: "suspended",
        reason: "unified-contributions-disabled",
      });
    }
  });
});
