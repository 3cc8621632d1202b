import { defineConfig } from "vitest/config";

/**
 * The tests that `npm run trial -- mutation` runs against each change of the source: those of behaviour, in one zone.
 */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    // As in vitest.config.ts: a slow machine must not end the first run, in which every test has to pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["test/**/*.test.ts"],
    exclude: [
      // These tests hold the project together, and show nothing of the changed parts.
      ...["test/project/**", "test/documents/examples/**"],
      // Tests on databases of their own show nothing of those parts either.
      ...["test/databases/**", "test/trials/kills/**", "test/support/**"],
    ],
  },
});
