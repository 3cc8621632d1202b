import type { AccountId, AttemptId, InstallationId, Instant, LinkId, UserId } from "unified-contributions";
import {
  createPostgresLedger,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import type { Registration } from "unified-contributions/ghec";
import type { Sending } from "unified-contributions/ghes";
import type { LedgerEntry } from "unified-contributions/storage";
import { NEW_SERVER } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { openLinkIn } from "../support/consents.ts";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;

/** What ends a literal, a name, an array or a statement where it is not kept apart from SQL. */
const HOSTILE = [
  "'); DROP SCHEMA public CASCADE; --",
  '" ; DELETE FROM links; "',
  "\\'; SELECT pg_sleep(9); --",
  '{"a","b"}',
  'a","b',
  "a,b",
  "NULL",
  "",
  "\\",
  "$1",
  "{schema}",
  "{session}",
  "%_",
  "Robert'\n--",
] as const;

const sql = async (text: string): Promise<unknown> => {
  const { client } = await projectDatabase();
  return ((await client.query(text, [])) as { readonly rows: readonly unknown[] }).rows;
};

describe("a hostile string", () => {
  it.each(HOSTILE)(
    "%j is a user, a link, a session and an attempt like any other to the sender's store",
    async (text) => {
      const database = await projectDatabase();
      const schema = await freshSchema(database, "sender");
      const store = createPostgresSenderStore({ client: database.client, schema });
      const user = text as UserId;
      const sending: Sending = {
        status: "sending",
        connectionOrdinal: 1,
        attempt: text as AttemptId,
        connectedAt: NOW,
        consent: { linkId: `l${text}` as LinkId, epoch: 1 },
        choice: 1,
        sendingAt: NOW,
      };
      const audit = {
        action: "unified_contributions_link.create",
        actor: user,
        user,
        createdAt: NOW,
      } as const;
      const withdraw = { linkId: `w${text}` as LinkId, choice: 2, connectionOrdinal: 1, requestedAt: NOW };
      const reported = {
        type: "kept" as const,
        linkId: sending.consent.linkId,
        choice: 1,
        sessionId: text as SessionId,
        changes: 1,
        window: { first: "2026-03-01" as never, counts: [1] },
        reportedAt: NOW,
        refreshAt: NOW,
      };

      const commit = { expectedVersion: 0, user, link: sending, withdraw, audit };
      (await store.commitLink(commit))._unsafeUnwrap();
      (await store.markChanged([user, "somebody else" as UserId]))._unsafeUnwrap();
      const receipt = { deletedAt: NOW, removed: null };
      const answer = { linkId: withdraw.linkId, choice: 2, receipt, answeredAt: NOW, nextAskAt: null };
      const proof = { reported: [{ user, reported }], withdrawn: [answer] };

      const server = { ...NEW_SERVER, inFlight: text as RequestId };
      (await store.commitServer({ expectedVersion: 0, server, audit, ...proof }))._unsafeUnwrap();

      expect((await store.loadLink(user))._unsafeUnwrap().value).toEqual({
        user,
        link: sending,
        changes: 1,
        reported,
        deletion: { ...withdraw, receipt, notFoundSince: null },
      });
      expect((await store.loadServer())._unsafeUnwrap().value).toEqual(server);
      const query = {
        connectionOrdinal: 1,
        epoch: 1,
        sessionId: `${text}!` as SessionId,
        now: NOW,
        after: null,
        limit: 9,
      };
      expect((await store.dueLinks(query))._unsafeUnwrap()).toMatchObject([
        { user, linkId: reported.linkId },
      ]);
      expect((await store.pendingWithdrawals(query))._unsafeUnwrap()).toEqual([]);
      const reader = createPostgresSenderReader({ client: database.client, schema });
      const logged = (await reader.loadAudit({ user, after: 0, limit: 9 }))._unsafeUnwrap();
      expect(logged.map(({ entry }) => entry)).toEqual([audit, audit]);
    },
  );

  it.each(HOSTILE)(
    "%j is an installation, an account, a link and a request like any other to the receiver's store",
    async (text) => {
      const database = await projectDatabase();
      const schema = await freshSchema(database, "receiver");
      const store = createPostgresReceiverStore({ client: database.client, schema });
      const installation = `i${text}` as InstallationId;
      const account = text as AccountId;
      const [linkId, other] = [`l${text}` as LinkId, `m${text}` as LinkId];
      const attached = `r${text}` as RequestId;
      const registration: Registration = {
        installation,
        isConnected: true,
        connectionId: text as never,
        featureSwitch: { epoch: 1, status: "on" },
        disabledAt: null,
        session: {
          id: text as SessionId,
          ordinal: 1,
          attachedBy: attached,
          lastRequestId: attached,
          isCompleted: false,
        },
        readTo: { position: 7, entryId: text },
        recordedOff: 0,
      };
      (
        await store.commitRegistration({
          expectedVersion: 0,
          registration,
          hidesUnreported: false,
          ended: [],
          audit: [],
        })
      )._unsafeUnwrap();
      (await openLinkIn(store, { linkId, installation, account, at: NOW }))._unsafeUnwrap();
      const second = { linkId: other, installation, account: `b${text}` as AccountId, at: NOW };
      (await openLinkIn(store, second))._unsafeUnwrap();

      const window = { first: "2026-03-01" as never, counts: [3] };
      const delivered = (
        await store.applyDelivery({
          installation,
          sessionId: text as SessionId,
          requestId: text as RequestId,
          follows: ["x" as RequestId, attached],
          reports: [{ linkId, choice: 1, window }],
          withdrawals: [{ linkId: other, choice: null }],
          at: NOW,
        })
      )._unsafeUnwrap();

      const session = { ...registration.session, lastRequestId: text };
      expect(delivered).toEqual({
        isDetached: false,
        registration: { ...registration, session },
        reports: [{ type: "kept" }],
        withdrawals: [{ type: "withdrawn", receipt: { deletedAt: NOW, removed: null } }],
        unrecorded: [{ linkId: other, choice: null, receipt: { deletedAt: NOW, removed: null } }],
      });
      expect((await store.loadShown(account))._unsafeUnwrap()).toEqual([
        { installation, linkId, choice: 1, epoch: 1, window, receivedAt: NOW },
      ]);
      const killed = (await store.deleteLinks({ account, installation }, NOW))._unsafeUnwrap();
      expect(killed.map((died) => died.linkId)).toEqual([linkId]);
      const places = { installation, readTo: { position: 3, entryId: `e${text}` } };
      (await store.takeForUnrecorded(places))._unsafeUnwrap();
      expect((await store.loadCursors({ after: null, limit: 9 }))._unsafeUnwrap()).toEqual([places]);
      const entries = (await store.loadUnrecorded(9))._unsafeUnwrap();
      expect(entries.map((entry) => [entry.installation, entry.type])).toEqual([
        [installation, "links-ended"],
      ]);
    },
  );

  it("is kept by the ledger as it is", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "ledger");
    const ledger = createPostgresLedger({ client: database.client, schema });
    for (const text of HOSTILE) {
      const installation = `i${text}` as InstallationId;
      const entry: LedgerEntry = { type: "epochs-off", installation, epoch: 1, disabledAt: NOW };
      (await ledger.append(entry, text))._unsafeUnwrap();

      expect((await ledger.read({ installation, from: 1, limit: 9 }))._unsafeUnwrap()).toEqual([
        { place: { position: 1, entryId: text }, entry },
      ]);
    }
    const heads = (await ledger.loadHeads({ after: null, limit: 99 }))._unsafeUnwrap();
    expect(heads.map(({ readTo }) => readTo?.entryId).sort()).toEqual([...HOSTILE].sort());
  });

  it("that PostgreSQL cannot hold causes a fault that repeats nothing of it, and is not stored", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "sender");
    const store = createPostgresSenderStore({ client: database.client, schema });
    const user = "secret\u0000name" as UserId;
    const commit = {
      expectedVersion: 0,
      user,
      link: { status: "never-connected" },
      withdraw: null,
      audit: null,
    } as const;

    const fault = (await store.commitLink(commit))._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
    expect(JSON.stringify(fault)).not.toContain("secret");
    expect(await sql(`SELECT count(*)::int4 AS links FROM ${schema}.user_links`)).toEqual([{ links: 0 }]);
  });
});

describe("a schema's name", () => {
  it.each(["", "Public", "1st", "pg_catalog", 'a"; DROP TABLE x; --', "a.b", "ä", "x".repeat(64), 7, null])(
    "%j is a mistake in the program",
    (name) => {
      const options = { client: { query: () => Promise.reject() }, schema: name as string };

      expect(() => createPostgresSenderStore(options)).toThrow(TypeError);
      expect(() => createPostgresReceiverStore(options)).toThrow(TypeError);
      expect(() => createPostgresLedger(options)).toThrow(TypeError);
    },
  );

  it.each(["select", "table", "user", "_", "a".repeat(63)])(
    "%j is accepted, even if it is a word of SQL",
    async (name) => {
      const { client } = await projectDatabase();
      const fault = (
        await createPostgresSenderStore({ client, schema: name }).loadServer()
      )._unsafeUnwrapErr();

      expect(fault.message).toMatch(/^The tables are not there: check the schema option/);
    },
  );

  it("is not asked for without a client", () => {
    expect(() => createPostgresSenderStore({} as never)).toThrow(/give a pool or a client of pg/);
    expect(() => createPostgresReceiverStore(undefined as never)).toThrow(TypeError);
  });
});
