// The size of a link. Its bytes on disk are counted once all links have been reported twice. Its bytes of log are
// counted while all links are reported again. The yardstick is a row for every day of every link, as counts are usually
// kept.
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { atMost, type Effort, type Finding } from "../measure.ts";
import { type BenchDatabase, numberFrom, valueFrom } from "./database.ts";
import { createDeliveries, FIRST_COMMIT, linksOf, REGISTRATION, schemaWithLinks } from "./links.ts";

const RECORDS = 1_000;

/** Runs the rows. */
export async function size({ pool }: BenchDatabase, { isQuick }: Effort): Promise<readonly Finding[]> {
  const links = isQuick ? 2_000 : 50_000;
  const rows = isQuick ? 200 : 5_000;
  const ours = await ourSize(links);
  const raw = await rowADaySize(rows);
  const bytes = (count: number): string => Math.round(count).toLocaleString("en");
  return (["table", "wal"] as const).map((kind) =>
    atMost(0.25, {
      id: `postgres.${kind}-bytes`,
      what: `bytes a link of 90 days ${kind === "table" ? "in the table and its indexes" : "in the log, when it is reported again"}`,
      yardstick: "a row for each day of each link",
      ratio: ours[kind] / raw[kind],
      detail: `${bytes(ours[kind])} bytes against ${bytes(raw[kind])}, ${links.toLocaleString("en")} links`,
    }),
  );

  async function ourSize(count: number): Promise<{ table: number; wal: number }> {
    const schema = await schemaWithLinks(pool, count);
    const store = createPostgresReceiverStore({ client: pool, schema });
    await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration: REGISTRATION }));
    const next = createDeliveries(await linksOf(pool, schema), RECORDS);
    const reportAll = async (): Promise<void> => {
      for (let reported = 0; reported < count; reported += RECORDS)
        await valueFrom(store.applyDelivery(next()));
    };
    await reportAll();
    await pool.query(`VACUUM ${schema}.links`);
    const wal = await walOf(reportAll);
    const table = await numberFrom(pool, `SELECT pg_total_relation_size('${schema}.links')`);
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    return { table: table / count, wal: wal / count };
  }

  async function rowADaySize(count: number): Promise<{ table: number; wal: number }> {
    await pool.query("CREATE TABLE days (link text, day int4, count int4 NOT NULL, PRIMARY KEY (link, day))");
    const reportAll = async (): Promise<void> => {
      await pool.query(
        `INSERT INTO days SELECT md5(n::text)::uuid::text, day, 1
         FROM generate_series(1, ${count}) AS n, generate_series(1, 90) AS day
         ON CONFLICT (link, day) DO UPDATE SET count = excluded.count`,
      );
    };
    await reportAll();
    await pool.query("VACUUM days");
    const wal = await walOf(reportAll);
    const table = await numberFrom(pool, "SELECT pg_total_relation_size('days')");
    await pool.query("DROP TABLE days");
    return { table: table / count, wal: wal / count };
  }

  /** Returns how many bytes of log a piece of work writes. It leaves out pages written whole after a checkpoint. */
  async function walOf(work: () => Promise<void>): Promise<number> {
    const before = await numberFrom(pool, "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    await work();
    return (await numberFrom(pool, "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) - before;
  }
}
