import type { SenderSession, ServerState } from "unified-contributions/storage";
import type { Answer } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import type { RejectedAnswer } from "../../../../src/domain/answer.ts";
import { applyAnswer, takeOver } from "../../../../src/ghes/sync/answers.ts";
import { DISABLED, ENABLED, REPORTING } from "../../../support/ghes-states.ts";
import { EARLIER, linkId, NOW, requestId, sessionId } from "../../../support/values.ts";

const WAITING: ServerState = {
  ...REPORTING,
  session: {
    status: "attached",
    sessionId: sessionId("own"),
    follows: [requestId("request-0"), requestId("request-1")],
    isCompleted: false,
  },
  inFlight: requestId("request-1"),
};
const ANSWERED: ServerState = { ...WAITING, inFlight: null };
/** The receiver took the request: none but it can be the last. */
const taken = (isCompleted: boolean): ServerState => ({
  ...ANSWERED,
  session: {
    status: "attached",
    sessionId: sessionId("own"),
    follows: [requestId("request-1")],
    isCompleted,
  },
});
const ENVELOPE = {
  version: 1,
  requestId: requestId("request-1"),
  featureSwitch: { epoch: 2, status: "on" },
} as const;
const REJECTED: RejectedAnswer = {
  version: 1,
  type: "rejected",
  requestId: requestId("request-1"),
  reason: "unsupported-version",
  supported: { first: 2, last: 3 },
};

const DETACHED_FROM_OWN: SenderSession = {
  status: "detached",
  replaces: sessionId("own"),
  requestId: null,
};

const NOTHING_ENDED = { ended: [], heardTo: null, hasMore: false } as const;
const ANSWERS: Record<Answer["type"], Answer> = {
  attached: { ...ENVELOPE, type: "attached", sessionId: sessionId("new") },
  "attach-refused": {
    ...ENVELOPE,
    type: "attach-refused",
    current: { id: sessionId("theirs"), isVacant: false },
  },
  switched: { ...ENVELOPE, type: "switched" },
  disabled: { ...ENVELOPE, type: "disabled", receipt: { epoch: 2, disabledAt: EARLIER } },
  delivered: { ...ENVELOPE, type: "delivered", outcomes: [{ type: "kept" }] },
  detached: {
    ...ENVELOPE,
    type: "detached",
    current: { id: sessionId("theirs"), isVacant: false },
    outcomes: [],
  },
  completed: { ...ENVELOPE, type: "completed", ...NOTHING_ENDED },
  pushed: { ...ENVELOPE, type: "pushed" },
  "push-refused": { ...ENVELOPE, type: "push-refused", reason: "disabled" },
  redeemed: { ...ENVELOPE, type: "redeemed", linkId: linkId(1), epoch: 2 },
  "redemption-refused": { ...ENVELOPE, type: "redemption-refused", reason: "link-ended" },
  rejected: REJECTED,
};

/** The session after an answer that names the session that stands. */
function sessionAfter(
  type: "attach-refused" | "detached",
  before: SenderSession,
  current: { id: ReturnType<typeof sessionId>; isVacant: boolean },
): SenderSession | undefined {
  const answer = { ...ANSWERS[type], current } as Answer;
  return applyAnswer({ ...WAITING, session: before }, answer, NOW)?.server.session;
}

describe("an answer proves nothing (S3)", () => {
  it.each(Object.entries(ANSWERS))("to an earlier request: %s", (_, answer) => {
    expect(applyAnswer({ ...REPORTING, inFlight: requestId("request-2") }, answer, NOW)).toBeNull();
  });

  it.each(Object.entries(ANSWERS))("where none is waited for: %s", (_, answer) => {
    expect(applyAnswer(REPORTING, answer, NOW)).toBeNull();
  });

  it("where none is waited for and it names none", () => {
    expect(applyAnswer(REPORTING, { ...REJECTED, requestId: null }, NOW)).toBeNull();
  });
});

describe("an answer", () => {
  it.each(["switched", "pushed", "push-refused", "redeemed", "redemption-refused"] as const)(
    "%s: ends the waiting, and no more",
    (type) => {
      expect(applyAnswer(WAITING, ANSWERS[type], NOW)).toEqual({ server: ANSWERED, audit: null });
    },
  );

  it.each([
    ["delivered", false],
    ["completed", true],
  ] as const)("%s: the next request follows this one, and no earlier", (type, isCompleted) => {
    expect(applyAnswer(WAITING, ANSWERS[type], NOW)).toEqual({ server: taken(isCompleted), audit: null });
  });

  it("delivered: leaves a session completed that was", () => {
    expect(applyAnswer({ ...WAITING, session: taken(true).session }, ANSWERS.delivered, NOW)?.server).toEqual(
      taken(true),
    );
  });

  it.each(["delivered", "completed"] as const)(
    "%s: of a receiver that does not know the epoch has a new session in place of this one",
    (type) => {
      const answer = { ...ANSWERS[type], featureSwitch: { epoch: 1, status: "off" } } as Answer;

      expect(applyAnswer(WAITING, answer, NOW)).toEqual({
        server: { ...ANSWERED, session: DETACHED_FROM_OWN },
        audit: null,
      });
    },
  );

  it.each<[string, Partial<ServerState>]>([
    ["that is not confirmed yet", { settings: { ...ENABLED, epoch: null } }],
    ["that is off", { settings: DISABLED, featureSwitch: { epoch: 1, status: "off" } }],
  ])("of an earlier epoch is no sign to a server %s", (_, change) => {
    const answer: Answer = {
      ...ENVELOPE,
      type: "completed",
      ...NOTHING_ENDED,
      featureSwitch: { epoch: 1, status: "off" },
    };

    expect(applyAnswer({ ...WAITING, ...change }, answer, NOW)?.server.session).toEqual(taken(true).session);
  });

  it.each(["delivered", "completed"] as const)("%s: makes no session of none", (type) => {
    const detached: ServerState = { ...WAITING, session: DETACHED_FROM_OWN };

    expect(applyAnswer(detached, ANSWERS[type], NOW)?.server.session).toEqual(DETACHED_FROM_OWN);
  });

  it("that rejects the message ends the waiting, and no more", () => {
    expect(applyAnswer(WAITING, REJECTED, NOW)).toEqual({ server: ANSWERED, audit: null });
  });

  it("brings the switch, and what follows from it (S6)", () => {
    const answer: Answer = {
      ...ENVELOPE,
      type: "completed",
      ...NOTHING_ENDED,
      featureSwitch: { epoch: 2, status: "off" },
    };

    expect(applyAnswer(WAITING, answer, NOW)).toEqual({
      server: {
        ...taken(true),
        featureSwitch: { epoch: 2, status: "off" },
        settings: { ...DISABLED, disabled: { at: NOW, by: null } },
      },
      audit: { action: "unified_contributions.disable", actor: null, user: null, createdAt: NOW },
    });
  });
});

describe("attached", () => {
  it("begins a session, whose first request follows the one that attached", () => {
    const detached: ServerState = { ...WAITING, session: DETACHED_FROM_OWN };

    expect(applyAnswer(detached, ANSWERS.attached, NOW)?.server).toEqual({
      ...REPORTING,
      session: {
        status: "attached",
        sessionId: "new_____________",
        follows: ["request-1_______"],
        isCompleted: false,
      },
      knownSessions: ["own_____________", "new_____________"],
    });
  });

  it("is remembered, with the one it replaced, among the last 64", () => {
    const known = Array.from({ length: 64 }, (_, at) => sessionId(`known-${at}`));
    const session: SenderSession = { status: "detached", replaces: sessionId("theirs"), requestId: null };

    const after = applyAnswer({ ...WAITING, session, knownSessions: known }, ANSWERS.attached, NOW);

    expect(after?.server.knownSessions).toEqual([...known.slice(2), "theirs__________", "new_____________"]);
  });

  it("is remembered alone where it replaced none that was named", () => {
    const session: SenderSession = { status: "detached", replaces: null, requestId: null };

    const after = applyAnswer({ ...WAITING, session }, ANSWERS.attached, NOW);

    expect(after?.server.knownSessions).toEqual(["own_____________", "new_____________"]);
  });
});

describe("a session that is not one's own any more (S5)", () => {
  const attached: SenderSession = {
    status: "attached",
    sessionId: sessionId("own"),
    follows: [requestId("request-0")],
    isCompleted: true,
  };

  it.each([
    ["attach-refused", "vacant", true],
    ["attach-refused", "own", false],
    ["detached", "vacant", true],
    ["detached", "own", false],
  ] as const)("%s: the %s one is to be replaced", (type, id, isVacant) => {
    expect(sessionAfter(type, attached, { id: sessionId(id), isVacant })).toEqual({
      status: "detached",
      replaces: sessionId(id),
      requestId: null,
    });
  });

  it.each(["attach-refused", "detached"] as const)("%s: somebody else's is left alone", (type) => {
    expect(sessionAfter(type, attached, { id: sessionId("theirs"), isVacant: false })).toEqual({
      status: "contested",
      current: "theirs__________",
    });
  });

  it("was never one's own: an attach that is refused asks for the vacant one, under a new request", () => {
    const first: SenderSession = {
      status: "detached",
      replaces: null,
      requestId: requestId("attach-1"),
    };

    expect(sessionAfter("attach-refused", first, { id: sessionId("vacant"), isVacant: true })).toEqual({
      status: "detached",
      replaces: "vacant__________",
      requestId: null,
    });
  });

  it("is given up where the attach that is under way is refused for somebody else's", () => {
    const attaching: SenderSession = { ...DETACHED_FROM_OWN, requestId: requestId("attach-1") };

    expect(sessionAfter("attach-refused", attaching, { id: sessionId("theirs"), isVacant: false })).toEqual({
      status: "contested",
      current: "theirs__________",
    });
  });

  it("may have become one's own again: while an attach is under way `detached` says nothing new", () => {
    const attaching: SenderSession = { ...DETACHED_FROM_OWN, requestId: requestId("attach-1") };

    expect(sessionAfter("detached", attaching, { id: sessionId("new"), isVacant: false })).toEqual(attaching);
  });

  it("is looked at again where no attach is under way", () => {
    expect(sessionAfter("detached", DETACHED_FROM_OWN, { id: sessionId("theirs"), isVacant: false })).toEqual(
      {
        status: "contested",
        current: "theirs__________",
      },
    );
  });

  it.each([
    ["another copy's, by now", "others", false, { status: "contested", current: "others__________" }],
    ["vacant by now", "vacant", true, { status: "detached", replaces: "vacant__________", requestId: null }],
  ] as const)("and is contested, is looked at again: %s", (_, id, isVacant, after) => {
    const contested: SenderSession = {
      status: "contested",
      current: sessionId("theirs"),
    };

    expect(sessionAfter("detached", contested, { id: sessionId(id), isVacant })).toEqual(after);
  });
});

describe("a message whose epoch is too far ahead", () => {
  const tooFar: Answer = { ...REJECTED, reason: "epoch-too-far" };

  it("has the receiver told of an off that it forgot", () => {
    const off: ServerState = { ...WAITING, settings: DISABLED, featureSwitch: { epoch: 5, status: "off" } };

    expect(applyAnswer(off, tooFar, NOW)?.server).toEqual({
      ...off,
      inFlight: null,
      disabling: { epoch: 5, requestedAt: NOW, receipt: null },
    });
  });

  it("changes nothing where the feature is on: it may be another installation's registration", () => {
    expect(applyAnswer(WAITING, tooFar, NOW)).toEqual({ server: ANSWERED, audit: null });
  });
});

describe("the receipt for disabling", () => {
  const asking: ServerState = {
    ...WAITING,
    settings: DISABLED,
    featureSwitch: { epoch: 2, status: "off" },
    disabling: { epoch: 2, requestedAt: EARLIER, receipt: null },
  };
  const disabled = (epoch: number): Answer => ({
    ...ENVELOPE,
    type: "disabled",
    featureSwitch: { epoch: 2, status: "off" },
    receipt: { epoch, disabledAt: NOW },
  });

  it.each([2, 3])("is stored where it is for that epoch or a later one: %i", (epoch) => {
    expect(applyAnswer(asking, disabled(epoch), NOW)?.server.disabling).toEqual({
      epoch: 2,
      requestedAt: EARLIER,
      receipt: { epoch, disabledAt: NOW },
    });
  });

  it("of an earlier epoch proves nothing", () => {
    expect(applyAnswer(asking, disabled(1), NOW)?.server.disabling).toBe(asking.disabling);
  });

  it("says that its epoch is off, where the receiver has not caught up with it", () => {
    const behind: Answer = { ...disabled(2), featureSwitch: { epoch: 1, status: "off" } } as Answer;

    expect(
      applyAnswer({ ...asking, featureSwitch: { epoch: 2, status: "on" } }, behind, NOW)?.server,
    ).toEqual({
      ...asking,
      inFlight: null,
      featureSwitch: { epoch: 2, status: "off" },
      disabling: { epoch: 2, requestedAt: EARLIER, receipt: { epoch: 2, disabledAt: NOW } },
    });
  });

  it("is written once", () => {
    const proved: ServerState = {
      ...asking,
      disabling: { epoch: 2, requestedAt: EARLIER, receipt: { epoch: 2, disabledAt: EARLIER } },
    };

    expect(applyAnswer(proved, disabled(2), NOW)?.server.disabling).toBe(proved.disabling);
  });

  it("takes a signature that comes later, and keeps it", () => {
    const receipt = { epoch: 2, disabledAt: NOW };
    const signed = { ...receipt, signature: "a.b.c" };
    const bare: ServerState = { ...asking, disabling: { epoch: 2, requestedAt: EARLIER, receipt } };

    const after = applyAnswer(bare, { ...disabled(2), receipt: signed } as Answer, NOW)?.server;
    expect(after?.disabling).toEqual({ epoch: 2, requestedAt: EARLIER, receipt: signed });
    const kept: ServerState = { ...bare, disabling: { epoch: 2, requestedAt: EARLIER, receipt: signed } };
    expect(applyAnswer(kept, disabled(2), NOW)?.server.disabling).toBe(kept.disabling);
  });

  it("is nothing to a server that asked for no deletion", () => {
    expect(applyAnswer({ ...asking, disabling: null }, disabled(2), NOW)?.server.disabling).toBeNull();
  });
});

describe("taking over (S5)", () => {
  it("asks for the session that the other copy holds", () => {
    const contested: SenderSession = {
      status: "contested",
      current: sessionId("theirs"),
    };

    expect(takeOver({ ...REPORTING, session: contested })).toEqual({
      ...REPORTING,
      session: {
        status: "detached",
        replaces: "theirs__________",
        requestId: null,
      },
    });
  });

  it.each<SenderSession>([REPORTING.session, DETACHED_FROM_OWN])(
    "changes nothing where no other copy was met: $status",
    (before) => {
      const server = { ...REPORTING, session: before };

      expect(takeOver(server)).toBe(server);
    },
  );
});
