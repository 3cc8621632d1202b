import type pg from "pg";
import type { BrowserId, LinkId } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import { createPostgresReceiverStore, type PostgresClient } from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import type { ReceiverStore } from "unified-contributions/storage";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { deliveryOf, shownMarks, valueFrom } from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { createReportedStore } from "../../support/postgres/reported-store.ts";
import { attemptId, HQ } from "../../support/values.ts";

let pool: pg.Pool;
let schema: string;
let store: ReceiverStore;
let linkIds: readonly LinkId[];

beforeEach(async () => {
  ({ pool, schema, store, linkIds } = await createReportedStore());
});

/** Ends connections, as a failover or an administrator does; a test's own connection goes on. */
async function terminate(where: string, ...values: readonly unknown[]): Promise<number> {
  const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${where}`;
  const { client } = await projectDatabase();
  const { rowCount } = (await client.query(ended, [...values])) as pg.QueryResult;
  return rowCount ?? 0;
}

/** A client whose connection is ended just before the statement of this number, counted from 1. */
function losingBefore(statement: number): { client: PostgresClient; statements: () => number } {
  let statements = 0;
  return {
    statements: () => statements,
    client: {
      query: async (text, values) => {
        statements++;
        if (statements !== statement) return await pool.query(text, values);
        const client = await pool.connect();
        client.on("error", () => {});
        const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        await terminate("pid = $1", rows[0]?.pid);
        try {
          return await client.query(text, values);
        } finally {
          client.release(true);
        }
      },
    },
  };
}

describe("a connection that is lost", () => {
  it("between any two statements of an operation causes a named fault, applies all or nothing, and is right on repetition", async () => {
    for (let statement = 1; ; statement++) {
      const { client, statements } = losingBefore(statement);
      let current: PostgresClient = pool;
      const receiver = createReceiver({
        store: createPostgresReceiverStore({
          client: { query: (...given) => current.query(...given) },
          schema,
        }),
        ledger: createMemoryLedger(),
        clock: createTestClock("2026-03-01T12:00:00Z"),
        random: createTestRandom(statement),
      });
      // The look at the ledger comes first: a connection that it loses changes nothing.
      const nobodys = { attempt: attemptId(statement), browser: "browser-of-nobody" as BrowserId };
      (await receiver.offerConsent(nobodys))._unsafeUnwrapErr();
      current = client;
      const disable = {
        version: 1,
        requestId: `request-that-disables-${statement}`,
        type: "disable",
        epoch: 2,
      };

      const result = await receiver.handle(HQ, disable);

      if (statements() < statement) {
        expect(statement).toBeGreaterThan(2);
        expect(result._unsafeUnwrap().type).toBe("disabled");
        break;
      }
      expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
      // Off, though nobody has said so yet, or as it was.
      expect([[6, 6, 6], []]).toContainEqual(await shownMarks(store, [1, 2, 3]));
    }
    expect(await shownMarks(store, [1, 2, 3])).toEqual([]);
  });

  it("in the middle of a statement leaves nothing of it behind", async () => {
    const blocker = await pool.connect();
    await blocker.query("BEGIN");
    await blocker.query(`SELECT FROM ${schema}.links WHERE link = $1 FOR UPDATE`, [linkIds[2]]);
    const delivery = deliveryOf(7, linkIds.slice(1), { withdrawals: linkIds.slice(0, 1) });
    const cut = store.applyDelivery(delivery);

    while ((await terminate("wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'", schema)) === 0);
    const result = await cut;
    await blocker.query("COMMIT");
    blocker.release();

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
    expect(await shownMarks(store, [1, 2, 3])).toEqual([6, 6, 6]);
    expect(await valueFrom(store.applyDelivery(delivery))).toMatchObject({ isDetached: false });
    expect(await shownMarks(store, [1, 2, 3])).toEqual([7, 7]);
  });
});

describe("a request whose answer is lost after it took hold", () => {
  it("gets the same answer when it is repeated", async () => {
    const delivery = deliveryOf(7, linkIds.slice(1), { withdrawals: linkIds.slice(0, 1) });
    const first = await valueFrom(store.applyDelivery(delivery));

    const again = await valueFrom(
      store.applyDelivery({ ...delivery, at: (delivery.at + 1) as typeof delivery.at }),
    );

    expect(again).toEqual(first);
    expect(await shownMarks(store, [1, 2, 3])).toEqual([7, 7]);
  });
});
