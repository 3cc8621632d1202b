import { afterAll, describe, test } from "vitest";
import { contractRuns, type OptionsFor } from "./contract-runs.ts";
import { schemaFrom } from "./lent-schema.ts";
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
  let opened: Promise<TestDatabase> | undefined;
  let schemas: Promise<SchemaPool> | undefined;
  const optionsFor: OptionsFor = async (part) => {
    opened ??= open();
    schemas ??= opened.then(createSchemaPool);
    const schema = await schemaFrom(schemas, part);
    const { client, isDistributed = false } = await opened;
    return { client, isDistributed, schema };
  };
  afterAll(async () => (await opened)?.close());

  describe.each(adapters)("%s", (adapter) => {
    test.each(contractRuns.filter((run) => run.adapter === adapter))("$title", ({ run }) => run(optionsFor));
  });
}
