import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { errorTypeOf } from "./error-type.ts";
import { type AttributeValues, namedAttributes, PREFIX, type SPANS } from "./instruments.ts";
import type { LibraryEvent } from "./library-event.ts";

/**
 * Returns a function that turns events into spans: a sync with its requests, and the messages that a receiver answers.
 */
export function createSpans(tracer: Tracer): (event: LibraryEvent) => void {
  const syncs = new Map<string, Span>();
  const requests = new Map<string, Span>();

  return (event) => {
    switch (event.type) {
      case "sync-began": {
        const attributes = namedAttributes({ scope: event.scope });
        syncs.set(event.syncId, tracer.startSpan(nameOf("sync"), { kind: SpanKind.INTERNAL, attributes }));
        return;
      }
      case "sync-ended": {
        const { outcome, fault } = event;
        end(syncs, event.syncId, { outcome, "error.type": errorTypeOf(fault) });
        return;
      }
      case "request-sent": {
        const attributes = namedAttributes({ message: event.message, records: event.records });
        const sync = event.syncId === null ? undefined : syncs.get(event.syncId);
        const within = sync ? trace.setSpan(context.active(), sync) : context.active();
        const options = { kind: SpanKind.CLIENT, attributes };
        requests.set(event.requestId, tracer.startSpan(nameOf("request"), options, within));
        return;
      }
      case "request-answered":
        end(requests, event.requestId, { answer: event.answer, "error.type": event.reason });
        return;
      case "request-failed":
        end(requests, event.requestId, { "error.type": errorTypeOf(event.fault, event.cause) });
        return;
      case "message-answered":
        message(event.durationMs, { answer: event.answer, "error.type": event.reason });
        return;
      case "message-failed":
        message(event.durationMs, { "error.type": errorTypeOf(event.fault) });
    }
  };

  function message(durationMs: number, attributes: AttributeValues): void {
    const startTime = Date.now() - durationMs;
    endSpan(tracer.startSpan(nameOf("message"), { kind: SpanKind.INTERNAL, startTime }), attributes);
  }
}

function nameOf(span: keyof typeof SPANS): string {
  return PREFIX + span;
}

function end(spans: Map<string, Span>, id: string, attributes: AttributeValues): void {
  const span = spans.get(id);
  spans.delete(id);
  if (span) endSpan(span, attributes);
}

/** An error has a type and no message: a message may hold anything. */
function endSpan(span: Span, attributes: AttributeValues): void {
  span.setAttributes(namedAttributes(attributes));
  if (attributes["error.type"] !== null) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
