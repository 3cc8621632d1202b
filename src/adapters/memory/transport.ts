import { errAsync, type ResultAsync } from "neverthrow";
import type { TransportFault } from "../../domain/fault.ts";
import type { Transport } from "../../ghes/ports.ts";

/** What an in-process wire leads to. */
export interface MemoryTransportOptions {
  /** What takes the message: `(input) => receiver.handle(installation, input)`. */
  readonly handle: (input: unknown) => ResultAsync<unknown, unknown>;
  /** Told of every byte that crosses the wire, as text: what left, and what came back. */
  readonly onBytes?: (direction: "sent" | "received", text: string) => void;
}

/** A wire in the same process that really serializes: nothing crosses it but JSON text. */
export function createMemoryTransport({ handle, onBytes }: MemoryTransportOptions): Transport {
  return {
    send: (message, signal) => {
      if (signal.aborted) return errAsync(fault("aborted", "The request was aborted before it left."));
      const sent = JSON.stringify(message);
      onBytes?.("sent", sent);
      return handle(JSON.parse(sent))
        .map((answer): unknown => {
          const received = JSON.stringify(answer);
          onBytes?.("received", received);
          return JSON.parse(received);
        })
        .mapErr(() => fault("unreachable", "The receiver answered with a fault: try again later."));
    },
  };
}

function fault(reason: TransportFault["reason"], message: string): TransportFault {
  return { type: "transport-fault", reason, retryAfterMs: null, message };
}
