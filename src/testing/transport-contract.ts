import { errAsync, okAsync, ResultAsync } from "neverthrow";
import type { CalendarDate } from "../domain/calendar-date.ts";
import { CONTRIBUTION_SOURCE } from "../domain/contribution-payload.ts";
import type { TransportFault } from "../domain/fault.ts";
import type { LinkId, RequestId, SessionId } from "../domain/identifiers.ts";
import { MAX_RECORDS, type Message } from "../domain/message.ts";
import type { Transport } from "../ghes/ports.ts";
import { answerOf, type ContractCheck, expectEqual, expectThat, underRule } from "./contract.ts";
import { named } from "./named-adapter.ts";

/** Takes a message at the other end of a transport, as `receiver.handle` does, or worse. */
export type MessageHandler = (input: unknown) => ResultAsync<unknown, unknown>;

/** Returns a fresh transport whose other end answers with the handler's answers. */
export type MakeTransport = (handle: MessageHandler) => Transport | Promise<Transport>;

/** A check of a transport. */
export type TransportCheck = ContractCheck<MakeTransport>;

function transportCheck(
  rule: string,
  title: string,
  body: (make: MakeTransport) => Promise<void>,
): TransportCheck {
  return {
    rule,
    title,
    run: (make) => underRule(rule, title, () => body(async (handle) => named(await make(handle)))),
  };
}

const SECRET = "octo-corp/secret-repository";
const SESSION = "session_0123456789" as SessionId;

/** A signal that never aborts during a check. */
const PATIENT = new AbortController().signal;

/** Returns a message that its number identifies. */
function numbered(number: number): Message {
  const requestId = `request_${String(number).padStart(8, "0")}` as RequestId;
  return { version: 1, requestId, type: "complete", sessionId: SESSION, follows: [requestId], heardTo: null };
}

const REPORT = {
  type: "report",
  linkId: "link_0123456789abcdef" as LinkId,
  choice: 1_000,
  source: CONTRIBUTION_SOURCE,
  first: "2025-12-02" as CalendarDate,
  counts: Array.from({ length: 90 }, () => 65_535),
} as const;

/** Messages of each type, the longest one included. */
const MESSAGES: readonly Message[] = [
  {
    version: 1,
    requestId: "request_0123456789" as RequestId,
    type: "attach",
    replaces: null,
    featureSwitch: { epoch: 2_147_483_647, status: "off" },
  },
  { version: 1, requestId: "request_0123456789" as RequestId, type: "enable", after: 0 },
  { version: 1, requestId: "request_0123456789" as RequestId, type: "disable", epoch: 7 },
  numbered(1),
  {
    version: 1,
    requestId: "request_0123456789" as RequestId,
    type: "deliver",
    sessionId: null,
    follows: [],
    records: [
      { type: "withdraw", linkId: REPORT.linkId, choice: 1 },
      { type: "withdraw", linkId: REPORT.linkId, choice: null },
    ],
  },
  {
    version: 1,
    requestId: "request_0123456789" as RequestId,
    type: "deliver",
    sessionId: SESSION,
    follows: ["request_0123456788" as RequestId, "request_0123456787" as RequestId],
    records: Array.from({ length: MAX_RECORDS }, () => REPORT),
  },
];

/** Answers that may come back, from a receiver or from something else. */
const ANSWERS: readonly unknown[] = [
  {
    version: 1,
    type: "rejected",
    requestId: null,
    reason: "malformed-message",
    supported: { first: 1, last: 1 },
  },
  { version: 99, type: "of the future", "unknown key": [null, true, 0.5, "grüße 🐙"] },
  [],
  {},
  null,
  "text",
  0,
];

const REASONS: readonly TransportFault["reason"][] = [
  "unreachable",
  "untrusted",
  "timed-out",
  "aborted",
  "busy",
  "outcome-unknown",
  "unauthenticated",
  "clock-skewed",
  "unknown-key",
  "wrong-audience",
  "refused",
  "incomplete-answer",
  "malformed-answer",
];

/** Throws unless a message got a well-formed fault that repeats neither the message nor the error of the other end. */
async function expectFault(sent: ResultAsync<unknown, TransportFault>): Promise<TransportFault> {
  const result = await sent;
  if (result.isOk()) throw new Error("answered, and nothing had come back");
  const fault = result.error;
  expectEqual("the type of the fault", fault.type, "transport-fault");
  expectThat("its reason is one of TransportFault", REASONS.includes(fault.reason));
  const { retryAfterMs } = fault;
  expectThat("its retryAfterMs is null or from 0 on", retryAfterMs === null || retryAfterMs >= 0);
  expectThat("its message says something", typeof fault.message === "string" && fault.message !== "");
  const text = JSON.stringify(fault);
  expectThat("it repeats nothing of the message", !text.includes(SESSION) && !text.includes("request_"));
  expectThat("it repeats nothing of what went wrong over there", !text.includes(SECRET));
  return fault;
}

/** The rules of every `Transport`, under the numbers T1 to T3 of its doc comments. */
export const transportContract: readonly TransportCheck[] = [
  transportCheck("T1", "a message of every type arrives as it is, the longest included", async (make) => {
    const arrived: unknown[] = [];
    const transport = await make((input) => {
      arrived.push(input);
      return okAsync({});
    });

    for (const message of MESSAGES) await answerOf(transport.send(message, PATIENT));

    expectEqual("what arrived", arrived, MESSAGES);
  }),

  transportCheck("T1", "whatever comes back is answered as it is, unread", async (make) => {
    for (const expected of ANSWERS) {
      const transport = await make(() => okAsync(expected));

      const answer = await answerOf(transport.send(numbered(1), PATIENT));

      expectEqual("the answer", answer, expected);
    }
  }),

  transportCheck(
    "T1",
    "a message that is sent twice arrives twice, and one that is sent once, once",
    async (make) => {
      let arrived = 0;
      const transport = await make(() => okAsync({ arrived: ++arrived }));

      const first = await answerOf(transport.send(numbered(1), PATIENT));
      const second = await answerOf(transport.send(numbered(1), PATIENT));

      expectEqual("the answers", [first, second], [{ arrived: 1 }, { arrived: 2 }]);
    },
  ),

  transportCheck("T1", "of messages that are sent at once each gets its own answer", async (make) => {
    const transport = await make((input) => okAsync({ answerTo: input }));
    const messages = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(numbered);

    const answers = await Promise.all(messages.map((message) => answerOf(transport.send(message, PATIENT))));

    const expected = messages.map((message) => ({ answerTo: message }));
    expectEqual("the answers", answers, expected);
  }),

  transportCheck("T2", "a receiver that answers with a fault is a fault", async (make) => {
    const fault = { type: "storage-fault", reason: "unavailable", message: SECRET };
    const transport = await make(() => errAsync(fault));

    await expectFault(transport.send(numbered(1), PATIENT));
  }),

  transportCheck("T2", "a receiver that throws is a fault", async (make) => {
    const transport = await make(() => {
      throw new Error(SECRET);
    });

    await expectFault(transport.send(numbered(1), PATIENT));
  }),

  transportCheck("T2", "a receiver that rejects is a fault", async (make) => {
    const transport = await make(() => new ResultAsync(Promise.reject(new Error(SECRET))));

    await expectFault(transport.send(numbered(1), PATIENT));
  }),

  transportCheck("T2", "a receiver that says nothing at all is a fault", async (make) => {
    const transport = await make(() => okAsync(undefined));

    await expectFault(transport.send(numbered(1), PATIENT));
  }),

  transportCheck("T3", "nothing leaves when the signal has spoken already", async (make) => {
    let arrived = 0;
    const transport = await make(() => okAsync({ arrived: ++arrived }));
    const controller = new AbortController();
    controller.abort();

    const fault = await expectFault(transport.send(numbered(1), controller.signal));

    expectEqual("the reason of the fault", fault.reason, "aborted");
    expectEqual("how many messages arrived", arrived, 0);
  }),

  transportCheck("T3", "a message that is on its way is given up when the signal speaks", async (make) => {
    const controller = new AbortController();
    const transport = await make(() => {
      controller.abort();
      return new ResultAsync(new Promise(() => undefined));
    });

    const fault = await expectFault(transport.send(numbered(1), controller.signal));

    expectEqual("the reason of the fault", fault.reason, "aborted");
  }),

  transportCheck("T3", "a signal that speaks after the answer takes nothing back", async (make) => {
    const controller = new AbortController();
    const transport = await make(() => okAsync({ answer: "kept" }));

    const answer = await answerOf(transport.send(numbered(1), controller.signal));
    controller.abort();
    const next = await answerOf(transport.send(numbered(2), PATIENT));

    expectEqual("both answers", [answer, next], [{ answer: "kept" }, { answer: "kept" }]);
  }),
];
