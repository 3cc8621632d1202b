import type pg from "pg";
import { type Instant, type LinkId, okAsync } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import type { ReceiverStore, Redemption } from "unified-contributions/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { openLinkIn } from "../../support/consents.ts";
import { accountOf, deliveryOf, NOW, shownMarks, valueFrom } from "../../support/postgres/marked-reports.ts";
import { createReportedStore } from "../../support/postgres/reported-store.ts";
import { attemptId, linkId } from "../../support/values.ts";

const EARLIER = (NOW - 1_000) as Instant;
const LATER = (NOW + 1_000) as Instant;

let pool: pg.Pool;
let schema: string;
let store: ReceiverStore;
let linkIds: readonly LinkId[];

beforeEach(async () => {
  ({ pool, schema, store, linkIds } = await createReportedStore());
});

describe("a store over a client in the host's own transaction", () => {
  it("is invisible to others until the host commits, and then complete", async () => {
    const client = await pool.connect();
    const inside = createPostgresReceiverStore({ client, schema });
    await client.query("BEGIN");

    await valueFrom(inside.applyDelivery(deliveryOf(7, linkIds)));

    expect(await shownMarks(inside, [1, 2, 3])).toEqual([7, 7, 7]);
    expect(await shownMarks(store, [1, 2, 3])).toEqual([6, 6, 6]);
    await client.query("COMMIT");
    client.release();
    expect(await shownMarks(store, [1, 2, 3])).toEqual([7, 7, 7]);
  });

  it("asks to run it again if the transaction cannot go on, and changes nothing", async () => {
    const client = await pool.connect();
    const inside = createPostgresReceiverStore({ client, schema });
    await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
    await shownMarks(inside, [1, 2, 3]);
    await valueFrom(store.applyDelivery(deliveryOf(7, linkIds)));

    const result = await inside.applyDelivery(deliveryOf(8, linkIds));
    await client.query("ROLLBACK");
    client.release();

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault" });
    expect(await shownMarks(store, [1, 2, 3])).toEqual([7, 7, 7]);
  });
});

describe("a reader", () => {
  it("sees all or nothing of a request that waits for another one", async () => {
    const blocker = await pool.connect();
    await blocker.query("BEGIN");
    await blocker.query(`SELECT FROM ${schema}.links WHERE link = $1 FOR UPDATE`, [linkIds[2]]);

    const waiting = valueFrom(store.applyDelivery(deliveryOf(7, linkIds)));
    await waitingFor(1);
    const before = await shownMarks(store, [1, 2, 3]);
    await blocker.query("COMMIT");
    blocker.release();
    await waiting;

    expect(before).toEqual([6, 6, 6]);
    expect(await shownMarks(store, [1, 2, 3])).toEqual([7, 7, 7]);
  });
});

describe("a withdrawal", () => {
  it("that waits while its link is deleted otherwise returns the receipt of that deletion", async () => {
    const selection = { account: accountOf(1), installation: null };
    const other = await pool.connect();
    await other.query("BEGIN");
    const killing = createPostgresReceiverStore({ client: other, schema });
    const [killed] = await valueFrom(killing.deleteLinks(selection, EARLIER));

    const withdrawing = valueFrom(
      store.applyDelivery(deliveryOf(7, [], { withdrawals: [linkId(1)], at: LATER })),
    );
    await waitingFor(1);
    await other.query("COMMIT");
    other.release();

    const receipt = { deletedAt: EARLIER, removed: killed?.receipt.removed };
    const result = await withdrawing;
    expect(result?.withdrawals).toEqual([{ type: "withdrawn", receipt }]);
    expect(result?.unrecorded).toEqual([{ linkId: linkId(1), choice: null, receipt }]);
  });
});

describe("a deletion by account", () => {
  it("that waits while its link is withdrawn returns it as unrecorded, with the receipt of the withdrawal", async () => {
    const other = await pool.connect();
    await other.query("BEGIN");
    const withdrawing = createPostgresReceiverStore({ client: other, schema });
    await valueFrom(withdrawing.applyDelivery(deliveryOf(7, [], { withdrawals: [linkId(1)], at: EARLIER })));

    const deleting = valueFrom(store.deleteLinks({ account: accountOf(1), installation: null }, LATER));
    await waitingFor(1);
    await other.query("COMMIT");
    other.release();

    const deleted = await deleting;
    expect(deleted.map(({ linkId, receipt }) => [linkId, receipt.deletedAt])).toEqual([[linkId(1), EARLIER]]);
  });

  it("that waits while its link is recorded returns nothing, because the ledger has it", async () => {
    const other = await pool.connect();
    await other.query("BEGIN");
    await recordFirst(createPostgresReceiverStore({ client: other, schema }));

    const deleting = valueFrom(store.deleteLinks({ account: accountOf(1), installation: null }, LATER));
    await waitingFor(1);
    await other.query("COMMIT");
    other.release();

    expect(await deleting).toEqual([]);
  });
});

describe("the end of an epoch", () => {
  const { installation } = deliveryOf(7, []);

  /** Switches the epoch off, and returns the function that commits it. */
  async function endEpoch(): Promise<() => Promise<void>> {
    const stored = await valueFrom(store.loadRegistration(installation));
    if (!stored) throw new Error("It is registered.");
    const other = await pool.connect();
    await other.query("BEGIN");
    const { epoch } = stored.value.featureSwitch;
    const registration = {
      ...stored.value,
      featureSwitch: { epoch, status: "off" },
      disabledAt: LATER,
    } as const;
    const commit = { expectedVersion: stored.version, registration, hidesUnreported: false };
    const ending = createPostgresReceiverStore({ client: other, schema });
    await valueFrom(ending.commitRegistration({ ...commit, ended: [], audit: [] }));
    return async () => {
      await other.query("COMMIT");
      other.release();
    };
  }

  it("that a redemption waits for lets it open no link, and leaves the account's other link", async () => {
    let redemption: Redemption | null = null;
    const openLink = (given: Redemption) => {
      redemption = given;
      return okAsync({ type: "no-such-consent" } as const);
    };
    const opening = { linkId: linkId(4), installation, account: accountOf(1), at: NOW };
    await valueFrom(openLinkIn({ ...store, openLink }, opening));
    if (!redemption) throw new Error("Its account's owner has consented.");
    const commit = await endEpoch();

    const redeeming = valueFrom(store.openLink(redemption));
    await Promise.race([redeeming, waitingFor(1)]);
    await commit();

    expect(await redeeming).toEqual({ type: "no-such-consent" });
    const { rows } = await pool.query(
      `SELECT link FROM ${schema}.links WHERE account = $1 AND ended_to < 2147483647`,
      [accountOf(1)],
    );
    expect(rows).toEqual([{ link: linkId(1) }]);
  });

  it("that a push waits for lets it open no attempt", async () => {
    const commit = await endEpoch();
    const opening = { installation, linkId: linkId(4), at: NOW };
    const attempt = { ...opening, attempt: attemptId("late"), expiresAt: LATER, limit: 9 };

    const pushing = valueFrom(store.pushAttempt(attempt));
    await Promise.race([pushing, waitingFor(1)]);
    await commit();

    expect(await pushing).toBe("disabled");
    const { rows } = await pool.query(`SELECT count(*)::int AS attempts FROM ${schema}.attempts`);
    expect(rows).toEqual([{ attempts: 0 }]);
  });
});

describe("what the ledger has lost", () => {
  it("counts as unrecorded, even if it was recorded while the statement waited", async () => {
    const { installation } = deliveryOf(7, []);
    const other = await pool.connect();
    await other.query("BEGIN");
    await recordFirst(createPostgresReceiverStore({ client: other, schema }));

    const taking = valueFrom(store.takeForUnrecorded({ installation, readTo: null }));
    await waitingFor(1);
    await other.query("COMMIT");
    other.release();

    await taking;
    const entries = await valueFrom(store.loadUnrecorded(9));
    const links = entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
    expect(links.map(({ linkId }) => linkId)).toEqual([linkId(1)]);
  });
});

/** Commits that the ledger has the first link as ended. */
async function recordFirst(store: ReceiverStore): Promise<void> {
  const stored = await valueFrom(store.loadRegistration(deliveryOf(6, []).installation));
  if (!stored) throw new Error("It is registered.");
  const ended = [{ linkId: linkId(1), choice: null, receipt: { deletedAt: EARLIER, removed: null } }];
  const { value: registration, version: expectedVersion } = stored;
  await valueFrom(
    store.commitRegistration({ expectedVersion, registration, hidesUnreported: false, ended, audit: [] }),
  );
}

describe("one registration committed twice from one version", () => {
  it("is a conflict for the second commit, although its version was right when it began", async () => {
    const stored = await valueFrom(store.loadRegistration(deliveryOf(6, []).installation));
    if (!stored) throw new Error("It is registered.");
    const { value: registration, version } = stored;
    const commit = { expectedVersion: version, registration, hidesUnreported: false, ended: [], audit: [] };
    const first = await pool.connect();
    await first.query("BEGIN");
    await valueFrom(createPostgresReceiverStore({ client: first, schema }).commitRegistration(commit));

    const second = store.commitRegistration(commit);
    await waitingFor(1);
    await first.query("COMMIT");
    first.release();

    expect((await second)._unsafeUnwrapErr()).toEqual({ type: "version-conflict" });
  });
});

/** Resolves when so many statements over this schema wait for a lock. */
async function waitingFor(statements: number): Promise<void> {
  const waiting =
    "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'";
  while ((await pool.query(waiting, [schema])).rowCount !== statements);
}
