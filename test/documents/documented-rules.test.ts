import type { CalendarDate, InstallationId, Instant } from "unified-contributions";
import { contributionsCollection } from "unified-contributions/ghec";
import { buildPayload } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar-date.ts";
import { HUBOT, HUBOT_CLOUD } from "../support/proof-life.ts";
import { cut } from "../support/proof-trouble.ts";
import {
  type Cloud,
  createCloud,
  createServer,
  OCTO,
  OCTO_CLOUD,
  OWNER,
  SERVER,
  type Server,
} from "../support/world.ts";

const TODAY = "2026-03-01" as CalendarDate;
const NOON = Date.parse("2026-03-01T12:00:00Z");

/** Both sides at noon on 1 March 2026, with the feature enabled. */
async function enabled() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  return { cloud, server };
}

/** The same with one user who sends what they contributed. */
async function sending(...contributions: readonly string[]) {
  const { cloud, server } = await enabled();
  await server.contribute(OCTO, ...contributions);
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

/** The days that the cloud shows something for, server by server. */
async function shownDays(cloud: Cloud, account = OCTO_CLOUD, today?: string) {
  const windows = await cloud.receiver.shownCounts(account, today as CalendarDate | undefined);
  return windows._unsafeUnwrap().map(({ window: { first, counts } }) => {
    const days = counts.map((count, day) => [addDays(first, day), count] as const);
    return Object.fromEntries(days.filter(([, count]) => count > 0));
  });
}

/** What has left the server that tells of somebody's work. */
function reportsIn(server: Server): readonly Record<string, unknown>[] {
  const messages = server.sent.map((text) => JSON.parse(text)).filter(({ type }) => type === "deliver");
  return messages.flatMap(({ records }) => records).filter(({ type }) => type === "report");
}

/** The profile on the cloud on 1 March, with a contribution of its own. */
async function profile(cloud: Cloud, showsPrivateContributions: boolean) {
  const collection = contributionsCollection({
    days: { first: "2026-02-28" as CalendarDate, last: TODAY },
    today: TODAY,
    contributions: [{ date: TODAY, contributionCount: 5 }],
    restrictedContributions: [],
    servers: (await cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap(),
    showsPrivateContributions,
  })._unsafeUnwrap();
  const { contributionCalendar, restrictedContributionsCount, hasAnyRestrictedContributions } = collection;
  const total = contributionCalendar.totalContributions;
  return { total, restrictedContributionsCount, hasAnyRestrictedContributions };
}

describe("the documentation", () => {
  it.each([{ type: "github.com" }, { type: "ghe.com", subdomain: "octocorp" }] as const)(
    "F1: you can allow users to send anonymized contribution counts for their work on GitHub Enterprise Server to their contribution graph on GitHub Enterprise Cloud ($type)",
    async (platform) => {
      const cloud = createCloud("2026-03-01T12:00:00Z");
      const server = createServer(cloud, { platform });
      await server.enable();
      await server.contribute(OCTO, "2026-03-01T09:00:00Z");
      await server.connect();
      await server.optIn();
      await server.sync();

      const { settings } = (await server.sender.status())._unsafeUnwrap();
      expect(settings).toMatchObject({ status: "enabled", platform });
      expect(await profile(cloud, true)).toMatchObject({ total: 6 });
    },
  );

  it('F2: GitHub Connect, unified contributions, a connected account, "Send my contribution counts": all four hold, or nothing is sent', async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    const closed: unknown[] = [];
    const steps = [
      () => Promise.resolve(),
      () => server.connectEnterprise(),
      () => server.enable(),
      () => server.connect().then(() => server.goToCloud()),
    ];
    for (const step of steps) {
      await step();
      await server.sync();
      const { decision } = await server.sharing();
      closed.push(decision.isAllowed || decision.gate);
    }
    expect(closed).toEqual([
      "github-connect",
      "unified-contributions",
      "connected-account",
      "send-contribution-counts",
    ]);
    expect(reportsIn(server)).toEqual([]);

    await server.optIn();
    await server.sync();
    expect((await server.sharing()).decision).toEqual({ isAllowed: true });
    expect(reportsIn(server)).toHaveLength(1);
  });

  it("F3: enterprise owners can enable or disable unified contributions; users decide for themselves only", async () => {
    const { server } = await sending("2026-03-01T09:00:00Z");
    const at = NOON as Instant;
    const member = { userId: HUBOT, isEnterpriseOwner: false };

    const disable = await server.sender.changeSettings({ type: "disable", by: member, at });
    const platform = { type: "github.com" } as const;
    const connect = { type: "connect", by: OWNER, at, platform, isCloudOwner: false } as const;
    const connected = await server.sender.changeSettings(connect);
    const optOut = await server.sender.changeLink(OCTO, { type: "opt-out", by: HUBOT, at });

    expect(disable._unsafeUnwrapErr().type).toBe("not-enterprise-owner");
    expect(connected._unsafeUnwrapErr().type).toBe("not-cloud-owner");
    expect(optOut._unsafeUnwrapErr().type).toBe("not-yourself");
    expect((await server.sharing()).decision).toEqual({ isAllowed: true });
  });

  it('F4: "we may redirect you … to check your current terms of service"', async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.connectEnterprise();
    const url = "https://github.com/enterprises/octocorp/terms";
    const terms = { isAccepted: false, url } as const;

    const enable = { type: "enable", by: OWNER, at: NOON as Instant, terms } as const;
    const refused = await server.sender.changeSettings(enable);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "terms-not-accepted", url });
    expect((await server.sender.status())._unsafeUnwrap().settings.status).toBe("disabled");
  });

  it('F5: GHES "only sends the contribution count and source (GHES) for connected users. It does not send any information about the contribution or how it was made."', async () => {
    const { server } = await enabled();
    server.source.add(OCTO, [
      { occurredAt: "2026-03-01T09:41:17-08:00", repository: "octo/secret", title: "Fix login" } as never,
    ]);
    await server.contribute(HUBOT, "2026-03-01T09:00:00Z");
    await server.connect(OCTO);
    await server.connect(HUBOT);
    await server.optIn(OCTO);
    server.sent.length = 0;
    await server.sync();

    const [report] = reportsIn(server);
    expect(reportsIn(server)).toEqual([
      {
        type: "report",
        linkId: expect.stringMatching(/^[0-9a-f]{32}$/),
        choice: 1,
        source: "GitHub Enterprise Server",
        first: "2025-12-02",
        counts: [...new Array(89).fill(0), 1],
      },
    ]);
    expect(Object.keys(report ?? {})).toEqual(["type", "linkId", "choice", "source", "first", "counts"]);
    expect(server.sent.join()).not.toMatch(/octo|hubot|owner|server-1|secret|Fix|09:41/);
  });

  it('F6: people without access see "the number of contributions you made each day"', async () => {
    const { cloud } = await sending("2026-03-01T09:00:00Z", "2026-03-01T22:15:00Z", "2026-02-20T00:00:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2026-02-20": 1, "2026-03-01": 2 }]);
  });

  it('F7: when the owner disables, or the user opts out, the counts from GHES "will be deleted"', async () => {
    const optedOut = await sending("2026-03-01T09:00:00Z");
    await optedOut.server.optOut();
    const { receipts } = await optedOut.server.sync("deletions");
    expect(await optedOut.cloud.shown()).toEqual([]);
    expect(receipts.map(({ receipt }) => receipt)).toEqual([
      { deletedAt: NOON, removed: { first: "2025-12-02", last: "2026-03-01" } },
    ]);
    expect(optedOut.cloud.receiverStore.snapshot().links).toMatchObject([
      { status: "live", report: null, withdrawn: { choice: 1, isRecorded: true } },
    ]);

    const disabled = await sending("2026-03-01T09:00:00Z");
    await disabled.server.disable();
    const { disabling } = await disabled.server.sync("deletions");
    (await disabled.cloud.receiver.sweep())._unsafeUnwrap();
    expect(await disabled.cloud.shown()).toEqual([]);
    expect(disabling).toEqual({ epoch: 1, disabledAt: NOON });
    expect(disabled.cloud.receiverStore.snapshot().links).toEqual([]);
  });

  it('F8: "If the user reconnects their profiles after disabling them, the contribution counts for the past 90 days are restored."', async () => {
    const { cloud, server } = await sending(
      "2025-12-02T09:00:00Z",
      "2025-12-03T09:00:00Z",
      "2026-03-01T09:00:00Z",
    );
    await server.disconnect();
    await server.sync();
    expect(await shownDays(cloud)).toEqual([]);

    cloud.clock.set("2026-03-02T12:00:00Z");
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{ "2025-12-03": 1, "2026-03-01": 1 }]);
  });

  it('F9: the profile shows the counts "from the past 90 days"', async () => {
    const { cloud } = await sending("2025-12-02T09:00:00Z", "2026-03-01T09:00:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2025-12-02": 1, "2026-03-01": 1 }]);
    cloud.clock.set("2026-03-02T00:00:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 1 }]);
  });

  it('F10: "GitHub requests updates hourly using GitHub Connect", always opened by GHES', async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    const { nextSyncAt } = (await server.sender.status())._unsafeUnwrap();
    expect(nextSyncAt).toBeGreaterThan(NOON);
    expect(nextSyncAt).toBeLessThanOrEqual(NOON + 3_600_000);

    await server.contribute(OCTO, "2026-03-01T12:01:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 1 }]);
    cloud.clock.set(nextSyncAt as Instant);
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 2 }]);
    expect((await server.sender.status())._unsafeUnwrap().nextSyncAt).toBe((nextSyncAt ?? 0) + 3_600_000);
  });

  it("F11: they are private contributions, and whether others see them is a visibility choice, never a deletion", async () => {
    const { cloud } = await sending("2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z");
    const shown = { total: 7, restrictedContributionsCount: 2, hasAnyRestrictedContributions: true };
    const hidden = { total: 5, restrictedContributionsCount: 0, hasAnyRestrictedContributions: false };

    expect(await profile(cloud, true)).toEqual(shown);
    expect(await profile(cloud, false)).toEqual(hidden);
    expect(await profile(cloud, true)).toEqual(shown);
  });

  it("F12: disabling GitHub Connect destroys the credentials GHES would need to ask for a deletion", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    await server.optOut();
    server.wire.length = 0;

    await server.disconnectEnterprise();
    const report = await server.sync("deletions");

    expect([report.outcome, server.wire]).toEqual(["not-connected", []]);
    expect((await server.sharing()).deletion).toEqual({ status: "left-to-cloud", requestedAt: NOON });
    expect(await cloud.shown()).toEqual([]);
  });

  it("F13: past days change, so counts are absolute per day, never increments, and zero is a value", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 2 }]);

    server.source.clear(OCTO);
    await server.contribute(OCTO, "2026-02-14T09:00:00Z");
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{ "2026-02-14": 1 }]);

    server.source.clear(OCTO);
    await server.contribute(OCTO);
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{}]);
    expect(reportsIn(server).at(-1)).toMatchObject({ first: "2025-12-02", counts: new Array(90).fill(0) });
  });
});

describe("the readings we chose", () => {
  it("1: 90 days are today and the 89 days before it, counted back from the moment of sending", async () => {
    const { cloud, server } = await enabled();
    await server.contribute(OCTO, "2025-12-01T09:00:00Z", "2025-12-02T09:00:00Z", "2025-12-03T09:00:00Z");
    await server.connect();
    await server.optIn();
    cloud.clock.set("2026-03-02T12:00:00Z");
    await server.contribute(OCTO, "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z");

    await server.sync();

    expect(await shownDays(cloud)).toEqual([{ "2025-12-03": 1, "2026-03-02": 1 }]);
    expect(reportsIn(server)).toMatchObject([{ first: "2025-12-03", counts: { length: 90 } }]);
  });

  it("1: work done while disconnected is inside the window", async () => {
    const { cloud, server } = await sending("2026-02-20T09:00:00Z");
    await server.disconnect();
    await server.sync();
    cloud.clock.set("2026-03-05T12:00:00Z");
    await server.contribute(OCTO, "2026-03-03T09:00:00Z");
    cloud.clock.set("2026-03-08T12:00:00Z");
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{ "2026-02-20": 1, "2026-03-03": 1 }]);
  });

  it("2: the day is the local date in the timestamp's own offset; Z and no offset are UTC", async () => {
    const { cloud } = await sending(
      "2026-02-10T23:30:00-08:00",
      "2026-02-12T00:30:00+14:00",
      "2026-02-14T23:59:59Z",
      "2026-02-16T00:00:00",
    );
    const days = { "2026-02-10": 1, "2026-02-12": 1, "2026-02-14": 1, "2026-02-16": 1 };
    expect(await shownDays(cloud)).toEqual([days]);
    const local = [{ occurredAt: "2026-03-01T23:30:00-08:00" }];
    expect(buildPayload(local, TODAY)._unsafeUnwrap().payload.counts.at(-1)).toBe(1);
  });

  it('3: deselecting "Send my contribution counts" and disconnecting both delete; deselecting keeps the account link', async () => {
    const deselected = await sending("2026-03-01T09:00:00Z");
    await deselected.server.optOut();
    await deselected.server.sync("deletions");
    expect(await deselected.cloud.shown()).toEqual([]);
    await deselected.server.optIn();
    await deselected.server.sync();
    expect(await deselected.cloud.shown()).toEqual([1]);

    const disconnected = await sending("2026-03-01T09:00:00Z");
    await disconnected.server.disconnect();
    await disconnected.server.sync("deletions");
    expect(await disconnected.cloud.shown()).toEqual([]);
    expect((await disconnected.server.select())._unsafeUnwrapErr()).toMatchObject({ type: "not-connected" });
  });

  it("4: owner disables, then enables: nobody sends again until each user reconnects", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    await server.disable();
    await server.enable();
    server.sent.length = 0;
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    await server.sync();
    expect([reportsIn(server), await cloud.shown()]).toEqual([[], []]);
    expect((await server.select())._unsafeUnwrapErr()).toMatchObject({ type: "reconnect-required" });

    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([2]);
  });

  it("5: GitHub Connect off is the feature off for everyone, and GHEC deletes on its own", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    (await cloud.receiver.disconnectInstallation(SERVER))._unsafeUnwrap();
    expect(await cloud.shown()).toEqual([]);
    (await cloud.receiver.sweep())._unsafeUnwrap();
    expect(cloud.receiverStore.snapshot().links).toEqual([]);

    const at = NOON as Instant;
    (await server.sender.changeSettings({ type: "disconnect", by: OWNER, at }))._unsafeUnwrap();
    expect((await server.sharing()).decision).toMatchObject({ gate: "github-connect" });
  });

  it.each(["user-suspended", "user-deleted", "account-deleted", "authorization-revoked"] as const)(
    "6: %s is also an exit: the counts are deleted",
    async (reason) => {
      const { cloud, server } = await sending("2026-03-01T09:00:00Z");
      (await server.sender.changeLink(OCTO, { type: "end", at: NOON as Instant, reason }))._unsafeUnwrap();
      await server.sync("deletions");
      expect(await cloud.shown()).toEqual([]);
      expect((await server.sharing()).link).toEqual({
        status: "ended",
        reason,
        endedAt: NOON,
        receipt: null,
      });
    },
  );

  it("6: a failure of transport is never an exit", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    const { source, senderStore } = server;
    const cutOff = createServer(cloud, { source, senderStore, wireThrough: cut });
    for (let hour = 0; hour < 48; hour++) {
      cloud.clock.advance(3_600_000);
      expect((await cutOff.sync()).outcome).toBe("failed");
    }
    expect((await server.sharing()).link.status).toBe("sending");
    expect(await cloud.shown()).toEqual([1]);
    await server.sync();
    expect(await cloud.shown()).toEqual([2]);
  });

  it("7: one live link per installation and GHES user, and per installation and GHEC account", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    await server.optIn(OCTO, HUBOT_CLOUD);
    await server.sync();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], [1]]);

    await server.contribute(HUBOT, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    await server.connect(HUBOT);
    await server.optIn(HUBOT, HUBOT_CLOUD);
    await server.sync();
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([2]);
  });

  it("7: one account may be linked from several installations: kept apart, shown summed, deleted apart", async () => {
    const { cloud, server } = await sending("2026-03-01T09:00:00Z");
    const other = createServer(cloud, { installation: "server-2" as InstallationId });
    await other.enable();
    await other.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z");
    await other.connect();
    await other.optIn();
    await other.sync();
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 1 }, { "2026-02-28": 1, "2026-03-01": 1 }]);
    expect(await profile(cloud, true)).toMatchObject({ total: 8, restrictedContributionsCount: 3 });

    await server.optOut();
    await server.sync();
    expect(await shownDays(cloud)).toEqual([{ "2026-02-28": 1, "2026-03-01": 1 }]);
  });

  it("8: the counts of a server that goes silent age out by themselves, and a sweep removes the rows", async () => {
    const { cloud } = await sending("2026-03-01T09:00:00Z", "2026-02-01T09:00:00Z");
    cloud.clock.set("2026-05-29T12:00:00Z");
    expect(await shownDays(cloud)).toEqual([{ "2026-03-01": 1 }]);
    cloud.clock.set("2026-05-30T12:00:00Z");
    expect(await shownDays(cloud)).toEqual([]);

    (await cloud.receiver.sweep())._unsafeUnwrap();
    cloud.clock.advance(3_600_000);
    expect((await cloud.receiver.sweep())._unsafeUnwrap().trimmed).toBe(1);
    expect(cloud.receiverStore.snapshot().links).toMatchObject([{ report: { window: null } }]);
  });
});
