import { test } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { rowChecks } from "../support/postgres/rows.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

test.each(rowChecks)("$title", async ({ part, run }) => {
  const database = await projectDatabase();
  await run(database.client, await freshSchema(database, part), database.client);
});
