import type { AccountId, AttemptId, BrowserId, ConsentCode, UserId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createForgetfulCloud, type ForgetfulCloud } from "../../support/forgetful-cloud.ts";
import { createCloud, createServer, OCTO, OCTO_CLOUD, SERVER } from "../../support/journey.ts";

const HUBOT = "hubot" as UserId;
const HUBOT_CLOUD = "hubot-cloud" as AccountId;
const BROWSER = "browser-of-octo-1" as BrowserId;
const ANOTHER_BROWSER = "browser-of-hubot-" as BrowserId;

async function createWorld() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  let isCut = false;
  let losesAnswers = false;
  const server = createServer(cloud, {
    wireThrough: (wire) => ({
      send: (message, signal) => {
        if (isCut) return wire.send({ ...message, requestId: "" as never }, AbortSignal.abort());
        const sent = wire.send(message, signal);
        return losesAnswers ? sent.map(() => "a proxy's page") : sent;
      },
    }),
  });
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.contribute(HUBOT, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  return {
    cloud,
    server,
    wire: {
      cut: () => {
        isCut = true;
      },
      loseAnswers: () => {
        losesAnswers = true;
      },
      mend: () => {
        isCut = false;
        losesAnswers = false;
      },
    },
    connect: async (user: UserId): Promise<AttemptId> =>
      (await server.sender.connect(user))._unsafeUnwrap().attempt,
    consent: async (attempt: AttemptId, account = OCTO_CLOUD, browser = BROWSER): Promise<ConsentCode> =>
      (await cloud.receiver.giveConsent({ attempt, browser, account }))._unsafeUnwrap().code,
    redeem: (user: UserId | null, attempt: AttemptId, code: ConsentCode) =>
      server.sender.redeem({ user, attempt, code }),
    optIn: (user: UserId) =>
      server.sender.changeLink(user, { type: "opt-in", by: user, at: cloud.clock.now() }),
    statusOf: async (user: UserId) => (await server.sharing(user)).link.status,
  };
}

describe("a consent", () => {
  it("is worth nothing to a second user of the same server", async () => {
    const { cloud, server, connect, consent, redeem, optIn, statusOf } = await createWorld();
    const attempt = await connect(OCTO);
    await connect(HUBOT);
    const code = await consent(attempt);

    expect((await redeem(HUBOT, attempt, code))._unsafeUnwrapErr().type).toBe("no-such-attempt");
    expect((await optIn(HUBOT))._unsafeUnwrapErr().type).toBe("not-connected");
    await server.sync();

    expect(await statusOf(HUBOT)).toBe("connecting");
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });

  it("that has reached another user's browser is worth nothing in any afterwards", async () => {
    const { cloud, server, connect, consent, redeem } = await createWorld();
    // Hubot has begun, and lured octo onto the cloud's page.
    const attempt = await connect(HUBOT);
    const code = await consent(attempt, OCTO_CLOUD);

    await redeem(null, attempt, code)
      .orElse(() => redeem(OCTO, attempt, code))
      .unwrapOr(null);

    expect((await redeem(HUBOT, attempt, code))._unsafeUnwrapErr().type).toBe("no-such-attempt");
    await server.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });

  it("is asked for in the browser that came first, and in no other", async () => {
    const { cloud, connect } = await createWorld();
    const attempt = await connect(OCTO);

    const first = await cloud.receiver.offerConsent({ attempt, browser: BROWSER });
    const stolen = { attempt, browser: ANOTHER_BROWSER, account: HUBOT_CLOUD };

    expect(first._unsafeUnwrap()).toEqual({ installation: SERVER, expiresAt: cloud.clock.now() + 600_000 });
    expect((await cloud.receiver.offerConsent(stolen))._unsafeUnwrapErr().type).toBe("no-such-attempt");
    expect((await cloud.receiver.giveConsent(stolen))._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });

  it("that is not redeemed ends nothing: a second tab may be closed", async () => {
    const { cloud, server, connect, consent, redeem, optIn } = await createWorld();
    const attempt = await connect(OCTO);
    (await redeem(OCTO, attempt, await consent(attempt)))._unsafeUnwrap();
    (await optIn(OCTO))._unsafeUnwrap();
    await server.sync();

    await consent(await connect(HUBOT), OCTO_CLOUD);
    await server.sync();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([1]);
  });

  it.each([
    ["a minute has passed", (world: World) => world.cloud.clock.advance(60_000)],
    [
      "its owner has revoked it",
      async ({ cloud }: World) => {
        (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
      },
    ],
    [
      "the account is gone",
      async ({ cloud }: World) => {
        (await cloud.receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
      },
    ],
    [
      "the feature was off meanwhile",
      async ({ server }: World) => {
        await server.disable();
        await server.sync();
        await server.enable();
      },
    ],
  ])("opens no link once %s", async (_, meanwhile) => {
    const world = await createWorld();
    const attempt = await world.connect(OCTO);
    const code = await world.consent(attempt);
    await meanwhile(world);

    const refused = await world.redeem(OCTO, attempt, code);

    expect(refused._unsafeUnwrapErr().type).toBe("redemption-refused");
    expect(await world.statusOf(OCTO)).toBe("never-connected");
  });
});

type World = Awaited<ReturnType<typeof createWorld>>;

describe("a consent that was void before the store forgot it", () => {
  it.each([
    [
      "revokeAuthorization",
      (cloud: ForgetfulCloud) => cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD),
    ],
    ["deleteAccount", (cloud: ForgetfulCloud) => cloud.receiver.deleteAccount(OCTO_CLOUD)],
  ])("is void still: %s was acknowledged", async (_, voidConsents) => {
    const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    const { attempt } = (await server.sender.connect(OCTO))._unsafeUnwrap();
    const given = { attempt, browser: BROWSER, account: OCTO_CLOUD };
    const { code } = (await cloud.receiver.giveConsent(given))._unsafeUnwrap();
    await cloud.keep();
    (await voidConsents(cloud))._unsafeUnwrap();
    cloud.lose();

    cloud.clock.advance(5_000);
    const refused = await server.sender.redeem({ user: OCTO, attempt, code });

    expect(refused._unsafeUnwrapErr().type).toBe("redemption-refused");
    expect((await server.sharing(OCTO)).link.status).toBe("never-connected");
  });
});

describe("a redemption whose answer is lost", () => {
  async function createWaiting() {
    const world = await createWorld();
    const attempt = await world.connect(OCTO);
    const code = await world.consent(attempt);
    world.wire.loseAnswers();
    expect((await world.redeem(OCTO, attempt, code))._unsafeUnwrapErr().type).toBe("transport-fault");
    world.wire.mend();
    return { ...world, attempt, code };
  }

  it("is asked for again by the next sync, hours later", async () => {
    const { cloud, server, optIn, statusOf } = await createWaiting();
    expect(await statusOf(OCTO)).toBe("redeeming");

    cloud.clock.advance(7_200_000);
    await server.sync();
    expect(await statusOf(OCTO)).toBe("connected");
    (await optIn(OCTO))._unsafeUnwrap();
    await server.sync();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([1]);
  });

  it("is asked for again by its browser", async () => {
    const { attempt, code, redeem } = await createWaiting();

    expect((await redeem(OCTO, attempt, code))._unsafeUnwrap().link.status).toBe("connected");
    expect((await redeem(OCTO, attempt, code))._unsafeUnwrap().link.status).toBe("connected");
  });

  it("is asked for again before its user connects anew", async () => {
    const { connect, statusOf, server } = await createWaiting();

    expect((await server.sender.connect(OCTO))._unsafeUnwrapErr().type).toBe("already-connected");
    await server.disconnect(OCTO);
    await connect(OCTO);
    expect(await statusOf(OCTO)).toBe("connecting");
  });

  it.each(["opt-out", "disconnect", "end"] as const)(
    "is withdrawn once it is known, where its user chose so meanwhile: %s",
    async (type) => {
      const { cloud, server, statusOf } = await createWaiting();
      const at = cloud.clock.now();
      const changed = await server.sender.changeLink(
        OCTO,
        type === "end" ? { type, at, reason: "user-deleted" } : { type, by: OCTO, at },
      );
      expect(changed._unsafeUnwrap().isDeletionPending).toBe(true);
      expect((await server.sharing()).deletion.status).toBe("pending");

      const report = await server.sync("deletions");

      expect(report.receipts).toHaveLength(1);
      expect((await server.sharing()).deletion.status).toBe("deleted");
      expect(await statusOf(OCTO)).toBe(type === "end" ? "ended" : "opted-out");
    },
  );

  it("says that the link has ended, where it was withdrawn on the cloud meanwhile", async () => {
    const { cloud, attempt, code, redeem, statusOf } = await createWaiting();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    expect((await redeem(OCTO, attempt, code))._unsafeUnwrapErr().type).toBe("link-ended");
    expect(await statusOf(OCTO)).toBe("never-connected");
  });
});

describe("an attempt", () => {
  it("is refused by name while the feature is off", async () => {
    const { server } = await createWorld();
    await server.disable();

    expect((await server.sender.connect(OCTO))._unsafeUnwrapErr().type).toBe(
      "unified-contributions-disabled",
    );
  });

  it("is refused by name where the cloud knows that it is off", async () => {
    const { cloud, server } = await createWorld();
    (await cloud.receiver.disconnectInstallation(SERVER))._unsafeUnwrap();

    expect((await server.sender.connect(OCTO))._unsafeUnwrapErr().type).toBe(
      "unified-contributions-disabled",
    );
  });

  it("whose push does not arrive can be begun again", async () => {
    const { server, wire, connect, statusOf } = await createWorld();
    wire.cut();
    expect((await server.sender.connect(OCTO)).isErr()).toBe(true);
    wire.mend();

    await connect(OCTO);
    expect(await statusOf(OCTO)).toBe("connecting");
  });

  it("that has expired on the server is not redeemed", async () => {
    const { cloud, connect, redeem } = await createWorld();
    const attempt = await connect(OCTO);
    cloud.clock.advance(660_000);

    const late = await redeem(OCTO, attempt, "code-that-is-late" as ConsentCode);
    expect(late._unsafeUnwrapErr().type).toBe("attempt-expired");
  });

  it("that nobody has begun is nobody's", async () => {
    const { redeem } = await createWorld();

    const unknown = await redeem(OCTO, "attempt-of-nobody" as AttemptId, "code-of-nobody-01" as ConsentCode);
    expect(unknown._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });
});
