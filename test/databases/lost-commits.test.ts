import type { InstallationId, Instant, UserId } from "unified-contributions";
import {
  createPostgresReceiverStore,
  createPostgresSenderStore,
} from "unified-contributions/adapters/postgres";
import type { Registration } from "unified-contributions/ghec";
import { NEW_SERVER } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { valueFrom } from "../support/postgres/marked-reports.ts";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { copyRows, copySchema, freshSchema } from "../support/postgres/test-database.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const SERVER = "server-1" as InstallationId;
const SESSION = "session_0123456789" as SessionId;
const ATTACHING = "request_0123456789" as RequestId;
const OCTO = "octo" as UserId;
const CONFLICT = { type: "version-conflict" };

const REGISTRATION: Registration = {
  installation: SERVER,
  isConnected: true,
  connectionId: null,
  featureSwitch: { epoch: 1, status: "on" },
  disabledAt: null,
  session: { id: SESSION, ordinal: 1, attachedBy: ATTACHING, lastRequestId: ATTACHING, isCompleted: false },
  readTo: null,
  recordedOff: 0,
};

/** A schema, and what takes it back to how it was when it was kept. */
async function losingSchema(part: "sender" | "receiver") {
  const database = await projectDatabase();
  const schema = await freshSchema(database, part);
  let kept = "";
  return {
    options: { client: database.client, schema },
    keep: async () => {
      kept = await copySchema(database, schema, part);
    },
    goBack: () => copyRows(database, kept, schema, part),
  };
}

describe("a database that has lost its last commits refuses a decision made upon them:", () => {
  it.each(["a commit", "a delivery", "what is taken for unrecorded"])(
    "of a registration, after %s instead",
    async (instead) => {
      const { options, keep, goBack } = await losingSchema("receiver");
      const store = createPostgresReceiverStore(options);
      const commit = { registration: REGISTRATION, hidesUnreported: false, ended: [], audit: [] };
      const kept = await valueFrom(store.commitRegistration({ expectedVersion: 0, ...commit }));
      await keep();
      const lost = await valueFrom(store.commitRegistration({ expectedVersion: kept, ...commit }));

      await goBack();
      if (instead === "a commit") {
        await valueFrom(store.commitRegistration({ expectedVersion: kept, ...commit }));
      } else if (instead === "a delivery") {
        const request = { sessionId: SESSION, requestId: "request_9876543210" as RequestId };
        const records = { follows: [ATTACHING], reports: [], withdrawals: [] };
        await valueFrom(store.applyDelivery({ installation: SERVER, ...request, ...records, at: NOW }));
      } else {
        await valueFrom(store.takeForUnrecorded({ installation: SERVER, readTo: null }));
      }

      const late = await store.commitRegistration({ expectedVersion: lost, ...commit });
      expect(late._unsafeUnwrapErr()).toEqual(CONFLICT);
    },
  );

  it.each([
    null,
    { action: "unified_contributions.enable", actor: null, user: null, createdAt: NOW } as const,
  ])("of the server's state, with the audit entry %o", async (audit) => {
    const { options, keep, goBack } = await losingSchema("sender");
    const store = createPostgresSenderStore(options);
    const commit = { server: NEW_SERVER, audit, reported: [], withdrawn: [] };
    await keep();
    const lost = await valueFrom(store.commitServer({ expectedVersion: 0, ...commit }));

    await goBack();
    await valueFrom(store.commitServer({ expectedVersion: 0, ...commit }));

    const late = await store.commitServer({ expectedVersion: lost, ...commit });
    expect(late._unsafeUnwrapErr()).toEqual(CONFLICT);
  });

  it("of a user's link", async () => {
    const { options, keep, goBack } = await losingSchema("sender");
    const store = createPostgresSenderStore(options);
    const link = { status: "opted-out", account: null, optedOutAt: NOW } as const;
    const commit = { user: OCTO, link, withdraw: null, audit: null };
    await keep();
    const first = await valueFrom(store.commitLink({ expectedVersion: 0, ...commit }));
    const second = await valueFrom(store.commitLink({ expectedVersion: first, ...commit }));

    await goBack();
    const instead = await valueFrom(store.commitLink({ expectedVersion: 0, ...commit }));
    await valueFrom(store.commitLink({ expectedVersion: instead, ...commit }));

    for (const expectedVersion of [first, second]) {
      const late = await store.commitLink({ expectedVersion, ...commit });
      expect(late._unsafeUnwrapErr()).toEqual(CONFLICT);
    }
  });
});
