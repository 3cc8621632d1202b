// The store and its ledger, each in a server of its own. Without news, each is read once, every cursor and every head.
// The yardstick is the smallest possible read of each. After a failover that has lost deletions, the time counts until
// none of them is shown. The yardstick asks for the same deletions by hand, one statement each. Last comes the size of
// the ledger: an opt-out, and a year of a server that is off.
import type { AccountId, InstallationId } from "unified-contributions";
import { createPostgresLedger, createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { systemRandom } from "unified-contributions/adapters/system";
import { createReceiver } from "unified-contributions/ghec";
import { digestOf } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import {
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  takeTurns,
  timed,
} from "../measure.ts";
import {
  type BenchDatabase,
  benchSchema,
  EPOCH,
  numberFrom,
  openDatabase,
  rowsOf,
  SERVER,
  valueFrom,
} from "./database.ts";
import { FIRST_COMMIT, linksOf, REGISTRATION, schemaWithLinks } from "./links.ts";

const INSTALLATIONS = 20_000;
const LOOKS_A_TURN = 50;
/** How many deletions a failover loses. */
const LOST = 200;
/** A number of 64 bits for each installation, like the digest of a random id. */
const DIGEST = "('x' || substr(md5(n::text), 1, 16))::bit(64)::int8";
/** Each failover takes back a whole table. */
const MAX_ROUNDS = 3;

/** Runs the rows. */
export async function reconcile(database: BenchDatabase, effort: Effort): Promise<readonly Finding[]> {
  const other = await openDatabase();
  try {
    const [few, many] = effort.isQuick ? [1_000, 5_000] : [1_000, 1_000_000];
    return [
      await nothingNew(database, other, effort),
      await afterFailover(database, other, effort, few),
      await afterFailover(database, other, effort, many),
      ...(await ledgerBytes(database, other, effort)),
    ];
  } finally {
    await other.stop();
  }
}

async function receiverOver(store: BenchDatabase, ledger: BenchDatabase, schema: string) {
  const written = await benchSchema(ledger.pool, "ledger");
  const parts = {
    store: createPostgresReceiverStore({ client: store.client, schema }),
    ledger: createPostgresLedger({ client: ledger.client, schema: written }),
    clock: createTestClock("2026-03-01T12:00:00Z"),
    random: systemRandom,
  };
  return { ...parts, written, receiver: createReceiver(parts) };
}

async function nothingNew(
  database: BenchDatabase,
  other: BenchDatabase,
  { rounds, isQuick }: Effort,
): Promise<Finding> {
  const installations = isQuick ? 1_000 : INSTALLATIONS;
  const schema = await schemaWithLinks(database.pool, 1);
  const { receiver, store, written } = await receiverOver(database, other, schema);
  const place = { position: 3, entryId: "entry-of-the-benchmark" };
  const registration = { ...REGISTRATION, readTo: place };
  await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration }));
  await database.pool.query(
    `INSERT INTO ${schema}.registrations SELECT (jsonb_populate_record(r,
       jsonb_build_object('installation', 'server-of-many-' || n, 'read_to_digest', ${DIGEST}))).*
     FROM ${schema}.registrations AS r, generate_series(2, ${installations}) AS n`,
  );
  await other.pool.query(
    `INSERT INTO ${written}.ledger_heads (installation, position, entry_id, digest)
     SELECT CASE n WHEN 1 THEN '${SERVER}' ELSE 'server-of-many-' || n END, 3, '${place.entryId}',
       CASE n WHEN 1 THEN ${digestOf([place])} ELSE ${DIGEST} END
     FROM generate_series(1, ${installations}) AS n`,
  );
  await database.pool.query(`VACUUM ANALYZE ${schema}.registrations`);
  await other.pool.query(`VACUUM ANALYZE ${written}.ledger_heads`);

  const times = await takeTurns(rounds, "collect", {
    ours: async () => {
      for (let look = 0; look < LOOKS_A_TURN; look++) {
        const { entries, recorded } = await valueFrom(receiver.reconcile());
        demand(entries + recorded === 0, "nothing is new");
      }
    },
    raw: async () => {
      for (let look = 0; look < LOOKS_A_TURN; look++) {
        await database.pool.query("SELECT 1");
        await other.pool.query("SELECT 1");
      }
    },
  });
  await drop(database, schema);
  await drop(other, written);
  // Every cursor and every head is looked at: docs/decisions/ledger-outside-the-store.md says why.
  return atMost(25, {
    id: "postgres.reconcile",
    what: `a reconciliation of ${installations.toLocaleString("en")} installations with nothing new`,
    yardstick: "SELECT 1 of either database",
    ratio: ratioOf(times.ours, times.raw),
    detail: `${perItem(median(times.ours), LOOKS_A_TURN)} against ${perItem(median(times.raw), LOOKS_A_TURN)}`,
  });
}

async function afterFailover(
  database: BenchDatabase,
  other: BenchDatabase,
  { rounds }: Effort,
  links: number,
): Promise<Finding> {
  const { pool, client } = database;
  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < Math.min(rounds, MAX_ROUNDS); round++) {
    const schema = await schemaWithLinks(pool, links, { hasCounts: true });
    const { receiver, store, written } = await receiverOver(database, other, schema);
    await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration: REGISTRATION }));
    // A failover takes back the rows, and the cursor beside them.
    await pool.query(
      `CREATE TABLE ${schema}.before AS SELECT * FROM ${schema}.links WHERE account = ANY ($1)`,
      [accounts()],
    );
    await pool.query(`CREATE TABLE ${schema}.cursor AS SELECT * FROM ${schema}.registrations`);
    for (const account of accounts()) await valueFrom(receiver.deleteAccount(account));
    await pool.query(`DELETE FROM ${schema}.links AS l USING ${schema}.before AS b WHERE l.link = b.link`);
    await pool.query(`INSERT INTO ${schema}.links SELECT * FROM ${schema}.before`);
    await pool.query(`UPDATE ${schema}.registrations SET read_to = c.read_to, read_to_entry = c.read_to_entry, read_to_digest = c.read_to_digest
      FROM ${schema}.cursor AS c`);
    const shown = async (): Promise<number> => {
      const windows = await Promise.all(accounts().map((account) => valueFrom(store.loadShown(account))));
      return windows.flat().length;
    };
    demand((await shown()) === LOST, "the failover has lost every deletion");
    ours.push(await timed(async () => void (await valueFrom(receiver.reconcile()))));
    demand((await shown()) === 0, "nothing old is shown");
    await drop(other, written);

    const byHand = await schemaWithLinks(pool, links, { hasCounts: true });
    const ids = (await linksOf(pool, byHand)).slice(0, LOST);
    raw.push(
      await timed(async () => {
        for (const id of ids) await rowsOf(client, killed(byHand), [SERVER, id]);
      }),
    );
    await drop(database, schema);
    await drop(database, byHand);
  }
  return atMost(2, {
    id: `postgres.failover-${links}`,
    what: `after a failover that lost ${LOST} deletions, until nothing of them is shown, ${links.toLocaleString("en")} links`,
    yardstick: "the same deletions by hand, a statement each",
    ratio: ratioOf(ours, raw),
    detail: `${perItem(median(ours), LOST)} against ${perItem(median(raw), LOST)} a deletion`,
  });
}

function killed(schema: string): string {
  return `UPDATE ${schema}.links SET counts = NULL, first_day = NULL, last_day = NULL, choice = NULL, report_session = NULL,
      received_at = NULL, ended_to = 2147483647, ended_at = 1, is_recorded = true, end_cause = 'withdrawn', account = NULL
    WHERE installation = $1 AND link = $2 AND ended_to < 2147483647`;
}

function accounts(): AccountId[] {
  return Array.from({ length: LOST }, (_, n) => `account-${n + 1}` as AccountId);
}

async function ledgerBytes(
  database: BenchDatabase,
  other: BenchDatabase,
  { isQuick }: Effort,
): Promise<readonly Finding[]> {
  const optOuts = isQuick ? 100 : 1_000;
  const days = isQuick ? 7 : 365;
  const schema = await schemaWithLinks(database.pool, 2_000, { hasCounts: true });
  const { receiver, store, written } = await receiverOver(database, other, schema);
  await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration: REGISTRATION }));
  const size = (): Promise<number> =>
    numberFrom(other.pool, `SELECT pg_total_relation_size('${written}.ledger_entries')`);
  const empty = await size();
  for (const linkId of (await linksOf(database.pool, schema)).slice(0, optOuts)) {
    await say(receiver, {
      type: "deliver",
      sessionId: null,
      follows: [],
      records: [{ type: "withdraw", linkId, choice: 1 }],
    });
  }
  const optOut = ((await size()) - empty) / optOuts;
  const before = await size();
  for (let hour = 0; hour < 24 * days; hour++) await say(receiver, { type: "disable", epoch: EPOCH });
  const year = (await size()) - before;
  await drop(database, schema);
  await drop(other, written);
  return [
    atMost(isQuick ? 10 : 1, {
      id: "postgres.ledger-opt-out",
      what: "bytes of the ledger that an opt-out by itself takes, indexes included",
      yardstick: "512 bytes",
      ratio: optOut / 512,
      detail: `${Math.round(optOut)} bytes`,
    }),
    atMost(1, {
      id: "postgres.ledger-off",
      what: `bytes of the ledger that ${days} days take of a server that is off and says so every hour`,
      yardstick: "a page of 8,192 bytes",
      ratio: year / 8_192,
      detail: `${year.toLocaleString("en")} bytes`,
    }),
  ];
}

let requests = 0;

async function say(receiver: ReturnType<typeof createReceiver>, message: object): Promise<void> {
  const requestId = `request-${String(++requests).padStart(12, "0")}`;
  const answer = await valueFrom(
    receiver.handle(SERVER as InstallationId, { version: 1, requestId, ...message }),
  );
  demand(answer.type !== "rejected", "the message was understood");
}

async function drop({ pool }: BenchDatabase, schema: string): Promise<void> {
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
}
