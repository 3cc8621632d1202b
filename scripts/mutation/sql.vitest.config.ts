import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Runs the tests in the order in which they were named, which is the quick ones first. */
class AsNamed extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => process.argv.indexOf(moduleId);
    return Promise.resolve([...files].sort((a, b) => placeOf(a) - placeOf(b)));
  }
}

/** The tests on PostgreSQL that `npm run trial -- sql-mutation` runs, beside the contracts. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: "on PostgreSQL 18",
    sequence: { sequencer: AsNamed },
    // A statement that a change lets wait is a failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["test/databases/**/*.test.ts"],
    // The trial runs the contracts itself, and no statements of a cluster.
    exclude: [
      "test/databases/contracts.test.ts",
      "test/databases/newest/{host-session,prepared-statements,partitions,distributed-statements}.test.ts",
      "test/databases/citus/**",
    ],
    // As in vitest.config.ts.
    env: { TZ: "Pacific/Apia" },
    globalSetup: "test/support/postgres/global-setup.ts",
    setupFiles: ["test/trials/sql-mutation/change-queries.ts"],
  },
});
