import type { Switch } from "unified-contributions";
import type { Disabling } from "unified-contributions/ghes";
import { NEW_SERVER, type ServerState } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { adoptSwitch } from "../../../../src/ghes/sync/answers.ts";
import { nextControlRequest } from "../../../../src/ghes/sync/requests.ts";
import { documentedRows } from "../../../support/ghes-doc-table.ts";
import { DISABLED, ENABLED, REPORTING } from "../../../support/ghes-states.ts";
import { EARLIER, NOW, requestId } from "../../../support/values.ts";

const ASKED_FOR: ServerState = {
  ...NEW_SERVER,
  settings: { ...ENABLED, askedAfter: 3, epoch: null },
  featureSwitch: { epoch: 3, status: "off" },
};
const NOT_ASKED_FOR: ServerState = { ...ASKED_FOR, settings: { ...ENABLED, askedAfter: null, epoch: null } };
const CONFIRMED = REPORTING;
const OFF: ServerState = { ...NEW_SERVER, settings: DISABLED, featureSwitch: { epoch: 2, status: "off" } };

const ASKED: Disabling = { epoch: 2, requestedAt: EARLIER, receipt: null };
const PROVED: Disabling = { ...ASKED, receipt: { epoch: 2, disabledAt: EARLIER } };

/** What the server becomes beside having heard of the switch. */
type Change = Partial<ServerState>;

const ROWS: readonly [string, string, string, ServerState, Switch, Change][] = [
  [
    "on, asked for",
    "an epoch after the one named, on",
    "it is this enabling's epoch",
    ASKED_FOR,
    { epoch: 4, status: "on" },
    { settings: { ...ENABLED, askedAfter: 3, epoch: 4 } },
  ],
  [
    "on, not asked for yet",
    "on",
    "it is an earlier enabling's: off is sent first",
    NOT_ASKED_FOR,
    { epoch: 4, status: "on" },
    {},
  ],
  [
    "on, confirmed",
    "a later epoch, on",
    "that is the epoch (another copy enabled)",
    CONFIRMED,
    { epoch: 3, status: "on" },
    { settings: { ...ENABLED, epoch: 3 } },
  ],
  [
    "on, confirmed",
    "its epoch or a later one, off",
    "disabled on the cloud's side",
    CONFIRMED,
    { epoch: 2, status: "off" },
    { settings: { ...DISABLED, disabled: { at: NOW, by: null } } },
  ],
  [
    "off",
    "on",
    "off is asked for, until its receipt",
    OFF,
    { epoch: 3, status: "on" },
    { disabling: { epoch: 3, requestedAt: NOW, receipt: null } },
  ],
];

describe("the documented table of what is heard of", () => {
  it("has these rows", () => {
    const rows = documentedRows("src/ghes/sync/answers.ts", "the owner wants");

    expect(rows.map(({ cells }) => cells.map(([, says]) => says))).toEqual(
      ROWS.map(([wants, hears, then]) => [wants, hears, then]),
    );
  });

  it("of which an earlier enabling's is ended by the next request", () => {
    const { server } = adoptSwitch(NOT_ASKED_FOR, { epoch: 4, status: "on" }, NOW);
    const attached: ServerState = { ...server, session: REPORTING.session };

    expect(nextControlRequest(attached, requestId("request-1"))?.message).toMatchObject({
      type: "disable",
      epoch: 4,
    });
  });

  it.each(ROWS)("%s, %s: %s", (_wants, _hears, _then, before, heard, change) => {
    const { server } = adoptSwitch(before, heard, NOW);

    expect(server).toEqual({ ...before, featureSwitch: heard, ...change });
  });
});

describe("a server that asked for an epoch after 3", () => {
  it.each<Switch>([
    { epoch: 3, status: "on" },
    { epoch: 3, status: "off" },
    { epoch: 4, status: "off" },
  ])("is confirmed by nothing but a later epoch that is on: %o", (heard) => {
    const { server, audit } = adoptSwitch(ASKED_FOR, heard, NOW);

    expect(server.settings).toBe(ASKED_FOR.settings);
    expect(audit).toBeNull();
  });
});

describe("a server that asked for an epoch after one it has not heard of", () => {
  it.each([
    [3, null],
    [4, 4],
  ])("is confirmed by epoch %i as %s", (epoch, confirmed) => {
    const ahead: ServerState = { ...ASKED_FOR, featureSwitch: { epoch: 2, status: "off" } };

    expect(adoptSwitch(ahead, { epoch, status: "on" }, NOW).server.settings).toMatchObject({
      epoch: confirmed,
    });
  });
});

describe("a receiver that was restored from a backup", () => {
  it.each<[string, Switch]>([
    ["an earlier epoch", { epoch: 1, status: "off" }],
    ["an earlier epoch that is on", { epoch: 1, status: "on" }],
    ["the same epoch, still on", { epoch: 2, status: "on" }],
  ])("and has forgotten an off is told it again: it says %s", (_, heard) => {
    expect(adoptSwitch(OFF, heard, NOW)).toEqual({
      server: { ...OFF, disabling: { epoch: 2, requestedAt: NOW, receipt: null } },
      audit: null,
    });
  });

  it("and has forgotten an off is told it before the enabling that follows", () => {
    const { server } = adoptSwitch(ASKED_FOR, { epoch: 2, status: "off" }, NOW);

    expect(server).toEqual({ ...ASKED_FOR, disabling: { epoch: 3, requestedAt: NOW, receipt: null } });
    expect(nextControlRequest(server, requestId("request-1"))?.message).toMatchObject({
      type: "disable",
      epoch: 3,
    });
  });

  it("and has forgotten nothing of it is told nothing", () => {
    expect(adoptSwitch(OFF, { epoch: 2, status: "off" }, NOW)).toEqual({ server: OFF, audit: null });
  });
});

describe("a server that is on", () => {
  it("is as it was, when it hears what it knows", () => {
    expect(adoptSwitch(CONFIRMED, { epoch: 2, status: "on" }, NOW)).toEqual({
      server: CONFIRMED,
      audit: null,
    });
  });

  it("is as it was, the very same, when it hears of an epoch that is over", () => {
    expect(adoptSwitch(CONFIRMED, { epoch: 1, status: "off" }, NOW).server).toBe(CONFIRMED);
  });

  it("does not take an earlier epoch that is off for its own", () => {
    const ahead: ServerState = {
      ...CONFIRMED,
      settings: { ...ENABLED, epoch: 3 },
      featureSwitch: { epoch: 1, status: "on" },
    };

    const { server, audit } = adoptSwitch(ahead, { epoch: 2, status: "off" }, NOW);

    expect(server.settings).toEqual({ ...ENABLED, epoch: 3 });
    expect(audit).toBeNull();
  });

  it("writes into the audit log that the cloud's side turned it off, also in a later epoch", () => {
    const { server, audit } = adoptSwitch(CONFIRMED, { epoch: 5, status: "off" }, NOW);

    expect(server).toEqual({
      ...CONFIRMED,
      featureSwitch: { epoch: 5, status: "off" },
      settings: { ...DISABLED, disabled: { at: NOW, by: null } },
    });
    expect(audit).toEqual({
      action: "unified_contributions.disable",
      actor: null,
      user: null,
      createdAt: NOW,
    });
  });

  it("writes nothing into the audit log when the epoch is confirmed", () => {
    expect(adoptSwitch(ASKED_FOR, { epoch: 4, status: "on" }, NOW).audit).toBeNull();
  });
});

describe("a server that wants it off", () => {
  it("has nothing to ask for where it hears that it is off", () => {
    const { server, audit } = adoptSwitch(OFF, { epoch: 3, status: "off" }, NOW);

    expect(server).toEqual({ ...OFF, featureSwitch: { epoch: 3, status: "off" } });
    expect(audit).toBeNull();
  });

  it("goes on asking as it did, as long as that covers the epoch", () => {
    const asking: ServerState = { ...OFF, featureSwitch: { epoch: 2, status: "on" }, disabling: ASKED };

    expect(adoptSwitch(asking, { epoch: 2, status: "on" }, NOW)).toEqual({ server: asking, audit: null });
  });

  it("asks for more where a later epoch is on", () => {
    const asking: ServerState = { ...OFF, disabling: ASKED };

    expect(adoptSwitch(asking, { epoch: 3, status: "on" }, NOW)).toEqual({
      server: {
        ...OFF,
        featureSwitch: { epoch: 3, status: "on" },
        disabling: { epoch: 3, requestedAt: NOW, receipt: null },
      },
      audit: null,
    });
  });

  it("asks anew where what it asked for was proved, and the cloud's side is on again", () => {
    const proved: ServerState = {
      ...OFF,
      featureSwitch: { epoch: 1, status: "off" },
      disabling: PROVED,
    };

    expect(adoptSwitch(proved, { epoch: 2, status: "on" }, NOW).server.disabling).toEqual({
      epoch: 2,
      requestedAt: NOW,
      receipt: null,
    });
  });
});

it("a server without GitHub Connect only remembers what it heard", () => {
  expect(adoptSwitch(NEW_SERVER, { epoch: 2, status: "on" }, NOW)).toEqual({
    server: { ...NEW_SERVER, featureSwitch: { epoch: 2, status: "on" } },
    audit: null,
  });
});
