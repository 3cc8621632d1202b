import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";
import { grantedRole } from "../../support/postgres/granted-role.ts";
import { guardChecks } from "../../support/postgres/guards.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";

let owner: pg.Client;
let place: { readonly schema: string; readonly role: string };

beforeAll(async () => {
  const database = await projectDatabase();
  const schema = await freshSchema({ ...database, partitions: 2 }, ...ALL_PARTS);
  place = { schema, role: await grantedRole(database.client, schema) };
  owner = new pg.Client(serverConnection());
  await owner.connect();
});

afterAll(() => owner.end());

test.each(guardChecks)("the statements notice $title, as far as it concerns them", ({ run }) =>
  run(owner, place),
);
