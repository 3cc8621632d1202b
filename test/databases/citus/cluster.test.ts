import pg from "pg";
import type { ResultAsync } from "unified-contributions";
import {
  checkPostgresSchema,
  createPostgresReceiverStore,
  migrationSql,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { distributePostgresSchema } from "../../../src/adapters/postgres/distribute.ts";
import { oneByOne } from "../../../src/adapters/postgres/migration-sql.ts";
import {
  accountOf,
  deliveryOf,
  NOW,
  openLinks,
  registerServer,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ, linkId } from "../../support/values.ts";

const LOGGED = "-c client_min_messages=notice -c citus.log_remote_commands=on";

/** One connection to the coordinator, and how many commands it has sent to the nodes. */
async function watched(options = LOGGED) {
  const database = inject("database");
  if (database?.type !== "citus") throw new Error("This project has no cluster.");
  const client = new pg.Client({ connectionString: database.connectionString, options });
  await client.connect();
  onTestFinished(() => client.end());
  let commands = 0;
  client.on("notice", ({ message }) => {
    if (message?.startsWith("issuing ")) commands++;
  });
  const commandsOf = async (operation: () => ResultAsync<unknown, { readonly type: string }>) => {
    const before = commands;
    await valueFrom(operation());
    return commands - before;
  };
  return { client: client as PostgresClient, commandsOf };
}

describe("a distributed schema", () => {
  it("takes a delivery, a withdrawal, a revocation and a change of the switch as one command each", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const { client, commandsOf } = await watched();
    const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
    const registration = await registerServer(store);
    await openLinks(store, [1, 2]);
    const change = async (hidesUnreported: boolean) => {
      const loaded = await valueFrom(store.loadRegistration(HQ));
      const expectedVersion = loaded?.version ?? 0;
      return await commandsOf(() =>
        store.commitRegistration({ expectedVersion, registration, hidesUnreported, ended: [], audit: [] }),
      );
    };

    expect(await commandsOf(() => store.applyDelivery(deliveryOf(6, [linkId(1), linkId(2)])))).toBe(1);
    // With the look at what has become of the link.
    const withdrawal = deliveryOf(7, [], { withdrawals: [linkId(1)] });
    expect(await commandsOf(() => store.applyDelivery(withdrawal))).toBe(2);
    const revoked = { account: accountOf(2), installation: HQ };
    expect(await commandsOf(() => store.deleteLinks(revoked, NOW))).toBe(1);
    expect(await change(false)).toBe(1);
    expect(await change(true)).toBe(1);
    const readTo = { installation: HQ, readTo: null };
    expect(await commandsOf(() => store.takeForUnrecorded(readTo))).toBe(1);
  });

  it("passes the check, but not in a session whose literals the nodes would read otherwise", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver", "ledger");
    const { client: right } = await watched();
    const { client: wrong } = await watched("-c standard_conforming_strings=off");
    const query = { schema, parts: ["receiver", "ledger"] as const };

    const checked = await checkPostgresSchema({ ...query, client: right });
    const refused = await checkPostgresSchema({ ...query, client: wrong });
    const store = createPostgresReceiverStore({ client: wrong, schema, isDistributed: true });

    expect(checked.isOk()).toBe(true);
    expect(refused._unsafeUnwrapErr()).toMatchObject({ reason: "unsuitable-client" });
    await expect(registerServer(store)).rejects.toThrow(/standard_conforming_strings/);
  });

  it("is distributed once, and its later migrations run statement by statement", async () => {
    const { client, name, ...database } = await projectDatabase();
    const schema = await freshSchema({ ...database, client, name }, "receiver");
    const later = {
      ...{ version: 2, compatibleFrom: 1, title: "a column" },
      sql: `
-- Two statements that change a distributed table.
ALTER TABLE {schema}.links ADD COLUMN later int4;
CREATE INDEX links_later ON {schema}.links (installation, later);
`,
    };

    const query = { client, schema, parts: ["receiver"] as const, shards: 4, colocateWith: "none" };
    expect(await valueFrom(distributePostgresSchema(query, () => undefined))).toBe(0);
    await client.query(oneByOne(migrationSql("receiver", later, schema)), []);

    expect((await checkPostgresSchema({ client, schema, parts: ["receiver"] })).isOk()).toBe(true);
  });

  it("names a link id that exists already, which a node says in its message alone", async () => {
    const database = await projectDatabase();
    const { client } = database;
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
    await registerServer(store);
    await openLinks(store, [1]);
    await client.query(`UPDATE ${schema}.links SET account = 'another', attempt = 'another'`, []);

    await expect(openLinks(store, [1])).rejects.toThrow(/A link of this id exists/);
  });
});
