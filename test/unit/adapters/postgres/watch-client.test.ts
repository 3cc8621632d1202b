import type { CalendarDate, Instant, ResultAsync } from "unified-contributions";
import {
  createPostgresKeyDirectory,
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
  type PostgresClient,
  type PostgresEvent,
  type PostgresOptions,
} from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { attemptId, consentCode, HQ } from "../../../support/values.ts";

const NOW = 1_772_366_400_000 as Instant;
const OUT_OF_CONNECTIONS = new Error("timeout exceeded when trying to connect");

/** The error of a driver with this code. */
function refusedWith(code: string): Error {
  return Object.assign(new Error("Key (account)=(octo) already exists"), { code });
}

/** A client that answers each statement with the next of these, and goes on with the last. */
function answering(...answers: (unknown | Error)[]): PostgresClient {
  return {
    query: async () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

/** Options over a client, and what is told. */
function listening(client: PostgresClient, more: Partial<PostgresOptions> = {}) {
  const told: PostgresEvent[] = [];
  const options: PostgresOptions = { client, onEvent: (event) => told.push(event), ...more };
  return { told, options };
}

const REDEMPTION = {
  ...{ installation: HQ, attempt: attemptId(1), code: consentCode(1), at: NOW },
};
const NONCE = { installation: HQ, nonce: "nonce-0123456789", until: NOW, at: NOW };

describe("what is in PostgreSQL tells of a statement that failed", () => {
  it.each<readonly [string, string, (options: PostgresOptions) => ResultAsync<unknown, unknown>]>([
    ["sender-store", "loadServer", (options) => createPostgresSenderStore(options).loadServer()],
    [
      "receiver-store",
      "loadRegistration",
      (options) => createPostgresReceiverStore(options).loadRegistration(HQ),
    ],
    ["receiver-store", "openLink", (options) => createPostgresReceiverStore(options).openLink(REDEMPTION)],
    ["sender-reader", "loadServer", (options) => createPostgresSenderReader(options).loadServer()],
    [
      "receiver-reader",
      "loadInstallation",
      (options) => createPostgresReceiverReader(options).loadInstallation({ installation: HQ, lookAt: 1 }),
    ],
    ["ledger", "loadDigest", (options) => createPostgresLedger(options).loadDigest()],
    ["key-directory", "find", (options) => createPostgresKeyDirectory(options).find("key-1")],
    ["nonce-store", "remember", (options) => createPostgresNonceStore(options).remember(NONCE)],
  ])("of the %s, by its name: %s", async (part, statement, call) => {
    const cause = refusedWith("53300");
    const { told, options } = listening(answering(cause));

    expect((await call(options)).isErr()).toBe(true);

    expect(told).toEqual([
      {
        ...{
          type: "statement-failed",
          part,
          statement,
          durationMs: expect.any(Number),
          state: "53300",
          cause,
        },
        message: expect.stringContaining("no connection left"),
      },
    ]);
  });

  it.each([
    [
      "an error of the network",
      Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
      "ECONNREFUSED",
    ],
    ["a pool that has no connection left", OUT_OF_CONNECTIONS, null],
    ["a code that is none", Object.assign(new Error("?"), { code: "octo's row" }), null],
  ])("of %s, with the name that it has", async (_, cause, state) => {
    const { told, options } = listening(answering(cause));

    expect((await createPostgresLedger(options).loadDigest()).isErr()).toBe(true);

    expect(told).toMatchObject([{ type: "statement-failed", state, cause }]);
  });

  it("and of each try, if it is run again", async () => {
    const { told, options } = listening(
      answering(refusedWith("40P01"), { rows: [{ digest: "7" }], rowCount: 1 }),
    );

    expect((await createPostgresLedger(options).loadDigest())._unsafeUnwrap()).toBe("7");
    expect(told).toMatchObject([{ type: "statement-failed", state: "40P01" }]);
  });
});

describe("what is in PostgreSQL tells of a statement that is slow", () => {
  it("while it runs, and once more when it is over", async () => {
    const { told, options } = listening(
      {
        query: async () => {
          await new Promise((resolve) => setTimeout(resolve, 60));
          return { rows: [{ digest: "7" }], rowCount: 1 };
        },
      },
      { slowStatementMs: 20 },
    );

    (await createPostgresLedger(options).loadDigest())._unsafeUnwrap();

    const slow = { type: "statement-slow", part: "ledger", statement: "loadDigest" };
    expect(told).toEqual([
      { ...slow, durationMs: expect.any(Number), isOver: false },
      { ...slow, durationMs: expect.any(Number), isOver: true },
    ]);
  });

  it("and of none that is not", async () => {
    const { told, options } = listening(answering({ rows: [{ digest: "7" }], rowCount: 1 }));

    (await createPostgresLedger(options).loadDigest())._unsafeUnwrap();

    expect(told).toEqual([]);
  });

  it.each([0, 1.5, 2_147_483_648, "1000"])(
    "is not set to %s, but to a whole number of milliseconds",
    (slowStatementMs) => {
      const options = { client: answering({}), slowStatementMs: slowStatementMs as number };

      expect(() => createPostgresLedger(options)).toThrow(
        new TypeError(
          "createPostgresLedger: slowStatementMs has to be a whole number from 1 to 2,147,483,647.",
        ),
      );
    },
  );
});

it("names no statement that is not the part's own", async () => {
  // The sweep runs several, each of which has a name.
  const { told, options } = listening(answering(refusedWith("57014")));
  const keep = { counts: "2026-03-01" as CalendarDate, receipts: NOW, audit: NOW };

  expect((await createPostgresReceiverStore(options).sweep({ keep, limit: 1, at: NOW })).isErr()).toBe(true);

  expect(told).toMatchObject([{ statement: "findUnswept" }]);
});

it("takes only a function for a listener", () => {
  expect(() => createPostgresSenderStore({ client: answering({}), onEvent: 7 as never })).toThrow(
    new TypeError("createPostgresSenderStore: `onEvent` has to be a function."),
  );
});
