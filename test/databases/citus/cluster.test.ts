import pg from "pg";
import type { InstallationId, ResultAsync } from "unified-contributions";
import {
  checkPostgresSchema,
  createPostgresReceiverReader,
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

  it("is asked for an account's calendar and standing once, and once per server that the account lets send", async () => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const { client, commandsOf } = await watched();
    const options = { client, schema, isDistributed: true };
    const store = createPostgresReceiverStore(options);
    const reader = createPostgresReceiverReader(options);
    for (const installation of [HQ, "lab", "shop"] as InstallationId[]) {
      await registerServer(store, installation);
      const links = await openLinks(store, installation === HQ ? [1, 2] : [1], installation);
      await valueFrom(store.applyDelivery(deliveryOf(6, links, { installation })));
    }

    for (const [number, servers] of [
      [1, 3],
      [2, 1],
      [3, 0],
    ] as const) {
      const account = accountOf(number);
      expect(await commandsOf(() => store.loadShown(account))).toBe(servers + 1);
      expect(await valueFrom(store.loadShown(account))).toHaveLength(servers);
      expect(await commandsOf(() => reader.loadAccount(account))).toBe(servers + 1);
      expect((await valueFrom(reader.loadAccount(account))).senders).toHaveLength(servers);
    }
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
    // The look for links that were opened since, alone.
    expect(await valueFrom(distributePostgresSchema(query, () => undefined))).toBe(1);
    await client.query(oneByOne(migrationSql("receiver", later, schema)), []);

    expect((await checkPostgresSchema({ client, schema, parts: ["receiver"] })).isOk()).toBe(true);
  });

  it("finds the accounts of a database that was in use, and those that came since at the next run", async () => {
    const database = await projectDatabase();
    const { client } = database;
    const schema = await freshSchema({ ...database, shards: 0 }, "receiver");
    const before = createPostgresReceiverStore({ client, schema });
    await registerServer(before);
    const [first, second] = [accountOf(1), accountOf(2)];
    await valueFrom(before.applyDelivery(deliveryOf(6, await openLinks(before, [1, 2]))));
    const query = { client, schema, parts: ["receiver"] as const, shards: 4, colocateWith: "none" };
    const store = createPostgresReceiverStore({ client, schema, isDistributed: true });

    await valueFrom(distributePostgresSchema(query, () => undefined));
    const shown = await valueFrom(store.loadShown(first));
    await client.query(`DELETE FROM ${schema}.account_installations WHERE account = $1`, [second]);
    await valueFrom(distributePostgresSchema(query, () => undefined));

    expect(shown).toHaveLength(1);
    expect(await valueFrom(store.loadShown(first))).toEqual(shown);
    expect(await valueFrom(store.loadShown(second))).toHaveLength(1);
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
