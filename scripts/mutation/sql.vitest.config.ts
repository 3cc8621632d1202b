import { defineConfig } from "vitest/config";
import { inOrderOf } from "./in-order.ts";

/** The tests on PostgreSQL that `npm run trial -- sql-mutation` runs, beside the contracts. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: "on PostgreSQL 18",
    // As they were named, which is the quick ones first.
    sequence: { sequencer: inOrderOf((moduleId) => process.argv.indexOf(moduleId)) },
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
