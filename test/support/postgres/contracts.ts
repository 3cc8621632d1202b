import { afterAll, describe, test } from "vitest";
import { contractRuns, type OptionsFor } from "./contract-runs.ts";
import { freshSchema, type TestDatabase } from "./test-database.ts";

const ADAPTERS = [...new Set(contractRuns.map(({ adapter }) => adapter))];

/** Declares the tests of every storage contract on a database, each check in a schema of its own. */
export function describeContracts(open: () => Promise<TestDatabase>): void {
  describeContractsOf(ADAPTERS, open);
}

/** The same of these adapters alone. */
export function describeContractsOf(adapters: readonly string[], open: () => Promise<TestDatabase>): void {
  // Opened by the first check that runs: where all are skipped there may be no database.
  let opened: Promise<TestDatabase> | undefined;
  const optionsFor: OptionsFor = async (part) => {
    opened ??= open();
    const database = await opened;
    const { client, isDistributed = false } = database;
    return { client, isDistributed, schema: await freshSchema(database, part) };
  };
  afterAll(async () => (await opened)?.close());

  describe.each(adapters)("%s", (adapter) => {
    test.each(contractRuns.filter((run) => run.adapter === adapter))("$title", ({ run }) => run(optionsFor));
  });
}
