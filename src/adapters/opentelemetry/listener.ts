import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import { createMeasure } from "./instruments.ts";
import type { LibraryEvent } from "./library-event.ts";
import { measurementsOf } from "./metrics.ts";
import { createSpans } from "./spans.ts";

/** The destination of metrics and spans. */
export interface OpenTelemetryOptions {
  /** Makes the spans; the global provider's if left out, which does nothing until the host has set one. */
  readonly tracer?: Tracer;
  /** Makes the metrics; the global provider's if left out, which does nothing until the host has set one. */
  readonly meter?: Meter;
}

const NAME = "unified-contributions";

const OPTIONS: Readonly<Record<keyof OpenTelemetryOptions, true>> = { tracer: true, meter: true };

/**
 * Returns an `onEvent` that turns events into metrics and spans. Give the same one to every part.
 *
 * docs/events.md lists names and attributes. No attribute is the id of anything. An error appears as its class and its
 * SQLSTATE, never as its message. A wrong option throws a `TypeError`.
 */
export function createOpenTelemetryListener(
  options: OpenTelemetryOptions = {},
): (event: LibraryEvent) => void {
  refuseUnknownOptions("createOpenTelemetryListener", options, OPTIONS);
  const { tracer = trace.getTracer(NAME), meter = metrics.getMeter(NAME) } = options;
  const measure = createMeasure(meter);
  const span = createSpans(tracer);
  return (event) => {
    for (const measurement of measurementsOf(event)) measure(measurement);
    span(event);
  };
}
