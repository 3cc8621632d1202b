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
      // What holds the project together, and not the parts that are changed.
      ...["test/project/**", "test/documents/examples/**"],
      // What runs on databases of its own shows nothing of those parts either.
      ...["test/databases/**", "test/trials/kills/**", "test/support/**"],
    ],
  },
});
