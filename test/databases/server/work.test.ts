import pg from "pg";
import { test } from "vitest";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { workChecks } from "../../support/postgres/work.ts";

test.each(workChecks)("$title", async ({ run }) => {
  const schema = await freshSchema(await projectDatabase(), "receiver");
  const client = new pg.Client(serverConnection());
  await client.connect();
  try {
    await run(client, schema);
  } finally {
    await client.end();
  }
});
