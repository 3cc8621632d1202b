import type { StorageFault } from "unified-contributions";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { deliveryOf } from "../../support/postgres/marked-reports.ts";

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
    ["a table that is missing", "42P01", "unavailable", /run unified-contributions-migrate/],
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
    ["a shutdown", "57P01", "unavailable", /try again later/],
    ["a connection lost on the way", "08006", "unavailable", /load before trying again/],
    ["isolation that failed five times", "40001", "timed-out", /kept getting in the way/],
    ["a value that has no room in its encoding", "22P05", "corrupt", /has to be UTF8/],
    ["a row that breaks a rule", "23514", "corrupt", /nobody but this package/],
    ["damage on the disk", "XX001", "corrupt", /restore it from a backup/],
    ["something that nobody has thought of", "0A000", "unavailable", /SQLSTATE 0A000/],
    ["a socket that was closed", "ECONNRESET", "unavailable", /cannot be reached or the connection was lost/],
  ])("%s is named, with what to do, and nothing of what the server said", async (_, code, reason, says) => {
    const fault = await refusing(serverError(code)).fault();

    expect(fault).toEqual({ type: "storage-fault", reason, message: expect.stringMatching(says) });
    expect(fault.message).not.toMatch(/secret|octo|user_id/);
  });

  it.each([[undefined], [null], ["a text"], [new Error("Connection terminated")], [{ code: 7 }]])(
    "%j, from a driver that says nothing more, is a connection that was lost",
    async (error) => {
      expect(await refusing(error).fault()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    },
  );

  it.each(["40001", "40P01"])(
    "is run again up to five times after %s, which undid it whole",
    async (code) => {
      const ever = refusing(serverError(code));
      const inTransaction = refusing(serverError(code), serverError("25P02"));

      await ever.fault();
      const fault = await inTransaction.fault();

      expect(ever.calls()).toBe(5);
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

describe("a row that makes no sense", () => {
  const REGISTRATION_ROW = {
    ...{ installation: "hq", version: "1", is_connected: true, connection: null, epoch: 2, is_on: true },
    ...{ disabled_at: null, session_id: "session_0123456789", session_ordinal: 1, attached_by: null },
    ...{ last_request_id: null, is_completed: false, is_admitted: true, account: null, withdrawn: null },
  };

  it.each([
    ["no row", []],
    ["no version", [{ state: null }]],
    ["a version that is no number", [{ version: "many", state: null }]],
    ["a state that is no JSON", [{ version: "1", state: "{" }]],
  ])("is a fault: %s", async (_, rows) => {
    const store = createPostgresSenderStore({ client: { query: () => Promise.resolve({ rows }) } });

    const fault = (await store.loadServer())._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });

  it.each([
    ["a registration without its columns", { is_admitted: true }],
    ["an epoch that is no number", { ...REGISTRATION_ROW, epoch: "many" }],
    ["receipts that are no JSON", { ...REGISTRATION_ROW, withdrawn: "[" }],
    ["a receipt without its link", { ...REGISTRATION_ROW, withdrawn: '[{"deleted_at":"1"}]' }],
  ])("is a fault of a delivery, and no rejection: %s", async (_, row) => {
    const client = { query: () => Promise.resolve({ rows: [row] }) };
    const store = createPostgresReceiverStore({ client });

    const fault = (await store.applyDelivery(deliveryOf(6, [])))._unsafeUnwrapErr();

    expect(fault).toMatchObject({ type: "storage-fault", reason: "corrupt" });
  });

  it("is read where all makes sense", async () => {
    const client = { query: () => Promise.resolve({ rows: [REGISTRATION_ROW] }) };
    const store = createPostgresReceiverStore({ client });

    const result = (await store.applyDelivery(deliveryOf(6, [])))._unsafeUnwrap();

    expect(result).toMatchObject({ isDetached: false, registration: { installation: "hq" } });
  });
});
