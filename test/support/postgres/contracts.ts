import { afterAll, describe, onTestFinished, test } from "vitest";
import { contractRuns, type OptionsFor } from "./contract-runs.ts";
import { createSchemaPool, type SchemaPool } from "./schema-pool.ts";
import type { TestDatabase } from "./test-database.ts";

const ADAPTERS = [...new Set(contractRuns.map(({ adapter }) => adapter))];

/** Declares the tests of every storage contract on a database, each check in a schema of its own. */
export function describeContracts(open: () => Promise<TestDatabase>): void {
  describeContractsOf(ADAPTERS, open);
}

/** The same of these adapters alone. */
export function describeContractsOf(adapters: readonly string[], open: () => Promise<TestDatabase>): void {
  // Opened by the first check that runs: where all are skipped there may be no database.
  let opened: Promise<{ readonly database: TestDatabase; readonly schemas: SchemaPool }> | undefined;
  const optionsFor: OptionsFor = async (part) => {
    opened ??= open().then((database) => ({ database, schemas: createSchemaPool(database) }));
    const { database, schemas } = await opened;
    const { client, isDistributed = false } = database;
    const lent = schemas.lend();
    onTestFinished(lent.giveBack);
    return { client, isDistributed, schema: await lent.take(part) };
  };
  afterAll(async () => (await opened)?.database.close());

  describe.each(adapters)("%s", (adapter) => {
    test.each(contractRuns.filter((run) => run.adapter === adapter))("$title", ({ run }) => run(optionsFor));
  });
}
