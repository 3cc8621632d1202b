import { type Attributes, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createOpenTelemetryListener, type LibraryEvent } from "unified-contributions/adapters/opentelemetry";
import { createReceiver } from "unified-contributions/ghec";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { classOf, errorTypeOf } from "../../../src/adapters/opentelemetry/error-type.ts";
import {
  attributeName,
  INSTRUMENTS,
  PREFIX,
  SPANS,
} from "../../../src/adapters/opentelemetry/instruments.ts";
import { createWorld, OCTO } from "../../support/world.ts";

/** A listener over OpenTelemetry's own exporters in memory, and what they have got. */
function listening() {
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  const onEvent = createOpenTelemetryListener({
    tracer: tracers.getTracer("test"),
    meter: meters.getMeter("test"),
  });
  return {
    onEvent,
    spans: () => spans.getFinishedSpans(),
    /** Every data point, with the name and the unit of its metric. */
    async points() {
      await meters.forceFlush();
      const metrics =
        exporter
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({
          name: descriptor.name.replace(PREFIX, ""),
          unit: descriptor.unit,
          attributes,
          value: typeof value === "number" ? value : value.count,
        })),
      );
    },
  };
}

const FAULT = { type: "storage-fault", reason: "timed-out", message: "secret" } as const;
const TRANSPORT = { type: "transport-fault", reason: "busy", retryAfterMs: null, message: "secret" } as const;
const SYNC = { syncId: "sync-secret", scope: "everything" } as never;
const REQUEST = { syncId: "sync-secret", requestId: "request-secret", message: "deliver" } as never;
const PART = { part: "ledger", statement: "append", durationMs: 2_000 } as const;
const PORT = { port: "store", method: "loadLink", durationMs: 2_000 } as const;
const CAUSE = new RangeError("secret");
const at = 0 as never;

/** One of each event that a sync which goes well does not tell. */
const OTHERS: readonly LibraryEvent[] = [
  {
    type: "user-not-sent",
    syncId: "s" as never,
    user: "secret" as never,
    reason: "source-fault",
    detail: "secret",
  },
  { type: "request-failed", ...(REQUEST as object), durationMs: 1, fault: TRANSPORT, cause: CAUSE } as never,
  { type: "message-failed", installation: "secret" as never, durationMs: 1, fault: FAULT },
  { type: "deletion-asked", of: "link" },
  { type: "deletion-acknowledged", syncId: "s" as never, of: "link", deletions: 2, waitedMs: 5_000 },
  { type: "deletion-recorded", installation: "secret" as never, of: "epoch", links: 0, durationMs: 1 },
  { type: "deletion-recorded", installation: "secret" as never, of: "links", links: 3, durationMs: 1 },
  { type: "ledger-reconciled", durationMs: 1, entries: 2, recorded: 0, cutOff: 0 },
  { type: "reconciliation-failed", durationMs: 1, fault: FAULT },
  { type: "installation-cut-off", installation: "secret" as never },
  { type: "session-contested", syncId: "s" as never, current: "secret" as never },
  { type: "disabled-by-receiver", syncId: "s" as never, epoch: 3 },
  { type: "sweep-doubted", at, lastAt: at },
  { type: "swept", durationMs: 1, deleted: 1, trimmed: 0, forgotten: 2, isDone: true },
  { type: "http-request-answered", installation: "secret" as never, durationMs: 1 },
  {
    ...{
      type: "http-request-refused",
      code: "unknown-key",
      status: 401,
      installation: null,
      keyId: "secret",
    },
    ...{ why: "secret", durationMs: 1 },
  },
  { type: "http-exchange-ended", status: 200, durationMs: 1 },
  { type: "http-exchange-failed", status: null, reason: "unreachable", message: "secret", durationMs: 1 },
  { type: "port-failed", ...PORT, fault: { ...FAULT }, cause: CAUSE },
  { type: "port-slow", ...PORT, isOver: false },
  { type: "port-slow", ...PORT, isOver: true },
  { type: "version-conflict", ...PORT },
  { type: "statement-failed", ...PART, state: "40P01", message: "secret", cause: CAUSE },
  { type: "statement-slow", ...PART, isOver: false },
  { type: "statement-slow", ...PART, isOver: true },
];

describe("metrics", () => {
  it("describe a sync across both sides", async () => {
    const { onEvent, points } = listening();
    const world = createWorld();
    await world.enable();
    await world.connect();
    await world.optIn();
    await world.contribute(OCTO, "2026-03-01T09:00:00Z");
    const receiver = createReceiver({ ...world.cloud.options, store: world.cloud.receiverStore, onEvent });
    world.cloud.receiver = receiver;

    (await createSender({ ...world.options, onEvent }).sync())._unsafeUnwrap();

    const found = await points();
    const named = (name: string) => found.filter((point) => point.name === name);
    expect(named("sync.duration")).toEqual([
      {
        ...{ name: "sync.duration", unit: "s", value: 1 },
        attributes: { [`${PREFIX}scope`]: "everything", [`${PREFIX}outcome`]: "completed" },
      },
    ]);
    expect(named("sync.links")).toMatchObject([{ value: 1, attributes: { [`${PREFIX}result`]: "kept" } }]);
    expect(named("request.duration")).toHaveLength(2);
    expect(named("message.duration")).toHaveLength(2);
    expect(named("message.records")).toMatchObject([
      { value: 1, attributes: { [`${PREFIX}outcome`]: "kept" } },
    ]);
  });

  it("have the names, units and attributes that the document lists, and no others", async () => {
    const { onEvent, points } = listening();
    const ended = {
      requests: 1,
      kept: 1,
      unchanged: 1,
      ended: 1,
      unknown: 1,
      withdrawn: 1,
      notFound: 1,
      failed: 1,
    };
    onEvent({
      ...{ type: "sync-ended", ...(SYNC as object), ...ended, durationMs: 5, outcome: "failed" },
      ...{ isContested: false, fault: FAULT, nextSyncAt: null },
    } as never);
    const answered = {
      durationMs: 1,
      answer: "rejected",
      reason: "malformed-message",
      outcomes: { kept: 1 },
    };
    onEvent({
      type: "message-answered",
      installation: "secret",
      requestId: null,
      refusals: {},
      ...answered,
    } as never);
    onEvent({ type: "request-answered", ...(REQUEST as object), refusals: {}, ...answered } as never);
    for (const event of OTHERS) onEvent(event);

    const attributesOf = new Map<string, Set<string>>();
    for (const { name, unit, attributes } of await points()) {
      const instrument = INSTRUMENTS[name as keyof typeof INSTRUMENTS];
      expect(unit).toBe(instrument.unit);
      const seen = attributesOf.get(name) ?? new Set();
      for (const attribute of Object.keys(attributes)) seen.add(attribute);
      attributesOf.set(name, seen);
    }
    expect([...attributesOf.keys()].sort()).toEqual(Object.keys(INSTRUMENTS).sort());
    for (const [name, { attributes }] of Object.entries(INSTRUMENTS))
      expect([...(attributesOf.get(name) ?? [])].sort()).toEqual([...attributes].map(attributeName).sort());
    expect(JSON.stringify(await points())).not.toContain("secret");
  });
});

describe("spans", () => {
  it("show a sync with its requests, and the messages that were answered", async () => {
    const { onEvent, spans } = listening();
    const world = createWorld();
    await world.enable();
    world.cloud.receiver = createReceiver({
      ...world.cloud.options,
      store: world.cloud.receiverStore,
      onEvent,
    });

    (await createSender({ ...world.options, onEvent }).sync())._unsafeUnwrap();

    const finished = spans();
    const sync = finished.find(({ name }) => name === `${PREFIX}sync`);
    const requests = finished.filter(({ name }) => name === `${PREFIX}request`);
    expect(sync?.status.code).toBe(SpanStatusCode.UNSET);
    expect(requests.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
      sync?.spanContext().spanId,
    ]);
    expect(requests[0]?.attributes).toEqual({
      ...{ [`${PREFIX}message`]: "complete", [`${PREFIX}records`]: 0, [`${PREFIX}answer`]: "completed" },
    });
    expect(finished.filter(({ name }) => name === `${PREFIX}message`)).toHaveLength(1);
  });

  it("of a request outside of any sync have no parent", () => {
    const { onEvent, spans } = listening();
    const outside = { ...(REQUEST as object), syncId: null, message: "push" };
    onEvent({ type: "request-sent", ...outside, records: 0 } as never);
    onEvent({ type: "request-answered", ...outside, answer: "push-refused", reason: "disabled" } as never);

    expect(spans()).toMatchObject([
      {
        parentSpanContext: undefined,
        attributes: { [`${PREFIX}message`]: "push", "error.type": "disabled" },
      },
    ]);
  });

  it("have an error's type and no message, and the attributes that the document lists", () => {
    const { onEvent, spans } = listening();
    onEvent({ type: "sync-began", ...(SYNC as object) } as never);
    onEvent({ type: "request-sent", ...(REQUEST as object), records: 2 } as never);
    for (const event of OTHERS) onEvent(event);
    onEvent({ type: "request-sent", ...(REQUEST as object), records: 2 } as never);
    onEvent({ type: "request-answered", ...(REQUEST as object), answer: "delivered", reason: null } as never);
    onEvent({ type: "sync-ended", ...(SYNC as object), outcome: "failed", fault: TRANSPORT } as never);
    // An end without a beginning: the listener came late.
    onEvent({ type: "sync-ended", ...(SYNC as object), outcome: "failed", fault: TRANSPORT } as never);
    onEvent({ type: "request-sent", ...(REQUEST as object), records: 2 } as never);

    const finished = spans();
    const failed = finished.filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(
      failed.map(({ name, attributes, status }) => [name, attributes["error.type"], status.message]),
    ).toEqual([
      [`${PREFIX}request`, "RangeError", undefined],
      [`${PREFIX}message`, "timed-out", undefined],
      [`${PREFIX}sync`, "busy", undefined],
    ]);
    const listed = (span: keyof typeof SPANS): readonly string[] => SPANS[span].attributes.map(attributeName);
    const allowed = (attributes: Attributes, span: string): boolean =>
      Object.keys(attributes).every((name) =>
        listed(span.replace(PREFIX, "") as keyof typeof SPANS).includes(name),
      );
    expect(finished.every(({ name, attributes }) => allowed(attributes, name))).toBe(true);
    expect(JSON.stringify(finished.map(({ name, attributes }) => [name, attributes]))).not.toContain(
      "secret",
    );
  });
});

it("a listener without providers does nothing", () => {
  const onEvent = createOpenTelemetryListener();

  expect(() => onEvent({ type: "deletion-asked", of: "link" })).not.toThrow();
  expect(trace.getActiveSpan()).toBeUndefined();
});

it.each([
  ["the class of what was thrown", FAULT, CAUSE, "RangeError"],
  ["the reason of a fault", FAULT, undefined, "timed-out"],
  ["the type of one without a reason", { type: "rejected", reason: null }, "a text", "rejected"],
  ["nothing where nothing is wrong", null, null, null],
])("an error's type is %s", (_, fault, cause, type) => {
  expect(errorTypeOf(fault, cause)).toBe(type);
});

it("a class with a nonsensical name has no error type", () => {
  expect(classOf(Object.create(null))).toBeNull();
  expect(classOf({ constructor: { name: "secret" } })).toBeNull();
  expect(classOf(new (class {})())).toBeNull();
});
