import { errAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { ReceiverStore, RegistrationCommit } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import { changeRegistration, loadRegistration } from "../../../src/ghec/commit.ts";
import { complete } from "../../../src/ghec/registration.ts";
import { SENDING } from "../../support/ghec-states.ts";
import { HQ, instant, linkId, sessionId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");

const ORIGIN = { actor: "server", at: NOON } as const;

const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };

/** A store that holds one registration and notes what is committed to it. */
function noting(version: number, registration = SENDING) {
  const memory = createMemoryReceiverStore({
    registrations: [{ value: registration, version }],
    links: [],
    attempts: [],
    audit: [],
    sweepClock: null,
  });
  const commits: RegistrationCommit[] = [];
  const store: ReceiverStore = {
    ...memory,
    commitRegistration: (commit) => {
      commits.push(commit);
      return memory.commitRegistration(commit);
    },
  };
  return { store, commits };
}

describe("loading a registration", () => {
  test("answers what is stored, or null", async () => {
    const { store } = noting(7);

    expect((await loadRegistration(store, HQ))._unsafeUnwrap()).toEqual(SENDING);
    expect((await loadRegistration(createMemoryReceiverStore(), HQ))._unsafeUnwrap()).toBeNull();
  });

  test("hands on the fault of a storage, and names that of one that throws", async () => {
    const { store } = noting(7);
    const boom = (): never => {
      throw new Error("secret");
    };

    const full = await loadRegistration({ ...store, loadRegistration: () => errAsync(FULL) }, HQ);
    const threw = await loadRegistration({ ...store, loadRegistration: boom }, HQ);

    expect(full._unsafeUnwrapErr()).toBe(FULL);
    expect(threw._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
  });
});

describe("updating a registration", () => {
  test("commits what was decided, over the version it was decided on", async () => {
    const { store, commits } = noting(7);
    const off = { ...SENDING, isConnected: false };

    const said = await changeRegistration(store, HQ, ORIGIN, () => ({ registration: off, value: "off" }));

    expect(said._unsafeUnwrap()).toBe("off");
    expect(commits).toEqual([
      { expectedVersion: 7, registration: off, hidesUnreported: false, ended: [], audit: expect.any(Array) },
    ]);
  });

  test("begins at version 0 where there is none", async () => {
    const commits: RegistrationCommit[] = [];
    const store: ReceiverStore = {
      ...createMemoryReceiverStore(),
      commitRegistration: (commit) => {
        commits.push(commit);
        return errAsync(FULL);
      },
    };

    const said = await changeRegistration(store, HQ, ORIGIN, (before) => {
      expect(before).toBeNull();
      return { registration: complete(SENDING), value: "new" };
    });

    expect(said._unsafeUnwrapErr()).toBe(FULL);
    expect(commits).toEqual([
      {
        expectedVersion: 0,
        registration: complete(SENDING),
        hidesUnreported: true,
        ended: [],
        audit: expect.any(Array),
      },
    ]);
  });

  test("commits nothing where nothing is decided", async () => {
    const { store, commits } = noting(7);

    const unchanged = await changeRegistration(store, HQ, ORIGIN, (before) => ({
      registration: before,
      value: before,
    }));
    const none = await changeRegistration(store, HQ, ORIGIN, () => ({ registration: null, value: "none" }));

    expect(unchanged._unsafeUnwrap()).toEqual(SENDING);
    expect(none._unsafeUnwrap()).toBe("none");
    expect(commits).toEqual([]);
  });

  test.each([
    ["with the first completed sync of a session", SENDING, complete(SENDING), true],
    ["not with any other change", SENDING, { ...SENDING, isConnected: false }, false],
    ["not with a later sync of it", complete(SENDING), { ...complete(SENDING), isConnected: false }, false],
    [
      "not with a session that begins",
      complete(SENDING),
      { ...SENDING, session: { ...SENDING.session, id: sessionId(4) } },
      false,
    ],
  ])("hides unreported links %s (R9)", async (_, before, after, hidesUnreported) => {
    const { store, commits } = noting(7, before);

    const said = await changeRegistration(store, HQ, ORIGIN, () => ({ registration: after, value: null }));

    expect(said.isOk()).toBe(true);
    expect(commits).toEqual([
      { expectedVersion: 7, registration: after, hidesUnreported, ended: [], audit: expect.any(Array) },
    ]);
  });

  test("writes in the same commit what the audit log has to say of it", async () => {
    const { store, commits } = noting(7);
    const off = { ...SENDING, isConnected: false };

    const said = await changeRegistration(store, HQ, ORIGIN, () => ({ registration: off, value: null }));

    expect(said.isOk()).toBe(true);
    expect(commits[0]?.audit).toEqual([
      {
        action: "enterprise_installation.destroy",
        actor: "server",
        installation: HQ,
        epoch: 2,
        createdAt: NOON,
      },
    ]);
  });

  test("ends in the same commit the links that it is given", async () => {
    const { store, commits } = noting(7);
    const ended = [{ linkId: linkId(1), choice: null, receipt: { deletedAt: NOON, removed: null } }];
    const read = { ...SENDING, readTo: { position: 5, entryId: "entry" } };

    const said = await changeRegistration(store, HQ, ORIGIN, () => ({
      registration: read,
      value: null,
      ended,
    }));

    expect(said.isOk()).toBe(true);
    expect(commits).toEqual([
      { expectedVersion: 7, registration: read, hidesUnreported: false, ended, audit: [] },
    ]);
  });

  test("decides anew, on what another writer left", async () => {
    const { store } = noting(7);
    const meanwhile: RegistrationCommit = {
      expectedVersion: 7,
      registration: { ...SENDING, isConnected: false },
      hidesUnreported: false,
      ended: [],
      audit: [],
    };
    let isFirst = true;
    const contended: ReceiverStore = {
      ...store,
      commitRegistration: (commit) => {
        if (!isFirst) return store.commitRegistration(commit);
        isFirst = false;
        return store.commitRegistration(meanwhile).andThen(() => store.commitRegistration(commit));
      },
    };
    const seen: (boolean | undefined)[] = [];

    const said = await changeRegistration(contended, HQ, ORIGIN, (before) => {
      seen.push(before?.isConnected);
      return { registration: before && complete(before), value: "completed" };
    });

    expect(said._unsafeUnwrap()).toBe("completed");
    expect(seen).toEqual([true, false]);
    expect((await store.loadRegistration(HQ))._unsafeUnwrap()?.value).toEqual({
      ...complete(SENDING),
      isConnected: false,
    });
  });
});
