import { describe, expect, it } from "vitest";
import { garbled, meanwhile } from "../../support/ghes-interventions.ts";
import {
  type createGhesWorld,
  createNewSessionOf,
  createSendingWorld,
  createWorldOf,
} from "../../support/ghes-world.ts";
import { linkId, MONA, NOW, OCTO } from "../../support/values.ts";

type GhesWorld = ReturnType<typeof createGhesWorld>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNKNOWN = { type: "unknown" };
const UNREADABLE = { type: "contributions", contributions: [{ occurredAt: "yesterday" }] } as const;

/** The answer to a `deliver` with these outcomes in place of its own. */
function withOutcomes(...outcomes: readonly object[]): ReturnType<typeof garbled> {
  return garbled((answer) => ({ ...answer, outcomes }));
}

/** Every request of the next hours is answered with `unknown`, as by another installation's registration. */
function forget(world: GhesWorld, requests = 200): void {
  const each = garbled((answer) => {
    const { outcomes } = answer as { readonly outcomes: readonly object[] };
    return { ...answer, outcomes: outcomes.map(() => UNKNOWN) };
  });
  world.wire.on("deliver", ...Array.from({ length: requests }, () => each));
}

async function attention(world: GhesWorld): Promise<string | null> {
  return (await world.sender.sharing(OCTO))._unsafeUnwrap().attention;
}

describe("a link that the receiver does not know", () => {
  it("goes on, and its user is told so", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world, 1);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", unknown: 1, ended: 0, kept: 0, failed: 0 });
    expect((await world.record()).link.status).toBe("sending");
    expect((await world.record()).reported).toEqual({
      type: "unknown",
      linkId: linkId("link-octo"),
      choice: 1,
      sessionId: expect.any(String),
      since: NOW,
      refreshAt: NOW + DAY_MS,
    });
    const sharing = (await world.sender.sharing(OCTO))._unsafeUnwrap();
    expect(sharing).toMatchObject({
      attention: "link-not-found",
      decision: { isAllowed: true },
      lastReportAt: null,
    });
  });

  it("is asked for once per day, whatever changes in between", async () => {
    const world = await createSendingWorld();
    forget(world);
    const asked: number[] = [];
    await world.contribute(OCTO, 4);

    for (let hour = 0; hour < 72; hour++) {
      await world.contribute(OCTO, hour);
      if ((await world.sync()).unknown > 0) asked.push(hour);
      world.clock.advance(HOUR_MS);
    }

    expect(asked).toEqual([0, 24, 48]);
  });

  it("is as before as soon as it is known again", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world, 1);
    await world.sync();
    world.clock.advance(DAY_MS);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", kept: 1, unknown: 0 });
    expect(await attention(world)).toBeNull();
    expect(await world.shown()).toBe(4);
  });

  it("is asked for at once in a new session, and keeps the time since when it is unknown", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world, 3);
    await world.sync();
    world.vacate();
    world.clock.advance(HOUR_MS);

    const report = await world.sync();

    expect(report.unknown).toBe(1);
    expect((await world.record()).reported).toMatchObject({
      type: "unknown",
      since: NOW,
      refreshAt: NOW + HOUR_MS + DAY_MS,
    });
  });

  it("ends after 90 days, with a reason of its own and nothing to withdraw", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world);
    for (let day = 0; day < 90; day++) {
      expect((await world.sync()).unknown).toBe(1);
      world.clock.advance(DAY_MS);
    }
    expect((await world.record()).link.status).toBe("sending");

    const report = await world.sync();

    expect(report).toMatchObject({ unknown: 1, ended: 0 });
    expect(await world.record()).toMatchObject({
      link: { status: "ended", reason: "link-not-found", endedAt: NOW + 90 * DAY_MS },
      deletion: null,
    });
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().decision).toEqual({
      isAllowed: false,
      gate: "connected-account",
      reason: "link-not-found",
      message: "GitHub Enterprise Cloud did not know the connection for 90 days: the user has to reconnect.",
    });
  });

  it("does not end because a clock was ahead when it was first asked for", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world);
    world.clock.advance(365 * DAY_MS);
    await world.sync();
    world.clock.set(NOW);
    world.vacate();

    await world.sync();

    expect((await world.record()).reported).toMatchObject({ type: "unknown", since: NOW });
  });

  it("whose counts cannot be read is asked for by a hold", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    forget(world, 2);
    await world.sync();
    world.contributions.set(OCTO, UNREADABLE);
    world.clock.advance(DAY_MS);
    world.said();

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: hold link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", unknown: 1, failed: 1 });
    expect((await world.record()).reported).toMatchObject({ since: NOW, refreshAt: NOW + 2 * DAY_MS });
  });
});

describe("a link that is held", () => {
  it("stays due, and is reported as soon as it can be", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.contributions.set(OCTO, UNREADABLE);

    const held = await world.sync();
    world.contributions.delete(OCTO);
    const report = await world.sync();

    expect(world.said()).toEqual([
      "deliver: report link-mona, hold link-octo",
      "complete",
      "deliver: report link-octo",
      "complete",
    ]);
    expect(held).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1, fault: null });
    expect(report).toMatchObject({ outcome: "completed", kept: 1, failed: 0 });
  });

  it("is held in each session before its first `complete`, and not in each of its hours", async () => {
    const world = await createNewSessionOf(OCTO);
    world.contributions.set(OCTO, UNREADABLE);
    const hours = async (): Promise<readonly string[]> => {
      await world.sync();
      await world.sync();
      return world.said();
    };

    expect(await hours()).toEqual(["deliver: hold link-octo", "complete", "complete"]);
    world.vacate();
    expect(await hours()).toEqual(["complete", "attach", "deliver: hold link-octo", "complete", "complete"]);
  });

  it("is held again if the `complete` after it was lost", async () => {
    const world = await createNewSessionOf(OCTO);
    world.contributions.set(OCTO, UNREADABLE);
    world.wire.on(
      "complete",
      garbled(() => "<html>"),
    );

    await world.sync();
    await world.sync();

    expect(world.said()).toEqual([
      "deliver: hold link-octo",
      "complete",
      "deliver: hold link-octo",
      "complete",
    ]);
  });

  it("is not, if its user has opted out meanwhile", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.contributions.set(OCTO, UNREADABLE);
    world.source.on("read", (proceed) =>
      proceed().map(async (read) => {
        await world.optOut();
        return read;
      }),
    );

    await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: report link-mona", "complete"]);
  });

  it("is not, if its report was refused and its user has opted out meanwhile", async () => {
    const world = await createNewSessionOf(OCTO);
    const refuse = withOutcomes({ type: "refused", reason: "clock-ahead" });
    world.wire.on("deliver", (proceed, message) =>
      refuse(() => meanwhile(() => world.optOut())(proceed, message), message),
    );

    await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "deliver: withdraw link-octo", "complete"]);
  });

  it("ends if the receiver has deleted it, and proves nothing if it is kept", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.contributions.set(OCTO, UNREADABLE);
    world.contributions.set(MONA, UNREADABLE);
    const receipt = { deletedAt: NOW, removed: null };
    world.wire.on("deliver", withOutcomes({ type: "kept" }, { type: "ended", choice: null, receipt }));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", kept: 0, ended: 1, failed: 2 });
    expect((await world.record(MONA)).reported).toBeNull();
    expect((await world.record()).link).toMatchObject({ status: "ended", reason: "link-ended" });
  });

  it("begins again if the session is gone before the hold of a refused report", async () => {
    const world = await createNewSessionOf(OCTO);
    const refusal = { type: "refused", reason: "malformed-record" };
    const gone = {
      type: "detached",
      current: { id: "vacant-0123456789", isVacant: true },
      outcomes: [{ type: "not-applied" }],
    };
    world.wire.on(
      "deliver",
      withOutcomes(refusal),
      garbled((answer) => ({ ...answer, ...gone })),
    );

    await world.sync();

    expect(world.said().slice(0, 3)).toEqual([
      "deliver: report link-octo",
      "deliver: hold link-octo",
      "attach",
    ]);
  });

  it("leaves no gap if the hold is refused too, and the sync completes", async () => {
    const world = await createNewSessionOf(OCTO);
    const refusal = { type: "refused", reason: "malformed-record" };
    world.wire.on("deliver", withOutcomes(refusal), withOutcomes(refusal));

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "deliver: hold link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 1 });
  });
});

describe("a report that is not applied", () => {
  it("ends nothing and stays due", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.wire.on("deliver", withOutcomes({ type: "kept" }, { type: "not-applied" }));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, ended: 0, unknown: 0, failed: 0 });
    expect((await world.record()).link.status).toBe("sending");
    expect((await world.record()).reported).toBeNull();
    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 1 });
  });
});
