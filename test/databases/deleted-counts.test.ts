import { createMemoryLedger } from "unified-contributions/adapters/memory";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createTestChance, createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { HQ } from "../support/ghec-fixtures.ts";
import {
  accountOf,
  deliveryOf,
  openLinks,
  registerServer,
  valueFrom,
} from "../support/postgres/marked-reports.ts";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

/** A mark of which both counts are told from everything else that is stored: 52,685 and 61,183. */
const MARK = 0xcdcdeeff;

async function cloudWithCounts() {
  const database = await projectDatabase();
  const schema = await freshSchema(database, "receiver");
  const store = createPostgresReceiverStore({ client: database.client, schema });
  await registerServer(store);
  const links = await openLinks(store, [1, 2]);
  const { window } = deliveryOf(MARK, links, {}, []).reports[0] ?? {};
  if (!window) throw new Error("There is a report.");
  const reports = links.map((link) => ({ link, window }));
  await valueFrom(store.applyDelivery({ ...deliveryOf(6, links), reports }));
  const receiver = createReceiver({
    store,
    ledger: createMemoryLedger(),
    clock: createTestClock("2026-03-01T12:00:00Z"),
    chance: createTestChance(1),
  });
  /** How many rows of all tables hold the counts in any column, and how many the account. */
  const found = async () => {
    const { rows: tables } = await query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`);
    const texts: string[] = [];
    for (const { tablename } of tables) {
      const { rows } = await query(`SELECT t::text AS row FROM ${schema}.${tablename} AS t`);
      texts.push(...rows.map(({ row }) => row ?? ""));
    }
    return {
      counts: texts.filter((text) => text.includes("cdcdeeff")).length,
      account: texts.filter((text) => text.includes(accountOf(1))).length,
    };
  };
  const query = async (text: string) =>
    (await database.client.query(text, [])) as { rows: Record<string, string>[] };
  return { store, receiver, links, found };
}

type Cloud = Awaited<ReturnType<typeof cloudWithCounts>>;

const disable = { version: 1, requestId: "the-request-that-disables", type: "disable", epoch: 2 };

const DELETIONS: readonly [string, (cloud: Cloud) => Promise<unknown>, number][] = [
  [
    "a withdrawal",
    ({ store, links }) =>
      valueFrom(store.applyDelivery(deliveryOf(7, [], { withdrawals: links.slice(0, 1) }))),
    1,
  ],
  ["a revocation", ({ receiver }) => valueFrom(receiver.revokeAuthorization(HQ, accountOf(1))), 1],
  ["the account's deletion", ({ receiver }) => valueFrom(receiver.deleteAccount(accountOf(1))), 1],
  [
    "disabling and the sweep",
    async ({ receiver }) => {
      await valueFrom(receiver.handle(HQ, disable));
      await sweepAll(receiver);
    },
    0,
  ],
  [
    "GitHub Connect going off and the sweep",
    async ({ receiver }) => {
      await valueFrom(receiver.disconnectInstallation(HQ));
      await sweepAll(receiver);
    },
    0,
  ],
];

describe("a raw look at every row of every table", () => {
  it("finds the counts and the account before a deletion", async () => {
    const { found } = await cloudWithCounts();

    expect(await found()).toEqual({ counts: 2, account: 1 });
  });

  it.each(DELETIONS)("finds neither after %s", async (_, deletion, others) => {
    const cloud = await cloudWithCounts();

    await deletion(cloud);

    expect(await cloud.found()).toEqual({ counts: others, account: 0 });
  });
});

async function sweepAll(receiver: Receiver): Promise<void> {
  while (!(await valueFrom(receiver.sweep(1))).isDone);
}
