import { randomBytes } from "node:crypto";
import pg from "pg";

/** A cluster of Citus that the host has, and how the names of this run's schemas begin there. */
export interface CitusCluster {
  readonly connectionString: string;
  readonly prefix: string;
}

/** What is said where there is no cluster. */
export const NO_CITUS = "CITUS_URL does not name the coordinator of a Citus cluster.";

/** The cluster whose coordinator CITUS_URL names, or null. */
export function findCluster(): CitusCluster | null {
  const connectionString = process.env["CITUS_URL"];
  if (connectionString === undefined) return null;
  return { connectionString, prefix: `test_citus_${randomBytes(4).toString("hex")}` };
}

/** Drops every schema that this run has made in the cluster. */
export async function dropSchemas({ connectionString, prefix }: CitusCluster): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const made = "SELECT nspname::text AS name FROM pg_catalog.pg_namespace WHERE starts_with(nspname, $1)";
  for (const { name } of (await client.query(made, [prefix])).rows) {
    await client.query(`DROP SCHEMA ${name} CASCADE`);
  }
  await client.end();
}
