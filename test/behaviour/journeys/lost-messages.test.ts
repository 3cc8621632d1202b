import type { Message } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD, type ServerParts } from "../../support/journey.ts";
import { HUBOT, HUBOT_CLOUD, LIFE, settle } from "../../support/proof-life.ts";
import {
  answeringLate,
  losing,
  losingEvery,
  repeatingEverything,
  type Trouble,
  troubleAt,
} from "../../support/proof-trouble.ts";
import { STORAGE } from "../../support/storage.ts";

type Wire = NonNullable<ServerParts["wireThrough"]>;

/** Lives a whole life over a wire; every chapter has to end as it should. Whoever got no answer asks once more. */
async function live(wireThrough: Wire): Promise<void> {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud, { wireThrough });
  for (const { ask, check } of LIFE) {
    await ask(server).catch(() => ask(server));
    await settle(server);
    await check(server, cloud);
  }
}

/** How many requests a life needs, and the numbers of those at which the trouble must not strike, of those tried. */
async function survive(troubled: (trouble: Trouble) => Wire) {
  const undisturbed = troubleAt(0);
  await live(troubled(undisturbed));
  const fatal: string[] = [];
  for (let request = 1; request <= undisturbed.calls; request += STORAGE.oneMomentIn) {
    await live(troubled(troubleAt(request))).catch((error) => fatal.push(`${request}: ${error}`));
  }
  return { requests: undisturbed.calls, fatal };
}

describe("a wire that loses messages", () => {
  it("does no harm, whichever request of a life it loses", async () => {
    const { requests, fatal } = await survive((trouble) => losing("request", trouble));
    expect(requests).toBeGreaterThan(15);
    expect(fatal).toEqual([]);
  });

  it("does no harm, whichever answer of a life it loses", async () => {
    const { requests, fatal } = await survive((trouble) => losing("answer", trouble));
    expect(requests).toBeGreaterThan(15);
    expect(fatal).toEqual([]);
  });

  it("does no harm, whichever answer is an earlier one that comes late", async () => {
    const { requests, fatal } = await survive(answeringLate);
    expect(requests).toBeGreaterThan(15);
    expect(fatal).toEqual([]);
  });
});

describe("a wire that is half broken for days", () => {
  it.each(["request", "answer"] as const)("loses every %s, and nothing for good", async (what) => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    const { source, senderStore } = server;
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.contribute(HUBOT, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.connect(HUBOT);
    await server.optIn(HUBOT, HUBOT_CLOUD);
    await server.sync();

    const broken = createServer(cloud, { source, senderStore, wireThrough: losingEvery(what) });
    await broken.optOut(OCTO);
    await broken.contribute(HUBOT, "2026-03-01T11:00:00Z");
    for (let hour = 0; hour < 48; hour++) {
      cloud.clock.advance(3_600_000);
      expect((await broken.sync()).outcome).toBe("failed");
    }
    expect((await broken.sharing(OCTO)).deletion.status).toBe("pending");

    await settle(server);
    expect((await server.sharing(OCTO)).deletion.status).toBe("deleted");
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], [3]]);
    expect((await server.sender.status())._unsafeUnwrap().isContested).toBe(false);
  });
});

describe("a wire that repeats messages", () => {
  it("does no harm, though everything that was ever said comes again after each message", async () => {
    const said: Message[] = [];
    await live(repeatingEverything(said));
    expect(new Set(said.map(({ type }) => type))).toEqual(
      new Set(["attach", "enable", "push", "redeem", "deliver", "complete", "disable"]),
    );
  });
});
