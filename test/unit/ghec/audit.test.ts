import type { ConnectionId } from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { auditOf } from "../../../src/ghec/audit.ts";
import {
  complete,
  connect,
  disable,
  disconnect,
  enable,
  passEpoch,
  unconnected,
} from "../../../src/ghec/registration.ts";
import { SENDING } from "../../support/ghec-states.ts";
import { HQ, instant, requestId, sessionId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const OTHER_CONNECTION = "connection-9" as ConnectionId;
const OFF = disable(SENDING, 2, NOON);
const CONNECTED = connect(null, HQ, null, sessionId(1), NOON);

function actions(before: Registration | null, after: Registration) {
  return auditOf(before, after, "server", NOON).map(({ action, epoch }) => [action, epoch]);
}

describe("the audit log of an installation", () => {
  test("names who asked, when, and the epoch, and nobody's account", () => {
    expect(auditOf(SENDING, OFF, "host", NOON)).toEqual([
      {
        action: "unified_contributions.disable",
        actor: "host",
        installation: HQ,
        epoch: 2,
        createdAt: NOON,
      },
    ]);
  });

  test.each<[string, Registration | null, Registration, [string, number][]]>([
    ["GitHub Connect is turned on", null, CONNECTED, [["enterprise_installation.create", 0]]],
    [
      "it is turned off, which ends the epoch with it",
      SENDING,
      disconnect(SENDING, NOON),
      [["enterprise_installation.destroy", 2]],
    ],
    [
      "another connection takes its place",
      SENDING,
      connect(SENDING, HQ, OTHER_CONNECTION, sessionId(9), NOON),
      [
        ["enterprise_installation.destroy", 2],
        ["enterprise_installation.create", 3],
      ],
    ],
    [
      "it is turned on again",
      disconnect(SENDING, NOON),
      connect(disconnect(SENDING, NOON), HQ, null, sessionId(9), NOON),
      [["enterprise_installation.create", 3]],
    ],
    ["the feature is switched on", OFF, enable(OFF, 2), [["unified_contributions.enable", 3]]],
    ["it is switched off", SENDING, OFF, [["unified_contributions.disable", 2]]],
    [
      "what was never read has passed",
      SENDING,
      passEpoch(SENDING, NOON),
      [["unified_contributions.disable", 2]],
    ],
    [
      "the server brings an epoch that was forgotten",
      SENDING,
      { ...SENDING, featureSwitch: { epoch: 3, status: "on" } },
      [
        ["unified_contributions.disable", 2],
        ["unified_contributions.enable", 3],
      ],
    ],
    [
      "a server takes the session",
      SENDING,
      { ...SENDING, session: { ...SENDING.session, id: sessionId(4), attachedBy: requestId(9) } },
      [["unified_contributions_session.create", 2]],
    ],
    ["a sync was completed", SENDING, complete(SENDING), []],
    ["a connection gets its id", CONNECTED, { ...CONNECTED, connectionId: OTHER_CONNECTION }, []],
    ["the ledger was read", null, unconnected(HQ, sessionId(1)), []],
  ])("says when %s", (_, before, after, expected) => {
    expect(actions(before, after)).toEqual(expected);
  });
});
