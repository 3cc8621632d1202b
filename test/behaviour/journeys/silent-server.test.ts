import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD, SERVER } from "../../support/journey.ts";

describe("a server that goes silent for ever", () => {
  it("ages out of what is shown by itself, and a sweep removes what is left", async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-01T09:00:00Z", "2025-12-02T09:00:00Z");
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([3]);

    cloud.clock.set("2026-03-02T12:00:00Z");
    expect(await cloud.shown()).toEqual([2]);
    cloud.clock.set("2026-05-29T12:00:00Z");
    expect(await cloud.shown()).toEqual([1]);
    cloud.clock.set("2026-05-30T12:00:00Z");
    expect(await cloud.shown()).toEqual([]);

    const removed = { deleted: 0, trimmed: 1, forgotten: 0, isDone: true };
    expect((await cloud.receiver.sweep())._unsafeUnwrap()).toEqual({ ...removed, trimmed: 0 });
    cloud.clock.advance(3_600_000);
    expect((await cloud.receiver.sweep())._unsafeUnwrap()).toEqual(removed);
    expect((await cloud.receiver.sweep())._unsafeUnwrap()).toEqual({ ...removed, trimmed: 0 });
    const killed = (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    expect(killed).toMatchObject([{ installation: SERVER, receipt: { removed: null } }]);
  });

  it("may speak again: silence withdraws no consent", async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.connect();
    await server.optIn();
    await server.sync();
    cloud.clock.set("2026-09-01T12:00:00Z");
    (await cloud.receiver.sweep())._unsafeUnwrap();

    await server.contribute(OCTO, "2026-09-01T09:00:00Z");
    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 1, ended: 0 });
    expect(await cloud.shown()).toEqual([1]);
  });
});
