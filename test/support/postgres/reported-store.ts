import type pg from "pg";
import type { LinkId } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import type { ReceiverStore } from "unified-contributions/storage";
import { deliveryOf, openLinks, registerServer, valueFrom } from "./marked-reports.ts";
import { projectDatabase } from "./project-database.ts";
import { poolOfTest } from "./server-pool.ts";
import { freshSchema } from "./test-database.ts";

/** A receiver's store of one test, and how to reach its tables without it. */
export interface ReportedStore {
  readonly pool: pg.Pool;
  readonly schema: string;
  readonly store: ReceiverStore;
  readonly linkIds: readonly LinkId[];
}

/** Makes a store over connections of the test's own, in which the links 1, 2 and 3 were reported with the mark 6. */
export async function createReportedStore(): Promise<ReportedStore> {
  const schema = await freshSchema(await projectDatabase(), "receiver");
  const pool = poolOfTest();
  const store = createPostgresReceiverStore({ client: pool, schema });
  await registerServer(store);
  const linkIds = await openLinks(store, [1, 2, 3]);
  await valueFrom(store.applyDelivery(deliveryOf(6, linkIds)));
  return { pool, schema, store, linkIds };
}
