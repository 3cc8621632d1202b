import pg from "pg";
import { errAsync, type InstallationId, okAsync, type ResultAsync, type UserId } from "unified-contributions";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { createTestRandom } from "unified-contributions/testing";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openLinkIn } from "../../support/consents.ts";
import {
  accountOf,
  deliveryOf,
  FIRST_DAY,
  markOf,
  NOW,
  openLinks,
  registerServer,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { attemptId, linkId, requestId } from "../../support/values.ts";

const CONNECTIONS = 8;
const LINKS = 100;
const ROUNDS = 25;
const INSTALLATIONS = ["one", "two", "three"] as InstallationId[];

const random = createTestRandom(4);

let schema: string;
let pool: pg.Pool;
/** The SQLSTATEs of what the server refused, also of what the adapter then tried again. */
let refused: string[];
let client: PostgresClient;

beforeEach(async () => {
  schema = await freshSchema(await projectDatabase(), "receiver", "sender");
  pool = new pg.Pool({ ...serverConnection(), max: CONNECTIONS });
  onTestFinished(() => pool.end());
  refused = [];
  client = {
    query: (text, values) =>
      pool.query(text, values).catch((error: pg.DatabaseError) => {
        refused.push(error.code ?? error.message);
        throw error;
      }),
  };
});

describe("8 connections", () => {
  it("can report the same links in different orders at once: every batch is whole, none waits for ever, the last one stays", async () => {
    const store = createPostgresReceiverStore({ client, schema });
    await registerServer(store);
    const linkIds = await openLinks(store, range(LINKS));
    const session = range(CONNECTIONS * ROUNDS + 1).map((at) => requestId(at + 5));

    for (let round = 0; round < ROUNDS; round++) {
      const numbers = range(CONNECTIONS).map((at) => round * CONNECTIONS + at + 6);
      const follows = session.slice(Math.max(0, round - 1) * CONNECTIONS, (round + 1) * CONNECTIONS + 1);
      const reading = marksSeen();
      const results = await Promise.all(
        numbers.map((number) =>
          valueFrom(store.applyDelivery(deliveryOf(number, shuffled(linkIds), {}, follows))),
        ),
      );

      expect(results.map((result) => result?.isDetached)).toEqual(numbers.map(() => false));
      const last = (await valueFrom(store.loadRegistration(deliveryOf(6, []).installation)))?.value;
      const shown = await valueFrom(store.loadShown(accountOf(0)));
      expect(shown.map(({ window }) => requestId(markOf(window)))).toEqual([last?.session.lastRequestId]);
      expect(await marksSeen()).toBe(1);
      expect(await reading).toBe(1);
    }
    expect(refused).toEqual([]);
  });

  it("can report, consent, withdraw, kill and sweep at once: nothing fails, no link is shown twice, no dead link has counts", async () => {
    const store = createPostgresReceiverStore({ client, schema });
    for (const installation of INSTALLATIONS) await registerServer(store, installation);
    let number = 5;
    let opened = 0;
    const open = (installation: InstallationId): ResultAsync<unknown, { type: string; message?: string }> => {
      const account = accountOf(below(10));
      return openLinkIn(store, { linkId: linkId(++opened), installation, account, at: NOW });
    };
    /** What the ledger has as ended: what the store has told it of, in the same commit as another cursor. */
    const record = (installation: InstallationId) =>
      store.loadRegistration(installation).andThen((stored) =>
        store.loadUnrecorded(20).andThen((entries) => {
          if (!stored) throw new Error("It is registered.");
          const { value: registration, version: expectedVersion } = stored;
          const ended = entries.flatMap((entry) =>
            entry.type === "links-ended" && entry.installation === installation ? entry.links : [],
          );
          const commit = { expectedVersion, registration, hidesUnreported: false, ended, audit: [] };
          return store
            .commitRegistration(commit)
            .orElse((fault) => (fault.type === "version-conflict" ? okAsync(0) : errAsync(fault)));
        }),
      );
    const some = () => shuffled(range(opened + 1).map(linkId)).slice(0, 40);
    const deeds: readonly ((installation: InstallationId) => ReturnType<typeof open>)[] = [
      open,
      (installation) => store.applyDelivery(deliveryOf(++number, some(), { installation })),
      (installation) =>
        store.applyDelivery(deliveryOf(++number, some(), { installation, withdrawals: some().slice(0, 5) })),
      () => store.deleteLinks({ account: accountOf(below(10)), installation: null }, NOW),
      (installation) => store.deleteLinks({ account: accountOf(below(10)), installation }, NOW),
      record,
      (installation) => store.takeForUnrecorded({ installation, readTo: null }),
      () => store.sweep({ keep: { counts: FIRST_DAY, receipts: NOW, audit: NOW }, limit: 50, at: NOW }),
    ];

    await Promise.all(
      range(CONNECTIONS).map(async () => {
        for (const _ of range(ROUNDS)) {
          const deed = deeds[below(deeds.length)] ?? open;
          await valueFrom(deed(INSTALLATIONS[below(3)] ?? ("one" as InstallationId)));
        }
      }),
    );

    expect(refused.filter((state) => state !== "23505")).toEqual([]);
    for (const account of range(10).map(accountOf)) {
      const shown = (await valueFrom(store.loadShown(account))).map(({ installation }) => installation);
      expect(new Set(shown).size).toBe(shown.length);
    }
    const { rows } = await pool.query(
      `SELECT count(*)::int AS n FROM ${schema}.links WHERE ended_to = 2147483647 AND counts IS NOT NULL`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  it("can open and withdraw a link at once: it is withdrawn", async () => {
    const store = createPostgresReceiverStore({ client, schema });
    const { installation } = await registerServer(store);
    const opening = await pool.connect();
    onTestFinished(() => opening.release());
    await opening.query("BEGIN");
    const within = createPostgresReceiverStore({ client: opening, schema });
    await valueFrom(openLinkIn(within, { linkId: linkId(1), installation, account: accountOf(1), at: NOW }));

    const withdrawal = valueFrom(store.applyDelivery(deliveryOf(6, [], { withdrawals: [linkId(1)] })));
    await vi.waitUntil(async () => (await waiting()) === 1);
    await opening.query("COMMIT");

    expect((await withdrawal)?.withdrawals).toMatchObject([{ type: "withdrawn" }]);
    expect((await withdrawal)?.isDetached).toBe(false);
  });

  it("can change one server's state and one user's link at once without a lost change", async () => {
    const store = createPostgresSenderStore({ client, schema });
    const user = "octo" as UserId;
    const raise = async (): Promise<void> => {
      const { value, version } = await valueFrom(store.loadServer());
      const server = { ...value, failures: value.failures + 1 };
      const commit = { expectedVersion: version, server, audit: null, reported: [], withdrawn: [] };
      const result = await store.commitServer(commit);
      if (result.isErr() && result.error.type === "version-conflict") return await raise();
    };
    let commits = 0;
    const connect = async (name: string): Promise<void> => {
      const attempt = attemptId(name);
      const { version } = await valueFrom(store.loadLink(user));
      const before = { status: "never-connected" } as const;
      const link = { status: "connecting", connectionOrdinal: 1, attempt, expiresAt: NOW, before } as const;
      const commit = { expectedVersion: version, user, link, withdraw: null, audit: null };
      const result = await store.commitLink(commit);
      if (result.isErr() && result.error.type === "version-conflict") return await connect(name);
      commits++;
    };
    await connect("first");

    await Promise.all(
      range(CONNECTIONS).flatMap((at) =>
        range(5).flatMap((time) => [
          raise(),
          connect(`attempt-${at}-${time}`),
          valueFrom(store.markChanged([user])),
        ]),
      ),
    );

    expect((await valueFrom(store.loadServer())).value.failures).toBe(CONNECTIONS * 5);
    expect((await valueFrom(store.loadLink(user))).value.changes).toBe(CONNECTIONS * 5);
    expect(commits).toBe(CONNECTIONS * 5 + 1);
    expect(refused).toEqual([]);
  });
});

/** How many statements wait for another transaction's locks. */
async function waiting(): Promise<number> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`,
  );
  return rows[0].n;
}

/** How many different marks one look at all links sees. */
async function marksSeen(): Promise<number> {
  const { rows } = await pool.query(
    `SELECT count(DISTINCT coalesce(counts, ''))::int AS n FROM ${schema}.links`,
  );
  return rows[0].n;
}

function range(size: number): readonly number[] {
  return Array.from({ length: size }, (_, at) => at);
}

function below(limit: number): number {
  return Math.floor(random.fraction() * limit);
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, at: random.fraction() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
