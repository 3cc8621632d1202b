import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, type Server } from "../../support/journey.ts";

/** A server whose user sends, and a copy of it, of its contributions too, that runs beside it from now on. */
async function serverAndCopy() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  const copy = createServer(cloud, { senderStore: await server.senderStore.backUp() });
  copy.source.add(OCTO, [{ occurredAt: "2026-03-01T09:00:00Z" }, { occurredAt: "2026-03-01T10:00:00Z" }]);
  return { cloud, server, copy };
}

/** Both run their round every hour for two days; answers what was shown after each of them. */
async function runBeside(cloud: ReturnType<typeof createCloud>, servers: readonly Server[]) {
  const shown: number[] = [];
  for (let hour = 0; hour < 48; hour++) {
    cloud.clock.advance(3_600_000);
    for (const server of servers) {
      await server.sync();
      shown.push(...(await cloud.shown()));
    }
  }
  return shown;
}

describe("a copy of a server that runs beside it", () => {
  it("does not make the counts alternate: one goes on, the other stops and says so", async () => {
    const { cloud, server, copy } = await serverAndCopy();

    const shown = await runBeside(cloud, [server, copy]);

    expect(new Set(shown.slice(4))).toEqual(new Set([2]));
    const statuses = [server, copy].map(async ({ sender }) => (await sender.status())._unsafeUnwrap());
    expect((await Promise.all(statuses)).map(({ isContested }) => isContested)).toEqual([true, false]);
    expect((await server.sharing()).attention).toBe("another-copy-is-running");
  });

  it("does not keep anybody's counts up: the one that stopped still withdraws", async () => {
    const { cloud, server, copy } = await serverAndCopy();
    await runBeside(cloud, [server, copy]);

    await server.optOut();
    const report = await server.sync("deletions");

    expect(report.receipts).toHaveLength(1);
    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([]);
    await runBeside(cloud, [server, copy]);
    expect(await cloud.shown()).toEqual([]);
  });

  it("does not keep the feature up: the one that stopped still disables", async () => {
    const { cloud, server, copy } = await serverAndCopy();
    await runBeside(cloud, [server, copy]);

    await server.disable();
    await server.sync("deletions");

    expect(await cloud.shown()).toEqual([]);
    await copy.sync();
    expect((await copy.sender.status())._unsafeUnwrap().settings.status).toBe("disabled");
  });

  it("is told apart by the operator, whose word makes the other one stop", async () => {
    const { cloud, server, copy } = await serverAndCopy();
    await runBeside(cloud, [server, copy]);

    (await server.sender.takeOver())._unsafeUnwrap();
    const report = await server.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false, kept: 1 });
    expect(await cloud.shown()).toEqual([1]);
    const shown = await runBeside(cloud, [copy, server]);
    expect(new Set(shown)).toEqual(new Set([1]));
    expect((await copy.sender.status())._unsafeUnwrap().isContested).toBe(true);
  });
});
