import type { AccountId, Instant, UserId } from "unified-contributions";
import { expect } from "vitest";
import { type Cloud, OCTO, OCTO_CLOUD, type Server } from "./world.ts";

export const HUBOT = "hubot" as UserId;
export const HUBOT_CLOUD = "hubot-cloud" as AccountId;

/** One chapter of a server's life: what its people want, said again as often as it takes, and what has to follow. */
export interface Chapter {
  readonly title: string;
  /** Asks for it; to be asked again after a crash, so it looks first at what is there already. */
  ask(server: Server): Promise<void>;
  /** What has to be true once the rounds have settled. */
  check(server: Server, cloud: Cloud): Promise<void>;
}

/** A server's whole life: every kind of message is said at least once, most of them in several states. */
export const LIFE: readonly Chapter[] = [
  {
    title: "the owner enables",
    ask: (server) => server.enable(),
    check: async (server) => {
      expect((await server.sharing()).decision).toMatchObject({ gate: "connected-account" });
    },
  },
  {
    title: "two users opt in",
    ask: async (server) => {
      server.source.clear(OCTO);
      server.source.clear(HUBOT);
      await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z");
      await server.contribute(HUBOT, "2026-02-27T09:00:00Z");
      await beSending(server, OCTO, OCTO_CLOUD);
      await beSending(server, HUBOT, HUBOT_CLOUD);
    },
    check: (_, cloud) => expectShown(cloud, [2], [1]),
  },
  {
    title: "a day changes",
    ask: async (server) => {
      server.source.clear(OCTO);
      await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
    },
    check: (_, cloud) => expectShown(cloud, [3], [1]),
  },
  {
    title: "one opts out, one disconnects",
    ask: async (server) => {
      await server.optOut(OCTO);
      await server.disconnect(HUBOT);
      await server.sync("deletions");
    },
    check: async (server, cloud) => {
      await expectShown(cloud, [], []);
      expect((await server.sharing(OCTO)).deletion.status).toBe("deleted");
      expect((await server.sharing(HUBOT)).deletion.status).toBe("deleted");
    },
  },
  {
    title: "both come back",
    ask: async (server) => {
      await beSending(server, OCTO, OCTO_CLOUD);
      await beSending(server, HUBOT, HUBOT_CLOUD);
    },
    check: (_, cloud) => expectShown(cloud, [3], [1]),
  },
  {
    title: "the owner disables",
    ask: (server) => server.disable(),
    check: async (server, cloud) => {
      await expectShown(cloud, [], []);
      expect((await server.sender.status())._unsafeUnwrap().disabling?.receipt).not.toBeNull();
    },
  },
  {
    title: "the owner enables again, and one reconnects",
    ask: async (server) => {
      await server.enable();
      await settle(server);
      await beSending(server, OCTO, OCTO_CLOUD);
    },
    check: (_, cloud) => expectShown(cloud, [3], []),
  },
];

/** Runs rounds, each when it is due, until one has done everything. */
export async function settle(server: Server): Promise<void> {
  const { clock } = server.options;
  for (let round = 0; round < 12; round++) {
    const report = await server.sync();
    if (report.outcome === "completed") return;
    clock.set(Math.max(report.nextSyncAt ?? 0, clock.now() + 601_000) as Instant);
  }
  throw new Error("The rounds did not settle.");
}

/** Whoever comes back to the page after trouble presses "Connect" once more, unless that is done. */
async function beSending(server: Server, user: UserId, account: AccountId): Promise<void> {
  if ((await server.sharing(user)).link.status === "redeeming") await settle(server);
  const { status } = (await server.sharing(user)).link;
  if (status === "sending") return;
  if (status !== "connected") {
    await server.connect(user);
    await server.goToCloud(user, account);
  }
  (await server.select(user))._unsafeUnwrap();
}

async function expectShown(cloud: Cloud, octo: readonly number[], hubot: readonly number[]): Promise<void> {
  expect(await cloud.shown(OCTO_CLOUD)).toEqual(octo);
  expect(await cloud.shown(HUBOT_CLOUD)).toEqual(hubot);
}
