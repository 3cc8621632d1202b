import { createSender, type UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextRefreshAt } from "../../../src/ghes/sync/schedule.ts";
import {
  answerLost,
  garbled,
  meanwhile,
  pass,
  pausedFor,
  STORAGE_AWAY,
  storageAway,
} from "../../support/ghes-interventions.ts";
import {
  createGhesWorld,
  createPairWorld,
  createSendingWorld,
  createWorldOf,
  SERVER,
} from "../../support/ghes-world.ts";
import { instant, linkId, MONA, NOW, OCTO, user } from "../../support/values.ts";

const REFRESH_AT = nextRefreshAt(linkId("link-octo"), NOW);
const USERS = ["anna", "bora", "carl", "dana", "emil"].map(user);
const ANNA = user("anna");

/** Octo revoked the authorization on the cloud, which the server does not know yet; a change is due. */
async function createRevokedWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = await createSendingWorld();
  await world.contribute(OCTO, 4);
  (await world.receiver.revokeAuthorization(SERVER, `${OCTO}-cloud` as never))._unsafeUnwrap();
  return world;
}

describe("a report that the receiver took", () => {
  it("is remembered with the session, the counts and the time of the next report", async () => {
    const world = await createWorldOf(OCTO);
    await world.contribute(OCTO, 3);

    await world.sync();

    expect((await world.record()).reported).toEqual({
      type: "kept",
      linkId: "link-octo_______",
      choice: 1,
      sessionId: expect.stringMatching(/^id-\d{13}$/),
      changes: 1,
      window: { first: "2025-12-02", counts: [...Array.from({ length: 89 }, () => 0), 3] },
      reportedAt: NOW,
      refreshAt: REFRESH_AT,
    });
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().lastReportAt).toBe(NOW);
  });

  it("is not reported again while nothing has changed", async () => {
    const world = await createSendingWorld();

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 0, unchanged: 0 });
    expect(world.said()).toEqual(["complete"]);
  });

  it("is not repeated if a change results in the same counts", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 3);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", kept: 0, unchanged: 1 });
    expect(world.said()).toEqual(["complete"]);
    expect((await world.record()).reported).toMatchObject({ changes: 2, refreshAt: REFRESH_AT });
    expect((await world.sync()).unchanged).toBe(0);
  });

  it("is repeated each day at its own time, even if unchanged (S7)", async () => {
    const world = await createSendingWorld();
    world.clock.set((REFRESH_AT - 1) as typeof NOW);
    await world.sync();
    world.clock.set(REFRESH_AT);
    await world.sync();

    expect(world.said()).toEqual(["complete", "deliver: report link-octo", "complete"]);
    expect((await world.record()).reported).toMatchObject({
      reportedAt: REFRESH_AT,
      refreshAt: REFRESH_AT + 86_400_000,
    });
  });

  it("is repeated if its answer is lost", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on("deliver", answerLost);

    const failed = await world.sync();
    expect((await world.record()).reported).toBeNull();
    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "deliver: report link-octo", "complete"]);
    expect([failed.kept, report.kept]).toEqual([0, 1]);
  });

  it("is repeated if its answer could not be stored", async () => {
    const world = await createWorldOf(OCTO);
    world.store.on("commitServer", pass, pass, storageAway);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY, kept: 0 });
    expect((await world.record()).reported).toBeNull();
  });

  it.each<[string, (answer: object) => unknown]>([
    ["nothing", () => undefined],
    ["a proxy's page", () => "<html>"],
    ["another request's", (answer) => ({ ...answer, requestId: "another-request-" })],
    ["of another kind", (answer) => ({ ...answer, type: "completed" })],
    ["of too few outcomes", (answer) => ({ ...answer, outcomes: [] })],
    [
      "of an outcome that fits no report",
      (answer) => ({
        ...answer,
        outcomes: [{ type: "withdrawn", receipt: { deletedAt: NOW, removed: null } }],
      }),
    ],
    ["of one key too many", (answer) => ({ ...answer, debug: true })],
  ])("is not believed if the answer is garbled: %s", async (_, change) => {
    const world = await createWorldOf(OCTO);
    world.wire.on("deliver", garbled(change));

    const report = await world.sync();

    expect(report).toMatchObject({
      outcome: "failed",
      fault: { type: "transport-fault", reason: "malformed-answer" },
      kept: 0,
    });
    expect((await world.record()).reported).toBeNull();
  });

  it("is due again if the counts changed while it was on its way", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(() => world.contribute(OCTO, 5)),
    );

    await world.sync();
    const report = await world.sync();

    expect(report.kept).toBe(1);
    expect(await world.shown()).toBe(5);
  });

  it("is made once more in the same sync if it was the first, and the counts changed meanwhile", async () => {
    const world = await createWorldOf(OCTO);
    const changing = (count: number) => meanwhile(() => world.contribute(OCTO, count));
    world.wire.on("deliver", changing(5), changing(6));

    expect((await world.sync()).kept).toBe(2);
    expect((await world.sync()).kept).toBe(1);
    expect(await world.shown()).toBe(6);
  });

  it("does not count for a link that was replaced while it was on its way", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on(
      "deliver",
      meanwhile(() => world.optIn(OCTO, linkId("link-new"))),
    );

    await world.sync();

    expect((await world.record()).reported).toBeNull();
  });
});

describe("many links", () => {
  it("are split into requests, in the order of their ids, with a pause after each", async () => {
    const world = await createWorldOf(...USERS);
    const sender = createSender({ ...world.options, batchSize: 2, pauseMs: 5_000 });

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: report link-anna, report link-bora",
      "deliver: report link-carl, report link-dana",
      "deliver: report link-emil",
      "complete",
    ]);
    expect(report).toMatchObject({ outcome: "completed", kept: 5 });
    expect(report.endedAt - report.startedAt).toBe(15_000);
  });

  it("share requests if only some have changed, and the unchanged ones are remembered with them", async () => {
    const world = await createWorldOf(OCTO, MONA);
    await world.contribute(MONA, 1);
    await world.sync();
    await world.contribute(MONA, 2);
    await world.contribute(OCTO, 0);
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ kept: 1, unchanged: 1 });
    expect((await world.record()).reported).toMatchObject({ changes: 1 });
  });

  it("all come before the session is complete, also those that change meanwhile", async () => {
    const world = await createWorldOf(...USERS);
    await world.sync();
    world.vacate();
    world.wire.sent.length = 0;
    const changing = meanwhile(async () => {
      for (const one of USERS) await world.contribute(one, 7);
    });
    world.wire.on("deliver", pass, changing);

    await world.sync({}, createSender({ ...world.options, batchSize: 1 }));

    const said = world.said().filter((message) => message.startsWith("deliver"));
    expect(new Set(said)).toEqual(new Set(USERS.map((one) => `deliver: report link-${one}`)));
  });

  it("come once each though refreshes fall due on the way", async () => {
    const users = Array.from({ length: 30 }, (_, at) => user(`user-${at}`));
    const world = await createWorldOf(...users);
    // The sync takes more than a day, so each link is due again before its end.
    const slow = createSender({ ...world.options, batchSize: 1, pauseMs: 3_600_000 });

    const report = await world.sync({}, slow);

    expect(report).toMatchObject({ outcome: "completed", kept: 30 });
  });

  it("go on after a link that opted in while the contributions were read", async () => {
    const world = await createWorldOf(MONA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.source.on("read", (proceed) =>
      proceed().map(pausedFor(() => world.optIn(ANNA, linkId("link-anna")))),
    );

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("are reported as progress one by one", async () => {
    const world = await createWorldOf(OCTO, MONA);
    const told: unknown[] = [];
    const sender = createSender({ ...world.options, batchSize: 1 });

    await world.sync({ onProgress: (progress) => told.push(progress) }, sender);

    const nothing = { unchanged: 0, ended: 0, unknown: 0, withdrawn: 0, notFound: 0 };
    expect(told).toEqual([
      { ...nothing, requests: 1, kept: 0 },
      { ...nothing, requests: 2, kept: 1 },
      { ...nothing, requests: 3, kept: 2 },
    ]);
  });
});

describe("a link that the receiver has deleted", () => {
  it("is ended, with an audit entry that names no actor, and nothing to withdraw", async () => {
    const world = await createRevokedWorld();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", ended: 1, kept: 0, failed: 0 });
    expect(await world.record()).toMatchObject({
      link: { status: "ended", reason: "link-ended", endedAt: NOW },
      reported: null,
      deletion: null,
    });
    expect(world.memory.auditLog().at(-1)).toEqual({
      action: "unified_contributions_link.destroy",
      actor: null,
      user: "octo",
      createdAt: NOW,
    });
    world.wire.sent.length = 0;
    await world.sync();
    expect(world.said()).toEqual(["complete"]);
  });

  it("leaves its user's newer link alone", async () => {
    const world = await createRevokedWorld();
    world.wire.on(
      "deliver",
      meanwhile(() => world.optIn(OCTO, linkId("link-new"))),
    );

    const report = await world.sync();

    expect(report.ended).toBe(1);
    expect((await world.record()).link).toMatchObject({
      status: "sending",
      consent: { linkId: "link-new________" },
    });
  });

  it("is ended for a user who opted out meanwhile, whose withdrawal gets the first receipt", async () => {
    const world = await createRevokedWorld();
    world.wire.on(
      "deliver",
      meanwhile(() => world.optOut()),
    );

    await world.sync();
    await world.sync({ scope: "deletions" });

    const { link, deletion } = await world.record();
    expect(link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect("receipt" in link && link.receipt).toEqual(deletion?.receipt);
  });

  it("is due again if it could not be ended, and gets the same answer", async () => {
    const world = await createRevokedWorld();
    world.store.on("commitLink", storageAway);

    const failed = await world.sync();
    const report = await world.sync();

    expect(failed).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
    expect(report).toMatchObject({ outcome: "completed", ended: 1 });
    expect((await world.record()).link.status).toBe("ended");
  });
});

describe("days of more contributions than the wire can carry", () => {
  it("are counted over all users", async () => {
    const world = await createPairWorld();
    const dailyCounts = ["2026-02-28", "2026-03-01"].map((date) => ({ date, contributionCount: 65_536 }));
    world.contributions.set(OCTO, { type: "daily-counts", dailyCounts });
    await world.contribute(MONA, 65_536);

    expect((await world.sync()).saturatedDays).toBe(3);
    expect(await world.shown(OCTO)).toBe(131_070);
  });
});

describe("contributions of tomorrow", () => {
  const tomorrow: UserContributions = {
    type: "contributions",
    contributions: [{ occurredAt: "2026-03-02T01:00:00+14:00" }],
  };
  const MIDNIGHT = Date.parse("2026-03-02T00:00:00Z");

  it("are reported when the server's day has come, not at the link's own time of the day", async () => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, tomorrow);

    await world.sync();

    expect((await world.record()).reported?.refreshAt).toBe(MIDNIGHT);
    world.clock.set("2026-03-02T00:00:00Z");
    await world.sync();
    expect(await world.shown(OCTO)).toBe(1);
    expect((await world.record()).reported?.refreshAt).toBeGreaterThan(MIDNIGHT);
  });

  it("are not forgotten if nothing else has changed", async () => {
    const world = await createPairWorld();
    await world.sync();
    expect((await world.record()).reported?.refreshAt).toBeGreaterThan(MIDNIGHT);
    world.contributions.set(OCTO, tomorrow);
    (await world.sender.contributionsChanged([OCTO]))._unsafeUnwrap();

    const report = await world.sync();

    expect(report.unchanged).toBe(1);
    expect((await world.record()).reported?.refreshAt).toBe(MIDNIGHT);
  });

  it("wait for the midnight of the server's zone", async () => {
    const world = await createPairWorld();
    const sender = createSender({ ...world.options, timeZone: "America/New_York" });
    world.contributions.set(OCTO, tomorrow);

    await world.sync({}, sender);

    expect((await world.record()).reported?.refreshAt).toBe(instant("2026-03-02T05:00:00Z"));
  });

  it("wait for the link's own time if that comes first", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    await world.optIn(OCTO, linkId("link-1"));
    world.contributions.set(OCTO, tomorrow);

    await world.sync();

    expect((await world.record()).reported?.refreshAt).toBe(instant("2026-03-01T15:21:28.276Z"));
  });
});
