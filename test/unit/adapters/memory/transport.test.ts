import { getEventListeners } from "node:events";
import { errAsync, okAsync } from "unified-contributions";
import { createMemoryTransport } from "unified-contributions/adapters/memory";
import type { Message, RequestId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";

const MESSAGE: Message = {
  version: 1,
  requestId: "request_0123456789" as RequestId,
  type: "enable",
  after: 3,
};
const SIGNAL = new AbortController().signal;

describe("a wire in memory", () => {
  it("carries nothing but what JSON can say, either way", async () => {
    const arrived: unknown[] = [];
    const transport = createMemoryTransport({
      handle: (input) => {
        arrived.push(input);
        return okAsync({ at: new Date("2026-03-01T12:00:00Z"), missing: undefined, none: Number.NaN });
      },
    });

    const message = {
      ...MESSAGE,
      at: new Date("2026-03-01T12:00:00Z"),
      missing: undefined,
      none: Number.NaN,
    };
    const answer = (await transport.send(message, SIGNAL))._unsafeUnwrap();

    const crossed = { at: "2026-03-01T12:00:00.000Z", none: null };
    expect(arrived).toStrictEqual([{ ...MESSAGE, ...crossed }]);
    expect(answer).toStrictEqual(crossed);
  });

  it("shares no object between its ends", async () => {
    const answered = { featureSwitch: { epoch: 1 } };
    let arrived: unknown;
    const transport = createMemoryTransport({
      handle: (input) => {
        arrived = input;
        return okAsync(answered);
      },
    });

    const answer = (await transport.send(MESSAGE, SIGNAL))._unsafeUnwrap();

    expect(arrived).toEqual(MESSAGE);
    expect(arrived).not.toBe(MESSAGE);
    expect(answer).toEqual(answered);
    expect((answer as typeof answered).featureSwitch).not.toBe(answered.featureSwitch);
  });

  it("tells of every byte that crosses it, in the order they cross", async () => {
    const bytes: [string, string][] = [];
    const transport = createMemoryTransport({
      handle: () => okAsync({ type: "switched" }),
      onBytes: (direction, text) => bytes.push([direction, text]),
    });

    (await transport.send(MESSAGE, SIGNAL))._unsafeUnwrap();

    expect(bytes).toEqual([
      ["sent", '{"version":1,"requestId":"request_0123456789","type":"enable","after":3}'],
      ["received", '{"type":"switched"}'],
    ]);
  });

  it("lets no byte leave once the signal has spoken", async () => {
    const bytes: string[] = [];
    const transport = createMemoryTransport({
      handle: () => okAsync({}),
      onBytes: (_, text) => bytes.push(text),
    });

    const fault = (await transport.send(MESSAGE, AbortSignal.abort()))._unsafeUnwrapErr();

    expect(fault.reason).toBe("aborted");
    expect(bytes).toEqual([]);
  });

  it("is unreachable when the receiver answers with a fault, of which it says nothing", async () => {
    const secret = "octo-corp/secret";
    const bytes: string[] = [];
    const transport = createMemoryTransport({
      handle: () => errAsync({ type: "storage-fault", message: secret }),
      onBytes: (direction) => bytes.push(direction),
    });

    const fault = (await transport.send(MESSAGE, SIGNAL))._unsafeUnwrapErr();

    expect(fault).toEqual({
      type: "transport-fault",
      reason: "unreachable",
      retryAfterMs: null,
      message: "The receiver gave no answer: try again later.",
    });
    expect(bytes).toEqual(["sent"]);
  });

  it("listens to the signal until the answer has come, and no longer", async () => {
    const { signal } = new AbortController();
    const transport = createMemoryTransport({ handle: () => okAsync({}) });

    const sent = transport.send(MESSAGE, signal);
    const meanwhile = getEventListeners(signal, "abort").length;
    (await sent)._unsafeUnwrap();
    await Promise.resolve();

    expect(meanwhile).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
