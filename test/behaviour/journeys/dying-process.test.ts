import { createReceiver } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import { createCloud, createServer } from "../../support/journey.ts";
import { LIFE, settle } from "../../support/proof-life.ts";
import { dying, failing, type Trouble, troubleAt } from "../../support/proof-trouble.ts";
import { STORAGE } from "../../support/storage.ts";

type When = "before" | "after";

/** Lives a whole life in which the server's process dies once; a new one goes on over the same storage, ten minutes later. */
async function liveWithADyingServer(when: When, trouble: Trouble): Promise<void> {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const mortal = createServer(cloud, { storeThrough: dying(when, trouble) });
  const { source, senderStore } = mortal;
  const successor = createServer(cloud, { source, senderStore });
  let server = mortal;
  for (const { ask, check } of LIFE) {
    try {
      await ask(server);
      await settle(server);
    } catch {
      cloud.clock.advance(601_000);
      server = successor;
      await ask(server);
      await settle(server);
    }
    await check(successor, cloud);
  }
}

/** Lives a whole life in which a process of the cloud dies once; whoever asked for something asks again. */
async function liveWithADyingCloud(when: When, trouble: Trouble): Promise<void> {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  cloud.receiver = createReceiver({ ...cloud.options, store: failing(when, trouble)(cloud.receiverStore) });
  const server = createServer(cloud);
  const onlooker = { ...cloud, receiver: createReceiver({ ...cloud.options, store: cloud.receiverStore }) };
  for (const { ask, check } of LIFE) {
    await ask(server).catch(() => ask(server));
    await settle(server);
    await check(server, onlooker);
  }
}

/** How many calls of its storage a life needs, and the numbers of those at which a process must not die, of those tried. */
async function survive(live: (when: When, trouble: Trouble) => Promise<void>, when: When) {
  const undisturbed = troubleAt(0);
  await live(when, undisturbed);
  const fatal: string[] = [];
  for (let call = 1; call <= undisturbed.calls; call += STORAGE.oneMomentIn) {
    await live(when, troubleAt(call)).catch((error) => fatal.push(`${call}: ${error}`));
  }
  return { calls: undisturbed.calls, fatal };
}

describe("a process of the server that dies", () => {
  it.each(["before", "after"] as const)(
    "does no harm, whichever call of its storage it dies %s",
    async (when) => {
      const { calls, fatal } = await survive(liveWithADyingServer, when);
      expect(calls).toBeGreaterThan(100);
      expect(fatal).toEqual([]);
    },
  );
});

describe("a process of the cloud that dies", () => {
  it.each(["before", "after"] as const)(
    "does no harm, whichever call of its storage it dies %s",
    async (when) => {
      const { calls, fatal } = await survive(liveWithADyingCloud, when);
      expect(calls).toBeGreaterThan(40);
      expect(fatal).toEqual([]);
    },
  );
});
