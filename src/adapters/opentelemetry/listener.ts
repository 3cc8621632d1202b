import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import { createMeasure } from "./instruments.ts";
import type { LibraryEvent } from "./library-event.ts";
import { measurementsOf } from "./metrics.ts";
import { createSpans } from "./spans.ts";

/** Where metrics and spans go. */
export interface OpenTelemetryOptions {
  /** Makes the spans; the global provider's if left out, which does nothing until the host has set one. */
  readonly tracer?: Tracer;
  /** Makes the metrics; the global provider's if left out, which does nothing until the host has set one. */
  readonly meter?: Meter;
}

const NAME = "unified-contributions";

/**
 * Makes an `onEvent` that turns events into metrics and spans: give the same one to every part. Names and attributes stand in
 * docs/events.md. No attribute is the id of anything, and of an error there is the class and the SQLSTATE, never a message.
 */
export function createOpenTelemetryListener(
  options: OpenTelemetryOptions = {},
): (event: LibraryEvent) => void {
  const { tracer = trace.getTracer(NAME), meter = metrics.getMeter(NAME) } = options;
  const measure = createMeasure(meter);
  const span = createSpans(tracer);
  return (event) => {
    for (const measurement of measurementsOf(event)) measure(measurement);
    span(event);
  };
}
