import { INVALID_SPAN_CONTEXT, type Meter, type Span, type Tracer, trace } from "@opentelemetry/api";

/** A tracer and a meter that note all that they are given. */
export function recordingTelemetry(noted: unknown[]): { readonly tracer: Tracer; readonly meter: Meter } {
  const note = (...given: unknown[]): void => void noted.push(given);
  const span: Span = Object.assign(Object.create(trace.wrapSpanContext(INVALID_SPAN_CONTEXT)), {
    ...{ setAttributes: note, setStatus: note, end: note, recordException: note, addEvent: note },
  });
  const startSpan = (name: string, options?: unknown): Span => {
    note(name, options);
    return span;
  };
  const instrument = (name: string) => ({
    add: (value: number, attributes?: unknown) => note(name, value, attributes),
    record: (value: number, attributes?: unknown) => note(name, value, attributes),
  });
  return {
    tracer: { startSpan, startActiveSpan: () => undefined as never },
    meter: { createCounter: instrument, createHistogram: instrument } as unknown as Meter,
  };
}
