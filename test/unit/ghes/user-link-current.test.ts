import { type Connecting, currentLink, type OptedOut, type UserLink } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { CONNECTED, CONTEXT, SENDING } from "../../support/ghes-states.ts";
import { EARLIER, NOW } from "../../support/values.ts";

const KEPT: OptedOut = {
  status: "opted-out",
  account: { connectionOrdinal: 1, attempt: "attempt-1", connectedAt: EARLIER },
  optedOutAt: EARLIER,
};
const GONE: OptedOut = { ...KEPT, account: null };
const CONNECTING: Connecting = {
  status: "connecting",
  connectionOrdinal: 1,
  attempt: "attempt-1",
  expiresAt: NOW,
  before: GONE,
};

describe("a link that nothing has happened to", () => {
  it.each<UserLink>([
    { status: "never-connected" },
    { ...CONNECTING, expiresAt: (NOW + 1) as typeof NOW },
    CONNECTED,
    SENDING,
    KEPT,
    GONE,
    { status: "suspended", reason: "github-connect-disabled" },
    { status: "ended", reason: "user-deleted", endedAt: EARLIER },
  ])("is what is stored: $status", (stored) => {
    expect(currentLink(stored, CONTEXT, NOW)).toBe(stored);
  });
});

describe("an attempt to connect", () => {
  it("is forgotten from the instant on at which it expires", () => {
    expect(currentLink(CONNECTING, CONTEXT, NOW)).toBe(GONE);
  });

  it("is forgotten with the connection of GitHub Connect it was made under", () => {
    const connecting = { ...CONNECTING, expiresAt: (NOW + 1) as typeof NOW };

    expect(currentLink(connecting, { ...CONTEXT, connectionOrdinal: 2 }, NOW)).toBe(GONE);
    expect(currentLink(connecting, { ...CONTEXT, connectionOrdinal: null }, NOW)).toBe(GONE);
  });

  it("leaves behind what has become of the link before it", () => {
    const connecting = { ...CONNECTING, before: KEPT };

    expect(currentLink(connecting, { ...CONTEXT, connectionOrdinal: 2 }, NOW)).toEqual({
      status: "opted-out",
      account: null,
      optedOutAt: EARLIER,
    });
  });
});

describe("a connection of an earlier GitHub Connect is gone:", () => {
  const context = { ...CONTEXT, connectionOrdinal: 2 };

  it.each([CONNECTED, SENDING])("who was $status is suspended", (stored) => {
    expect(currentLink(stored, context, NOW)).toEqual({
      status: "suspended",
      reason: "github-connect-disabled",
    });
  });

  it("who opted out and kept it keeps it no longer", () => {
    expect(currentLink(KEPT, context, NOW)).toEqual({
      status: "opted-out",
      account: null,
      optedOutAt: EARLIER,
    });
  });
});

describe("an epoch that is over", () => {
  it.each([null, 1, 3])("suspends who was sending under another: %s", (epoch) => {
    expect(currentLink(SENDING, { ...CONTEXT, epoch }, NOW)).toEqual({
      status: "suspended",
      reason: "unified-contributions-disabled",
    });
  });

  it("does nothing to who was only connected", () => {
    expect(currentLink(CONNECTED, { ...CONTEXT, epoch: null }, NOW)).toBe(CONNECTED);
  });
});
