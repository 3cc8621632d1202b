import { readFileSync } from "node:fs";
import pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { blocksOf } from "../../documents/examples/code-blocks.ts";
import { serverConnection } from "../../support/postgres/project-database.ts";

const [sql = ""] = blocksOf(readFileSync("docs/instants.md", "utf8"), "sql");

describe("the query of docs/instants.md counts", () => {
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client(serverConnection());
    await client.connect();
    await client.query(`CREATE TEMP TABLE users (login text PRIMARY KEY, time_zone text NOT NULL);
      CREATE TEMP TABLE contributions (user_login text NOT NULL, occurred_at timestamptz NOT NULL);`);
    return () => client.end();
  });

  async function counted(zone: string, instants: readonly string[], first: string, last: string) {
    await client.query("BEGIN");
    onTestFinished(async () => void (await client.query("ROLLBACK")));
    await client.query("INSERT INTO users VALUES ('octo', $1), ('mona', 'UTC')", [zone]);
    for (const instant of [...instants, "1999-01-01T00:00:00Z"])
      await client.query("INSERT INTO contributions VALUES ('octo', $1), ('mona', $1)", [instant]);
    const { rows } = await client.query(sql, [["octo"], first, last]);
    return rows;
  }

  const day = (date: string, contributionCount: number) => ({ user: "octo", date, contributionCount });

  it.each<[string, readonly string[], readonly object[]]>([
    [
      "America/Los_Angeles",
      ["2026-03-02T07:59:59Z", "2026-03-02T08:00:00Z", "2026-03-02T23:00:00Z"],
      [day("2026-03-01", 1), day("2026-03-02", 2)],
    ],
    // The clocks go forward on 8 March: midnight is an hour earlier in UTC from then on.
    [
      "America/Los_Angeles",
      ["2026-03-08T07:59:59Z", "2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z"],
      [day("2026-03-07", 1), day("2026-03-08", 1), day("2026-03-09", 1)],
    ],
    [
      "Asia/Kathmandu",
      ["2026-03-01T18:14:59Z", "2026-03-01T18:15:00Z"],
      [day("2026-03-01", 1), day("2026-03-02", 1)],
    ],
  ])("in %s each contribution on its author's own day", async (zone, instants, days) => {
    expect(await counted(zone, instants, "2026-01-01", "2026-03-31")).toEqual(days);
  });

  it.each([
    ["Pacific/Kiritimati", "2026-02-28T09:59:59Z", "2026-02-28T10:00:00Z", "2026-03-01T09:59:59Z"],
    ["Etc/GMT+12", "2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z", "2026-03-02T11:59:59Z"],
  ])("in %s exactly the requested days", async (zone, before, first, last) => {
    expect(await counted(zone, [before, first, last], "2026-03-01", "2026-03-01")).toEqual([
      day("2026-03-01", 2),
    ]);
  });
});
