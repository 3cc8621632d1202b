import type pg from "pg";
import { createPostgresReceiverStore, type PostgresClient } from "unified-contributions/adapters/postgres";
import type { ReceiverStore, SweepResult } from "unified-contributions/storage";
import type { CalendarDate } from "../../../src/domain/calendar-date.ts";
import type { InstallationAuditEntry } from "../../../src/ghec/audit.ts";
import { open, openReported, push } from "../../../src/testing/receiver-store-contract/consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  MONA,
  NOW,
  OTHER_SERVER,
  placeOf,
  register,
  registrationOf,
  SERVER,
  sessionId,
  stored,
} from "../../../src/testing/receiver-store-contract/samples.ts";

/** What a store does that no answer shows: how many statements it sends, and how many rows they touch. */
export interface WorkCheck {
  readonly title: string;
  /**
   * Rejects if it is too much.
   *
   * @param client a connection as a superuser, outside a transaction
   * @param schema the tables of a receiver's store, without rows; they have none afterwards
   * @param change what a statement is changed to before it is run
   */
  run(client: pg.ClientBase, schema: string, change?: (sql: string) => string): Promise<void>;
}

/** A store that counts the statements that it sends. */
interface Counted {
  readonly store: ReceiverStore;
  readonly client: pg.ClientBase;
  readonly schema: string;
  sent: number;
}

const MARCH_1 = "2026-03-01" as CalendarDate;
const FEBRUARY_28 = "2026-02-28" as CalendarDate;
const REGISTERED: InstallationAuditEntry = {
  ...{ action: "unified_contributions.enable", actor: "server", installation: SERVER },
  ...{ epoch: 1, createdAt: NOW },
};
const LINKS = 4_000;
const LIMIT = 250;

/** All that a sweep asks where there is nothing to remove. */
const IDLE_SWEEP = 4;

export const workChecks: readonly WorkCheck[] = [
  check("a sweep where nothing is left asks once for each kind of row", async (counted) => {
    const { store } = counted;
    for (const installation of [SERVER, OTHER_SERVER]) await register(store, { installation });
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    await deleteLinksOf(store, after(5), MONA);
    await commitEnded(store, [endedOf("b", after(5))]);
    await openReported(store, "c", 1, { account: MONA, installation: OTHER_SERVER });
    await deleteLinksOf(store, after(4), MONA);
    await sweep(store, FEBRUARY_28);
    await register(store, { readTo: placeOf(1) });
    await register(store, { readTo: placeOf(2) }, [REGISTERED]);
    counted.sent = 0;

    await sweep(store, FEBRUARY_28);

    expectAtMost("statements", counted.sent, IDLE_SWEEP);
  }),

  check("a sweep walks over each link once, also where reports come meanwhile", async (counted) => {
    const { store } = counted;
    await openLiveLinks(counted);
    const before = await touched(counted);
    counted.sent = 0;

    const fresh = { first: MARCH_1, counts: [1] };
    for (let number = 2; !(await sweep(store, MARCH_1, LIMIT)).isDone; number++)
      await deliver(store, number, { reports: [["a", fresh]] });

    const { fetched } = await touched(counted);
    // Three parts of the statement look at each link.
    expectAtMost("rows", fetched - before.fetched, 3.2 * LINKS);
    expectAtMost("statements", counted.sent, 5 * (LINKS / 2 / LIMIT));
  }),

  check("whether a deletion waits for the ledger is asked without a look at live links", async (counted) => {
    const { store } = counted;
    await openLiveLinks(counted);
    const before = await touched(counted);

    const standing = (await store.loadLedgerStanding())._unsafeUnwrap();
    const unrecorded = (await store.loadUnrecorded(100))._unsafeUnwrap();

    if (standing.hasUnrecorded || unrecorded.length > 0) throw new Error("No deletion waits.");
    expectAtMost("rows", (await touched(counted)).fetched - before.fetched, 0);
  }),

  check("a deletion voids nothing where its account has no consent", async (counted) => {
    const { store } = counted;
    await register(store);
    await open(store, "a");
    await push(store, "b");
    counted.sent = 0;

    await deleteLinksOf(store, after(5));

    expectAtMost("statements", counted.sent, 2);
  }),

  check("counts are hidden once", async (counted) => {
    const { store } = counted;
    await register(store);
    await openReported(store, "a", 1);
    const hide = async () => {
      const { version: expectedVersion } = await stored(store);
      const session = { id: sessionId(2), ordinal: 2, isCompleted: true };
      const registration = registrationOf({ session });
      const commit = { expectedVersion, registration, hidesUnreported: true, ended: [], audit: [] };
      (await store.commitRegistration(commit))._unsafeUnwrap();
    };
    await hide();
    const before = await touched(counted);

    await hide();

    expectAtMost("changes of links", (await touched(counted)).updated - before.updated, 0);
  }),
];

/**
 * Opens a link that was reported, and makes more like it, as many as the planner needs to choose as in a large table.
 * Every other one needs no sweep.
 */
async function openLiveLinks({ store, client, schema }: Counted): Promise<void> {
  await register(store);
  await openReported(store, "a", 1);
  await client.query(`INSERT INTO ${schema}.links
      (installation, link, attempt, account, epoch, opened_at, choice, report_session, received_at, first_day, last_day, counts)
      SELECT installation, 'n' || i, 'n' || i, 'n' || i, epoch, opened_at, choice, report_session, received_at,
        last_day - i % 2, last_day, substring(counts FROM 1 FOR 2 + 2 * (i % 2))
      FROM ${schema}.links, generate_series(1, ${LINKS}) AS i; ANALYZE ${schema}.links`);
}

function check(title: string, run: (counted: Counted) => Promise<void>): WorkCheck {
  return {
    title,
    run: async (client, schema, change = (sql) => sql) => {
      const counting: PostgresClient = {
        query: async (text, values) => {
          counted.sent++;
          return await client.query(change(text), [...values]);
        },
      };
      const store = createPostgresReceiverStore({ client: counting, schema });
      const counted: Counted = { store, client, schema, sent: 0 };
      await client.query("BEGIN");
      try {
        await run(counted);
      } finally {
        await client.query("ROLLBACK");
      }
    },
  };
}

async function sweep(store: ReceiverStore, counts: CalendarDate, limit = 100): Promise<SweepResult> {
  const keep = { counts, receipts: after(5), audit: NOW };
  return (await store.sweep({ keep, limit, at: after(10) }))._unsafeUnwrap();
}

/** How many rows of links the transaction has read, and how many it has changed. */
async function touched({
  client,
  schema,
}: Counted): Promise<{ readonly fetched: number; readonly updated: number }> {
  const sql = `SELECT seq_tup_read + idx_tup_fetch AS fetched, n_tup_upd AS updated
FROM pg_stat_xact_user_tables WHERE relid = '${schema}.links'::regclass`;
  const [row = {}] = (await client.query(sql)).rows;
  return { fetched: Number(row.fetched), updated: Number(row.updated) };
}

function expectAtMost(what: string, found: number, most: number): void {
  if (found > most) throw new Error(`${found} ${what}, and not ${most} at the most`);
}
