import { defineConfig } from "vitest/config";

/** The tests that `npm run trial -- mutation` runs against each change of the source: those of behaviour, in one zone. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    // As in vitest.config.ts: a slow machine must not end the first run, in which every test has to pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["test/**/*.test.ts"],
    exclude: [
      ...["test/architecture.test.ts", "test/package.test.ts"],
      ...["test/bench/**", "test/examples/**", "test/scripts/**"],
      // What runs on databases of its own shows nothing of the parts that are changed.
      ...["test/databases/**", "test/kills/**", "test/support/**"],
    ],
  },
});
