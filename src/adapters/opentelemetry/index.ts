/**
 * OpenTelemetry metrics and spans of the events that every part of the library tells its host.
 *
 * It needs `@opentelemetry/api`: `npm install @opentelemetry/api`.
 *
 * @packageDocumentation
 */

export type { LibraryEvent } from "./library-event.ts";
export { createOpenTelemetryListener, type OpenTelemetryOptions } from "./listener.ts";
