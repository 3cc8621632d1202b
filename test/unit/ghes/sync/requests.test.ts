import { NEW_SERVER, type SenderSession, type ServerState } from "unified-contributions/storage";
import type { DeliveryRecord, RequestId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import {
  nextControlRequest,
  planCompletion,
  planDelivery,
  planSwitchCheck,
  reportingScope,
} from "../../../../src/ghes/sync/requests.ts";
import { DISABLED, ENABLED, REPORTING } from "../../../support/ghes-states.ts";
import { EARLIER, linkId, requestId, sessionId } from "../../../support/values.ts";

const ID = requestId("request-1");
const OFF: ServerState = { ...REPORTING, settings: DISABLED, featureSwitch: { epoch: 2, status: "off" } };
const DISCONNECTED: ServerState = {
  ...REPORTING,
  settings: { status: "disconnected", connectionOrdinal: 1 },
};
const WANTED: ServerState = {
  ...REPORTING,
  settings: { ...ENABLED, askedAfter: null, epoch: null },
  featureSwitch: { epoch: 1, status: "off" },
};
const ASKED = { epoch: 2, requestedAt: EARLIER, receipt: null };
const DETACHED: SenderSession = {
  status: "detached",
  replaces: sessionId("vacant"),
  requestId: null,
};
const CONTESTED: SenderSession = {
  status: "contested",
  current: sessionId("theirs"),
};

describe("nothing has to be said", () => {
  it.each<[string, ServerState]>([
    ["without GitHub Connect, whatever was left over", { ...DISCONNECTED, disabling: ASKED }],
    ["while the feature is off and nobody is asked to end it", { ...OFF, session: DETACHED }],
    [
      "once its end is proved",
      { ...OFF, disabling: { ...ASKED, receipt: { epoch: 2, disabledAt: EARLIER } } },
    ],
    ["while the feature is on, confirmed and attached", REPORTING],
    ["while another copy holds the session", { ...REPORTING, session: CONTESTED }],
  ])("%s", (_, server) => {
    expect(nextControlRequest(server, ID)).toBeNull();
  });
});

describe("the end of the feature", () => {
  it.each<[string, ServerState]>([
    ["while it is off", OFF],
    ["before it is on again", { ...WANTED, session: DETACHED }],
    ["whoever holds the session", { ...WANTED, session: CONTESTED }],
  ])("is asked for first: %s", (_, before) => {
    const server = { ...before, disabling: ASKED };

    expect(nextControlRequest(server, ID)).toEqual({
      server: { ...server, inFlight: ID },
      message: { version: 1, requestId: ID, type: "disable", epoch: 2 },
    });
  });
});

describe("a session", () => {
  it("is asked for under a request that is stored, so that its repetition gets the same answer (R7)", () => {
    const server: ServerState = { ...WANTED, session: DETACHED };

    expect(nextControlRequest(server, ID)).toEqual({
      server: { ...server, session: { ...DETACHED, requestId: ID }, inFlight: ID },
      message: {
        version: 1,
        requestId: ID,
        type: "attach",
        replaces: "vacant__________",
        featureSwitch: { epoch: 1, status: "off" },
      },
    });
  });

  it("is asked for again under the request that was not answered", () => {
    const server: ServerState = { ...REPORTING, session: { ...DETACHED, requestId: requestId("attach-1") } };

    const planned = nextControlRequest(server, ID);

    expect(planned?.message.requestId).toBe("attach-1________");
    expect(planned?.server).toEqual({ ...server, inFlight: "attach-1________" });
  });
});

describe("an epoch", () => {
  it("is asked for after the one that is off, and that is stored", () => {
    expect(nextControlRequest(WANTED, ID)).toEqual({
      server: { ...WANTED, settings: { ...ENABLED, askedAfter: 1, epoch: null }, inFlight: ID },
      message: { version: 1, requestId: ID, type: "enable", after: 1 },
    });
  });

  it("that is on is an earlier enabling's, and is ended first", () => {
    const server: ServerState = { ...WANTED, featureSwitch: { epoch: 3, status: "on" } };

    expect(nextControlRequest(server, ID)).toEqual({
      server: { ...server, inFlight: ID },
      message: { version: 1, requestId: ID, type: "disable", epoch: 3 },
    });
  });
});

describe("how the switch stands", () => {
  it("is asked for while the feature is off, by ending once more what is over", () => {
    const server: ServerState = {
      ...OFF,
      disabling: { epoch: 3, requestedAt: EARLIER, receipt: { epoch: 3, disabledAt: EARLIER } },
    };

    expect(planSwitchCheck(server, ID)).toEqual({
      server: { ...server, inFlight: ID },
      message: { version: 1, requestId: ID, type: "disable", epoch: 3 },
    });
  });

  it.each([REPORTING, WANTED, DISCONNECTED])("is not asked for otherwise", (server) => {
    expect(planSwitchCheck(server, ID)).toBeNull();
  });
});

describe("reports may leave", () => {
  it("under the present connection, epoch and session", () => {
    expect(reportingScope(REPORTING)).toEqual({
      connectionOrdinal: 1,
      epoch: 2,
      sessionId: "own_____________",
      isCompleted: true,
    });
  });

  it.each<[string, ServerState]>([
    ["without GitHub Connect", DISCONNECTED],
    ["while the feature is off", OFF],
    ["until it is confirmed", WANTED],
    ["without a session", { ...REPORTING, session: DETACHED }],
    ["while another copy holds the session", { ...REPORTING, session: CONTESTED }],
  ])("not %s", (_, server) => {
    expect(reportingScope(server)).toBeNull();
    expect(planCompletion(server, ID)).toBeNull();
  });
});

describe("a request of a session", () => {
  const records: readonly DeliveryRecord[] = [{ type: "withdraw", linkId: linkId("link-1"), choice: 1 }];
  const attachedAfter = (follows: readonly RequestId[]): ServerState => ({
    ...REPORTING,
    session: { status: "attached", sessionId: sessionId("own"), follows, isCompleted: true },
  });
  const unanswered = (count: number): readonly RequestId[] =>
    Array.from({ length: count }, (_, at) => requestId(`unanswered-${at}`));

  it("says which ones it may follow, and is stored as one of them before it leaves (S4): deliver", () => {
    const server = attachedAfter([requestId("taken"), requestId("unanswered")]);

    expect(planDelivery(server, ID, records)).toEqual({
      server: { ...attachedAfter([requestId("taken"), requestId("unanswered"), ID]), inFlight: ID },
      message: {
        version: 1,
        requestId: ID,
        type: "deliver",
        sessionId: "own_____________",
        follows: ["taken___________", "unanswered______"],
        records,
      },
    });
  });

  it("says which ones it may follow, and is stored as one of them before it leaves (S4): complete", () => {
    const server = attachedAfter([requestId("taken"), requestId("unanswered")]);

    expect(planCompletion(server, ID)).toEqual({
      server: { ...attachedAfter([requestId("taken"), requestId("unanswered"), ID]), inFlight: ID },
      message: {
        version: 1,
        requestId: ID,
        type: "complete",
        sessionId: "own_____________",
        follows: ["taken___________", "unanswered______"],
        heardTo: null,
      },
    });
  });

  it.each<[string, SenderSession]>([
    ["detached", DETACHED],
    ["contested", CONTESTED],
    ["never attached", NEW_SERVER.session],
  ])("follows none where there is no session, and withdrawals leave all the same: %s", (_, before) => {
    const server: ServerState = { ...REPORTING, session: before };

    expect(planDelivery(server, ID, records)).toEqual({
      server: { ...server, inFlight: ID },
      message: { version: 1, requestId: ID, type: "deliver", sessionId: null, follows: [], records },
    });
  });

  it("may follow 32 of which none was answered", () => {
    const server = attachedAfter(unanswered(32));

    expect(reportingScope(server)).toEqual({
      connectionOrdinal: 1,
      epoch: 2,
      sessionId: "own_____________",
      isCompleted: true,
    });
    expect(planDelivery(server, ID, records).message.follows).toHaveLength(32);
    expect(nextControlRequest(server, ID)).toBeNull();
  });

  it("is not sent after 33: the session is given up, for a new one in its place", () => {
    const server = attachedAfter(unanswered(33));

    expect(reportingScope(server)).toBeNull();
    expect(planCompletion(server, ID)).toBeNull();
    expect(nextControlRequest(server, ID)).toEqual({
      server: {
        ...server,
        session: {
          status: "detached",
          replaces: "own_____________",
          requestId: ID,
        },
        inFlight: ID,
      },
      message: {
        version: 1,
        requestId: ID,
        type: "attach",
        replaces: "own_____________",
        featureSwitch: { epoch: 2, status: "on" },
      },
    });
  });

  it("withdraws also in a session that was given up, and follows none", () => {
    const server = attachedAfter(unanswered(33));

    const { server: after, message } = planDelivery(server, ID, records);

    expect(after.session).toBe(server.session);
    expect(message).toMatchObject({ sessionId: null, follows: [] });
  });
});

it("a request replaces the one that was waited for", () => {
  const server: ServerState = { ...WANTED, inFlight: requestId("request-0") };

  expect(nextControlRequest(server, ID)?.server.inFlight).toBe(ID);
});
