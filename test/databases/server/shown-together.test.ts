import { createPostgresReceiverStore, type PostgresClient } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { accountOf, valueFrom } from "../../support/postgres/marked-reports.ts";
import { createReportedStore } from "../../support/postgres/reported-store.ts";

/** The accounts of the reported store, and one of which nothing is stored. */
const ACCOUNTS = [1, 2, 3, 4].map(accountOf);

describe("calendars that are asked for at once", () => {
  it("are each the account's own, by one statement", async () => {
    const { pool, schema, store } = await createReportedStore();
    const texts: string[] = [];
    const client: PostgresClient = {
      query: (text, values) => {
        texts.push(text);
        return pool.query(text, values);
      },
    };
    const together = createPostgresReceiverStore({ client, schema });

    const shown = await Promise.all(ACCOUNTS.map((account) => valueFrom(together.loadShown(account))));

    expect(texts).toHaveLength(1);
    expect(shown.map((links) => links.length)).toEqual([1, 1, 1, 0]);
    for (const [index, account] of ACCOUNTS.entries())
      expect(shown[index]).toEqual(await valueFrom(store.loadShown(account)));
  });

  it("are a fault for the account alone whose row is damaged", async () => {
    const { pool, schema, store, linkIds } = await createReportedStore();
    await pool.query(`UPDATE ${schema}.links SET counts = '\\x01' WHERE link = $1`, [linkIds[1]]);

    const results = await Promise.all(ACCOUNTS.map((account) => store.loadShown(account)));

    expect(results.map((result) => result.isOk())).toEqual([true, false, true, true]);
  });
});
