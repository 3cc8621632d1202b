import { deepEqual, equal } from "node:assert/strict";
import { errAsync } from "neverthrow";
import type {
  AccountId,
  BrowserId,
  InstallationId,
  Instant,
  StorageFault,
  UserId,
} from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import {
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { createReceiver, type Registration } from "unified-contributions/ghec";
import type { ReceiverStore } from "unified-contributions/storage";
import { createTestClock, createTestRandom, createTestWorld } from "unified-contributions/testing";
import { SENDING } from "../ghec-states.ts";
import { HQ, linkId } from "../values.ts";
import {
  accountOf,
  deliveryOf,
  FIRST_DAY,
  markOf,
  NOW,
  openLinks,
  registerServer,
  valueFrom,
} from "./marked-reports.ts";
import { columnOf } from "./rows.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ANN = "ann" as AccountId;
const UNAVAILABLE: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The ledger is away.",
};

const OFF = "server-off" as InstallationId;
const GONE = "server-gone" as InstallationId;
const RENEWED = "server-renewed" as InstallationId;

type DistributedWorld = Awaited<ReturnType<typeof distributedWorld>>;

/** What becomes of the ways from accounts to their installations, which no answer tells of. */
export interface WayCheck {
  readonly title: string;
  /**
   * Rejects if a way is there that should not be, or is not there.
   *
   * @param client runs the statements of the stores, in sessions that take themselves for Citus
   * @param schema holds the empty tables of a receiver
   * @param owner reads and writes the tables
   */
  run(client: PostgresClient, schema: string, owner: PostgresClient): Promise<void>;
}

/** A world whose cloud keeps its rows as on Citus, with a look at the ways, and one user who has reported. */
async function distributedWorld(through: PostgresClient, schema: string, owner: PostgresClient) {
  let isAway = false;
  let sqlFails: RegExp | null = null;
  const client: PostgresClient = {
    query: (text, values) =>
      sqlFails?.test(text) ? Promise.reject(new Error("The node is away.")) : through.query(text, values),
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
  return {
    ...world,
    store,
    /** Runs a statement of the owner's on the tables of the schema `s`. */
    write: (text: string) => owner.query(text.replaceAll("s.", `${schema}.`), []),
    reader: createPostgresReceiverReader({ client, schema, isDistributed: true }),
    ways: () => waysIn(owner, schema),
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
      const offered = (await waysIn(owner, schema)).length;
      const { code } = await valueFrom(world.receiver.giveConsent({ ...request, account }));
      return { attempt, code, offered };
    },
  };
}

export const wayChecks: readonly WayCheck[] = [
  wayCheck("is written with the consent, and not before", async ({ ways, consent }) => {
    const { offered } = await consent("bob" as AccountId);

    equal(offered, 1);
    deepEqual(await ways(), ["ann → server-1", "bob → server-1"]);
  }),

  wayCheck(
    "is gone when the account's end is answered, also that of a consent which waits, but not one that came later",
    async ({ ways, consent, receiver, sender, write, clock }) => {
      const { attempt, code } = await consent(ANN);
      await write("INSERT INTO s.account_installations VALUES ('ann', 'a-server-of-old', 0)");
      await write(`INSERT INTO s.account_installations VALUES ('ann', 'a-later-server', ${clock.now() + 1})`);

      equal((await valueFrom(receiver.deleteAccount(ANN))).length, 2);
      deepEqual(await ways(), ["ann → a-later-server"]);
      equal((await sender.redeem({ user: "bob" as UserId, attempt, code })).isErr(), true);
      deepEqual(await ways(), ["ann → a-later-server"]);
    },
  ),

  wayCheck(
    "stays while the ledger is away, as the link names the account, and goes with the repeated call",
    async ({ ways, receiver, reader, setLedger }) => {
      setLedger("away");
      const refused = await receiver.deleteAccount(ANN);
      const waiting = await valueFrom(reader.loadAccount(ANN));
      const meanwhile = await ways();
      setLedger("here");
      await valueFrom(receiver.deleteAccount(ANN));

      equal(refused.isErr(), true);
      equal(waiting.unrecorded.length, 1);
      deepEqual(meanwhile, ["ann → server-1"]);
      deepEqual(await ways(), []);
    },
  ),

  wayCheck(
    "goes with a repeated call if its node was away when the ledger had the end",
    async ({ ways, receiver, failOn }) => {
      failOn(/DELETE FROM .*account_installations AS w WHERE w\.installation/);
      const refused = await receiver.deleteAccount(ANN);
      failOn(null);

      equal(refused.isErr(), true);
      deepEqual(await valueFrom(receiver.deleteAccount(ANN)), []);
      deepEqual(await ways(), []);
    },
  ),

  wayCheck(
    "is gone when a revocation is answered, and back with the next consent",
    async ({ ways, receiver, installation, join, shown, sync }) => {
      await join("eve");
      await valueFrom(receiver.revokeAuthorization(installation, ANN));
      const revoked = await ways();
      await sync();
      await join("ann");
      await sync();

      deepEqual(revoked, ["eve → server-1"]);
      deepEqual(await ways(), ["ann → server-1", "eve → server-1"]);
      equal(await shown("ann"), 1);
    },
  ),

  wayCheck(
    "stays for a consent that is given between an account's end and the ledger's word",
    async ({ ways, reader, receiver, sender, setLedger, consent, clock }) => {
      setLedger("away");
      equal((await receiver.deleteAccount(ANN)).isErr(), true);
      setLedger("here");
      clock.advance(1);
      const { attempt, code } = await consent(ANN);
      await valueFrom(receiver.reconcile());
      const waiting = await ways();
      await valueFrom(sender.redeem({ user: "bob" as UserId, attempt, code }));

      deepEqual(waiting, ["ann → server-1"]);
      equal((await valueFrom(reader.loadAccount(ANN))).senders.length, 1);
    },
  ),

  wayCheck(
    "is back with the next day's sweep if a node has lost it, also of a link that had nothing to trim",
    async ({ ways, write, shown, sweepHourly, clock, sync, contribute }) => {
      await sweepHourly(2);
      await write("DELETE FROM s.account_installations");
      await sweepHourly(2);
      const lost = await shown("ann");
      clock.set("2026-03-02T00:10:00Z");
      await contribute("ann", "2026-03-02T00:05:00Z");
      await sync();
      await sweepHourly(1);

      equal(lost, 0);
      deepEqual(await ways(), ["ann → server-1"]);
      equal(await shown("ann"), 2);
    },
  ),

  wayCheck(
    "stays for as long as a live link, and goes within eight days of its end",
    async ({ ways, sender, clock, sync, sweepHourly }) => {
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

      deepEqual(alive, ["ann → server-1"]);
      equal(left.at(0), 1);
      equal(left.at(-1), 0);
    },
  ),

  {
    title: "leads several accounts that are asked at once to what is shown, and to nothing else",
    run: async (client, schema) => {
      const { store, registered } = await fourServers(client, schema);
      for (const installation of [HQ, OFF, GONE, RENEWED]) {
        await openLinks(store, [1, 2, 3, 4], installation);
        // The third has a link without counts, and the fourth is not asked about.
        await valueFrom(store.applyDelivery(deliveryOf(6, [1, 2, 4].map(linkId), { installation })));
      }
      const { featureSwitch } = SENDING;
      await registered(OFF, { featureSwitch: { ...featureSwitch, status: "off" } });
      await registered(GONE, { isConnected: false });
      await registered(RENEWED, { featureSwitch: { ...featureSwitch, epoch: featureSwitch.epoch + 1 } });

      const shown = await Promise.all(
        [1, 2, 3].map((number) => valueFrom(store.loadShown(accountOf(number)))),
      );

      const marks = shown.map((links) =>
        links.map(({ installation, window }) => `${installation} ${markOf(window)}`),
      );
      deepEqual(marks, [[`${HQ} 6`], [`${HQ} 6`], []]);
    },
  },

  {
    title: "is written again by the sweep of each installation for its own links, however it was lost",
    run: async (client, schema, owner) => {
      const { store } = await fourServers(client, schema);
      await openLinks(store, [1, 2], HQ);
      await openLinks(store, [2, 3], OFF);
      await owner.query(`DELETE FROM ${schema}.account_installations`, []);

      await sweepAll(store, (NOW + DAY_MS) as Instant);

      const found = await waysIn(owner, schema);
      deepEqual(
        found,
        [1, 2]
          .map((n) => `account-${n} → ${HQ}`)
          .concat([2, 3].map((n) => `account-${n} → ${OFF}`))
          .sort(),
      );
    },
  },

  {
    title: "is written again by a sweep once it is older than three days, and not before",
    run: async (client, schema, owner) => {
      const { store } = await fourServers(client, schema);
      await openLinks(store, [1, 2], HQ);
      const at = NOW + 10 * DAY_MS;
      const writtenAt = { 1: at - 3 * DAY_MS - 1, 2: at - 3 * DAY_MS };
      for (const [number, instant] of Object.entries(writtenAt)) {
        const account = accountOf(Number(number));
        const sql = `UPDATE ${schema}.account_installations SET written_at = $1 WHERE account = $2`;
        await owner.query(sql, [instant, account]);
      }

      await sweepAll(store, at as Instant);

      const sql = `SELECT written_at AS found FROM ${schema}.account_installations ORDER BY account`;
      deepEqual(await columnOf(owner, sql), [`${at}`, `${writtenAt[2]}`]);
    },
  },

  {
    title: "to one installation goes with a revocation there, and leaves those to others and of others",
    run: async (client, schema, owner) => {
      const { store } = await fourServers(client, schema);
      await openLinks(store, [1, 2], HQ);
      await openLinks(store, [1, 2], OFF);
      const parts = {
        store,
        ledger: createMemoryLedger(),
        clock: createTestClock(NOW),
        random: createTestRandom(1),
      };

      await valueFrom(createReceiver(parts).revokeAuthorization(HQ, accountOf(1)));

      deepEqual(
        await waysIn(owner, schema),
        [`account-1 → ${OFF}`, `account-2 → ${HQ}`, `account-2 → ${OFF}`].sort(),
      );
    },
  },
];

function wayCheck(title: string, run: (world: DistributedWorld) => Promise<void>): WayCheck {
  return { title, run: async (...given) => run(await distributedWorld(...given)) };
}

/** A store of distributed tables with four servers that are on. */
async function fourServers(client: PostgresClient, schema: string) {
  const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
  for (const installation of [HQ, OFF, GONE, RENEWED]) await registerServer(store, installation);
  return {
    store,
    /** Changes what is registered of one. */
    registered: async (installation: InstallationId, changes: Partial<Registration>) => {
      const loaded = await valueFrom(store.loadRegistration(installation));
      if (!loaded) throw new Error(`${installation} is not registered.`);
      const registration = { ...loaded.value, ...changes };
      const commit = { expectedVersion: loaded.version, registration };
      await valueFrom(store.commitRegistration({ ...commit, hidesUnreported: false, ended: [], audit: [] }));
    },
  };
}

/** Sweeps until nothing is left. */
async function sweepAll(store: ReceiverStore, at: Instant): Promise<void> {
  const keep = { counts: FIRST_DAY, receipts: 0 as Instant, audit: 0 as Instant };
  let isDone = false;
  while (!isDone) ({ isDone } = await valueFrom(store.sweep({ keep, limit: 100, at })));
}

function waysIn(owner: PostgresClient, schema: string): Promise<readonly string[]> {
  return columnOf(
    owner,
    `SELECT account || ' → ' || installation AS found FROM ${schema}.account_installations ORDER BY account, installation`,
  );
}
