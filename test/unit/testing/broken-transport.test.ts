import { errAsync, ok, okAsync, ResultAsync, type TransportFault } from "unified-contributions";
import { createMemoryTransport } from "unified-contributions/adapters/memory";
import type { Transport } from "unified-contributions/ghes";
import { type MakeTransport, transportContract } from "unified-contributions/testing";
import type { MessageHandler } from "../../../src/testing/transport-contract.ts";
import { type Broken, testBroken } from "./break-adapter.ts";

type BrokenTransport = Broken<MakeTransport>;

const UNREACHABLE: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "Try again later.",
};

/** What happens at the other end is another thing than what was asked for. */
function handling(
  rule: string,
  mistake: string,
  breakIt: (handle: MessageHandler) => MessageHandler,
): BrokenTransport {
  return { rule, mistake, make: (handle) => createMemoryTransport({ handle: breakIt(handle) }) };
}

/** A message is not sent as it should be. */
function sending(
  rule: string,
  mistake: string,
  breakIt: (sound: Transport, handle: MessageHandler) => Transport["send"],
): BrokenTransport {
  const make: MakeTransport = (handle) => ({ send: breakIt(createMemoryTransport({ handle }), handle) });
  return { rule, mistake, make };
}

function isRecordList(input: unknown): input is { readonly records: readonly unknown[] } {
  return typeof input === "object" && input !== null && "records" in input;
}

testBroken<MakeTransport>(transportContract, [
  handling(
    "T1",
    "carries 500 records",
    (handle) => (input) =>
      handle(isRecordList(input) ? { ...input, records: input.records.slice(0, 500) } : input),
  ),
  handling(
    "T1",
    "takes an answer that is no object for an empty one",
    (handle) => (input) =>
      handle(input).map((answer) => (typeof answer === "object" ? (answer ?? {}) : answer)),
  ),
  handling("T1", "answers a repeated message from memory", (handle) => {
    const answers = new Map<string, unknown>();
    return (input) => {
      const key = JSON.stringify(input);
      if (answers.has(key)) return okAsync(answers.get(key));
      return handle(input).map((answer) => {
        answers.set(key, answer);
        return answer;
      });
    };
  }),
  sending("T1", "mixes up answers that come at once", (sound) => {
    let latest: unknown;
    return (message, signal) =>
      sound
        .send(message, signal)
        .andThen((answer) => {
          latest = answer;
          return ResultAsync.fromSafePromise(Promise.resolve());
        })
        .map(() => latest);
  }),
  {
    rule: "T2",
    mistake: "repeats what went wrong over there",
    make: (handle) => {
      let text = "";
      const transport = createMemoryTransport({
        handle: (input) =>
          handle(input).mapErr((fault) => {
            text = JSON.stringify(fault);
            return fault;
          }),
      });
      return {
        send: (message, signal) =>
          transport
            .send(message, signal)
            .mapErr((fault) => ({ ...fault, message: `${fault.message}${text}` })),
      };
    },
  },
  sending("T2", "throws when the other end does", (sound, handle) => (message, signal) => {
    if (signal.aborted) return sound.send(message, signal);
    let thrown: unknown = null;
    const watched = createMemoryTransport({
      handle: (input) => {
        try {
          return handle(input);
        } catch (error) {
          thrown = error;
          throw error;
        }
      },
    });
    return new ResultAsync(
      (async () => {
        const result = await watched.send(message, signal);
        if (thrown !== null) throw thrown;
        return result;
      })(),
    );
  }),
  sending("T2", "rejects when the other end does", (_, handle) => (message, signal) => {
    let rejected: unknown = null;
    const watched = createMemoryTransport({
      handle: (input) =>
        new ResultAsync(
          Promise.resolve(handle(input)).catch((error: unknown) => {
            rejected = error;
            throw error;
          }),
        ),
    });
    return new ResultAsync(
      (async () => {
        const result = await watched.send(message, signal);
        if (rejected !== null) throw rejected;
        return result;
      })(),
    );
  }),
  handling(
    "T2",
    "takes no answer for an empty one",
    (handle) => (input) => handle(input).map((answer) => (answer === undefined ? {} : answer)),
  ),
  sending(
    "T3",
    "sends although the signal has spoken",
    (sound) => (message, signal) =>
      sound.send(message, signal.aborted ? new AbortController().signal : signal),
  ),
  sending(
    "T3",
    "names no reason when it gives up",
    (sound) => (message, signal) => sound.send(message, signal).orElse(() => errAsync(UNREACHABLE)),
  ),
  sending("T3", "gives up for ever", (sound) => {
    let hasGivenUp = false;
    return (message, signal) => {
      if (hasGivenUp) return errAsync(UNREACHABLE);
      signal.addEventListener("abort", () => {
        hasGivenUp = true;
      });
      return sound.send(message, signal).andThen((answer) => ok(answer));
    };
  }),
]);
