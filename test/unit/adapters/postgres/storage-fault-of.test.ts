import type { StorageFault } from "unified-contributions";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { deliveryOf, NOW } from "../../../support/postgres/marked-reports.ts";
import { attemptId, consentCode, HQ, linkId } from "../../../support/values.ts";

/** A store whose server refuses every statement with what a driver would reject with. */
function refusing(...errors: readonly unknown[]) {
  let calls = 0;
  const query = () => Promise.reject(errors[Math.min(calls++, errors.length - 1)]);
  const store = createPostgresSenderStore({ client: { query } });
  return { fault: async () => (await store.loadServer())._unsafeUnwrapErr(), calls: () => calls };
}

function serverError(code: string): Error {
  return Object.assign(new Error("secret of octo"), { code, detail: "Key (user_id)=(octo) exists." });
}

describe("what the server refuses", () => {
  it.each<[what: string, code: string, reason: StorageFault["reason"], says: RegExp]>([
    ["a table that is missing", "42P01", "unavailable", /run unified-contributions migrate/],
    ["a schema that is missing", "3F000", "unavailable", /check the schema option/],
    ["a column that is missing", "42703", "unavailable", /older than this release/],
    ["a privilege that is missing", "42501", "unavailable", /grant it what docs\/postgres\.md lists/],
    ["a prepared statement that a pooler has lost", "26000", "unavailable", /without prepareStatements/],
    ["one that it has made for somebody else", "42P05", "unavailable", /without prepareStatements/],
    ["a database that is missing", "3D000", "unavailable", /check the connection's options/],
    ["a wrong password", "28P01", "unavailable", /refused the role or its password/],
    ["a full disk", "53100", "unavailable", /make room/],
    ["too many connections", "53300", "unavailable", /make the pool smaller/],
    ["a lack of memory", "53200", "unavailable", /out of memory/],
    ["a read-only server", "25006", "read-only", /connect to the primary/],
    ["a failed transaction around it", "25P02", "unavailable", /roll it back/],
    ["a statement timeout", "57014", "timed-out", /raise statement_timeout/],
    ["a lock timeout", "55P03", "timed-out", /raise lock_timeout/],
    ["a shutdown", "57P01", "outcome-unknown", /ended the connection.*load before trying again/],
    ["a connection lost on the way", "08006", "outcome-unknown", /load before trying again/],
    ["isolation that failed each time", "40001", "timed-out", /kept getting in the way/],
    ["a value that has no room in its encoding", "22P05", "corrupt", /have to be UTF8/],
    ["a byte that no text may hold", "22021", "corrupt", /no id may have a NUL/],
    ["a value as no driver should write it", "22P02", "corrupt", /does not hand a value over as pg does/],
    ["bytes as no driver should write them", "22P03", "corrupt", /does not hand a value over as pg does/],
    ["a value that is too long", "22001", "corrupt", /migrate check/],
    ["counts that fit no days", "2202E", "corrupt", /days of a row do not match its counts/],
    [
      "the condition that a statement begins with",
      "22012",
      "unavailable",
      /Row-level security, a trigger or a rule/,
    ],
    ["a policy that asks its own table", "42P17", "unavailable", /Row-level security, a trigger or a rule/],
    ["a row that breaks a rule", "23514", "corrupt", /let no other program write/],
    ["damage on the disk", "XX001", "corrupt", /restore it from a backup/],
    ["a damaged index", "XX002", "corrupt", /REINDEX/],
    ["a pooler that is full", "XX000", "outcome-unknown", /pooler on the way.*load before trying again/],
    [
      "a pooler that waited too long",
      "08P01",
      "outcome-unknown",
      /pooler on the way.*load before trying again/,
    ],
    [
      "a connection that was refused",
      "08004",
      "unavailable",
      /refused the connection, and nothing was written/,
    ],
    ["an outcome that the server does not know", "08007", "outcome-unknown", /load before trying again/],
    [
      "a statement whose end is not known",
      "40003",
      "outcome-unknown",
      /before the outcome was known.*load before/,
    ],
    [
      "a crash of another connection",
      "57P02",
      "outcome-unknown",
      /ended the connection.*load before trying again/,
    ],
    ["a server that starts", "57P03", "unavailable", /nothing was written: try again later/],
    ["a transaction that was idle for too long", "25P03", "timed-out", /run all of it again/],
    ["a transaction that took too long", "25P04", "timed-out", /raise transaction_timeout/],
    ["a rule beneath a WITH", "0A000", "unavailable", /PostgreSQL 15 or later, without rules on the tables/],
    ["a function that an engine does not have", "42883", "unavailable", /PostgreSQL 15 or later/],
    ["an index that was dropped", "42P10", "unavailable", /migrate check/],
    ["a trigger that raises", "P0001", "unavailable", /not this package's/],
    ["a trigger that changes the row being changed", "27000", "unavailable", /not this package's/],
    ["something that nobody has thought of", "55000", "unavailable", /SQLSTATE 55000/],
    ["a socket that was closed", "ECONNRESET", "outcome-unknown", /cannot be reached or its answer was lost/],
    ["a pipe without an end", "EPIPE", "outcome-unknown", /cannot be reached or its answer was lost/],
  ])("%s is named, with what to do, and nothing of what the server said", async (_, code, reason, says) => {
    const fault = await refusing(serverError(code)).fault();

    expect(fault).toEqual({ type: "storage-fault", reason, message: expect.stringMatching(says) });
    expect(fault.message).not.toMatch(/secret|octo|user_id/);
  });

  it.each([
    [undefined],
    [null],
    ["a text"],
    [new Error("Connection terminated")],
    [{ code: 7 }],
    [{ code: "constructor" }],
  ])("%j, from a driver that says nothing more, is a connection that was lost", async (error) => {
    expect(await refusing(error).fault()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
  });

  it.each(["40001", "40P01"])(
    "is run again up to twenty times after %s, which undid it whole",
    async (code) => {
      const ever = refusing(serverError(code));
      const inTransaction = refusing(serverError(code), serverError("25P02"));

      await ever.fault();
      const fault = await inTransaction.fault();

      expect(ever.calls()).toBe(20);
      expect(inTransaction.calls()).toBe(2);
      expect(fault.message).toMatch(/^The transaction around this had failed before/);
    },
  );

  it("is run once after anything else: what became of it is unknown", async () => {
    const lost = refusing(new Error("Connection terminated unexpectedly"));

    await lost.fault();

    expect(lost.calls()).toBe(1);
  });
});

/** What every code of a class of PostgreSQL's appendix may have become of the statement. */
describe("a statement whose outcome is unknown", () => {
  it.each([
    "08000",
    "08003",
    "08006",
    "08007",
    "08P01",
    "40003",
    "57000",
    "57P01",
    "57P02",
    "57P04",
    "57P05",
    "XX000",
  ])("is never said to have changed nothing, nor to be run again: %s", async (code) => {
    const { reason, message } = await refusing(serverError(code)).fault();

    expect(reason).toBe("outcome-unknown");
    expect(message).toMatch(/whether the last write was applied is unknown, so load before trying again/);
    expect(message).not.toMatch(/nothing was|run it again|backup/);
  });
});

describe("a row that makes no sense", () => {
  const REGISTRATION_ROW = {
    ...{ installation: "hq", version: "1", is_connected: "true", connection: null, epoch: "2" },
    ...{ is_on: "true", disabled_at: null, session_id: "session_0123456789", session_ordinal: "1" },
    ...{ attached_by: null, last_request_id: null, is_completed: "false", is_admitted: "true" },
    ...{ read_to: null, read_to_entry: null, recorded_off: "1", kept: null },
  };

  it.each([
    ["no row", []],
    ["no version", [{ state: null }]],
    ["a version that is no number", [{ version: "many", state: null }]],
    ["a state that is no JSON", [{ version: "1", state: "{" }]],
  ])("is a fault: %s", async (_, rows) => {
    const store = createPostgresSenderStore({
      client: { query: () => Promise.resolve({ rows, rowCount: rows.length }) },
    });

    const fault = (await store.loadServer())._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });

  it.each([
    ["a registration without its columns", { is_admitted: "true" }],
    ["another registration than the one asked for", { ...REGISTRATION_ROW, installation: "HQ" }],
    ["an epoch that is no number", { ...REGISTRATION_ROW, epoch: "many" }],
    ["an epoch that the driver has parsed", { ...REGISTRATION_ROW, epoch: 2 }],
    ["a version in another notation", { ...REGISTRATION_ROW, version: "1e3" }],
    ["a switch that the driver has parsed", { ...REGISTRATION_ROW, is_on: true }],
    ["a switch as MySQL has it", { ...REGISTRATION_ROW, is_on: "1" }],
    ["a switch in capitals", { ...REGISTRATION_ROW, is_on: "TRUE" }],
    ["a column that is missing", Object.fromEntries(Object.entries(REGISTRATION_ROW).slice(0, -1))],
    ["a place that no report has", { ...REGISTRATION_ROW, kept: "1" }],
  ])("is a fault of a delivery, and no rejection: %s", async (_, row) => {
    const client = { query: () => Promise.resolve({ rows: [row], rowCount: 1 }) };
    const store = createPostgresReceiverStore({ client });

    const fault = (await store.applyDelivery(deliveryOf(6, [])))._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });

  const RECEIPT_ROW = {
    link: linkId(1),
    ended_to: "2147483647",
    ...{ ended_at: "1", removed_first: null, removed_last: null, is_recorded: "false" },
  };

  it.each([
    ["a receipt without a time", { ...RECEIPT_ROW, ended_at: null }],
    ["the receipt of a link that was not named", { ...RECEIPT_ROW, link: linkId(2) }],
    ["a receipt whose time is missing", (({ ended_at: _, ...row }) => row)(RECEIPT_ROW)],
    ["a first day without a last one", { ...RECEIPT_ROW, removed_first: "1" }],
    ["whether it is recorded as a boolean", { ...RECEIPT_ROW, is_recorded: false }],
    ["a link that is still live", { ...RECEIPT_ROW, ended_to: "0", ended_at: null, is_recorded: null }],
    ["a link of which only a choice has ended", { ...RECEIPT_ROW, ended_to: "1000" }],
    ["no word on what has ended", { ...RECEIPT_ROW, ended_to: null }],
  ])("is a fault of a withdrawal, and never gone: %s", async (_, row) => {
    const query = (text: string) =>
      Promise.resolve({ rows: [/is_admitted/.test(text) ? REGISTRATION_ROW : row], rowCount: 1 });
    const delivery = deliveryOf(6, [], { withdrawals: [linkId(1)] });

    const fault = (
      await createPostgresReceiverStore({ client: { query } }).applyDelivery(delivery)
    )._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });

  it("is read if all of it makes sense", async () => {
    const client = { query: () => Promise.resolve({ rows: [REGISTRATION_ROW], rowCount: 1 }) };
    const store = createPostgresReceiverStore({ client });

    const result = (await store.applyDelivery(deliveryOf(6, [])))._unsafeUnwrap();

    expect(result).toMatchObject({ isDetached: false, registration: { installation: "hq" } });
  });
});

describe("a unique index that a redemption would break", () => {
  /** What a redemption answers if the server refuses it with this error, and how often it was tried. */
  async function redeemed(error: object): Promise<string> {
    let calls = 0;
    const query = () => {
      calls++;
      return Promise.reject(Object.assign(new Error("secret of octo"), { code: "23505", ...error }));
    };
    const store = createPostgresReceiverStore({ client: { query } });
    const fault = (
      await store.openLink({
        ...{ installation: HQ, at: NOW },
        ...{ attempt: attemptId(1), code: consentCode(1) },
      })
    )._unsafeUnwrapErr();
    return `${fault.reason} ${calls}`;
  }

  const nodeSays = (index: string) => ({
    message: `duplicate key value violates unique constraint "${index}"`,
    detail: "Key (link)=(links_account) already exists.",
  });

  it.each([
    ["the index of live links", { constraint: "links_account" }],
    ["the index of attempts", { constraint: "links_attempt" }],
    ["the index of a partition", { constraint: "links_12_account_installation_case_idx" }],
    ["a shard's index, named in the message alone", nodeSays("links_account_102008")],
    ["a shard's index, in another language", { message: "»links_attempt_102008«" }],
  ])("of %s is another consent at the same moment: it is tried again", async (_, error) => {
    expect(await redeemed(error)).toBe("timed-out 20");
  });

  it.each([
    ["the table", { constraint: "links_pkey" }],
    ["a partition", { constraint: "links_3_pkey" }],
    ["a shard, named in the message alone", nodeSays("links_pkey_102008")],
    ["a shard of a partition", nodeSays("links_3_pkey_102008")],
    ["a table of the host", { constraint: "users_pkey" }],
    ["no name", { message: "a key exists" }],
  ])("of the primary key of %s is corrupt at once", async (_, error) => {
    expect(await redeemed(error)).toBe("corrupt 1");
  });
});
