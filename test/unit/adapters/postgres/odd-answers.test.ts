import type { AccountId, BrowserId, CalendarDate, Instant, ResultAsync, UserId } from "unified-contributions";
import {
  checkPostgresSchema,
  createPostgresKeyDirectory,
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverStore,
  createPostgresSenderStore,
  migratePostgresSchema,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { NEW_SERVER } from "unified-contributions/storage";
import type { SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { SENDING } from "../../../support/ghec-states.ts";
import { deliveryOf } from "../../../support/postgres/marked-reports.ts";
import { attemptId, consentCode, HQ, linkId, OCTO } from "../../../support/values.ts";

const NOW = 1_772_366_400_000 as Instant;
const USER = "octo" as UserId;
const ACCOUNT = "octo-cloud" as AccountId;

type Call = (client: PostgresClient) => ResultAsync<unknown, unknown>;

/** Every operation that reads an answer. */
const CALLS: readonly (readonly [string, Call])[] = [
  ["loadRegistration", (client) => createPostgresReceiverStore({ client }).loadRegistration(HQ)],
  ...[0, 1].map(
    (expectedVersion) =>
      [
        `commitRegistration at version ${expectedVersion}`,
        (client: PostgresClient) =>
          createPostgresReceiverStore({ client }).commitRegistration({
            expectedVersion,
            registration: SENDING,
            hidesUnreported: expectedVersion === 1,
            ended: [],
            audit: [],
          }),
      ] as const,
  ),
  ["applyDelivery", (client) => createPostgresReceiverStore({ client }).applyDelivery(deliveryOf(6, []))],
  [
    "openLink",
    (client) =>
      createPostgresReceiverStore({ client }).openLink({
        ...{ installation: HQ, at: NOW },
        ...{ attempt: attemptId(1), code: consentCode(1) },
      }),
  ],
  [
    "pushAttempt",
    (client) =>
      createPostgresReceiverStore({ client }).pushAttempt({
        ...{ installation: HQ, attempt: attemptId(1), linkId: linkId(1) },
        ...{ expiresAt: NOW, limit: 1, at: NOW },
      }),
  ],
  [
    "answerAttempt",
    (client) =>
      createPostgresReceiverStore({ client }).answerAttempt({
        attempt: attemptId(1),
        browser: "browser_0123456789" as BrowserId,
        consent: null,
        at: NOW,
      }),
  ],
  [
    "deleteLinks of an account",
    (client) =>
      createPostgresReceiverStore({ client }).deleteLinks({ account: ACCOUNT, installation: null }, NOW),
  ],
  [
    "deleteLinks of an account on one installation",
    (client) =>
      createPostgresReceiverStore({ client }).deleteLinks({ account: ACCOUNT, installation: HQ }, NOW),
  ],
  ["loadShown", (client) => createPostgresReceiverStore({ client }).loadShown(ACCOUNT)],
  [
    "sweep",
    (client) =>
      createPostgresReceiverStore({ client }).sweep({
        keep: { counts: "2026-03-01" as CalendarDate, receipts: NOW, audit: NOW },
        limit: 10,
        at: NOW,
      }),
  ],
  ["loadSweepClock", (client) => createPostgresReceiverStore({ client }).loadSweepClock()],
  [
    "saveSweepClock",
    (client) => createPostgresReceiverStore({ client }).saveSweepClock({ lastAt: NOW, doubtedAt: null }),
  ],
  ["loadLedgerStanding", (client) => createPostgresReceiverStore({ client }).loadLedgerStanding()],
  ["loadCursors", (client) => createPostgresReceiverStore({ client }).loadCursors({ after: null, limit: 9 })],
  ["loadUnrecorded", (client) => createPostgresReceiverStore({ client }).loadUnrecorded(9)],
  [
    "takeForUnrecorded",
    (client) => createPostgresReceiverStore({ client }).takeForUnrecorded({ installation: HQ, readTo: null }),
  ],
  ["loadServer", (client) => createPostgresSenderStore({ client }).loadServer()],
  [
    "commitServer",
    (client) =>
      createPostgresSenderStore({ client }).commitServer({
        expectedVersion: 1,
        server: NEW_SERVER,
        audit: null,
        reported: [],
        withdrawn: [],
      }),
  ],
  ["loadLink", (client) => createPostgresSenderStore({ client }).loadLink(USER)],
  ...[0, 1].map(
    (expectedVersion) =>
      [
        `commitLink at version ${expectedVersion}`,
        (client: PostgresClient) =>
          createPostgresSenderStore({ client }).commitLink({
            expectedVersion,
            user: USER,
            link: { status: "never-connected" },
            withdraw: null,
            audit: null,
          }),
      ] as const,
  ),
  ["markChanged", (client) => createPostgresSenderStore({ client }).markChanged([USER])],
  [
    "dueLinks",
    (client) =>
      createPostgresSenderStore({ client }).dueLinks({
        connectionOrdinal: 1,
        epoch: 1,
        sessionId: "session_0123456789" as SessionId,
        now: NOW,
        after: null,
        limit: 10,
      }),
  ],
  [
    "pendingWithdrawals",
    (client) =>
      createPostgresSenderStore({ client }).pendingWithdrawals({
        connectionOrdinal: 1,
        now: NOW,
        after: null,
        limit: 1,
      }),
  ],
  [
    "pendingRedemptions",
    (client) =>
      createPostgresSenderStore({ client }).pendingRedemptions({
        connectionOrdinal: 1,
        after: null,
        limit: 1,
      }),
  ],
  ["userOf", (client) => createPostgresSenderStore({ client }).userOf(attemptId(1))],
  [
    "forgetUser",
    (client) => createPostgresSenderStore({ client }).forgetUser({ user: OCTO, expectedVersion: 1 }),
  ],
  ["pruneAudit", (client) => createPostgresSenderStore({ client }).pruneAudit({ before: NOW, limit: 1 })],
  [
    "append",
    (client) =>
      createPostgresLedger({ client }).append(
        { type: "epochs-off", installation: HQ, epoch: 1, disabledAt: NOW },
        "entry_0123456789abcdef",
      ),
  ],
  ["read", (client) => createPostgresLedger({ client }).read({ installation: HQ, from: 1, limit: 9 })],
  ["loadHeads", (client) => createPostgresLedger({ client }).loadHeads({ after: null, limit: 9 })],
  ["loadDigest", (client) => createPostgresLedger({ client }).loadDigest()],
  ["prune", (client) => createPostgresLedger({ client }).prune(HQ, 2)],
  [
    "remember",
    (client) =>
      createPostgresNonceStore({ client }).remember({
        ...{ installation: HQ, nonce: "nonce-0123456789", until: NOW, at: NOW },
      }),
  ],
  ["find", (client) => createPostgresKeyDirectory({ client }).find("key-1")],
  [
    "offer",
    (client) =>
      createPostgresKeyDirectory({ client }).offer({
        ...{ installation: HQ, challenge: "challenge-0123456789", until: NOW },
      }),
  ],
  [
    "register",
    (client) =>
      createPostgresKeyDirectory({ client }).register({
        ...{ keyId: "key-1", thumbprint: "t".repeat(43), installation: HQ, algorithm: "ed25519", jwk: {} },
        ...{ challenge: "challenge-0123456789", at: NOW },
      }),
  ],
  ["revoke", (client) => createPostgresKeyDirectory({ client }).revoke("key-1", NOW)],
  ["checkPostgresSchema", (client) => checkPostgresSchema({ client, parts: ["sender"] })],
  ["migratePostgresSchema", (client) => migratePostgresSchema({ client, parts: ["sender"] })],
];

/** What clients answer that are none of `pg`: some change rows and say nothing of it. */
const ANSWERS: readonly (readonly [string, unknown])[] = [
  ["the rows themselves", []],
  ["rows without a rowCount", { rows: [] }],
  ["a rowCount without rows", { rowCount: 0 }],
  ["rows of another number than rowCount", { rows: [], rowCount: 1 }],
  ["rowCount as text", { rows: [], rowCount: "0" }],
  ["rows that are no array", { rows: {}, rowCount: undefined }],
  ["nothing", undefined],
  ["null", null],
  ["a text", "INSERT 0 1"],
];

describe.each(ANSWERS)("a client that answers %s", (_, answer) => {
  it.each(CALLS)("is named by %s, which answers nothing", async (_, call) => {
    let calls = 0;
    const client = {
      query: () => Promise.resolve(++calls > 9 ? Promise.reject(new Error("endless")) : answer),
    };

    const fault = (await call(client))._unsafeUnwrapErr();

    expect(fault).toMatchObject({
      type: "storage-fault",
      reason: "corrupt",
      message: expect.stringMatching(/^The client does not answer as pg does/),
    });
    expect(calls).toBe(1);
  });
});
