import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import type { AuditEntry } from "unified-contributions/ghes";
import { NEW_SERVER } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";
import { createCloudOver, createServerOver, OCTO, START } from "../support/world.ts";

/** What a write past this package can make of the window that the receiver is known to have. */
const DAMAGES: readonly (readonly [string, string])[] = [
  ["half a count", "counts = substring(counts FROM 1 FOR 3)"],
  ["no counts at all", "counts = ''"],
  ["a count too many", "counts = counts || '\\x0001'"],
  ["no first day", "first_day = NULL"],
  ["a first day that no calendar has", "first_day = 2147483647"],
  ["no time", "reported_at = NULL"],
  ["a time past all numbers", "refresh_at = 9223372036854775807"],
  ["no number of changes", "reported_changes = NULL"],
];

/** A user whose counts were reported. */
async function sendingUser() {
  const { client } = await projectDatabase();
  const schema = await freshSchema(await projectDatabase(), "sender", "receiver", "ledger");
  const options = { client, schema };
  const cloud = createCloudOver(
    createPostgresReceiverStore(options),
    createPostgresLedger(options),
    START,
    1,
  );
  const server = createServerOver(createPostgresSenderStore(options), cloud, {});
  await server.enable();
  await server.connect();
  await server.optIn();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.sync();
  const change = (set: string) => client.query(`UPDATE ${schema}.user_links SET ${set}`, []);
  return { cloud, server, change };
}

describe("a user whose row has a window that cannot be read", () => {
  it.each(DAMAGES)("opts out and gets a receipt: %s", async (_, damage) => {
    const { cloud, server, change } = await sendingUser();
    await change(damage);

    await server.optOut();
    await server.sync("deletions");

    expect((await server.sharing()).deletion).toMatchObject({
      status: "deleted",
      receipt: { removed: { last: "2026-03-01" } },
    });
    expect(await cloud.shown()).toEqual([]);
  });

  it.each(DAMAGES)("disconnects the account, and is suspended by the owner: %s", async (_, damage) => {
    const { cloud, server, change } = await sendingUser();
    await change(damage);

    await server.disconnect();
    await server.sync("deletions");
    expect(await cloud.shown()).toEqual([]);
    await server.connect();
    await server.optIn();
    await server.sync();
    await change(damage);
    await server.disable();

    expect((await server.sharing()).link).toMatchObject({ status: "suspended" });
  });

  it.each(DAMAGES)("is reported again at the next change: %s", async (_, damage) => {
    const { cloud, server, change } = await sendingUser();
    await change(damage);

    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    const { kept } = await server.sync();

    expect(kept).toBe(1);
    expect(await cloud.shown()).toEqual([2]);
    const { reported } = (await server.senderStore.loadLink(OCTO))._unsafeUnwrap().value;
    expect(reported?.type === "kept" && reported.window.counts.at(-1)).toBe(2);
  });
});

describe("the audit log", () => {
  it("is read in the order of writing, page by page, even past the ninth entry", async () => {
    const { client } = await projectDatabase();
    const options = { client, schema: await freshSchema(await projectDatabase(), "sender") };
    const store = createPostgresSenderStore(options);
    const reader = createPostgresSenderReader(options);
    const times = Array.from({ length: 25 }, (_, at) => at);
    let expectedVersion = 0;
    for (const createdAt of times) {
      const audit: AuditEntry = {
        action: "unified_contributions.enable",
        actor: null,
        user: null,
        createdAt: createdAt as never,
      };
      const commit = { server: NEW_SERVER, audit, reported: [], withdrawn: [] };
      expectedVersion = (await store.commitServer({ expectedVersion, ...commit }))._unsafeUnwrap();
    }

    const read: number[] = [];
    for (let after = 0; ; ) {
      const page = (await reader.loadAudit({ user: null, after, limit: 7 }))._unsafeUnwrap();
      read.push(...page.map(({ entry }) => entry.createdAt));
      const last = page.at(-1);
      if (!last) break;
      after = last.id;
    }

    expect(read).toEqual(times);
  });
});
