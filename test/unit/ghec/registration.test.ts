import fc from "fast-check";
import type { Switch } from "unified-contributions";
import type { Registration } from "unified-contributions/ghec";
import { admit, isOpen } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import type { AttachMessage } from "../../../src/domain/message.ts";
import {
  attach,
  complete,
  connect,
  currentSession,
  disable,
  disablingReceipt,
  disconnect,
  enable,
  endsConnection,
  isRecorded,
  isTooFar,
  lastEpochOff,
  passEpoch,
  registerByMessage,
  switchOff,
  unconnected,
} from "../../../src/ghec/registration.ts";
import { SENDING } from "../../support/ghec-states.ts";
import {
  FIRST_CONNECTION,
  HQ,
  instant,
  requestId,
  SECOND_CONNECTION,
  sessionId,
} from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const EARLIER = instant("2026-02-01T12:00:00Z");

const VACANT_SESSION = { attachedBy: null, lastRequestId: null, isCompleted: false };
const OFF: Registration = { ...SENDING, featureSwitch: { epoch: 2, status: "off" }, disabledAt: EARLIER };
/** {@link SENDING}, with a session that the receiver made itself. */
const VACANT: Registration = { ...SENDING, session: { id: sessionId(4), ordinal: 4, ...VACANT_SESSION } };
const DISCONNECTED: Registration = {
  ...SENDING,
  isConnected: false,
  featureSwitch: { epoch: 3, status: "off" },
  disabledAt: EARLIER,
};

function switchedTo(epoch: number, status: Switch["status"]): Registration {
  return { ...SENDING, featureSwitch: { epoch, status } };
}

describe("a registration is open", () => {
  test("for the links of its epoch, while it is connected and on", () => {
    expect(isOpen(SENDING, 2)).toBe(true);
  });

  test("for no link of another epoch, nor while it is off or not connected", () => {
    expect(isOpen(SENDING, 1)).toBe(false);
    expect(isOpen(SENDING, 3)).toBe(false);
    expect(isOpen(OFF, 2)).toBe(false);
    expect(isOpen({ ...SENDING, isConnected: false }, 2)).toBe(false);
  });
});

describe("the session that stands", () => {
  test("is named with whether anybody holds it", () => {
    expect(currentSession(SENDING)).toEqual({ id: sessionId(3), isVacant: false });
    expect(currentSession(VACANT)).toEqual({ id: sessionId(4), isVacant: true });
  });
});

describe("connecting", () => {
  test("registers a server that was never enabled, with a session for it to take", () => {
    const after = connect(null, HQ, FIRST_CONNECTION, sessionId(1), NOON);

    expect(after).toEqual({
      installation: HQ,
      isConnected: true,
      connectionId: FIRST_CONNECTION,
      featureSwitch: { epoch: 0, status: "off" },
      disabledAt: null,
      session: { id: sessionId(1), ordinal: 1, ...VACANT_SESSION },
      readTo: null,
      recordedOff: 0,
    });
  });

  test.each([
    ["the same connection", FIRST_CONNECTION, FIRST_CONNECTION],
    ["a connection without an id, as before", null, null],
    ["a connection without an id, which is taken for the same", FIRST_CONNECTION, null],
  ])("again by %s changes nothing", (_, stands, connectionId) => {
    const before = { ...SENDING, connectionId: stands };

    expect(endsConnection(before, connectionId)).toBe(false);
    expect(connect(before, HQ, connectionId, sessionId(9), NOON)).toBe(before);
  });

  test("whose id was not known takes the one that is given, and ends nothing", () => {
    const before = { ...SENDING, connectionId: null };

    expect(endsConnection(before, SECOND_CONNECTION)).toBe(false);
    expect(connect(before, HQ, SECOND_CONNECTION, sessionId(9), NOON)).toEqual({
      ...before,
      connectionId: SECOND_CONNECTION,
    });
  });

  test("by another id ends what the one before it carried", () => {
    const before = { ...SENDING, connectionId: FIRST_CONNECTION };

    expect(endsConnection(before, SECOND_CONNECTION)).toBe(true);
    expect(connect(before, HQ, SECOND_CONNECTION, sessionId(9), NOON)).toEqual({
      ...before,
      isConnected: true,
      connectionId: SECOND_CONNECTION,
      featureSwitch: { epoch: 3, status: "off" },
      disabledAt: NOON,
      session: { id: sessionId(9), ordinal: 4, ...VACANT_SESSION },
    });
  });

  test.each([
    [
      "one whose id is known, and whatever stands goes on",
      FIRST_CONNECTION,
      SECOND_CONNECTION,
      FIRST_CONNECTION,
    ],
    ["one whose id is not known, which takes the id given", null, SECOND_CONNECTION, SECOND_CONNECTION],
    ["one whose id is not known, and the host does not say", null, null, null],
  ])("by a message ends no connection that stands: %s", (_, stands, given, after) => {
    const before = { ...SENDING, connectionId: stands };

    expect(registerByMessage(before, HQ, given, sessionId(9), NOON)).toEqual({
      ...before,
      connectionId: after,
    });
  });

  test.each([null, FIRST_CONNECTION])(
    "by a message after the end of a connection is off: %s",
    (connectionId) => {
      expect(registerByMessage(DISCONNECTED, HQ, connectionId, sessionId(9), NOON)).toEqual(
        connect(DISCONNECTED, HQ, connectionId, sessionId(9), NOON),
      );
      expect(registerByMessage(null, HQ, connectionId, sessionId(9), NOON)).toEqual(
        connect(null, HQ, connectionId, sessionId(9), NOON),
      );
    },
  );

  test("after a disconnection keeps the switch off as it stands, whichever connection it is", () => {
    for (const connectionId of [FIRST_CONNECTION, SECOND_CONNECTION, null]) {
      expect(endsConnection(DISCONNECTED, connectionId)).toBe(false);
      const after = connect(DISCONNECTED, HQ, connectionId, sessionId(9), NOON);

      expect(after).toEqual({
        ...DISCONNECTED,
        isConnected: true,
        connectionId,
        session: { id: sessionId(9), ordinal: 4, ...VACANT_SESSION },
      });
    }
  });
});

describe("an installation that is not connected", () => {
  const before = unconnected(HQ, sessionId(1));

  test("is off, its session vacant, and nothing of the ledger is read", () => {
    expect(before).toEqual({
      installation: HQ,
      isConnected: false,
      connectionId: null,
      featureSwitch: { epoch: 0, status: "off" },
      disabledAt: null,
      session: { id: sessionId(1), ordinal: 1, ...VACANT_SESSION },
      readTo: null,
      recordedOff: 0,
    });
  });

  test("is connected with all that is known of it, in a newer session", () => {
    const known = switchOff(
      { ...before, readTo: { position: 1, entryId: "entry" }, recordedOff: 7 },
      7,
      NOON,
    );

    expect(connect(known, HQ, FIRST_CONNECTION, sessionId(2), NOON)).toEqual({
      ...known,
      isConnected: true,
      connectionId: FIRST_CONNECTION,
      session: { id: sessionId(2), ordinal: 2, ...VACANT_SESSION },
    });
  });
});

describe("disconnecting", () => {
  test.each<[string, Registration, Switch]>([
    ["one that is on", SENDING, { epoch: 3, status: "off" }],
    ["one that is off", OFF, { epoch: 3, status: "off" }],
    ["one that was never enabled", switchedTo(0, "off"), { epoch: 1, status: "off" }],
  ])("%s is off at once, in an epoch of its own", (_, before, expected) => {
    expect(disconnect(before, NOON)).toEqual({
      ...before,
      isConnected: false,
      featureSwitch: expected,
      disabledAt: NOON,
    });
  });

  test("again changes nothing", () => {
    expect(disconnect(DISCONNECTED, NOON)).toBe(DISCONNECTED);
  });

  test("by an id leaves another connection, and ends its own and one without an id", () => {
    const named = { ...OFF, connectionId: FIRST_CONNECTION };

    expect(disconnect(named, NOON, SECOND_CONNECTION)).toBe(named);
    expect(disconnect(named, NOON, FIRST_CONNECTION).isConnected).toBe(false);
    expect(disconnect({ ...OFF, connectionId: null }, NOON, FIRST_CONNECTION).isConnected).toBe(false);
  });

  test("outlives an enabling that was still on its way", () => {
    const reconnected = connect(disconnect(OFF, NOON), HQ, SECOND_CONNECTION, sessionId(9), NOON);

    const late = enable(reconnected, 2);

    expect(late.featureSwitch).toEqual({ epoch: 3, status: "off" });
  });
});

test("passing an epoch switches off, whether it was on or off, and leaves the connection", () => {
  for (const before of [SENDING, OFF]) {
    expect(passEpoch(before, NOON)).toEqual({
      ...before,
      featureSwitch: { epoch: 3, status: "off" },
      disabledAt: NOON,
    });
  }
});

describe("an epoch is too far", () => {
  test.each([
    ["where none was ever enabled, above 1,000", 0, 1_000, 1_001],
    ["where one is known, two above it", 1, 2, 3],
    ["where many are known, two above the last", 1_000, 1_001, 1_002],
  ])("%s", (_, known, minted, tooFar) => {
    for (const status of ["on", "off"] as const) {
      const before = switchedTo(known, known === 0 ? "off" : status);

      expect([0, known, minted, tooFar].map((epoch) => isTooFar(before, epoch))).toEqual([
        false,
        false,
        false,
        true,
      ]);
    }
  });
});

describe("attaching (R7)", () => {
  const message: AttachMessage = {
    version: 1,
    type: "attach",
    requestId: requestId(9),
    replaces: sessionId(3),
    featureSwitch: { epoch: 2, status: "on" },
  };
  const attached = {
    ...SENDING,
    session: {
      id: sessionId(9),
      ordinal: 4,
      attachedBy: requestId(9),
      lastRequestId: requestId(9),
      isCompleted: false,
    },
  };

  test("replaces the session that it names", () => {
    expect(attach(SENDING, message, sessionId(9), NOON)).toEqual(attached);
    expect(attach(complete(SENDING), message, sessionId(9), NOON)).toEqual(attached);
  });

  test("takes a vacant session, by its name", () => {
    expect(attach(VACANT, message, sessionId(9), NOON)).toBeNull();
    expect(attach(VACANT, { ...message, replaces: sessionId(4) }, sessionId(9), NOON)).toEqual({
      ...attached,
      session: { ...attached.session, ordinal: 5 },
    });
  });

  test("again by the same request changes nothing, so that the answer is the same", () => {
    expect(attach(attached, message, sessionId(10), NOON)).toBe(attached);
  });

  test.each([
    ["names no session", null],
    ["names one that was replaced", sessionId(2)],
    ["names one that never was", sessionId(99)],
  ])("is refused where it %s", (_, replaces) => {
    expect(attach(SENDING, { ...message, replaces }, sessionId(9), NOON)).toBeNull();
  });

  test("of a vacant session is not taken for a repetition by what nobody asked", () => {
    expect(attach(VACANT, { ...message, replaces: null }, sessionId(9), NOON)).toBeNull();
  });

  test.each<[string, Registration, Switch, Switch, number | null]>([
    ["a newer epoch is taken", SENDING, { epoch: 4, status: "on" }, { epoch: 4, status: "on" }, null],
    ["a newer epoch that is off", SENDING, { epoch: 4, status: "off" }, { epoch: 4, status: "off" }, NOON],
    ["a newer epoch, where it is off", OFF, { epoch: 3, status: "on" }, { epoch: 3, status: "on" }, null],
    ["off beats on", SENDING, { epoch: 2, status: "off" }, { epoch: 2, status: "off" }, NOON],
    ["off stays off since then", OFF, { epoch: 2, status: "on" }, { epoch: 2, status: "off" }, EARLIER],
    ["off stays off, said twice", OFF, { epoch: 2, status: "off" }, { epoch: 2, status: "off" }, EARLIER],
    ["an older epoch is not taken", SENDING, { epoch: 1, status: "off" }, { epoch: 2, status: "on" }, null],
  ])("with the sender's switch: %s", (_, before, believed, stands, disabledAt) => {
    const after = attach(before, { ...message, featureSwitch: believed }, sessionId(9), NOON);

    expect(after).toEqual({ ...attached, featureSwitch: stands, disabledAt });
  });
});

describe("enabling (R5)", () => {
  test("mints the epoch after the one that stands and is off", () => {
    expect(enable(OFF, 2)).toEqual({ ...OFF, featureSwitch: { epoch: 3, status: "on" }, disabledAt: null });
    expect(enable(switchedTo(0, "off"), 0).featureSwitch).toEqual({ epoch: 1, status: "on" });
  });

  test("again finds its epoch past", () => {
    const once = enable(OFF, 2);

    expect(enable(once, 2)).toBe(once);
  });

  test.each([
    ["the epoch that stands is on", SENDING],
    ["a later epoch stands", switchedTo(3, "off")],
    ["an earlier epoch stands", switchedTo(1, "off")],
  ])("changes nothing where %s", (_, before) => {
    expect(enable(before, 2)).toBe(before);
  });
});

describe("disabling (R4)", () => {
  test("switches the epoch that stands off", () => {
    expect(disable(SENDING, 2, NOON)).toEqual({
      ...SENDING,
      featureSwitch: { epoch: 2, status: "off" },
      disabledAt: NOON,
    });
  });

  test("switches the next epoch off, which the receiver may have forgotten", () => {
    for (const before of [SENDING, OFF]) {
      expect(disable(before, 3, NOON)).toEqual({
        ...SENDING,
        featureSwitch: { epoch: 3, status: "off" },
        disabledAt: NOON,
      });
    }
  });

  test("switches any of 1,000 epochs off where none was ever enabled", () => {
    expect(disable(switchedTo(0, "off"), 1_000, NOON).featureSwitch).toEqual({ epoch: 1_000, status: "off" });
  });

  test("of an epoch that is too far takes what can have been minted, and is not refused", () => {
    const after = disable(SENDING, 7, NOON);

    expect(after).toEqual({ ...SENDING, featureSwitch: { epoch: 3, status: "off" }, disabledAt: NOON });
    expect(disablingReceipt(after, 7, NOON)).toEqual({ epoch: 7, disabledAt: NOON });
  });

  test("of an epoch that is too far, asked for every hour, changes nothing once all is off", () => {
    const never = switchedTo(0, "off");
    const once = disable(SENDING, 7, NOON);

    expect(disable(once, 7, NOON)).toBe(once);
    expect(disable(OFF, 7, NOON)).toBe(OFF);
    expect(disable(never, 1_001, NOON)).toBe(never);
  });

  test("never touches a later epoch than it names", () => {
    expect(disable(SENDING, 1, NOON)).toBe(SENDING);
  });

  test("again changes nothing, not even since when", () => {
    expect(disable(OFF, 2, NOON)).toBe(OFF);
  });

  test("is proved by the instant at which it was committed", () => {
    const after = disable(SENDING, 2, EARLIER);

    expect(disablingReceipt(after, 2, NOON)).toEqual({ epoch: 2, disabledAt: EARLIER });
  });

  test("of an epoch long past is proved by the instant at which it was asked for", () => {
    const receipt = disablingReceipt(OFF, 1, NOON);

    expect(receipt).toEqual({ epoch: 1, disabledAt: NOON });
  });

  test("of a server that was never enabled is proved by the instant at which it was asked for", () => {
    const receipt = disablingReceipt(switchedTo(0, "off"), 0, NOON);

    expect(receipt).toEqual({ epoch: 0, disabledAt: NOON });
  });
});

describe("what the ledger says is off", () => {
  test("is off, however far, since the instant that it says", () => {
    expect(switchOff(SENDING, 2, EARLIER)).toEqual({
      ...SENDING,
      featureSwitch: { epoch: 2, status: "off" },
      disabledAt: EARLIER,
    });
    expect(switchOff(SENDING, 5_000, null)).toEqual({
      ...SENDING,
      featureSwitch: { epoch: 5_000, status: "off" },
      disabledAt: null,
    });
  });

  test("changes nothing where it was off, and where a later epoch stands", () => {
    expect(switchOff(OFF, 2, NOON)).toBe(OFF);
    expect(switchOff(SENDING, 1, NOON)).toBe(SENDING);
  });
});

describe("the epochs that are over", () => {
  test.each([
    ["none where the first is on", switchedTo(1, "on"), 0],
    ["none where none was enabled", switchedTo(0, "off"), 0],
    ["all before the one that is on", SENDING, 1],
    ["the one that is off, too", OFF, 2],
  ])("are %s", (_, registration, last) => {
    expect(lastEpochOff(registration)).toBe(last);
    expect(isRecorded({ ...registration, recordedOff: last })).toBe(true);
    expect(isRecorded({ ...registration, recordedOff: last + 1 })).toBe(true);
    expect(isRecorded({ ...registration, recordedOff: last - 1 })).toBe(false);
  });
});

describe("a request of a session (R8, N1)", () => {
  const next = { sessionId: sessionId(3), requestId: requestId(6), follows: [requestId(5)] };

  test.each([
    ["the last that was admitted", [requestId(5)]],
    ["one of those that may have been lost", [requestId(4), requestId(5), requestId(7)]],
  ])("that follows %s is admitted", (_, follows) => {
    expect(admit(SENDING, { ...next, follows })._unsafeUnwrap()).toEqual({
      registration: { ...SENDING, session: { ...SENDING.session, lastRequestId: requestId(6) } },
      isRepeated: false,
    });
  });

  test("that is the last one over again is admitted, whatever it follows, and changes nothing", () => {
    for (const follows of [[], [requestId(4)], [requestId(5)]]) {
      const admission = admit(SENDING, { ...next, requestId: requestId(5), follows })._unsafeUnwrap();

      expect(admission.isRepeated).toBe(true);
      expect(admission.registration).toBe(SENDING);
    }
  });

  test("is admitted also while the switch is off, since withdrawals and syncs go on", () => {
    expect(admit(OFF, next).isOk()).toBe(true);
  });

  test.each([
    ["follows what the receiver never took", { ...next, follows: [requestId(4), requestId(7)] }],
    ["follows nothing", { ...next, follows: [] }],
    ["comes after the one that followed it", { ...next, requestId: requestId(4), follows: [requestId(3)] }],
    ["is of another session", { ...next, sessionId: sessionId(2) }],
    [
      "repeats the last one in another session",
      { ...next, sessionId: sessionId(2), requestId: requestId(5) },
    ],
    ["is of no session", { ...next, sessionId: null }],
  ])("is detached where it %s", (_, request) => {
    expect(admit(SENDING, request)._unsafeUnwrapErr()).toBe("detached");
  });

  test("is never admitted to a vacant session, though it names it", () => {
    expect(admit(VACANT, { ...next, sessionId: sessionId(4) })._unsafeUnwrapErr()).toBe("detached");
  });

  test("is one of a chain: what comes late never follows what came after it (I4)", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 40 }), (arriving) => {
        let registration = SENDING;
        const admitted: number[] = [];
        for (const n of arriving) {
          // The n-th request that was sent may follow any before it.
          const earlier = Array.from({ length: n }, (_, index) => requestId(100 + index));
          const follows = [requestId(5), ...earlier];
          const admission = admit(registration, { ...next, requestId: requestId(100 + n), follows });
          if (admission.isErr()) continue;
          registration = admission.value.registration;
          admitted.push(n);
        }

        expect(admitted).toEqual([...admitted].sort((one, other) => one - other));
        expect(admitted.at(-1)).toBe(arriving.length === 0 ? undefined : Math.max(...arriving));
      }),
    );
  });
});

describe("completing a sync (R9)", () => {
  test("marks the session", () => {
    expect(complete(SENDING)).toEqual({ ...SENDING, session: { ...SENDING.session, isCompleted: true } });
  });

  test("again changes nothing", () => {
    const once = complete(SENDING);

    expect(complete(once)).toBe(once);
  });
});
