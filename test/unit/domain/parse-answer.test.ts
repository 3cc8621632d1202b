import type { Result } from "neverthrow";
import type { DeletionReceipt, TransportFault } from "unified-contributions";
import {
  type Answer,
  type DeliveryRecord,
  type Message,
  parseAnswer,
  type RecordOutcome,
} from "unified-contributions/wire";
import { describe, expect, expectTypeOf, test } from "vitest";
import type {
  AttachedAnswer,
  AttachRefusedAnswer,
  CompletedAnswer,
  DeliveredAnswer,
  DetachedAnswer,
  DisabledAnswer,
  PushedAnswer,
  PushRefusedAnswer,
  RedeemedAnswer,
  RedemptionRefusedAnswer,
  RejectedAnswer,
  SwitchedAnswer,
} from "../../../src/domain/answer.ts";
import { HOSTILE, hostileBut, withKey, without } from "../../support/ghec-hostile.ts";
import { attemptId, consentCode, day, instant, linkId, requestId, sessionId } from "../../support/values.ts";

const ENVELOPE = { version: 1, requestId: requestId(1), featureSwitch: { epoch: 2, status: "on" } } as const;
const ASKED = { version: 1, requestId: requestId(1) } as const;
const WITHDRAW: DeliveryRecord = { type: "withdraw", linkId: linkId(1), choice: null };
const HOLD: DeliveryRecord = { type: "hold", linkId: linkId(3), choice: 1 };
const REPORT: DeliveryRecord = {
  type: "report",
  linkId: linkId(2),
  choice: 1,
  source: "GitHub Enterprise Server",
  first: day("2026-03-01"),
  counts: [1],
};

const ATTACH: Message = {
  ...ASKED,
  type: "attach",
  replaces: null,
  featureSwitch: { epoch: 0, status: "off" },
};
const ENABLE: Message = { ...ASKED, type: "enable", after: 1 };
const DISABLE: Message = { ...ASKED, type: "disable", epoch: 1 };
const COMPLETE: Message = { ...ASKED, type: "complete", sessionId: sessionId(1), follows: [], heardTo: null };
function deliver(...records: readonly DeliveryRecord[]): Message {
  return { ...ASKED, type: "deliver", sessionId: sessionId(1), follows: [], records };
}
const PUSH: Message = { ...ASKED, type: "push", attempt: attemptId(1) };
const REDEEM: Message = { ...ASKED, type: "redeem", attempt: attemptId(1), code: consentCode(1) };
const MESSAGES = [ATTACH, ENABLE, DISABLE, deliver(REPORT), COMPLETE, PUSH, REDEEM];

const RECEIPT: DeletionReceipt = {
  deletedAt: instant("2026-03-01T12:00:00Z"),
  removed: { first: day("2026-02-28"), last: day("2026-03-01") },
};
const CURRENT = { id: sessionId(2), isVacant: false };
const ATTACHED: AttachedAnswer = { ...ENVELOPE, type: "attached", sessionId: sessionId(2) };
const ATTACH_REFUSED: AttachRefusedAnswer = { ...ENVELOPE, type: "attach-refused", current: CURRENT };
const SWITCHED: SwitchedAnswer = { ...ENVELOPE, type: "switched" };
const DISABLED: DisabledAnswer = {
  ...ENVELOPE,
  type: "disabled",
  receipt: { epoch: 1, disabledAt: instant("2026-03-01T12:00:00Z") },
};
const DELIVERED: DeliveredAnswer = { ...ENVELOPE, type: "delivered", outcomes: [{ type: "kept" }] };
const DETACHED: DetachedAnswer = {
  ...ENVELOPE,
  type: "detached",
  current: { id: sessionId(2), isVacant: true },
  outcomes: [{ type: "not-applied" }],
};
const COMPLETED: CompletedAnswer = {
  ...ENVELOPE,
  type: "completed",
  ended: [
    { linkId: linkId(2), choice: null, receipt: RECEIPT },
    { linkId: linkId(3), choice: 1_000, receipt: RECEIPT },
  ],
  heardTo: { position: 7, entryId: "entry-0000000007" },
  hasMore: true,
};
const REJECTED: RejectedAnswer = {
  version: 1,
  type: "rejected",
  requestId: requestId(1),
  reason: "malformed-message",
  supported: { first: 1, last: 1 },
};

const PUSHED: PushedAnswer = { ...ENVELOPE, type: "pushed" };
const PUSH_REFUSED: PushRefusedAnswer = { ...ENVELOPE, type: "push-refused", reason: "disabled" };
const REDEEMED: RedeemedAnswer = { ...ENVELOPE, type: "redeemed", linkId: linkId(1), epoch: 2 };
const REDEMPTION_REFUSED: RedemptionRefusedAnswer = {
  ...ENVELOPE,
  type: "redemption-refused",
  reason: "no-such-consent",
};

/** A message, and an answer that fits it. */
const EXCHANGES: readonly (readonly [string, Message, Answer])[] = [
  ["attached", ATTACH, ATTACHED],
  ["attach-refused", ATTACH, ATTACH_REFUSED],
  ["switched", ENABLE, SWITCHED],
  ["disabled", DISABLE, DISABLED],
  ["delivered", deliver(REPORT), DELIVERED],
  ["detached", deliver(REPORT), DETACHED],
  ["completed", COMPLETE, COMPLETED],
  ["rejected", ENABLE, REJECTED],
  ["pushed", PUSH, PUSHED],
  ["push-refused", PUSH, PUSH_REFUSED],
  ["redeemed", REDEEM, REDEEMED],
  ["redemption-refused", REDEEM, REDEMPTION_REFUSED],
];

const KEPT: RecordOutcome = { type: "kept" };
const ENDED: RecordOutcome = { type: "ended", choice: null, receipt: RECEIPT };
const UNKNOWN: RecordOutcome = { type: "unknown" };
const WITHDRAWN: RecordOutcome = { type: "withdrawn", receipt: RECEIPT };
const NOT_APPLIED: RecordOutcome = { type: "not-applied" };
const REFUSED: RecordOutcome = { type: "refused", reason: "clock-ahead" };
const OUTCOMES: readonly RecordOutcome[] = [
  KEPT,
  ENDED,
  { type: "ended", choice: 1, receipt: { ...RECEIPT, removed: null } },
  UNKNOWN,
  WITHDRAWN,
  { type: "withdrawn", receipt: { ...RECEIPT, removed: null } },
  NOT_APPLIED,
  { type: "refused", reason: "malformed-record" },
  { type: "refused", reason: "unexpected-key" },
  { type: "refused", reason: "unknown-type" },
  { type: "refused", reason: "clock-ahead" },
  { type: "refused", reason: "duplicate-link" },
];

/** The hostile values that a field takes by itself. */
const WELCOME: Readonly<Record<string, readonly string[]>> = {
  "rejected.requestId": ["null"],
  "completed.ended": ["an empty list"],
  "completed.heardTo": ["null"],
  "completed.hasMore": ["true"],
  "delivered.outcomes": ["an empty list"],
  "detached.outcomes": ["an empty list"],
};

function malformed(what: string): TransportFault {
  return {
    type: "transport-fault",
    reason: "malformed-answer",
    retryAfterMs: null,
    message: `The answer ${what}: check that the address leads to a receiver and not to a proxy.`,
  };
}
const NO_ANSWER = malformed("is not one of this protocol");
const NOT_FITTING = malformed("does not fit the message");
const ANOTHERS = malformed("belongs to another request");
const MISCOUNTED = malformed("does not answer each record once");

describe("an answer", () => {
  test.each(EXCHANGES)("is understood: %s", (_, message, answer) => {
    expect(parseAnswer(message, JSON.parse(JSON.stringify(answer)))._unsafeUnwrap()).toEqual(answer);
  });

  test.each(MESSAGES)("to $type fits only as the protocol says", (message) => {
    const FITTING: Readonly<Record<Message["type"], readonly string[]>> = {
      attach: ["attached", "attach-refused", "rejected"],
      enable: ["switched", "rejected"],
      disable: ["disabled", "rejected"],
      deliver: ["delivered", "detached", "rejected"],
      complete: ["completed", "detached", "rejected"],
      push: ["pushed", "push-refused", "rejected"],
      redeem: ["redeemed", "redemption-refused", "rejected"],
    };

    for (const [type, , whole] of EXCHANGES) {
      const answer = type === "detached" && message.type === "complete" ? { ...whole, outcomes: [] } : whole;
      const result = parseAnswer(message, answer);
      const said = FITTING[message.type].includes(type) ? result._unsafeUnwrap() : result._unsafeUnwrapErr();

      expect(said).toEqual(FITTING[message.type].includes(type) ? answer : NOT_FITTING);
    }
  });

  test.each(EXCHANGES)("needs every key: %s", (_, message, answer) => {
    for (const key of Object.keys(answer)) {
      expect(parseAnswer(message, without(key, answer))._unsafeUnwrapErr()).toEqual(NO_ANSWER);
    }
  });

  test.each(EXCHANGES)("takes no other key: %s", (_, message, answer) => {
    for (const key of ["login", "__proto__", "constructor"]) {
      expect(parseAnswer(message, withKey(key, "secret", answer))._unsafeUnwrapErr()).toEqual(NO_ANSWER);
    }
  });

  const fields = EXCHANGES.flatMap(([type, message, answer]) =>
    Object.keys(answer).map((field) => ({ type, message, answer, field })),
  );

  test.each(fields)("$type is refused with any wrong $field", ({ message, answer, field }) => {
    const welcome = WELCOME[`${answer.type}.${field}`] ?? [];

    for (const [name, value] of hostileBut(...welcome)) {
      const result = parseAnswer(message, { ...answer, [field]: value });

      expect(result._unsafeUnwrapErr(), name).toEqual(NO_ANSWER);
    }
  });

  test.each(HOSTILE)("is not %s", (_, value) => {
    for (const message of MESSAGES) {
      expect(parseAnswer(message, value)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
    }
  });

  test.each(["increment", "constructor", "__proto__", "toString", "deliver"])(
    "is refused with the type %s",
    (type) => {
      expect(parseAnswer(ENABLE, { ...SWITCHED, type })._unsafeUnwrapErr()).toEqual(NO_ANSWER);
    },
  );

  const SIGNED = { ...RECEIPT, signature: "eyJhbGciOiJFZERTQSJ9.e30.c2ln" };
  test.each<readonly [string, Message, Answer, (receipt: object) => object]>([
    ["ended", deliver(REPORT), DELIVERED, (receipt) => ({ outcomes: [{ ...ENDED, receipt }] })],
    ["withdrawn", deliver(WITHDRAW), DETACHED, (receipt) => ({ outcomes: [{ ...WITHDRAWN, receipt }] })],
    ["completed", COMPLETE, COMPLETED, (receipt) => ({ ended: [{ linkId: linkId(2), choice: 1, receipt }] })],
  ])("may bring a signature with each receipt, of a bounded length: %s", (_, message, answer, naming) => {
    const signed = { ...answer, ...naming(SIGNED) };

    expect(parseAnswer(message, signed)._unsafeUnwrap()).toEqual(signed);
    for (const signature of [null, undefined, "", "a.b", `a.b.${"c".repeat(843)}`, 7]) {
      const wrong = { ...answer, ...naming({ ...RECEIPT, signature }) };
      expect(parseAnswer(message, wrong)._unsafeUnwrapErr(), String(signature)).toEqual(NO_ANSWER);
    }
  });

  test("may bring a signature with the receipt of a disabling", () => {
    const { receipt } = DISABLED;
    const signed = { ...DISABLED, receipt: { ...receipt, signature: SIGNED.signature } };
    const wrong = { ...DISABLED, receipt: { ...receipt, signature: null } };

    expect(parseAnswer(DISABLE, signed)._unsafeUnwrap()).toEqual(signed);
    expect(parseAnswer(DISABLE, wrong)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test("with 1,000 endings and the longest ids and signatures has less than 1 MiB", () => {
    const receipt = {
      deletedAt: 253_402_300_799_999,
      removed: RECEIPT.removed,
      signature: `a.b.${"c".repeat(842)}`,
    };
    const id = "l".repeat(64);
    const longest = {
      ...{ ...COMPLETED, requestId: requestId(1), hasMore: true },
      ended: new Array(1_000).fill({ linkId: id, choice: 1_000, receipt }),
      heardTo: { position: Number.MAX_SAFE_INTEGER, entryId: id },
    };

    expect(parseAnswer(COMPLETE, longest).isOk()).toBe(true);
    expect(new TextEncoder().encode(JSON.stringify(longest)).length).toBeLessThan(1_048_576 - 256);
  });

  test("is refused if its type is a list of one", () => {
    expect(parseAnswer(ENABLE, { ...SWITCHED, type: ["switched"] })._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test.each(EXCHANGES)("to another request proves nothing: %s", (_, message, answer) => {
    const late = { ...answer, requestId: requestId(2) };

    expect(parseAnswer(message, late)._unsafeUnwrapErr()).toEqual(ANOTHERS);
  });

  test("that rejects a request without a readable id proves nothing either", () => {
    expect(parseAnswer(ENABLE, { ...REJECTED, requestId: null })._unsafeUnwrapErr()).toEqual(ANOTHERS);
  });

  test("has one outcome per record, in their order", () => {
    const delivered = { ...DELIVERED, outcomes: [KEPT, WITHDRAWN] };
    const nothing = { ...DETACHED, outcomes: [] };

    expect(parseAnswer(deliver(REPORT, WITHDRAW), delivered)._unsafeUnwrap()).toEqual(delivered);
    expect(parseAnswer(deliver(), nothing)._unsafeUnwrap()).toEqual(nothing);
    expect(parseAnswer(COMPLETE, nothing)._unsafeUnwrap()).toEqual(nothing);
    for (const message of [
      deliver(WITHDRAW, REPORT),
      deliver(REPORT),
      deliver(REPORT, WITHDRAW, WITHDRAW),
      deliver(),
    ]) {
      expect(parseAnswer(message, delivered)._unsafeUnwrapErr()).toEqual(MISCOUNTED);
    }
    expect(parseAnswer(COMPLETE, DETACHED)._unsafeUnwrapErr()).toEqual(MISCOUNTED);
  });

  test.each<readonly [string, string, Answer, DeliveryRecord, readonly RecordOutcome[]]>([
    ["delivered", "report", DELIVERED, REPORT, [KEPT, ENDED, UNKNOWN, NOT_APPLIED, REFUSED]],
    ["delivered", "hold", DELIVERED, HOLD, [KEPT, ENDED, UNKNOWN, NOT_APPLIED, REFUSED]],
    ["delivered", "withdraw", DELIVERED, WITHDRAW, [WITHDRAWN, UNKNOWN, REFUSED]],
    ["detached", "report", DETACHED, REPORT, [NOT_APPLIED, REFUSED]],
    ["detached", "hold", DETACHED, HOLD, [NOT_APPLIED, REFUSED]],
    ["detached", "withdraw", DETACHED, WITHDRAW, [WITHDRAWN, UNKNOWN, REFUSED]],
  ])("that is %s has only the possible outcomes of a %s", (_, _record, answer, record, possible) => {
    for (const outcome of [KEPT, ENDED, UNKNOWN, WITHDRAWN, NOT_APPLIED, REFUSED]) {
      const given = { ...answer, outcomes: [outcome] };
      const result = parseAnswer(deliver(record), given);
      const said = possible.includes(outcome) ? result._unsafeUnwrap() : result._unsafeUnwrapErr();

      expect(said, outcome.type).toEqual(possible.includes(outcome) ? given : MISCOUNTED);
    }
  });

  test("has at most 1,000 outcomes", () => {
    const records = (count: number) => new Array<DeliveryRecord>(count).fill(REPORT);
    const answer = (count: number) => ({ ...DELIVERED, outcomes: new Array(count).fill(UNKNOWN) });

    expect(parseAnswer(deliver(...records(1_000)), answer(1_000))._unsafeUnwrap()).toEqual(answer(1_000));
    expect(parseAnswer(deliver(...records(1_001)), answer(1_001))._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test.each<RejectedAnswer["reason"]>([
    "malformed-message",
    "unexpected-key",
    "unsupported-version",
    "too-many-records",
    "epoch-too-far",
  ])("can reject with %s", (reason) => {
    expect(parseAnswer(ENABLE, { ...REJECTED, reason })._unsafeUnwrap()).toEqual({ ...REJECTED, reason });
  });

  test("cannot reject a message for an unknown installation, because an authenticated one is registered", () => {
    const answer = { ...REJECTED, reason: "unknown-installation" };

    expect(parseAnswer(ENABLE, answer)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test.each([
    ["a reason of its own", { ...REJECTED, reason: "bad-luck" }],
    ["half a version supported", { ...REJECTED, supported: { first: 0.5, last: 1 } }],
    ["no last version supported", { ...REJECTED, supported: { first: 1 } }],
    ["a key beside the versions", { ...REJECTED, supported: { first: 1, last: 1, secret: 1 } }],
  ])("cannot reject with %s", (_, answer) => {
    expect(parseAnswer(ENABLE, answer)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test.each([
    ["a session that is no id", { ...CURRENT, id: "short" }],
    ["no word on who holds it", { id: CURRENT.id }],
    ["a number for who holds it", { ...CURRENT, isVacant: 0 }],
    ["a key beside", { ...CURRENT, secret: 1 }],
  ])("cannot name the session that stands with %s", (_, current) => {
    expect(parseAnswer(ATTACH, { ...ATTACH_REFUSED, current })._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });

  test.each([
    ["no epoch", { disabledAt: 0 }],
    ["a negative epoch", { epoch: -1, disabledAt: 0 }],
    ["no instant", { epoch: 1 }],
    ["an instant as text", { epoch: 1, disabledAt: "2026-03-01T12:00:00Z" }],
    ["a key beside", { epoch: 1, disabledAt: 0, secret: 1 }],
  ])("cannot prove a disabling with %s", (_, receipt) => {
    expect(parseAnswer(DISABLE, { ...DISABLED, receipt })._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });
});

describe("the outcome of a record", () => {
  test.each(OUTCOMES)("is understood: %j", (outcome) => {
    const answer = { ...DELIVERED, outcomes: [outcome] };
    const record = outcome.type === "withdrawn" ? WITHDRAW : REPORT;

    expect(parseAnswer(deliver(record), answer)._unsafeUnwrap()).toEqual(answer);
  });

  test.each(OUTCOMES)("needs every key and takes no other: %j", (outcome) => {
    const wrong = [
      ...Object.keys(outcome).map((key) => without(key, outcome)),
      ...["login", "__proto__"].map((key) => withKey(key, "secret", outcome)),
    ];

    for (const broken of wrong) {
      const answer = { ...DELIVERED, outcomes: [broken] };

      expect(parseAnswer(deliver(REPORT), answer)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
    }
  });

  test.each([
    ["a type of its own", { type: "ignored" }],
    ["a reason of its own", { type: "refused", reason: "bad-luck" }],
    ["no receipt", { type: "withdrawn", receipt: null }],
    ["a receipt of no instant", { type: "withdrawn", receipt: { removed: null } }],
    ["a receipt of a wrong instant", { type: "withdrawn", receipt: { ...RECEIPT, deletedAt: -1 } }],
    ["a key beside a receipt", { type: "withdrawn", receipt: { ...RECEIPT, secret: 1 } }],
    ["a day that does not exist", removing({ first: "2026-02-30" })],
    ["a last day that does not exist", removing({ last: "2026-02-30" })],
    ["no last day", removing({ last: undefined })],
    ["a sum of what was removed, which would keep what was deleted", removing({ contributions: 7 })],
    ["an end without its receipt", { type: "ended", choice: null }],
    [
      "an end whose receipt is none",
      { type: "ended", choice: null, receipt: { deletedAt: "now", removed: null } },
    ],
    ["the end of no choice", { type: "ended", choice: 0, receipt: RECEIPT }],
    ["the end of a choice beyond the last", { type: "ended", choice: 1_001, receipt: RECEIPT }],
    ["a choice beside a withdrawal's receipt", { type: "withdrawn", choice: 1, receipt: RECEIPT }],
    ["a link that is unknown and yet has a receipt", { type: "unknown", receipt: RECEIPT }],
    ["the outcome that ended unknown links", { type: "gone" }],
    ["a key beside what was removed", removing({ secret: 1 })],
  ])("cannot have %s", (_, outcome) => {
    const answer = { ...DELIVERED, outcomes: [outcome] };

    expect(parseAnswer(deliver(REPORT), answer)._unsafeUnwrapErr()).toEqual(NO_ANSWER);
  });
});

test("the read values have the documented types", () => {
  expectTypeOf(parseAnswer).returns.toEqualTypeOf<Result<Answer, TransportFault>>();
});

/** A withdrawn outcome whose receipt names something else that was removed. */
function removing(changed: object): object {
  return { type: "withdrawn", receipt: { ...RECEIPT, removed: { ...RECEIPT.removed, ...changed } } };
}
