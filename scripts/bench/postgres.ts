// PostgreSQL: the adapter beside the raw statement that does the same on tables of the same shape, in one server.
import type { Effort, Finding } from "./measure.ts";
import { calendar } from "./postgres/calendar.ts";
import { catchUp } from "./postgres/catch-up.ts";
import { type BenchDatabase, openDatabase } from "./postgres/database.ts";
import { idleHour } from "./postgres/idle-hour.ts";
import { installation } from "./postgres/installation.ts";
import { reconcile } from "./postgres/reconcile.ts";
import { size } from "./postgres/size.ts";
import { store } from "./postgres/store.ts";

const PARTS: readonly ((database: BenchDatabase, effort: Effort) => Promise<readonly Finding[]>)[] = [
  store,
  installation,
  calendar,
  idleHour,
  catchUp,
  reconcile,
  size,
];

/** Runs the group. */
export async function postgres(effort: Effort): Promise<readonly Finding[]> {
  const database = await openDatabase();
  try {
    const findings: Finding[] = [];
    for (const part of PARTS) findings.push(...(await part(database, effort)));
    return findings;
  } finally {
    await database.stop();
  }
}
