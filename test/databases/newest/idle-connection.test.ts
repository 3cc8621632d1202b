import { readFileSync } from "node:fs";
import type pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStores } from "../../../examples/demo/open-stores.ts";
import { blocksOf } from "../../documents/examples/code-blocks.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";

/** Ends every connection that waits for its next statement, as a restart, a failover or a firewall does. */
async function endIdleConnections(application: string): Promise<number> {
  const { client } = await projectDatabase();
  const ended = (await client.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1",
    [application],
  )) as pg.QueryResult;
  return ended.rows.length;
}

describe("an idle connection that the server ends", () => {
  it("does not end the process of the demo, and the next statement has another", async () => {
    const { host, user } = serverConnection();
    const place = `postgres://${user}@localhost/postgres?host=${host}&application_name=demo`;
    const stores = (await openStores(place))._unsafeUnwrap();
    onTestFinished(() => stores.close());

    expect(await endIdleConnections("demo")).toBeGreaterThan(0);

    // The process is told of it a moment later: until then a statement may still be given to it, and fails.
    while (!(await stores.senderStore.loadServer()).isOk());
  });

  it("is expected by every pool that the guides of PostgreSQL make", () => {
    const guides = ["postgres", "citus", "deploying"].map((guide) =>
      readFileSync(`docs/${guide}.md`, "utf8"),
    );
    const blocks = guides.flatMap((guide) => blocksOf(guide, "ts"));
    const pools = blocks.filter((block) => block.includes("new pg.Pool("));

    expect(pools).toHaveLength(3);
    for (const block of pools) {
      const [, name] = /const (\w+) = new pg\.Pool\(/.exec(block) ?? [];
      expect(block).toContain(`${name}.on("error", `);
    }
  });
});
