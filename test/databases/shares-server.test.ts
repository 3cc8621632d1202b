import { type PostgresClient, sharesServer } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";

/** The server of the tests, as one that has another identity or start, or whose identity this role may not read. */
async function serverThat(changed: { readonly identity?: string; readonly mayIdentify?: boolean }) {
  const { client } = await projectDatabase();
  const asked: string[] = [];
  const other: PostgresClient = {
    query: async (text, values) => {
      asked.push(text);
      if (text.includes("may_identify") && changed.mayIdentify === false) {
        return { rows: [{ may_identify: "false" }], rowCount: 1 };
      }
      if (text.includes("AS identity") && changed.identity !== undefined) {
        return { rows: [{ identity: changed.identity }], rowCount: 1 };
      }
      return client.query(text, values);
    },
  };
  return { client: other, asked };
}

describe("the store and the ledger", () => {
  it("share a server if both clients lead to one", async () => {
    const { client } = await projectDatabase();

    expect((await sharesServer({ store: client, ledger: client }))._unsafeUnwrap()).toBe(true);
  });

  it("share none if the servers have other identifiers", async () => {
    const { client: store } = await projectDatabase();
    const { client: ledger, asked } = await serverThat({ identity: "7212345678901234567" });

    expect((await sharesServer({ store, ledger }))._unsafeUnwrap()).toBe(false);
    expect(asked.some((text) => text.includes("system_identifier"))).toBe(true);
  });

  it("are told apart by the start of the servers if a role may not read the identifier", async () => {
    const { client: store } = await projectDatabase();
    const same = await serverThat({ mayIdentify: false });
    const other = await serverThat({ mayIdentify: false, identity: "1772366400.123456" });

    expect((await sharesServer({ store, ledger: same.client }))._unsafeUnwrap()).toBe(true);
    expect((await sharesServer({ store, ledger: other.client }))._unsafeUnwrap()).toBe(false);
    expect(other.asked.some((text) => text.includes("system_identifier"))).toBe(false);
  });
});
