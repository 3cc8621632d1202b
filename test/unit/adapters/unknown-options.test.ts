import { trace } from "@opentelemetry/api";
import { errAsync, okAsync } from "unified-contributions";
import { createGithubGraphqlSource } from "unified-contributions/adapters/github-graphql";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import * as signatures from "unified-contributions/adapters/http-signatures";
import { createMemoryTransport } from "unified-contributions/adapters/memory";
import { createOpenTelemetryListener } from "unified-contributions/adapters/opentelemetry";
import * as postgres from "unified-contributions/adapters/postgres";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";

const directory = signatures.createMemoryKeyDirectory();
const nonces = signatures.createMemoryNonceStore();
const clock = createTestClock("2026-03-01T12:00:00Z");
const random = createTestRandom(1);
const publicUrl = "https://cloud.example";
const url = `${publicUrl}/unified-contributions`;
const key = () => Promise.reject(new Error("nothing is signed here"));
const receiver = {
  handle: () => errAsync({ type: "storage-fault", reason: "failed", message: "" } as const),
};
const authenticate = () => errAsync({ type: "authentication-failed", message: "" });
const client = { query: () => Promise.resolve({ rows: [] }) };

/** Every factory of an adapter that takes options: the ones that it needs, and a misspelt one that it does not know. */
const FACTORIES: readonly (readonly [(options: never) => unknown, needed: object, misspelt: string])[] = [
  [createHttpHandler, { receiver, authenticate }, "maxBody"],
  [createHttpTransport, { url }, "timeout"],
  [createGithubGraphqlSource, { url, token: () => "", loginOf: () => null, clock }, "maxWait"],
  [signatures.createRequestVerifier, { directory, nonces, clock, publicUrl }, "maxAge"],
  [signatures.createRequestSigner, { key, clock, random }, "validFor"],
  [signatures.createAnswerVerifier, { keys: () => [] }, "key"],
  [signatures.createAnswerSigner, { key }, "keys"],
  [signatures.createKeyRegistrar, { directory, clock, random, publicUrl }, "validFor"],
  [signatures.createMemoryNonceStore, {}, "max"],
  [createMemoryTransport, { handle: () => okAsync(null) }, "onByte"],
  [createOpenTelemetryListener, {}, "tracers"],
  [postgres.createPostgresSenderStore, { client }, "schemaName"],
  [postgres.createPostgresSenderReader, { client }, "schemaName"],
  [postgres.createPostgresReceiverStore, { client }, "slowMs"],
  [postgres.createPostgresReceiverReader, { client }, "onEvents"],
  [postgres.createPostgresLedger, { client }, "schemas"],
  [postgres.createPostgresKeyDirectory, { client }, "pool"],
  [postgres.createPostgresNonceStore, { client }, "limit"],
];

describe("a misspelt option is refused by name, so that its default does not hold in silence:", () => {
  const named = FACTORIES.map(([factory, needed, misspelt]) => ({
    ...{ name: factory.name, make: factory, needed, misspelt },
  }));

  it.each(named)("$misspelt of $name", ({ name, make, needed, misspelt }) => {
    expect(() => make(needed as never)).not.toThrow();
    expect(() => make({ ...needed, [misspelt]: 1 } as never)).toThrow(
      new RegExp(`^${name}: there is no option \`${misspelt}\`\\. The options are \\w+`),
    );
  });

  it("names every option of the factory", () => {
    const make = createOpenTelemetryListener as (options: object) => unknown;

    expect(() => make({ tracer: trace.getTracer("test"), meters: null })).toThrow(
      "createOpenTelemetryListener: there is no option `meters`. The options are tracer, meter.",
    );
  });
});
