import type { UserId } from "unified-contributions";
import { createSender, type SyncOptions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import {
  conflict,
  lost,
  STORAGE_AWAY,
  storageAway,
  throws,
  UNREACHABLE,
} from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld } from "../../support/ghes-world.ts";
import { instant, NOW, OCTO, OWNER, user } from "../../support/values.ts";

const BY = { userId: OWNER, isEnterpriseOwner: true };
const DISABLE = { type: "disable", by: BY, at: NOW } as const;
const INVALID_USER = {
  type: "invalid-identifier",
  kind: "user",
  message: "Not a valid user: give 1 to 255 characters without control characters.",
};
const ADAPTER_THREW = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message:
    "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
};

/** As plain JavaScript could call it. */
function untyped(value: unknown): never {
  return value as never;
}

describe("making a sender", () => {
  it("throws a TypeError at a wrong option", () => {
    const { options } = createGhesWorld();

    expect(() => createSender({ ...options, batchSize: 0 })).toThrow(
      new TypeError("createSender: `batchSize` has to be a whole number from 1 to 1000."),
    );
  });
});

describe("changing the settings", () => {
  it("stores them with the audit entry, and has a sync due at once", async () => {
    const world = createGhesWorld();

    await world.connectServer();
    world.clock.advance(1_000);
    await world.enable();

    expect((await world.sender.status())._unsafeUnwrap()).toEqual({
      settings: {
        status: "enabled",
        connectionOrdinal: 1,
        platform: { type: "github.com" },
        enabledAt: NOW + 1_000,
        enabledBy: "owner",
        askedAfter: null,
        epoch: null,
      },
      featureSwitch: { epoch: 0, status: "off" },
      disabling: null,
      failures: 0,
      lastFault: null,
      lastSyncAt: null,
      lastFailed: 0,
      nextSyncAt: NOW + 1_000,
      isContested: false,
    });
    expect(world.memory.auditLog().map(({ action, createdAt }) => [action, createdAt])).toEqual([
      ["enterprise_installation.create", NOW],
      ["unified_contributions.enable", NOW + 1_000],
    ]);
  });

  it("says whether a deletion waits for its receipt", async () => {
    const world = await createSendingWorld();

    const disabled = (await world.sender.changeSettings(DISABLE))._unsafeUnwrap();
    await world.sync({ scope: "deletions" });
    const again = (await world.sender.changeSettings(DISABLE))._unsafeUnwrap();

    expect(disabled).toEqual({
      settings: {
        status: "disabled",
        connectionOrdinal: 1,
        platform: { type: "github.com" },
        disabled: { at: NOW, by: "owner" },
      },
      isDeletionPending: true,
    });
    expect(again).toEqual({ settings: disabled.settings, isDeletionPending: false });
  });

  it("to what they are writes nothing", async () => {
    const world = await createSendingWorld();
    await world.disable();
    const before = (await world.memory.loadServer())._unsafeUnwrap();
    const entries = world.memory.auditLog().length;

    const again = (await world.sender.changeSettings(DISABLE))._unsafeUnwrap();

    expect(again).toEqual({ settings: before.value.settings, isDeletionPending: true });
    expect((await world.memory.loadServer())._unsafeUnwrap()).toEqual(before);
    expect(world.memory.auditLog()).toHaveLength(entries);
  });

  it("is refused by name, and changes nothing", async () => {
    const world = await createSendingWorld();
    const before = (await world.memory.loadServer())._unsafeUnwrap();

    const refused = await world.sender.changeSettings({
      ...DISABLE,
      by: { userId: OCTO, isEnterpriseOwner: false },
    });

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "not-enterprise-owner" });
    expect((await world.memory.loadServer())._unsafeUnwrap()).toEqual(before);
  });

  it.each([undefined, null, "disable", {}, { ...DISABLE, at: "now" }])(
    "refuses what is no command: %o",
    async (input) => {
      const world = await createSendingWorld();

      const refused = await world.sender.changeSettings(untyped(input));

      expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "invalid-command" });
      expect((await world.server()).settings.status).toBe("enabled");
    },
  );

  it("is decided anew where somebody writes in between", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", conflict, conflict);

    expect((await world.sender.changeSettings(DISABLE))._unsafeUnwrap().isDeletionPending).toBe(true);
  });

  it.each(["loadServer", "commitServer"] as const)("answers with the storage's fault: %s", async (name) => {
    const world = await createSendingWorld();
    world.store.on(name, storageAway, throws);

    expect((await world.sender.changeSettings(DISABLE))._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect((await world.sender.changeSettings(DISABLE))._unsafeUnwrapErr()).toEqual(ADAPTER_THREW);
  });
});

describe("changing a link", () => {
  it.each(["", "octo\n", 7, null, "o".repeat(256)])("needs a user: %o", async (id) => {
    const world = await createSendingWorld();

    const refused = await world.sender.changeLink(untyped(id), { type: "opt-out", by: OCTO, at: NOW });

    expect(refused._unsafeUnwrapErr()).toEqual(INVALID_USER);
  });

  it("needs a command", async () => {
    const world = await createSendingWorld();

    const refused = await world.sender.changeLink(OCTO, untyped({ type: "opt-out" }));

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "invalid-command", field: "by" });
    expect((await world.record()).link.status).toBe("sending");
  });

  it("is for the user alone to ask", async () => {
    const world = await createSendingWorld();

    const refused = await world.sender.changeLink(OCTO, { type: "opt-out", by: user("mona"), at: NOW });

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "not-yourself" });
  });
});

describe("contributions that changed", () => {
  it("make the links of these users due, and of no others", async () => {
    const world = await createSendingWorld();
    await world.startSending(user("mona"));
    await world.sync();

    (await world.sender.contributionsChanged([OCTO, user("nobody")]))._unsafeUnwrap();

    expect((await world.record()).changes).toBe(2);
    expect((await world.record(user("mona"))).changes).toBe(0);
    expect((await world.memory.loadLink(user("nobody")))._unsafeUnwrap().version).toBe(0);
  });

  it("may be of nobody", async () => {
    const world = await createSendingWorld();

    expect((await world.sender.contributionsChanged([])).isOk()).toBe(true);
    expect((await world.record()).changes).toBe(1);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a user alone", "octo"],
    ["a set", new Set([OCTO])],
    ["one of many who is none", [OCTO, ""]],
    ["a list of objects", [{ userId: OCTO }]],
  ])("have to be of users: %s", async (_, users) => {
    const world = await createSendingWorld();

    const refused = await world.sender.contributionsChanged(untyped(users));

    expect(refused._unsafeUnwrapErr()).toEqual(INVALID_USER);
    expect((await world.record()).changes).toBe(1);
  });

  it("are not noted while the storage is away", async () => {
    const world = await createSendingWorld();
    world.store.on("markChanged", storageAway, throws);

    expect((await world.sender.contributionsChanged([OCTO]))._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect((await world.sender.contributionsChanged([OCTO]))._unsafeUnwrapErr()).toEqual(ADAPTER_THREW);
  });
});

describe("whether a user's counts may be sent", () => {
  it("is answered as of now, with the last report and the next sync", async () => {
    const world = await createSendingWorld();

    expect((await world.sender.sharing(OCTO))._unsafeUnwrap()).toMatchObject({
      link: { status: "sending" },
      decision: { isAllowed: true },
      deletion: { status: "none" },
      attention: null,
      lastReportAt: NOW,
      nextSyncAt: instant("2026-03-01T12:18:44.453Z"),
    });
  });

  it("looks at the clock: an attempt to connect that has expired is over", async () => {
    const world = await createSendingWorld();
    const mona = user("mona");
    const { expiresAt } = (await world.sender.connect(mona))._unsafeUnwrap();

    expect(expiresAt).toBe(NOW + 660_000);
    world.clock.advance(659_999);
    expect((await world.sender.sharing(mona))._unsafeUnwrap().link.status).toBe("connecting");
    world.clock.advance(1);
    expect((await world.sender.sharing(mona))._unsafeUnwrap().link.status).toBe("never-connected");
  });

  it("needs a user", async () => {
    const world = createGhesWorld();

    expect((await world.sender.sharing("" as UserId))._unsafeUnwrapErr()).toEqual(INVALID_USER);
  });

  it.each(["loadServer", "loadLink"] as const)("answers with the storage's fault: %s", async (name) => {
    const world = createGhesWorld();
    world.store.on(name, storageAway, throws);

    expect((await world.sender.sharing(OCTO))._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect((await world.sender.sharing(OCTO))._unsafeUnwrapErr()).toEqual(ADAPTER_THREW);
  });
});

describe("the state of the server", () => {
  it("is that of one that has done nothing yet, at first", async () => {
    const world = createGhesWorld();

    expect((await world.sender.status())._unsafeUnwrap()).toEqual({
      settings: { status: "disconnected", connectionOrdinal: 0 },
      featureSwitch: { epoch: 0, status: "off" },
      disabling: null,
      failures: 0,
      lastFault: null,
      lastSyncAt: null,
      lastFailed: 0,
      nextSyncAt: null,
      isContested: false,
    });
  });

  it("says what keeps it from sending", async () => {
    const world = await createSendingWorld();
    await world.disable();
    world.wire.on("disable", lost);
    await world.sync();

    expect((await world.sender.status())._unsafeUnwrap()).toMatchObject({
      featureSwitch: { epoch: 1, status: "on" },
      disabling: { epoch: 1, requestedAt: NOW, receipt: null },
      failures: 1,
      lastFault: UNREACHABLE,
      lastSyncAt: NOW,
      lastFailed: 0,
      nextSyncAt: NOW + 22_500,
    });
  });

  it("is not known while the storage is away", async () => {
    const world = createGhesWorld();
    world.store.on("loadServer", storageAway);

    expect((await world.sender.status())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
  });
});

describe("a sync", () => {
  it.each<[string, unknown, string]>([
    ["null", null, "options"],
    ["a text", "deletions", "options"],
    ["an unknown scope", { scope: "some" }, "scope"],
    ["a scope of null", { scope: null }, "scope"],
    ["a controller for its signal", { signal: new AbortController() }, "signal"],
    ["a signal of null", { signal: null }, "signal"],
    ["a progress that can't be called", { onProgress: "log" }, "onProgress"],
  ])("is not begun where it is asked for with %s", async (_, options, field) => {
    const world = await createSendingWorld();

    const refused = await world.sender.sync(untyped(options));

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "invalid-options", field });
    expect(world.said()).toEqual([]);
  });

  it.each<SyncOptions | undefined>([undefined, {}, { scope: "everything" }])(
    "does everything unless it is asked for less: %o",
    async (options) => {
      const world = await createSendingWorld();

      (await world.sender.sync(options))._unsafeUnwrap();

      expect(world.said()).toEqual(["complete"]);
    },
  );
});

describe("taking over", () => {
  it("writes nothing where no other copy was met", async () => {
    const world = await createSendingWorld();
    const before = (await world.memory.loadServer())._unsafeUnwrap();

    expect((await world.sender.takeOver())._unsafeUnwrap()).toBeUndefined();
    expect((await world.memory.loadServer())._unsafeUnwrap()).toEqual(before);
  });

  it("answers with the storage's fault", async () => {
    const world = await createSendingWorld();
    world.store.on("loadServer", storageAway);

    expect((await world.sender.takeOver())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
  });
});
