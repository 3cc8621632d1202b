// The ways from an account to its installations, as stores of distributed tables keep them. A setting stands for Citus.
import { errAsync } from "neverthrow";
import type { AccountId, BrowserId, InstallationId, StorageFault, UserId } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import {
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { createTestWorld } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { accountOf, openLinks, registerServer, valueFrom } from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ } from "../../support/values.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ANN = "ann" as AccountId;
const UNAVAILABLE: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The ledger is away.",
};

/** A world whose cloud keeps its rows as on Citus, with a look at the ways, and one user who has reported. */
async function distributedWorld() {
  const schema = await freshSchema(await projectDatabase(), "receiver");
  const pool = poolOfTest({ "citus.version": "13.2.2" });
  let isAway = false;
  let sqlFails: RegExp | null = null;
  const client: PostgresClient = {
    query: (text, values) =>
      sqlFails?.test(text) ? Promise.reject(new Error("The node is away.")) : pool.query(text, values),
  };
  const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
  const memory = createMemoryLedger();
  const ledger: typeof memory = {
    ...memory,
    append: (...given) => (isAway ? errAsync(UNAVAILABLE) : memory.append(...given)),
  };
  const world = createTestWorld({ receiverStore: store, ledger });
  await world.enable();
  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  const rows = async (text: string) => (await pool.query(text.replaceAll("s.", `${schema}.`))).rows;
  return {
    ...world,
    store,
    rows,
    reader: createPostgresReceiverReader({ client, schema, isDistributed: true }),
    ways: async () =>
      (await rows("SELECT account, installation FROM s.account_installations ORDER BY 1, 2")).map(
        ({ account, installation }) => `${account} → ${installation}`,
      ),
    setLedger: (how: "here" | "away") => {
      isAway = how === "away";
    },
    failOn: (statement: RegExp | null) => {
      sqlFails = statement;
    },
    /** Lets hours pass, with a sweep after each. */
    sweepHourly: async (hours: number) => {
      for (let hour = 0; hour < hours; hour++) {
        world.clock.advance(HOUR_MS);
        await valueFrom(world.receiver.sweep());
      }
    },
    /** A consent that waits for its server. */
    consent: async (account: AccountId) => {
      const { attempt } = await valueFrom(world.sender.connect("bob" as UserId));
      const request = { attempt, browser: "a-browser-of-bob" as BrowserId };
      await valueFrom(world.receiver.offerConsent(request));
      const offered = (await rows("SELECT account FROM s.account_installations")).length;
      const { code } = await valueFrom(world.receiver.giveConsent({ ...request, account }));
      return { attempt, code, offered };
    },
  };
}

describe("the way to an account's links", () => {
  it("is written with the consent, and not before", async () => {
    const { ways, consent } = await distributedWorld();

    const { offered } = await consent("bob" as AccountId);

    expect(offered).toBe(1);
    expect(await ways()).toEqual(["ann → server-1", "bob → server-1"]);
  });

  it("is gone when the account's end is answered, also that of a consent which waits", async () => {
    const { ways, consent, receiver, sender, rows } = await distributedWorld();
    const { attempt, code } = await consent(ANN);
    await rows("INSERT INTO s.account_installations VALUES ('ann', 'a-server-of-old', 0)");

    expect(await valueFrom(receiver.deleteAccount(ANN))).toHaveLength(2);
    expect(await ways()).toEqual([]);
    expect((await sender.redeem({ user: "bob" as UserId, attempt, code })).isErr()).toBe(true);
    expect(await ways()).toEqual([]);
  });

  it("stays while the ledger is away, as the link names the account, and goes with the repeated call", async () => {
    const { ways, receiver, reader, setLedger } = await distributedWorld();
    setLedger("away");
    const refused = await receiver.deleteAccount(ANN);
    const waiting = await valueFrom(reader.loadAccount(ANN));
    const meanwhile = await ways();
    setLedger("here");
    await valueFrom(receiver.deleteAccount(ANN));

    expect(refused.isErr()).toBe(true);
    expect(waiting.unrecorded).toHaveLength(1);
    expect(meanwhile).toEqual(["ann → server-1"]);
    expect(await ways()).toEqual([]);
  });

  it("goes with a repeated call if its node was away when the ledger had the end", async () => {
    const { ways, receiver, failOn } = await distributedWorld();
    failOn(/DELETE FROM .*account_installations AS w WHERE w\.installation/);
    const refused = await receiver.deleteAccount(ANN);
    failOn(null);

    expect(refused.isErr()).toBe(true);
    expect(await valueFrom(receiver.deleteAccount(ANN))).toEqual([]);
    expect(await ways()).toEqual([]);
  });

  it("is gone when a revocation is answered, and back with the next consent", async () => {
    const { ways, receiver, installation, join, shown, sync } = await distributedWorld();
    await join("eve");
    await valueFrom(receiver.revokeAuthorization(installation, ANN));
    const revoked = await ways();
    await sync();
    await join("ann");
    await sync();

    expect(revoked).toEqual(["eve → server-1"]);
    expect(await ways()).toEqual(["ann → server-1", "eve → server-1"]);
    expect(await shown("ann")).toBe(1);
  });

  it("stays for a consent that is given between an account's end and the ledger's word", async () => {
    const { ways, reader, receiver, sender, setLedger, consent, clock } = await distributedWorld();
    setLedger("away");
    expect((await receiver.deleteAccount(ANN)).isErr()).toBe(true);
    setLedger("here");
    clock.advance(1);
    const { attempt, code } = await consent(ANN);
    await valueFrom(receiver.reconcile());
    const waiting = await ways();
    await valueFrom(sender.redeem({ user: "bob" as UserId, attempt, code }));

    expect(waiting).toEqual(["ann → server-1"]);
    expect((await valueFrom(reader.loadAccount(ANN))).senders).toHaveLength(1);
  });

  it("is back with the next day's sweep if a node has lost it, also of a link that had nothing to trim", async () => {
    const { ways, rows, shown, sweepHourly, clock, sync, contribute } = await distributedWorld();
    await sweepHourly(2);
    await rows("DELETE FROM s.account_installations");
    await sweepHourly(2);
    const lost = await shown("ann");
    clock.set("2026-03-02T00:10:00Z");
    await contribute("ann", "2026-03-02T00:05:00Z");
    await sync();
    await sweepHourly(1);

    expect(lost).toBe(0);
    expect(await ways()).toEqual(["ann → server-1"]);
    expect(await shown("ann")).toBe(2);
  });

  it("stays for as long as a live link, and goes within eight days of its end", async () => {
    const { ways, sender, clock, sync, sweepHourly } = await distributedWorld();
    const left: number[] = [];
    await sweepHourly(2);
    for (let day = 0; day < 20; day++) {
      clock.advance(DAY_MS - HOUR_MS);
      await sweepHourly(1);
    }
    const alive = await ways();
    const user = "ann" as UserId;
    await valueFrom(sender.changeLink(user, { type: "disconnect", by: user, at: clock.now() }));
    await sync();
    for (let day = 1; day <= 8; day++) {
      clock.advance(DAY_MS - HOUR_MS);
      await sweepHourly(1);
      left.push((await ways()).length);
    }

    expect(alive).toEqual(["ann → server-1"]);
    expect(left.at(0)).toBe(1);
    expect(left.at(-1)).toBe(0);
  });
});

describe("calendars of distributed tables that are asked for at once", () => {
  /** Three servers with these accounts each, over a client that counts its statements. */
  async function threeServers() {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const pool = poolOfTest({ "citus.version": "13.2.2" });
    const texts: string[] = [];
    let running = 0;
    const atOnce: number[] = [];
    const client: PostgresClient = {
      query: async (text, values) => {
        texts.push(text);
        atOnce.push(++running);
        try {
          return await pool.query(text, values);
        } finally {
          running--;
        }
      },
    };
    const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
    for (const installation of [HQ, "lab", "shop"] as InstallationId[]) {
      await registerServer(store, installation);
      await openLinks(store, [1, 2], installation);
    }
    const counted = async (numbers: readonly number[]) => {
      texts.length = 0;
      atOnce.length = 0;
      await Promise.all(numbers.map((number) => valueFrom(store.loadShown(accountOf(number)))));
      return { statements: texts.length, atOnce: Math.max(...atOnce) };
    };
    return { counted };
  }

  it("take one statement, and one more per server, however many accounts", async () => {
    const { counted } = await threeServers();

    expect((await counted([1])).statements).toBe(4);
    expect((await counted([1, 2, 3])).statements).toBe(4);
    expect((await counted([3, 4])).statements).toBe(1);
  });

  it("run no more statements at once than there are accounts, and one alone in a host's transaction", async () => {
    const { counted } = await threeServers();

    expect((await counted([1])).atOnce).toBe(1);
    expect((await counted([1, 2])).atOnce).toBe(2);
  });
});
