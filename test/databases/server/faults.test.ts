import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import type { StorageFault } from "unified-contributions";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import type { ReceiverStore } from "unified-contributions/storage";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openLinkIn } from "../../support/consents.ts";
import {
  accountOf,
  deliveryOf,
  NOW,
  openLinks,
  registerServer,
  shownMarks,
  valueFrom,
} from "../../support/postgres/marked-reports.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ, linkId } from "../../support/values.ts";

let pool: pg.Pool;
let schema: string;
let store: ReceiverStore;

beforeEach(async () => {
  schema = await freshSchema(await projectDatabase(), "receiver", "sender");
  pool = poolOfTest();
  store = createPostgresReceiverStore({ client: pool, schema });
});

/** The kernel itself refuses every byte for this file, for want of room; only Linux has it. */
const FULL_DISK = "/dev/full";

const OPENING = { linkId: linkId(1), installation: HQ, account: accountOf(1), at: NOW };

describe.runIf(existsSync(FULL_DISK))("a full disk", () => {
  it("is named, changes nothing, and is over when there is room again", async () => {
    await registerServer(store);
    const { rows } = await pool.query<{ path: string }>(
      `SELECT pg_relation_filepath('${schema}.links') AS path`,
    );
    const { host } = serverConnection();
    const file = join(host ?? "", "data", rows[0]?.path ?? "");
    renameSync(file, `${file}.kept`);
    symlinkSync(FULL_DISK, file);
    const makeRoom = (): void => {
      if (!lstatSync(file).isSymbolicLink()) return;
      rmSync(file);
      renameSync(`${file}.kept`, file);
    };
    onTestFinished(makeRoom);
    // The connections that are open have the file open, too.
    const full = createPostgresReceiverStore({ client: poolOfTest(), schema });

    const refused = await openLinkIn(full, OPENING);
    makeRoom();

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "unavailable",
      message: "The disk of the server is full: make room, then try again.",
    });
    const after = createPostgresReceiverStore({ client: poolOfTest(), schema });
    expect(await valueFrom(openLinkIn(after, OPENING))).toMatchObject({ type: "redeemed" });
  });
});

describe("a server that takes no writes", () => {
  it("is named at every write, still answers reads, and changes nothing", async () => {
    await registerServer(store);
    const linkIds = await openLinks(store, [1]);
    await valueFrom(store.applyDelivery(deliveryOf(6, linkIds)));
    const client = poolOfTest({ default_transaction_read_only: "on" });
    const receiver = createPostgresReceiverStore({ client, schema });
    const sender = createPostgresSenderStore({ client, schema });
    const { value, version } = await valueFrom(sender.loadServer());
    const server = { expectedVersion: version, server: value, audit: null, reported: [], withdrawn: [] };

    const faults = [
      await receiver.applyDelivery(deliveryOf(7, linkIds)),
      await openLinkIn(receiver, { ...OPENING, linkId: linkId(2) }),
      await receiver.deleteLinks({ account: accountOf(1), installation: null }, NOW),
      await sender.commitServer(server),
    ].map((result) => result._unsafeUnwrapErr() as StorageFault);

    expect(faults.map(({ type, reason }) => ({ type, reason }))).toEqual(
      faults.map(() => ({ type: "storage-fault", reason: "read-only" })),
    );
    expect(await shownMarks(receiver, [1])).toEqual([6]);
  });
});

describe("a statement that takes too long", () => {
  it.each([
    ["statement_timeout", "50"],
    ["lock_timeout", "50"],
  ])("is named if %s ends it, and nothing of it stays", async (setting, milliseconds) => {
    await registerServer(store);
    const linkIds = await openLinks(store, [1, 2]);
    await valueFrom(store.applyDelivery(deliveryOf(6, linkIds)));
    const blocker = await pool.connect();
    await blocker.query("BEGIN");
    await blocker.query(`SELECT FROM ${schema}.links WHERE link = $1 FOR UPDATE`, [linkIds[1]]);
    const impatient = createPostgresReceiverStore({
      client: poolOfTest({ [setting]: milliseconds }),
      schema,
    });

    const result = await impatient.applyDelivery(deliveryOf(7, linkIds));
    await blocker.query("COMMIT");
    blocker.release();

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "timed-out" });
    expect(await shownMarks(store, [1])).toEqual([6]);
  });
});
