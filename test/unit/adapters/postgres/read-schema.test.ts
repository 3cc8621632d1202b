import { migratePostgresSchema } from "unified-contributions/adapters/postgres";
import { expect, it } from "vitest";

/** A server that has no schema yet. */
function serverOf(facts: object) {
  const row = {
    ...{ version: "150000", encoding: "UTF8" },
    ...{ has_schema: "false", has_migrations: "false", may_see: "false" },
    ...facts,
  };
  return { query: () => Promise.resolve({ rows: [row], rowCount: 1 }) };
}

it.each([
  [{ version: "149999" }, "unsuitable-server", /PostgreSQL 15 or later is needed/],
  [{ version: "160004", encoding: "SQL_ASCII" }, "unsuitable-server", /encoding has to be UTF8/],
  [{ has_schema: "true" }, "no-privilege", /GRANT USAGE ON SCHEMA/],
])("a server with %j is refused before anything is changed", async (facts, reason, message) => {
  const migrated = await migratePostgresSchema({ client: serverOf(facts), parts: ["ledger"] });

  const problem = migrated._unsafeUnwrapErr();
  expect(problem).toMatchObject({ type: "schema-problem", reason });
  expect(problem.message).toMatch(message);
});

it.each([{ version: "150000" }, { version: "180001" }])("a server with %j is taken", async (facts) => {
  expect((await migratePostgresSchema({ client: serverOf(facts), parts: [] }))._unsafeUnwrap()).toEqual([]);
});
