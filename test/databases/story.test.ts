import { describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { RIGHT, tellStory } from "../support/postgres/story.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

describe("the whole story over one database", () => {
  it("is right", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "sender", "receiver", "ledger");

    expect(await tellStory(database.client, schema, database.isDistributed)).toEqual(RIGHT);
  });
});
