import type pg from "pg";
import { checkPostgresSchema, createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { describeContractsOf } from "../../support/postgres/contracts.ts";
import { openLinks, registerServer } from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { ALL_PARTS, freshSchema, type TestDatabase } from "../../support/postgres/test-database.ts";

/** The project's database, in whose schemas the links are in four partitions. */
async function partitioned(): Promise<TestDatabase> {
  return { ...(await projectDatabase()), partitions: 4 };
}

const rowsOf = async (sql: string) => {
  const { client } = await partitioned();
  return ((await client.query(sql, [])) as pg.QueryResult).rows;
};

// No other table is partitioned.
describeContractsOf(["the receiver's store", "the receiver's reader"], partitioned);

describe("links in hash partitions", () => {
  it("pass the whole story and the check, and lie in the partitions", async () => {
    const database = await partitioned();
    const { client } = database;
    const schema = await freshSchema(database, ...ALL_PARTS);

    expect(await tellStory(client, schema)).toEqual(RIGHT);

    expect((await checkPostgresSchema({ client, schema, parts: ALL_PARTS })).isOk()).toBe(true);
    const [tree] = await rowsOf(
      `SELECT count(*)::int4 AS leaves FROM pg_partition_tree('${schema}.links') WHERE isleaf`,
    );
    expect(tree).toEqual({ leaves: 4 });
  });

  it("name a link id that exists already as any table does", async () => {
    const database = await partitioned();
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client: database.client, schema });
    await registerServer(store);
    await openLinks(store, [1]);
    await rowsOf(`UPDATE ${schema}.links SET account = 'another', attempt = 'another'`);

    await expect(openLinks(store, [1])).rejects.toThrow(/A link of this id exists/);
  });

  it("are not written where a partition has a trigger of its own, and the check names it", async () => {
    const database = await partitioned();
    const { client } = database;
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client, schema });
    await registerServer(store);
    await rowsOf(`CREATE FUNCTION ${schema}.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER keep BEFORE UPDATE ON ${schema}.links_2 FOR EACH ROW EXECUTE FUNCTION ${schema}.never()`);

    const checked = await checkPostgresSchema({ client, schema, parts: ["receiver"] });

    await expect(openLinks(store, [1])).rejects.toThrow(/Row-level security, a trigger or a rule/);
    expect(checked._unsafeUnwrapErr()).toMatchObject({
      reason: "obstructed",
      message: expect.stringContaining("links: trigger keep of the partition links_2."),
    });
  });
});
