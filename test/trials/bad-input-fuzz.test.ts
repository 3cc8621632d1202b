import fc from "fast-check";
import { errAsync, okAsync } from "unified-contributions";
import { createSender, type Transport } from "unified-contributions/ghes";
import type { Answer, Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { settle } from "../support/proof-life.ts";
import { createCloud, createServer, createWorld, OCTO, SERVER } from "../support/world.ts";

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

const id = fc.constantFrom(
  "session-0000-0000",
  "session-0000-0001",
  "link-0000-0000-00",
  "request-0000-0000",
);
const sometimes = <Value>(right: fc.Arbitrary<Value>) => fc.oneof({ weight: 9, arbitrary: right }, anything);
const stands = fc.record({
  epoch: fc.constantFrom(0, 1, 2, 2_147_483_647),
  status: fc.constantFrom("on", "off"),
});
const date = fc.constantFrom(
  "2026-03-01",
  "2026-03-03",
  "2026-03-04",
  "2025-01-01",
  "9999-12-31",
  "2026-02-29",
);

const record = fc.record(
  {
    type: sometimes(fc.constantFrom("report", "withdraw")),
    linkId: sometimes(id),
    choice: sometimes(fc.option(fc.nat(3))),
    source: sometimes(fc.constant("GitHub Enterprise Server")),
    first: sometimes(date),
    counts: sometimes(fc.array(fc.integer({ min: -1, max: 65_536 }), { maxLength: 91 })),
  },
  { requiredKeys: ["type", "linkId"] },
);

/** Messages that are nearly right. */
const message = fc.record(
  {
    version: fc.constantFrom(1, 1, 1, 1, 2),
    requestId: sometimes(id),
    type: sometimes(fc.constantFrom("attach", "enable", "disable", "deliver", "complete")),
    replaces: sometimes(fc.option(id)),
    featureSwitch: sometimes(stands),
    after: sometimes(fc.nat(3)),
    epoch: sometimes(fc.nat(3)),
    sessionId: sometimes(fc.option(id)),
    follows: sometimes(fc.array(id, { maxLength: 3 })),
    records: sometimes(fc.array(fc.oneof(record, anything), { maxLength: 4 })),
  },
  { requiredKeys: ["version", "requestId", "type"] },
);

const outcome = fc.oneof(
  fc.constantFrom({ type: "kept" }, { type: "unknown" }, { type: "not-applied" }),
  fc.record({ type: fc.constant("refused"), reason: fc.constantFrom("clock-ahead", "malformed-record") }),
  fc.record({
    type: fc.constant("withdrawn"),
    receipt: fc.record({ deletedAt: fc.nat(), removed: fc.constant(null) }),
  }),
);
const current = fc.record({ id, isVacant: fc.boolean() });

/** What a receiver might say, apart from its envelope; none of it need be true. */
const saying = fc.oneof(
  fc.record({ type: fc.constant("attached"), sessionId: id }),
  fc.record({ type: fc.constant("attach-refused"), current }),
  fc.constant({ type: "switched" }),
  fc.record({
    type: fc.constant("disabled"),
    receipt: fc.record({ epoch: fc.nat(3), disabledAt: fc.nat() }),
  }),
  fc.record({ type: fc.constant("delivered"), outcome }),
  fc.record({ type: fc.constant("detached"), current, outcome }),
  fc.constant({ type: "completed", ended: [], heardTo: null, hasMore: false }),
  fc.constant({ type: "pushed" }),
  fc.record({ type: fc.constant("redeemed"), linkId: id, epoch: fc.nat(3) }),
  fc.record({
    type: fc.constant("redemption-refused"),
    reason: fc.constantFrom("no-such-consent", "link-ended"),
  }),
);

/** A world in which somebody sends three contributions. */
async function sendingWorld() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", "2026-02-01T10:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

describe("nothing throws", () => {
  it("whatever an installation says to a receiver, and a rejected message changes nothing", async () => {
    const { receiver, receiverStore, enable } = createWorld("2026-03-01T12:00:00Z");
    await enable();
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, anything), async (input) => {
        const before = receiverStore.snapshot();
        const answer = (await receiver.handle(SERVER, input))._unsafeUnwrap();
        expect(JSON.stringify(answer).length).toBeLessThan(5_000);
        if (answer.type === "rejected") expect(receiverStore.snapshot()).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it("whatever a receiver's host asks for", async () => {
    const { receiver } = createWorld("2026-03-01T12:00:00Z");
    await fc.assert(
      fc.asyncProperty(anything, anything, async (one, other) => {
        for (const method of Object.values(receiver) as unknown as readonly AnyMethod[]) {
          const result = await method(one, other);
          if (result.isErr()) expect(typeof (result.error as { readonly type: unknown }).type).toBe("string");
        }
      }),
    );
  });

  it("whatever a sender's host asks for, and a refused request changes nothing", async () => {
    const { server } = await sendingWorld();
    const { takeOver, status, connect, ...methods } = server.sender;
    await fc.assert(
      fc.asyncProperty(anything, anything, async (one, other) => {
        const before = server.senderStore.snapshot();
        // Any text names a user, who may connect.
        const asked = typeof one === "string" ? methods : { ...methods, connect };
        for (const method of Object.values(asked) as unknown as readonly AnyMethod[]) {
          const result = await method(one, other);
          if (result.isErr()) expect(typeof (result.error as { readonly type: unknown }).type).toBe("string");
        }
        expect(server.senderStore.snapshot().links).toEqual(before.links);
        expect((await status()).isOk() && (await takeOver()).isOk()).toBe(true);
      }),
    );
  });

  it("whatever comes back over the wire, and the next honest sync repairs everything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 6 }), async (said) => {
        const { cloud, server } = await sendingWorld();
        const transport: Transport = { send: () => okAsync(said.shift()) };
        const deceived = createSender({ ...server.options, transport });
        await server.contribute(OCTO, "2026-03-01T11:00:00Z");

        const report = (await deceived.sync())._unsafeUnwrap();

        expect(report).toMatchObject({ outcome: "failed", kept: 0, fault: { reason: "malformed-answer" } });
        await settle(server);
        expect(await cloud.shown()).toEqual([4]);
      }),
    );
  });

  it("whatever lies come back over the wire, and the sync ends with a state that can go on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(saying, stands), { minLength: 1, maxLength: 30 }), async (lies) => {
        const { server } = await sendingWorld();
        const transport: Transport = { send: (asked) => lie(asked, lies.shift()) };
        const deceived = createSender({ ...server.options, transport });
        await server.contribute(OCTO, "2026-03-01T11:00:00Z");

        for (let round = 0; round < 3; round++) {
          const report = (await deceived.sync())._unsafeUnwrap();
          expect(["completed", "incomplete", "failed"]).toContain(report.outcome);
          expect(report.requests).toBeLessThan(40);
          expect(server.senderStore.snapshot().server.value.lease).toBeNull();
        }
        const { outcome, fault } = (await server.sender.sync())._unsafeUnwrap();
        // Who believed in a switch that nobody can have minted is refused by name.
        if (outcome === "failed") expect(fault).toMatchObject({ type: "rejected", reason: "epoch-too-far" });
        else expect(["completed", "incomplete"]).toContain(outcome);
      }),
    );
  });
});

type AnyMethod = (...input: readonly unknown[]) => ReturnType<Transport["send"]>;

/** An answer that fits the message in form; nothing comes when the lies have run out. */
function lie(asked: Message, said: readonly [object, unknown] | undefined): ReturnType<Transport["send"]> {
  if (!said) {
    const message = "Nothing came back in time.";
    return errAsync({ type: "transport-fault", reason: "timed-out", retryAfterMs: null, message });
  }
  const [answer, stands] = said;
  const { outcome, ...rest } = answer as Partial<Answer> & { readonly outcome?: unknown };
  const records = asked.type === "deliver" ? asked.records : [];
  const outcomes = outcome === undefined ? {} : { outcomes: records.map(() => outcome) };
  return okAsync({ version: 1, requestId: asked.requestId, featureSwitch: stands, ...rest, ...outcomes });
}
