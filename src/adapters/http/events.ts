import type { TransportFault, TransportFaultReason } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import type { ProblemCode } from "./problem.ts";

/** A request was answered with an answer of the protocol. */
interface HttpRequestAnswered {
  readonly type: "http-request-answered";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
  /** The time from the arrival of the head to the answer, in milliseconds. */
  readonly durationMs: number;
}

/** A request was refused with a problem (docs/problems.md). */
interface HttpRequestRefused {
  readonly type: "http-request-refused";
  /** The stable code of the problem. */
  readonly code: ProblemCode;
  /** The status of the answer. */
  readonly status: number;
  /** The installation that sent the request, or null if that is not proven. */
  readonly installation: InstallationId | null;
  /**
   * The id of the key that the request names, if that key is on record. Otherwise null, since a stranger can write
   * anything.
   */
  readonly keyId: string | null;
  /** The reason, in words for an operator; null if the code says all. Never holds anything of the request. */
  readonly why: string | null;
  /** The time from the arrival of the head to the answer, in milliseconds. */
  readonly durationMs: number;
  /** The value that a part of the host's threw; left out if nothing was. It may hold anything. */
  readonly cause?: unknown;
}

/** The events that an HTTP handler tells the host's `onEvent`. */
export type HttpHandlerEvent = HttpRequestAnswered | HttpRequestRefused;

/** An exchange with the receiver has brought an answer of the protocol. */
interface HttpExchangeEnded {
  readonly type: "http-exchange-ended";
  /** The status of the answer. */
  readonly status: number;
  /** How long the exchange took, in milliseconds. */
  readonly durationMs: number;
}

/** An exchange with the receiver has brought no answer of the protocol. */
interface HttpExchangeFailed {
  readonly type: "http-exchange-failed";
  /** The status of the answer, from the receiver or from something before it, or null if there was no answer. */
  readonly status: number | null;
  /** The reason, in a word. */
  readonly reason: TransportFaultReason;
  /** A sentence that says what happened and what to do: {@link TransportFault.message}. */
  readonly message: string;
  /** How long the exchange took, in milliseconds. */
  readonly durationMs: number;
  /**
   * The value that `fetch`, `sign` or `verifyAnswers` threw; left out if none did. It may hold anything, such as the
   * address.
   */
  readonly cause?: unknown;
}

/** The events that an HTTP transport tells the host's `onEvent`. */
export type HttpTransportEvent = HttpExchangeEnded | HttpExchangeFailed;

/** Facts about a request that are noted on its way, for the event at the end. */
export interface RequestNotes {
  /** The time since the arrival of the head, in milliseconds. */
  readonly durationSoFar: () => number;
  installation: InstallationId | null;
  keyId: string | null;
  why: string | null;
  thrown: { readonly cause?: unknown };
}

/** Returns notes in which nothing is known yet. */
export function createNotes(): RequestNotes {
  return { durationSoFar: startStopwatch(Date), installation: null, keyId: null, why: null, thrown: {} };
}

/** Facts about an exchange that are noted on its way. */
export interface ExchangeNotes {
  status: number | null;
  thrown: { readonly cause?: unknown };
}

/** Returns the event for an exchange that brought this fault, or none. */
export function exchangeEvent(
  fault: TransportFault | null,
  { status, thrown }: ExchangeNotes,
  durationMs: number,
): HttpTransportEvent {
  // Without a fault there was an answer.
  if (fault === null) return { type: "http-exchange-ended", status: status as number, durationMs };
  const { reason, message } = fault;
  return { type: "http-exchange-failed", status, reason, message, durationMs, ...thrown };
}
