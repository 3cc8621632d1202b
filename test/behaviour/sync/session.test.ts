import { createSender, type SourceRequest } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { answerLost, lost, meanwhile, noting } from "../../support/ghes-interventions.ts";
import {
  type createGhesWorld,
  createPairWorld,
  createSendingWorld,
  createWorldOf,
  SERVER,
} from "../../support/ghes-world.ts";
import { instant, linkId, MONA, NOW, OCTO, requestId, sessionId, user } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const AN_HOUR_LATER = instant("2026-03-01T13:00:00Z");
const USERS = ["anna", "bora", "carl", "dana", "emil"].map(user);

describe("a session that is not current any more", () => {
  it("is replaced, and everything is reported again", async () => {
    const world = await createSendingWorld();
    world.vacate();

    const report = await world.sync();

    expect(world.said()).toEqual(["complete", "attach", "deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
    expect(await world.shown()).toBe(3);
  });

  it("is noticed in the middle of the reports, which then begin again", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    world.vacate();

    const report = await world.sync();

    expect(world.said()).toEqual([
      "deliver: report link-mona",
      "attach",
      "deliver: report link-mona, report link-octo",
      "complete",
    ]);
    expect(report).toMatchObject({ outcome: "completed", kept: 2 });
  });

  it("three times in a row leaves the rest to the next sync", async () => {
    const world = await createSendingWorld();
    const restored = meanwhile(async () => {
      world.vacate();
    });
    world.vacate();
    world.wire.on("deliver", restored, restored, restored);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", fault: null, isContested: false });
    expect(world.said()).toEqual([
      "complete",
      "attach",
      "deliver: report link-octo",
      "complete",
      "attach",
      "deliver: report link-octo",
      "complete",
    ]);
  });

  it("reads no contributions that cannot be sent", async () => {
    const world = await createWorldOf(...USERS);
    world.vacate();
    const sender = createSender({ ...world.options, batchSize: 3 });
    const requests: SourceRequest[] = [];
    world.source.on("read", noting(requests), noting(requests), noting(requests), noting(requests));

    await world.sync({}, sender);

    expect(requests.map(({ users }) => users.join(" "))).toEqual([
      "anna bora carl",
      "anna bora carl",
      "dana emil",
    ]);
  });
});

describe("what was reported in another session", () => {
  it("is forgotten, and is reported again although unchanged", async () => {
    const world = await createPairWorld();
    await world.sync();
    const { version } = (await world.memory.loadServer())._unsafeUnwrap();
    const server = await world.server();
    const reported = (await world.record()).reported;
    expect(reported).not.toBeNull();
    if (!reported) return;
    const commit = {
      expectedVersion: version,
      server,
      audit: null,
      reported: [{ user: OCTO, reported: { ...reported, sessionId: sessionId("earlier") } }],
      withdrawn: [],
    };
    (await world.memory.commitServer(commit))._unsafeUnwrap();
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ kept: 1, unchanged: 0 });
  });
});

describe("another copy of the server (S5)", () => {
  async function meetAnotherCopy(): Promise<ReturnType<typeof createGhesWorld>> {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.optOut();
    const server = await world.server();
    const own = server.session.status === "attached" ? server.session.sessionId : sessionId("none");
    const attach = { version: 1, type: "attach", requestId: requestId("copy"), replaces: own } as const;
    const answer = await world.receiver.handle(SERVER, { ...attach, featureSwitch: server.featureSwitch });
    expect(answer._unsafeUnwrap()).toMatchObject({ type: "attached" });
    return world;
  }

  it("stops the reports, but not the withdrawals", async () => {
    const world = await meetAnotherCopy();
    world.wire.on("deliver", lost);
    await world.sync();
    world.wire.sent.length = 0;
    world.clock.set(AN_HOUR_LATER);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo"]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      isContested: true,
      withdrawn: 1,
      kept: 0,
      fault: null,
      nextSyncAt: HOURS_ROUND + 3_600_000,
    });
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(true);
    expect(await world.server()).toMatchObject({ lastSyncAt: NOW, failures: 0, lastFault: null });
  });

  it("keeps the reports back hour after hour, until the operator takes over", async () => {
    const world = await meetAnotherCopy();
    await world.sync();
    world.wire.sent.length = 0;

    expect((await world.sync()).isContested).toBe(true);
    expect(world.said()).toEqual([]);

    (await world.sender.takeOver())._unsafeUnwrap();
    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false, kept: 1 });
    expect(world.said()).toEqual(["attach", "deliver: report link-mona", "complete"]);
  });
});

describe("the lost answer to an attach", () => {
  it("does not count as another copy, even if a withdrawal goes before its repetition", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    world.vacate();
    world.wire.on("attach", answerLost);
    await world.sync();
    await world.optOut();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false, withdrawn: 1, kept: 1 });
    expect(await world.record(MONA)).toMatchObject({ reported: { linkId: linkId("link-mona") } });
  });
});
