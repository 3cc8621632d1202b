import type { Result } from "neverthrow";
import { CONTRIBUTION_SOURCE } from "unified-contributions";
import {
  type DeliveryRecord,
  MAX_FOLLOWED,
  MAX_RECORDS,
  PROTOCOL_VERSION,
  parseMessage,
  parseRecord,
} from "unified-contributions/wire";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { RecordRefusal } from "../../../src/domain/answer.ts";
import type {
  AttachMessage,
  CompleteMessage,
  DeliverMessage,
  DisableMessage,
  EnableMessage,
  HoldRecord,
  ReportRecord,
  WithdrawRecord,
} from "../../../src/domain/message.ts";
import type { MessageRejection, UnreadMessage } from "../../../src/domain/parse-message.ts";
import { HOSTILE, hostileBut, withKey, without } from "../../support/ghec-hostile.ts";
import { day, linkId, requestId, sessionId } from "../../support/values.ts";

const ATTACH: AttachMessage = {
  version: 1,
  type: "attach",
  requestId: requestId(1),
  replaces: sessionId(1),
  featureSwitch: { epoch: 2, status: "on" },
};
const ENABLE: EnableMessage = { version: 1, type: "enable", requestId: requestId(1), after: 2 };
const DISABLE: DisableMessage = { version: 1, type: "disable", requestId: requestId(1), epoch: 2 };
const DELIVER: DeliverMessage = {
  version: 1,
  type: "deliver",
  requestId: requestId(1),
  sessionId: sessionId(1),
  follows: [requestId(8), requestId(9)],
  records: [],
};
const COMPLETE: CompleteMessage = {
  version: 1,
  type: "complete",
  requestId: requestId(1),
  sessionId: sessionId(1),
  follows: [requestId(8), requestId(9)],
  heardTo: { position: 7, entryId: "entry-0000000007" },
};
const MESSAGES: readonly (readonly [string, object])[] = [
  ["attach", ATTACH],
  ["enable", ENABLE],
  ["disable", DISABLE],
  ["deliver", DELIVER],
  ["complete", COMPLETE],
];

const REPORT: ReportRecord = {
  type: "report",
  linkId: linkId(1),
  choice: 1,
  source: "GitHub Enterprise Server",
  first: day("2026-03-01"),
  counts: [1, 0, 65_535],
};
const HOLD: HoldRecord = { type: "hold", linkId: linkId(1), choice: 1 };
const WITHDRAW: WithdrawRecord = { type: "withdraw", linkId: linkId(1), choice: null };
const RECORDS: readonly (readonly [string, object])[] = [
  ["report", REPORT],
  ["hold", HOLD],
  ["withdraw", WITHDRAW],
];

/** The hostile values that a field takes. */
const WELCOME: Readonly<Record<string, readonly string[]>> = {
  "attach.replaces": ["null"],
  "deliver.sessionId": ["null"],
  "deliver.follows": ["an empty list"],
  "complete.follows": ["an empty list"],
  "complete.heardTo": ["null"],
  "deliver.records": ["an empty list", "a list"],
  "withdraw.choice": ["null"],
};

/** Each field of each of these. */
function fieldsOf(wholes: readonly (readonly [string, object])[]) {
  return wholes.flatMap(([type, whole]) =>
    Object.keys(whole).map((field) => {
      const welcome = WELCOME[`${type}.${field}`] ?? [];
      return { type, whole, field, wrongValues: hostileBut(...welcome) };
    }),
  );
}

const RESERVED = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "then"];

describe("a message", () => {
  test.each<readonly [string, object]>([
    ...MESSAGES,
    ["attach of a sender that knows no session", { ...ATTACH, replaces: null }],
    ["attach of a sender that never enabled", { ...ATTACH, featureSwitch: { epoch: 0, status: "off" } }],
    ["enable of the first epoch", { ...ENABLE, after: 0 }],
    ["disable of the last epoch", { ...DISABLE, epoch: 2_147_483_647 }],
    ["deliver of a sender that has no session", { ...DELIVER, sessionId: null }],
    ["deliver that may follow 64 requests", { ...DELIVER, follows: new Array(64).fill(requestId(8)) }],
    ["complete that may follow none", { ...COMPLETE, follows: [] }],
    ["deliver of 1,000 records", { ...DELIVER, records: new Array(MAX_RECORDS).fill(WITHDRAW) }],
    ["deliver of records not looked at yet", { ...DELIVER, records: [null, "secret", { type: "x" }] }],
  ])("is understood: %s", (_, message) => {
    expect(parseMessage(message)._unsafeUnwrap()).toEqual(message);
    expect(parseMessage(JSON.parse(JSON.stringify(message)))._unsafeUnwrap()).toEqual(message);
  });

  test.each(MESSAGES)("needs every key: %s", (_, message) => {
    for (const key of Object.keys(message)) {
      expect(parseMessage(without(key, message))._unsafeUnwrapErr()).toEqual({
        reason: "malformed-message",
        requestId: key === "requestId" ? null : requestId(1),
      });
    }
  });

  test.each(MESSAGES)("takes no other key: %s", (_, message) => {
    for (const key of ["login", ...RESERVED]) {
      expect(parseMessage(withKey(key, "secret", message))._unsafeUnwrapErr()).toEqual({
        reason: "unexpected-key",
        requestId: requestId(1),
      });
    }
  });

  test("takes no key of another type of message", () => {
    const rejection = parseMessage({ ...ENABLE, epoch: 2 })._unsafeUnwrapErr();

    expect(rejection).toEqual({ reason: "unexpected-key", requestId: requestId(1) });
  });

  test("names an unexpected key even if a field is wrong, so that a leak is loud", () => {
    const rejection = parseMessage({ ...ENABLE, after: -1, login: "secret" })._unsafeUnwrapErr();

    expect(rejection).toEqual({ reason: "unexpected-key", requestId: requestId(1) });
  });

  test.each(fieldsOf(MESSAGES))("$type is refused with any wrong $field", ({ whole, field, wrongValues }) => {
    for (const [name, value] of wrongValues) {
      const rejection = parseMessage({ ...whole, [field]: value })._unsafeUnwrapErr();

      expect(rejection, name).toEqual({
        reason: reasonFor(field, value),
        requestId: field === "requestId" ? null : requestId(1),
      });
    }
  });

  test.each([
    ["a switch that is on and was never enabled", { ...ATTACH, featureSwitch: { epoch: 0, status: "on" } }],
    ["a switch of no epoch", { ...ATTACH, featureSwitch: { status: "on" } }],
    ["a switch of half an epoch", { ...ATTACH, featureSwitch: { epoch: 0.5, status: "on" } }],
    ["a switch that is neither on nor off", { ...ATTACH, featureSwitch: { epoch: 1, status: "maybe" } }],
    ["an epoch beyond the last", { ...DISABLE, epoch: 2_147_483_648 }],
    ["a request to follow that is no id", { ...DELIVER, follows: [requestId(8), "secret"] }],
    ["65 requests to follow", { ...DELIVER, follows: new Array(65).fill(requestId(8)) }],
    ["a hole among the requests to follow", { ...COMPLETE, follows: new Array(1) }],
    ["a completion of no session", { ...COMPLETE, sessionId: null }],
    ["an unknown type", { ...ENABLE, type: "increment" }],
    ["the type of an answer", { ...ENABLE, type: "attached" }],
    ["a type that every object has", { ...ENABLE, type: "constructor" }],
    ["the type __proto__", { ...ENABLE, type: "__proto__" }],
  ])("is refused with %s", (_, message) => {
    expect(parseMessage(message)._unsafeUnwrapErr()).toEqual({
      reason: "malformed-message",
      requestId: requestId(1),
    });
  });

  test("is refused with an unexpected key in its switch", () => {
    const message = JSON.parse(
      JSON.stringify(ATTACH).replace('"status"', '"__proto__":{"secret":1},"status"'),
    );

    expect(parseMessage(message)._unsafeUnwrapErr()).toEqual({
      reason: "unexpected-key",
      requestId: requestId(1),
    });
  });

  test.each(HOSTILE)("is not %s", (_, value) => {
    expect(parseMessage(value)._unsafeUnwrapErr()).toEqual({ reason: "malformed-message", requestId: null });
  });

  test.each([0, 2, -1, 1_000_000])(
    "of the version %i is refused as such, whatever else it has",
    (version) => {
      const message = { version, kind: "of-the-future", requestId: requestId(9) };

      expect(parseMessage(message)._unsafeUnwrapErr()).toEqual({
        reason: "unsupported-version",
        requestId: requestId(9),
      });
    },
  );

  test("of 1,001 records is refused as a whole, unread", () => {
    const records = new Array(MAX_RECORDS + 1).fill(WITHDRAW);

    expect(parseMessage({ ...DELIVER, records })._unsafeUnwrapErr()).toEqual({
      reason: "too-many-records",
      requestId: requestId(1),
    });
  });

  test("speaks version 1, carries at most 1,000 records and follows one of 64 requests", () => {
    expect(PROTOCOL_VERSION).toBe(1);
    expect(MAX_FOLLOWED).toBe(64);
    expect(MAX_RECORDS).toBe(1_000);
  });
});

describe("a record", () => {
  test.each<readonly [string, object]>([
    ...RECORDS,
    ["report of 90 days", { ...REPORT, counts: new Array(90).fill(0) }],
    ["report of a leap day", { ...REPORT, first: "2024-02-29" }],
  ])("is understood: %s", (_, record) => {
    expect(parseRecord(record)._unsafeUnwrap()).toEqual(record);
  });

  test.each(RECORDS)("needs every key: %s", (_, record) => {
    for (const key of Object.keys(record)) {
      expect(parseRecord(without(key, record))._unsafeUnwrapErr()).toBe("malformed-record");
    }
  });

  test.each(RECORDS)("takes no other key: %s", (_, record) => {
    for (const key of ["login", ...RESERVED]) {
      expect(parseRecord(withKey(key, "secret", record))._unsafeUnwrapErr()).toBe("unexpected-key");
    }
  });

  test("names an unexpected key even if a field is wrong, so that a leak is loud", () => {
    expect(parseRecord({ ...REPORT, counts: [-1], login: "secret" })._unsafeUnwrapErr()).toBe(
      "unexpected-key",
    );
  });

  test.each(fieldsOf(RECORDS))("$type is refused with any wrong $field", ({ whole, field, wrongValues }) => {
    for (const [name, value] of wrongValues) {
      const refusal = field === "type" && typeof value === "string" ? "unknown-type" : "malformed-record";

      expect(parseRecord({ ...whole, [field]: value })._unsafeUnwrapErr(), name).toBe(refusal);
    }
  });

  test.each([
    ["another source", { ...REPORT, source: "GitHub Enterprise Server 3.17 at corp.example" }],
    ["91 counts", { ...REPORT, counts: new Array(91).fill(0) }],
    ["a count too large", { ...REPORT, counts: [65_536] }],
    ["a hole among its counts", { ...REPORT, counts: new Array(2) }],
    ["its counts in another order of type", { ...REPORT, counts: { 0: 1, length: 1 } }],
    ["a day of the thirteenth month", { ...REPORT, first: "2026-13-01" }],
    ["a choice before the first", { ...REPORT, choice: 0 }],
    ["a choice after the last", { ...HOLD, choice: 1_001 }],
    ["half a choice", { ...WITHDRAW, choice: 1.5 }],
  ])("is malformed with %s", (_, record) => {
    expect(parseRecord(record)._unsafeUnwrapErr()).toBe("malformed-record");
  });

  test("of the type hold carries no counts", () => {
    for (const key of ["source", "first", "counts"] as const) {
      expect(parseRecord({ ...HOLD, [key]: REPORT[key] })._unsafeUnwrapErr()).toBe("unexpected-key");
    }
  });

  test.each(["delete", "Report", "Hold", "constructor", "__proto__", ""])(
    "of the type %j is refused by name",
    (type) => {
      expect(parseRecord({ ...REPORT, type })._unsafeUnwrapErr()).toBe("unknown-type");
    },
  );

  test.each(HOSTILE)("is not %s", (_, value) => {
    expect(parseRecord(value)._unsafeUnwrapErr()).toBe("malformed-record");
  });
});

describe("a value that throws when it is read is malformed, without a reason:", () => {
  const secretive = (name: string, value: object): object =>
    Object.defineProperty({ ...value }, name, {
      enumerable: true,
      get: () => {
        throw new Error("octo-secret");
      },
    });

  test.each(["version", "type", "requestId", "after"])("the %s of a message", (name) => {
    expect(parseMessage(secretive(name, ENABLE))._unsafeUnwrapErr()).toEqual({
      reason: "malformed-message",
      requestId: null,
    });
  });

  test.each(["type", "linkId"])("the %s of a record", (name) => {
    const record = { type: "withdraw", linkId: linkId(1), choice: null };

    expect(parseRecord(secretive(name, record))._unsafeUnwrapErr()).toBe("malformed-record");
  });

  test("a place in the list of records", () => {
    const records = Object.defineProperty([null], 0, {
      get: () => {
        throw new Error("octo-secret");
      },
    });

    expect(parseMessage({ ...DELIVER, records })._unsafeUnwrapErr().reason).toBe("malformed-message");
  });
});

test("a record is refused in the time of one look, however many faults it has", () => {
  const hostile = { ...REPORT, counts: new Array(90_000).fill("x") };

  const refusals = Array.from({ length: MAX_RECORDS }, () => parseRecord(hostile)._unsafeUnwrapErr());

  expect(new Set(refusals)).toEqual(new Set(["malformed-record"]));
});

test("the source is the same for every server, so it identifies none", () => {
  expect(CONTRIBUTION_SOURCE).toBe("GitHub Enterprise Server");
});

test("the read values have the documented types", () => {
  expectTypeOf(parseMessage).returns.toEqualTypeOf<Result<UnreadMessage, MessageRejection>>();
  expectTypeOf(parseRecord).returns.toEqualTypeOf<Result<DeliveryRecord, RecordRefusal>>();
  expectTypeOf<Omit<Extract<UnreadMessage, { type: "deliver" }>, "records">>().toEqualTypeOf<
    Omit<DeliverMessage, "records">
  >();
});

/** A whole number for a version is one of the future; an object in place of a switch or a place has keys of neither. */
function reasonFor(field: string, value: unknown): string {
  if (field === "version" && Number.isInteger(value)) return "unsupported-version";
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return (field === "featureSwitch" || field === "heardTo") && isObject && Object.keys(value).length > 0
    ? "unexpected-key"
    : "malformed-message";
}
