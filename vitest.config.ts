import { defineConfig } from "vitest/config";

const PURE = ["src/domain/**/*.ts", "src/ghes/**/*.ts", "src/ghec/**/*.ts"];
const ZONED_TESTS = "test/**/*.tz.test.ts";
const ZONES = ["UTC", "Pacific/Apia", "America/St_Johns", "Asia/Tokyo"];

/** Where .ci/run wants the numbers of this run; nobody else does. */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  // The package's own name leads to its source (tsconfig.json), so no test needs a build.
  resolve: { tsconfigPaths: true },
  test: {
    pool: "forks",
    // Slow machines are no failures: no test asserts a time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
        test: { name: "all", include: ["test/**/*.test.ts"], exclude: [ZONED_TESTS] },
      },
      ...ZONES.map((zone) => ({
        extends: true as const,
        test: { name: zone, include: [ZONED_TESTS], env: { TZ: zone } },
      })),
    ],
  },
});
