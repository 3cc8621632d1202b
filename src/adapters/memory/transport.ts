import { err, errAsync, ok, ResultAsync } from "neverthrow";
import type { TransportFault } from "../../domain/fault.ts";
import type { Message } from "../../domain/message.ts";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import type { Transport } from "../../ghes/ports.ts";

/** The options of a transport within one process. */
export interface MemoryTransportOptions {
  /** Takes the message: `(input) => receiver.handle(installation, input)`. */
  readonly handle: (input: unknown) => ResultAsync<unknown, unknown>;
  /** Receives all text that crosses the wire: messages that left and answers that came back. */
  readonly onBytes?: (direction: "sent" | "received", text: string) => void;
}

const OPTIONS: Readonly<Record<keyof MemoryTransportOptions, true>> = { handle: true, onBytes: true };

/**
 * Returns a transport within one process that really serializes. Only JSON text crosses it. An unknown option throws a
 * `TypeError`.
 */
export function createMemoryTransport(options: MemoryTransportOptions): Transport {
  refuseUnknownOptions("createMemoryTransport", options, OPTIONS);
  const { handle, onBytes } = options;

  async function exchange(message: Message): Promise<unknown> {
    const sent = JSON.stringify(message);
    onBytes?.("sent", sent);
    const answer = await handle(JSON.parse(sent));
    if (answer.isErr()) throw answer.error;
    const received = JSON.stringify(answer.value);
    onBytes?.("received", received);
    return JSON.parse(received);
  }

  return {
    send: (message, signal) => {
      if (signal.aborted) return errAsync(ABORTED);
      return new ResultAsync<unknown, TransportFault>(
        new Promise((resolve) => {
          const abort = (): void => resolve(err(ABORTED));
          signal.addEventListener("abort", abort);
          exchange(message)
            .then(
              (answer) => resolve(ok(answer)),
              () => resolve(err(UNREACHABLE)),
            )
            .finally(() => signal.removeEventListener("abort", abort));
        }),
      );
    },
  };
}

const ABORTED: TransportFault = {
  type: "transport-fault",
  reason: "aborted",
  retryAfterMs: null,
  message: "The signal ended the request before its answer came.",
};

const UNREACHABLE: TransportFault = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "The receiver gave no answer: try again later.",
};
