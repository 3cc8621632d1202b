/**
 * Metrics and spans by OpenTelemetry, of the events that every part of the library tells its host. Wants
 * `@opentelemetry/api` installed: `npm install @opentelemetry/api`.
 *
 * @packageDocumentation
 */

export type { LibraryEvent } from "./library-event.ts";
export { createOpenTelemetryListener, type OpenTelemetryOptions } from "./listener.ts";
