import { type CalendarDate, lastDayOf, restoredDays, totalOf } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createWorld, OCTO, OCTO_CLOUD } from "../../support/journey.ts";

describe("a user who opts out and reconnects", () => {
  it("sees 90 days of counts appear, vanish with a receipt, and come back", async () => {
    const world = createWorld("2026-03-01T12:00:00Z");
    world.source.add(OCTO, [
      { occurredAt: "2026-03-01T09:00:00Z" },
      { occurredAt: "2026-02-28T23:30:00-08:00" },
      { occurredAt: "2025-12-02T10:00:00Z" },
      { occurredAt: "2025-12-01T10:00:00Z" },
    ]);
    await world.enable();
    await world.connect();
    expect(await world.shown()).toEqual([]);

    await world.optIn();
    expect((await world.sync()).kept).toBe(1);
    expect(await world.shown()).toEqual([3]);

    await world.optOut();
    const report = await world.sync("deletions");
    expect(report.receipts.map(({ receipt }) => receipt)).toEqual([
      {
        deletedAt: Date.parse("2026-03-01T12:00:00Z"),
        removed: { first: "2025-12-02", last: "2026-03-01" },
      },
    ]);
    expect(await world.shown()).toEqual([]);

    world.clock.set("2026-03-02T12:00:00Z");
    await world.optIn();
    await world.sync();
    expect(await world.shown()).toEqual([2]);
  });

  it("gets back exactly the restored days, the work done meanwhile included", async () => {
    const world = createWorld("2026-03-01T12:00:00Z");
    const restored = restoredDays("2026-03-05" as CalendarDate);
    await world.enable();
    await world.connect();
    await world.optIn();
    await world.sync();
    await world.optOut();
    await world.sync("deletions");
    world.source.add(OCTO, [
      { occurredAt: `${restored.first}T00:00:00Z` },
      { occurredAt: "2026-03-03T12:00:00Z" },
      { occurredAt: `${restored.last}T11:59:59Z` },
      // The day before the first is gone.
      { occurredAt: "2025-12-05T23:59:59Z" },
    ]);
    world.clock.set("2026-03-05T12:00:00Z");

    await world.optIn();
    await world.sync();

    const [shown] = (await world.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();
    expect(restored).toEqual({ first: "2025-12-06", last: "2026-03-05" });
    expect(shown?.window.first).toBe(restored.first);
    expect(shown && lastDayOf(shown.window)).toBe(restored.last);
    expect(shown && totalOf(shown.window)).toBe(3);
  });

  it("sends nothing again in an hour without changes", async () => {
    const world = createWorld("2026-03-01T12:00:00Z");
    await world.enable();
    await world.connect();
    await world.optIn();
    await world.sync();
    world.wire.length = 0;
    const report = await world.sync();
    expect(report.outcome).toBe("completed");
    expect(world.wire.filter((text) => text.includes("deliver"))).toEqual([]);
  });
});
