import { classOf, errorTypeOf } from "./error-type.ts";
import type { AttributeValues, InstrumentName, Measurement } from "./instruments.ts";
import type { LibraryEvent } from "./library-event.ts";

/** Returns the measurements of an event. Pure. */
export function measurementsOf(event: LibraryEvent): readonly Measurement[] {
  switch (event.type) {
    case "sync-began":
    case "request-sent":
      return [];
    case "sync-ended": {
      const { scope, outcome, fault } = event;
      const { kept, unchanged, ended, unknown, withdrawn, notFound, failed } = event;
      const links = { kept, unchanged, ended, unknown, withdrawn, "not-found": notFound, failed };
      const attributes = { scope, outcome, "error.type": errorTypeOf(fault) };
      return [duration("sync.duration", event, attributes), ...counts("sync.links", "result", links)];
    }
    case "user-not-sent":
      return [one("sync.users_not_sent", { "error.type": event.reason })];
    case "request-answered":
      return [duration("request.duration", event, { message: event.message, answer: event.answer })];
    case "request-failed": {
      const { message, fault, cause } = event;
      return [duration("request.duration", event, { message, "error.type": errorTypeOf(fault, cause) })];
    }
    case "message-answered": {
      const { answer, reason, outcomes } = event;
      const took = duration("message.duration", event, { answer, "error.type": reason });
      return [took, ...counts("message.records", "outcome", outcomes)];
    }
    case "message-failed":
      return [duration("message.duration", event, { "error.type": errorTypeOf(event.fault) })];
    case "deletion-asked":
      return [one("deletions", { of: event.of, state: "asked" })];
    case "deletion-acknowledged": {
      const { of, deletions, waitedMs } = event;
      const acknowledged = {
        name: "deletions",
        value: deletions,
        attributes: { of, state: "acknowledged" },
      } as const;
      return [acknowledged, duration("deletion.wait", { durationMs: waitedMs }, { of })];
    }
    case "deletion-recorded": {
      const { of, links } = event;
      const value = of === "epoch" ? 1 : links;
      return [{ name: "deletions", value, attributes: { of, state: "recorded" } }];
    }
    case "ledger-reconciled": {
      const entries = { read: event.entries, recorded: event.recorded };
      const took = duration("ledger.reconciliation.duration", event, {});
      return [took, ...counts("ledger.entries", "state", entries)];
    }
    case "reconciliation-failed": {
      const attributes = { "error.type": errorTypeOf(event.fault) };
      return [duration("ledger.reconciliation.duration", event, attributes)];
    }
    case "swept": {
      const { deleted, trimmed, forgotten } = event;
      const links = counts("sweep.links", "result", { deleted, trimmed, forgotten });
      return [duration("sweep.duration", event, {}), ...links];
    }
    case "session-contested":
    case "disabled-by-receiver":
    case "installation-cut-off":
    case "sweep-doubted":
      return [one("incidents", { event: event.type })];
    case "http-request-answered":
      return [duration("handler.duration", event, { "http.response.status_code": 200 })];
    case "http-request-refused": {
      const attributes = { "http.response.status_code": event.status, "error.type": event.code };
      return [duration("handler.duration", event, attributes)];
    }
    case "http-exchange-ended":
      return [duration("exchange.duration", event, { "http.response.status_code": event.status })];
    case "http-exchange-failed": {
      const attributes = { "http.response.status_code": event.status, "error.type": event.reason };
      return [duration("exchange.duration", event, attributes)];
    }
    case "port-failed": {
      const { port, method, fault, cause } = event;
      return [one("port.failures", { port, method, "error.type": errorTypeOf(fault, cause) })];
    }
    case "port-slow": {
      const { port, method, isOver } = event;
      return isOver ? [] : [one("port.slow_calls", { port, method })];
    }
    case "version-conflict":
      return [one("port.conflicts", { port: event.port, method: event.method })];
    case "statement-failed": {
      const { part, statement, state, cause } = event;
      const named = { "db.response.status_code": state, "error.type": classOf(cause) };
      return [one("statement.failures", { part, statement, ...named })];
    }
    case "statement-slow": {
      const { part, statement, isOver } = event;
      return isOver ? [] : [one("statement.slow", { part, statement })];
    }
  }
}

function one(name: InstrumentName, attributes: AttributeValues): Measurement {
  return { name, value: 1, attributes };
}

function duration(
  name: InstrumentName,
  { durationMs }: { readonly durationMs: number },
  attributes: AttributeValues,
): Measurement {
  return { name, value: durationMs / 1_000, attributes };
}

/** Returns a measurement for each of these numbers that is not zero, under its own name. */
function counts(
  name: InstrumentName,
  attribute: string,
  numbers: Readonly<Record<string, number>>,
): readonly Measurement[] {
  return Object.entries(numbers).flatMap(([value, number]) =>
    number > 0 ? [{ name, value: number, attributes: { [attribute]: value } }] : [],
  );
}
