import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO } from "../../support/journey.ts";
import { dying, troubleAt } from "../../support/proof-trouble.ts";

async function serverWithAClockOfItsOwn() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const server = createServer(cloud, { clock });
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, clock, server };
}

describe("a server whose clock is wrong", () => {
  it("is refused by name when it is far ahead, and what was shown stays", async () => {
    const { cloud, clock, server } = await serverWithAClockOfItsOwn();
    clock.set("2026-03-10T12:00:00Z");
    await server.contribute(OCTO, "2026-03-10T09:00:00Z");

    const report = await server.sync();

    expect(report.outcome).toBe("incomplete");
    expect(report.failures).toMatchObject([
      { user: OCTO, reason: { type: "record-refused", reason: "clock-ahead" } },
    ]);
    expect(await cloud.shown()).toEqual([1]);
  });

  it("goes on as soon as its clock is right again", async () => {
    const { cloud, clock, server } = await serverWithAClockOfItsOwn();
    clock.set("2036-03-01T12:00:00Z");
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    await server.sync();
    clock.set("2026-03-01T13:00:00Z");

    expect((await server.sharing()).nextSyncAt).toBe(Date.parse("2026-03-01T13:00:00Z"));
    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 1 });
    expect(await cloud.shown()).toEqual([2]);
  });

  it("is not silenced by a lease that was taken far ahead", async () => {
    const { cloud, clock, server } = await serverWithAClockOfItsOwn();
    const { source, senderStore } = server;
    clock.set("2036-03-01T12:00:00Z");
    const mortal = createServer(cloud, {
      clock,
      source,
      senderStore,
      storeThrough: dying("after", troubleAt(2)),
    });
    await mortal.sender.sync().match(
      () => expect.unreachable("The process has died."),
      ({ type }) => expect(type).toBe("storage-fault"),
    );
    clock.set("2026-03-01T13:00:00Z");

    expect((await server.sync()).outcome).toBe("completed");
  });

  it("that is a day ahead is heard, and shown is what lies in the cloud's own 90 days", async () => {
    const { cloud, clock, server } = await serverWithAClockOfItsOwn();
    clock.set("2026-03-02T12:00:00Z");
    await server.contribute(OCTO, "2026-03-02T09:00:00Z");

    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 1 });
    expect(await cloud.shown()).toEqual([1]);
    cloud.clock.set("2026-03-02T12:00:00Z");
    expect(await cloud.shown()).toEqual([2]);
  });

  it("that is far behind replaces nothing with an older window once it is right again", async () => {
    const { cloud, clock, server } = await serverWithAClockOfItsOwn();
    clock.set("2025-06-01T12:00:00Z");
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    await server.sync();
    clock.set("2026-03-01T13:00:00Z");
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    await server.sync();

    expect(await cloud.shown()).toEqual([3]);
  });
});
