import { createSender, type SourceRequest, type UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { pausedFor, STORAGE_AWAY, storageAway, throws } from "../../support/ghes-interventions.ts";
import { createPairWorld, createWorldOf } from "../../support/ghes-world.ts";
import { linkId, MONA, OCTO } from "../../support/values.ts";

const NOON = { occurredAt: "2026-03-01T12:00:00Z" };

async function* inChunks(
  ...chunks: readonly (readonly { occurredAt: string }[])[]
): AsyncGenerator<readonly { occurredAt: string }[]> {
  yield* chunks;
}

describe("the source", () => {
  it("is asked for the users of a page, for 90 days, with a signal that aborts after the reading", async () => {
    const world = await createPairWorld();
    const requests: SourceRequest[] = [];
    world.source.on("read", (proceed, request) => {
      requests.push(request);
      return proceed();
    });

    await world.sync();

    expect(requests).toMatchObject([
      {
        users: ["mona", "octo"],
        days: { first: "2025-12-02", last: "2026-03-01" },
        signal: { aborted: true },
      },
    ]);
  });

  it.each([
    ["Etc/GMT+12", "2026-03-01T11:59:59Z", "2026-02-28"],
    ["Etc/GMT+12", "2026-03-01T12:00:00Z", "2026-03-01"],
    ["Pacific/Kiritimati", "2026-03-01T09:59:59Z", "2026-03-01"],
    ["Pacific/Kiritimati", "2026-03-01T10:00:00Z", "2026-03-02"],
    ["America/New_York", "2026-03-08T04:59:59Z", "2026-03-07"],
    ["America/New_York", "2026-03-09T03:59:59Z", "2026-03-08"],
    ["America/New_York", "2026-03-09T04:00:00Z", "2026-03-09"],
  ])("is asked for the server's own day: in %s at %s it is %s", async (timeZone, now, last) => {
    const world = await createPairWorld();
    const sender = createSender({ ...world.options, timeZone });
    const asked: string[] = [];
    world.source.on("read", (proceed, { days }) => {
      asked.push(days.last);
      return proceed();
    });
    world.clock.set(now);

    await world.sync({}, sender);

    expect(asked).toEqual([last]);
  });

  it.each<[string, UserContributions]>([
    ["contributions", { type: "contributions", contributions: [NOON, NOON] }],
    ["chunks of contributions", { type: "chunks", chunks: inChunks([NOON], [NOON]) }],
    ["daily counts", { type: "daily-counts", dailyCounts: [{ date: "2026-03-01", contributionCount: 2 }] }],
  ])("may answer with %s", async (_, contributions) => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, contributions);

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 2 });
    expect(await world.shown(OCTO)).toBe(2);
  });

  it("that does not name a user says that they contributed nothing", async () => {
    const world = await createPairWorld();

    await world.sync();

    expect(await world.shown(OCTO)).toBe(0);
  });
});

describe("a user that may not send any more when the turn comes (S2)", () => {
  it("is found by one query for the whole page", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.store.on("loadLink", throws);

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 2 });
  });

  it("sends nothing after opting out while the contributions were read", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => world.optOut())));

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 1, withdrawn: 1 });
  });

  it("sends nothing with another link by now", async () => {
    const world = await createWorldOf(OCTO);
    world.source.on("read", (proceed) =>
      proceed().map(pausedFor(() => world.optIn(OCTO, linkId("link-new")))),
    );

    await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "complete"]);
  });

  it("sends nothing, like all others, if the owner turned the feature off", async () => {
    const world = await createWorldOf(OCTO);
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => world.disable())));

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 0 });
  });

  it.each(["dueLinks", "usersOfLinks"] as const)(
    "is not guessed if the storage cannot tell: %s",
    async (name) => {
      const world = await createWorldOf(OCTO);
      world.source.on("read", (proceed) =>
        proceed().map(
          pausedFor(async () => {
            await world.optOut();
            world.store.on(name, storageAway);
          }),
        ),
      );

      expect(await world.sync()).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
      expect(world.said()).toEqual(["deliver: withdraw link-octo"]);
    },
  );
});
