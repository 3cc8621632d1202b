import { defineConfig } from "vitest/config";

const PURE = ["src/domain/**/*.ts", "src/ghes/**/*.ts", "src/ghec/**/*.ts"];
/** What has to hold on every database, beside the journeys. */
const DATABASE_TESTS = "test/databases/**/*.test.ts";
/** What takes many connections, which PGlite does not have. */
const SERVER_TESTS = "test/databases/server/**/*.test.ts";
/** What depends on the client, its session and its settings, and on no release: the newest release is enough. */
const NEWEST_TESTS = "test/databases/newest/**/*.test.ts";
/** What a cluster of Citus alone can show. */
const CITUS_TESTS = "test/databases/citus/**/*.test.ts";
const JOURNEYS = "test/behaviour/journeys/**/*.test.ts";
/** Each database, and the tests that it is spared. */
const DATABASES = [
  ["PGlite", [SERVER_TESTS, NEWEST_TESTS]],
  ["PostgreSQL 18", []],
  ["PostgreSQL 15", [NEWEST_TESTS]],
] as const;
const KILLS = "test/trials/kills/**/*.test.ts";
/** What runs in memory and shares nothing: a process runs many of these files, and loads the library once. */
const UNIT_TESTS = ["test/unit/**/*.test.ts", "test/behaviour/**/*.test.ts"];
const ZONED_TESTS = "test/**/*.tz.test.ts";
const ZONES = ["UTC", "Pacific/Apia", "America/St_Johns", "Asia/Tokyo"];

/** Where .ci/run wants the numbers of this run; nobody else does. */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  // The package's own name leads to its source (tsconfig.json), so no test needs a build.
  resolve: { tsconfigPaths: true },
  test: {
    pool: "forks",
    maxWorkers: "100%",
    // Slow machines are no failures: no test asserts a time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    coverage: {
      provider: "v8",
      include: PURE,
      reporter: ["text", "html"],
      reportsDirectory: "coverage",
      thresholds: { lines: 100, branches: 100 },
    },
    projects: [
      {
        extends: true,
        test: { name: "units", include: UNIT_TESTS, exclude: [ZONED_TESTS], isolate: false },
      },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: [...UNIT_TESTS, ZONED_TESTS, DATABASE_TESTS, KILLS],
        },
      },
      { extends: true, test: { name: "on PostgreSQL that is killed", include: [KILLS] } },
      ...DATABASES.map(([database, spared]) => ({
        extends: true as const,
        test: {
          name: `on ${database}`,
          // What databases do differently shows in the former; the journeys run on the newest PostgreSQL.
          include: database === "PostgreSQL 18" ? [DATABASE_TESTS, JOURNEYS] : [DATABASE_TESTS],
          exclude: [CITUS_TESTS, ...spared],
          // Far from UTC, and from where the machine is: no day may depend on it.
          env: { TZ: "Pacific/Apia" },
          globalSetup: "test/support/postgres/global-setup.ts",
          setupFiles: "test/support/postgres/skip-where-missing.ts",
          // A process runs many files: PGlite takes seconds to make, and a pool is worth keeping.
          isolate: false,
        },
      })),
      {
        extends: true,
        test: {
          // A cluster cannot be had from a package: CITUS_URL is the address of a coordinator.
          name: "on Citus",
          include: [
            "test/databases/contracts.test.ts",
            "test/databases/story.test.ts",
            CITUS_TESTS,
            JOURNEYS,
          ],
          globalSetup: "test/support/postgres/global-setup.ts",
          setupFiles: "test/support/postgres/skip-where-missing.ts",
          isolate: false,
        },
      },
      ...ZONES.map((zone) => ({
        extends: true as const,
        test: { name: zone, include: [ZONED_TESTS], env: { TZ: zone } },
      })),
    ],
  },
});
