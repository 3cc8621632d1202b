import pg from "pg";
import { describe, expect, it } from "vitest";
import { describeContracts } from "../../support/postgres/contracts.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";

/** As far from what one takes for granted as a host's sessions may be. */
const SETTINGS = {
  TimeZone: "Pacific/Apia",
  DateStyle: "SQL,DMY",
  IntervalStyle: "sql_standard",
  bytea_output: "escape",
  extra_float_digits: "0",
  standard_conforming_strings: "off",
  search_path: "pg_catalog",
  default_transaction_isolation: "serializable",
};

describe("in a host's session with a time zone and settings of its own", () => {
  it("which is a day ahead of UTC, on the server and in this process", async () => {
    const { client, close } = await open();

    const { rows } = (await client.query("SELECT current_setting('TimeZone') AS zone", [])) as pg.QueryResult;
    await close();

    expect(rows).toEqual([{ zone: "Pacific/Apia" }]);
    expect(new Date("2026-03-01T12:00:00Z").getDate()).toBe(2);
  });

  describeContracts(open);
});

async function open() {
  const options = Object.entries(SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({ ...serverConnection(), options: options.join(" ") });
  return { ...(await projectDatabase()), client: pool, close: () => pool.end() };
}
