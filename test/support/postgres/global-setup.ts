import type { TestProject } from "vitest/node";
import { type CitusCluster, dropSchemas, findCluster, NO_CITUS } from "./citus-cluster.ts";
import { FORGETFUL, NoPostgres, type PostgresServer, RELEASES, startPostgres } from "./server.ts";

/** The database that the tests of a project run on, or why it can't be had. */
export type ProjectDatabase =
  | { readonly type: "pglite" }
  | { readonly type: "postgres"; readonly connection: PostgresServer["connection"] }
  | ({ readonly type: "citus" } & CitusCluster)
  | { readonly type: "missing"; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    /** Only in the projects that are named after a database: everywhere else the storage is memory. */
    database?: ProjectDatabase;
  }
}

/**
 * One server for all tests of a project, which is named after its release: `on PostgreSQL 18`. Vitest runs this only where a
 * test of the project was selected; what it returns stops the server.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (project.name === "on Citus") return provideCitus(project);
  const release = RELEASES.find((number) => project.name === `on PostgreSQL ${number}`);
  if (release === undefined) {
    project.provide("database", { type: "pglite" });
    return undefined;
  }
  try {
    const server = await startPostgres(release, FORGETFUL);
    project.provide("database", { type: "postgres", connection: server.connection });
    return server.stop;
  } catch (error) {
    if (!(error instanceof NoPostgres)) throw error;
    project.vitest.logger.warn(`${error.message} Its tests are skipped.`);
    project.provide("database", { type: "missing", reason: error.message });
    return undefined;
  }
}

/** The host's own cluster: what this run has made there is dropped at its end. */
function provideCitus(project: TestProject): (() => Promise<void>) | undefined {
  const cluster = findCluster();
  if (cluster === null) {
    project.vitest.logger.warn(`${NO_CITUS} Its tests are skipped.`);
    project.provide("database", { type: "missing", reason: NO_CITUS });
    return undefined;
  }
  project.provide("database", { type: "citus", ...cluster });
  return () => dropSchemas(cluster);
}
