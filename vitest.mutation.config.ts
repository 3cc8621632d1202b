import { defineConfig } from "vitest/config";

/** The tests `npm run mutation` runs against each change of the source: those of behaviour, in one process's zone. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      ...["test/architecture.test.ts", "test/package.test.ts"],
      ...["test/bench/**", "test/examples/**", "test/scripts/**"],
      // What runs on databases of its own shows nothing of the parts that are changed.
      ...["test/databases/**", "test/kills/**", "test/support/**"],
    ],
  },
});
