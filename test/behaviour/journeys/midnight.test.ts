import type { CalendarDate } from "unified-contributions";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD, type Server } from "../../support/journey.ts";

async function oneSendingUser(start: string, ...contributions: readonly string[]) {
  const cloud = createCloud(start);
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, ...contributions);
  await server.connect();
  await server.optIn();
  await server.sync();
  server.wire.length = 0;
  return { cloud, server };
}

function reports(server: Server): readonly string[] {
  return server.wire.filter((text) => text.includes('"report"'));
}

describe("midnight", () => {
  it("moves the window and sends nothing again that is unchanged, though it was said to have changed", async () => {
    const { cloud, server } = await oneSendingUser("2026-03-01T23:50:00Z", "2026-02-20T09:00:00Z");
    cloud.clock.set("2026-03-02T00:10:00Z");
    (await server.sender.contributionsChanged([OCTO]))._unsafeUnwrap();

    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 0, unchanged: 1 });
    expect(reports(server)).toEqual([]);
    expect(await cloud.shown()).toEqual([1]);
  });

  it("lets a day leave the window without a word being said", async () => {
    const { cloud, server } = await oneSendingUser("2026-03-01T23:50:00Z", "2025-12-02T09:00:00Z");
    expect(await cloud.shown()).toEqual([1]);

    cloud.clock.set("2026-03-02T00:10:00Z");
    await server.sync();
    expect(reports(server)).toEqual([]);
    expect(await cloud.shown()).toEqual([0]);
  });

  it("brings within the hour what was made further east, where it was tomorrow already", async () => {
    const { cloud, server } = await oneSendingUser("2026-03-01T23:10:00Z", "2026-03-02T08:00:00+09:00");
    expect(await cloud.shown()).toEqual([0]);

    cloud.clock.set("2026-03-02T00:10:00Z");
    await server.sync();
    expect(await cloud.shown()).toEqual([1]);
  });

  it("comes when it comes to the server's own zone", async () => {
    const { cloud, server } = await oneSendingUser("2026-03-01T20:10:00Z", "2026-03-02T05:00:00+09:00");
    expect(await cloud.shown()).toEqual([0]);

    const eastern = createSender({ ...server.options, timeZone: "Asia/Tokyo" });
    (await eastern.contributionsChanged([OCTO]))._unsafeUnwrap();
    (await eastern.sync())._unsafeUnwrap();
    const tomorrow = "2026-03-02" as CalendarDate;
    const [shown] = (await cloud.receiver.shownCounts(OCTO_CLOUD, tomorrow))._unsafeUnwrap();
    expect(shown?.window.counts.at(-1)).toBe(1);
  });
});
