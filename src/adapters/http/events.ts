import type { TransportFault, TransportFaultReason } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import type { ProblemCode } from "./problem.ts";

/** A request was answered with an answer of the protocol. */
interface HttpRequestAnswered {
  readonly type: "http-request-answered";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
  /** From the arrival of the head to the answer, in milliseconds. */
  readonly durationMs: number;
}

/** A request was refused with a problem (docs/problems.md). */
interface HttpRequestRefused {
  readonly type: "http-request-refused";
  /** The stable code of the problem. */
  readonly code: ProblemCode;
  /** The status of the answer. */
  readonly status: number;
  /** Whose request it is, or null if that is not proven. */
  readonly installation: InstallationId | null;
  /** The id of the key that the request names, if such a key is on record; otherwise null: a stranger can write anything. */
  readonly keyId: string | null;
  /** Why, in words for an operator; null if the code says all. Never holds anything of the request. */
  readonly why: string | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What a part of the host's threw, left out if nothing was thrown. It may hold anything. */
  readonly cause?: unknown;
}

/** What an HTTP handler tells the host's `onEvent` of. */
export type HttpHandlerEvent = HttpRequestAnswered | HttpRequestRefused;

/** An exchange with the receiver has brought an answer of the protocol. */
interface HttpExchangeEnded {
  readonly type: "http-exchange-ended";
  /** The status of the answer. */
  readonly status: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** An exchange with the receiver has brought no answer of the protocol. */
interface HttpExchangeFailed {
  readonly type: "http-exchange-failed";
  /** The status that something answered with, or null if there was no answer. */
  readonly status: number | null;
  /** Why, in a word. */
  readonly reason: TransportFaultReason;
  /** What happened and what to do: {@link TransportFault.message}. */
  readonly message: string;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What `fetch`, `sign` or `verifyAnswers` threw, left out if none did. It may hold anything, the address for example. */
  readonly cause?: unknown;
}

/** What an HTTP transport tells the host's `onEvent` of. */
export type HttpTransportEvent = HttpExchangeEnded | HttpExchangeFailed;

/** What becomes known of a request on its way, for the event in the end. */
export interface RequestNotes {
  /** Since the arrival of its head, in milliseconds. */
  readonly durationSoFar: () => number;
  installation: InstallationId | null;
  keyId: string | null;
  why: string | null;
  thrown: { readonly cause?: unknown };
}

/** Makes notes in which nothing is known yet. */
export function createNotes(): RequestNotes {
  return { durationSoFar: startStopwatch(Date), installation: null, keyId: null, why: null, thrown: {} };
}

/** What becomes known of an exchange on its way. */
export interface ExchangeNotes {
  status: number | null;
  thrown: { readonly cause?: unknown };
}

/** Returns what an exchange that brought this fault, or none, is told as. */
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
