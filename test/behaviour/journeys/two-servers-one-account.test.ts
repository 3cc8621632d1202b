import type { CalendarDate, InstallationId } from "unified-contributions";
import { contributionsCollection } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import { type Cloud, createCloud, createServer, OCTO, OCTO_CLOUD } from "../../support/journey.ts";

async function twoServers() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const east = createServer(cloud, { installation: "east" as InstallationId });
  const west = createServer(cloud, { installation: "west" as InstallationId });
  await east.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z");
  await west.contribute(OCTO, "2026-03-01T10:00:00Z");
  for (const server of [east, west]) {
    await server.enable();
    await server.connect();
    await server.optIn();
    await server.sync();
  }
  return { cloud, east, west };
}

/** What the calendar of 28 February and 1 March says, day by day. */
async function calendarOf(cloud: Cloud): Promise<readonly [string, number][]> {
  const servers = (await cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();
  const collection = contributionsCollection({
    days: { first: "2026-02-28" as CalendarDate, last: "2026-03-01" as CalendarDate },
    today: "2026-03-01" as CalendarDate,
    contributions: [],
    restrictedContributions: [],
    servers,
    showsPrivateContributions: true,
  })._unsafeUnwrap();
  return collection.contributionCalendar.weeks.flatMap(({ contributionDays }) =>
    contributionDays.map(({ date, contributionCount }): [string, number] => [date, contributionCount]),
  );
}

describe("an account that sends from two servers", () => {
  it("sees both, kept apart and shown summed", async () => {
    const { cloud } = await twoServers();
    expect(await cloud.shown()).toEqual([2, 1]);
    expect(await calendarOf(cloud)).toEqual([
      ["2026-02-28", 1],
      ["2026-03-01", 2],
    ]);
  });

  it("opts out of one and keeps the other", async () => {
    const { cloud, east } = await twoServers();
    await east.optOut();
    const report = await east.sync("deletions");
    expect(report.receipts).toHaveLength(1);
    expect(await calendarOf(cloud)).toEqual([
      ["2026-02-28", 0],
      ["2026-03-01", 1],
    ]);
  });

  it("loses one server's counts when its owner disables, and the other's when the account revokes", async () => {
    const { cloud, east, west } = await twoServers();
    await west.disable();
    await west.sync("deletions");
    expect(await cloud.shown()).toEqual([2]);

    const killed = await cloud.receiver.revokeAuthorization(east.installation, OCTO_CLOUD);
    expect(killed._unsafeUnwrap().map(({ installation }) => installation)).toEqual(["east"]);
    expect(await cloud.shown()).toEqual([]);
  });
});
