import { defineConfig } from "vitest/config";
import { inOrderOf } from "./in-order.ts";
import { keepThread } from "./keep-thread.ts";

const UNITS = "test/unit/adapters";
const DATABASES = "test/databases";
const HOSTILE = "test/trials/hostile";

/** The tests that hold each adapter, the quick ones first. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  memory: [`${UNITS}/memory`, `${UNITS}/memory.test.ts`, `${UNITS}/unknown-options.test.ts`],
  http: [
    // The files of one part each, then those of the whole.
    ...["accept-encoding", "admission", "counts", "door", "gzip", "pace", "rate"].map(
      (name) => `${UNITS}/http/${name}.test.ts`,
    ),
    ...["read-body", "read-json", "turns", "handler", "transport", "events", "signed-answers"].map(
      (name) => `${UNITS}/http/${name}.test.ts`,
    ),
    `${UNITS}/http`,
    ...[`${UNITS}/http.test.ts`, `${UNITS}/unknown-options.test.ts`],
    ...[`${HOSTILE}/classes.test.ts`, `${HOSTILE}/barrage.test.ts`],
  ],
  "http-signatures": [
    ...["signed-requests", "signed-answers", "nonce-store", "key-registrar", "weak-key", "import-key"].map(
      (name) => `${UNITS}/http-signatures/${name}.test.ts`,
    ),
    `${UNITS}/http-signatures`,
    ...[`${UNITS}/unknown-options.test.ts`, `${HOSTILE}/classes.test.ts`],
  ],
  postgres: [
    ...[`${UNITS}/postgres`, `${UNITS}/unknown-options.test.ts`],
    ...["contracts", "rows", "damaged-row", "shares-server"].map((name) => `${DATABASES}/${name}.test.ts`),
    ...["ways", "lost-connection", "inspect-pages", "inspect-command", "command-mistakes"].map(
      (name) => `${DATABASES}/newest/${name}.test.ts`,
    ),
  ],
};

const adapter = process.env["MUTATED_ADAPTER"] ?? "";
const tests = TESTS[adapter] ?? [];

/** Returns the place of a file in the list: most changes are noticed by the quick ones, which come first. */
function placeOf(moduleId: string): number {
  return tests.findIndex((test) => moduleId.includes(`/${test}`));
}

/** The tests that `npm run trial -- mutation --adapter <name>` runs against each change of an adapter. */
export default defineConfig({
  plugins: [keepThread()],
  resolve: { tsconfigPaths: true },
  test: {
    name: "on PostgreSQL 18",
    isolate: false,
    sequence: { sequencer: inOrderOf(placeOf) },
    // A test that a change leaves waiting fails, which takes less time than a new process.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    include: tests.map((test) => (test.endsWith(".ts") ? test : `${test}/**/*.test.ts`)),
    ...(adapter === "postgres" && { globalSetup: "test/support/postgres/global-setup.ts" }),
  },
});
