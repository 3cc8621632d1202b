import { readFileSync } from "node:fs";
import type pg from "pg";
import {
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import { receiverReaderContract, senderReaderContract } from "unified-contributions/testing";
import { describe, expect, it, test } from "vitest";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";

const [GRANTS = ""] =
  /^GRANT USAGE[^;]+ TO operator;\n[^`]+/m.exec(readFileSync("docs/postgres-operation.md", "utf8")) ?? [];

/** A schema of its own, and connections as a role with the grants of docs/postgres-operation.md. */
async function openAsOperator(): Promise<{ readonly schema: string; readonly operator: pg.Pool }> {
  const database = await projectDatabase();
  const schema = await freshSchema(database, ...ALL_PARTS);
  const role = `${schema}_operator`;
  const grants = GRANTS.replaceAll("unified_contributions", schema).replaceAll("TO operator", `TO ${role}`);
  await database.client.query(`CREATE ROLE ${role};\n${grants}`, []);
  return { schema, operator: poolOfTest({ role }) };
}

describe("a role with the documented grants of an operator", () => {
  test.each(receiverReaderContract)("reads the receiver's tables: $rule $title", ({ run }) =>
    run(async () => {
      const { schema, operator } = await openAsOperator();
      const { client } = await projectDatabase();
      return {
        store: createPostgresReceiverStore({ client, schema }),
        reader: createPostgresReceiverReader({ client: operator, schema }),
      };
    }),
  );

  test.each(senderReaderContract)("reads the sender's tables: $rule $title", ({ run }) =>
    run(async () => {
      const { schema, operator } = await openAsOperator();
      const { client } = await projectDatabase();
      return {
        store: createPostgresSenderStore({ client, schema }),
        reader: createPostgresSenderReader({ client: operator, schema }),
      };
    }),
  );

  it.each(["user_links", "links"])("cannot read the counts in %s, nor change a row", async (table) => {
    const { schema, operator } = await openAsOperator();

    await expect(operator.query(`SELECT counts FROM ${schema}.${table}`)).rejects.toMatchObject({
      code: "42501",
    });
    await expect(operator.query(`DELETE FROM ${schema}.${table}`)).rejects.toMatchObject({ code: "42501" });
  });
});
