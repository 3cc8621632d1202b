import type { Counter, Histogram, Meter } from "@opentelemetry/api";

/** The beginning of every name. */
export const PREFIX = "unified_contributions.";

/**
 * All metrics, by their names without the prefix: the kind, the unit in UCUM, and the attributes.
 *
 * None of the attributes has more than a few dozen values.
 */
export const INSTRUMENTS = {
  "sync.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long a sync took",
    attributes: ["scope", "outcome", "error.type"],
  },
  "sync.links": {
    kind: "counter",
    unit: "{link}",
    description: "Links of which a sync has heard something",
    attributes: ["result"],
  },
  "sync.users_not_sent": {
    kind: "counter",
    unit: "{user}",
    description: "Users whose counts could not be sent; the first 1,000 of a sync",
    attributes: ["error.type"],
  },
  "request.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long the sender waited for an answer",
    attributes: ["message", "answer", "error.type"],
  },
  "message.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long the receiver took for an answer",
    attributes: ["answer", "error.type"],
  },
  "message.records": {
    kind: "counter",
    unit: "{record}",
    description: "Records that the receiver has answered",
    attributes: ["outcome"],
  },
  "handler.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long the HTTP handler took for a request",
    attributes: ["http.response.status_code", "error.type"],
  },
  "exchange.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long an exchange of the HTTP transport took",
    attributes: ["http.response.status_code", "error.type"],
  },
  deletions: {
    kind: "counter",
    unit: "{deletion}",
    description: "Deletions that were asked for, acknowledged to the sender, or recorded by the receiver",
    attributes: ["of", "state"],
  },
  "deletion.wait": {
    kind: "histogram",
    unit: "s",
    description: "How long the oldest of the acknowledged deletions was waited for",
    attributes: ["of"],
  },
  "ledger.reconciliation.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long it took to make the store and the ledger agree",
    attributes: ["error.type"],
  },
  "ledger.entries": {
    kind: "counter",
    unit: "{entry}",
    description: "Entries that the store had not read or had lost, and entries that the ledger did not have",
    attributes: ["state"],
  },
  "sweep.duration": {
    kind: "histogram",
    unit: "s",
    description: "How long a sweep took",
    attributes: [],
  },
  "sweep.links": {
    kind: "counter",
    unit: "{link}",
    description: "Links that a sweep has deleted, trimmed or forgotten",
    attributes: ["result"],
  },
  incidents: {
    kind: "counter",
    unit: "{incident}",
    description: "Events that an operator has to look at, by their type",
    attributes: ["event"],
  },
  "port.failures": {
    kind: "counter",
    unit: "{failure}",
    description: "Faults of the host's own parts, and what they threw",
    attributes: ["port", "method", "error.type"],
  },
  "port.slow_calls": {
    kind: "counter",
    unit: "{call}",
    description: "Slow calls of the host's own parts",
    attributes: ["port", "method"],
  },
  "port.conflicts": {
    kind: "counter",
    unit: "{conflict}",
    description: "Commits that came after another writer's",
    attributes: ["port", "method"],
  },
  "statement.failures": {
    kind: "counter",
    unit: "{failure}",
    description: "Statements that PostgreSQL or its driver refused",
    attributes: ["part", "statement", "db.response.status_code", "error.type"],
  },
  "statement.slow": {
    kind: "counter",
    unit: "{statement}",
    description: "Slow statements",
    attributes: ["part", "statement"],
  },
} as const;

/** All spans, by their names without the prefix, with their attributes. */
export const SPANS = {
  sync: {
    description: "A sync, from its beginning to its end",
    attributes: ["scope", "outcome", "error.type"],
  },
  request: {
    description: "A request of a sync, within its span",
    attributes: ["message", "records", "answer", "error.type"],
  },
  message: {
    description: "A message that the receiver answers, within the span that is active",
    attributes: ["answer", "error.type"],
  },
} as const;

/** The name of a metric, without the prefix. */
export type InstrumentName = keyof typeof INSTRUMENTS;

/** Returns the whole name of an attribute. A name of the semantic conventions has a point, and needs no prefix. */
export function attributeName(name: string): string {
  return name.includes(".") ? name : PREFIX + name;
}

/**
 * In seconds: the boundaries of the semantic conventions for HTTP, and longer ones for a sync or a wait for a receipt.
 */
const BOUNDARIES = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  ...[30, 60, 300, 1_800, 3_600, 21_600, 86_400],
];

/** Attributes by their names without the prefix; null for an attribute without a value. */
export type AttributeValues = Readonly<Record<string, string | number | null>>;

/** A value to add to a counter, or to record in a histogram. */
export interface Measurement {
  readonly name: InstrumentName;
  readonly value: number;
  readonly attributes: AttributeValues;
}

/** Makes all metrics, and returns a function that adds to them. */
export function createMeasure(meter: Meter): (measurement: Measurement) => void {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { kind, unit, description }] of Object.entries(INSTRUMENTS)) {
    const options = { unit, description };
    if (kind === "counter") counters.set(name, meter.createCounter(PREFIX + name, options));
    else {
      const advice = { explicitBucketBoundaries: BOUNDARIES };
      histograms.set(name, meter.createHistogram(PREFIX + name, { ...options, advice }));
    }
  }
  return ({ name, value, attributes }) => {
    const known = namedAttributes(attributes);
    counters.get(name)?.add(value, known);
    histograms.get(name)?.record(value, known);
  };
}

/** Returns the attributes that have a value, under their whole names. */
export function namedAttributes(attributes: AttributeValues): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === null ? [] : [[attributeName(name), value] as const],
    ),
  );
}
