import { createServer as createHttpServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import fc from "fast-check";
import type { AccountId, UserId } from "unified-contributions";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import { afterEach, describe, expect, it } from "vitest";
import { type FaultyProxy, faultyProxy, type WireFault } from "../../support/faulty-proxy.ts";
import { everyoneIs, type HttpHost, listen } from "../../support/http-host.ts";
import { createCloud, createServer, SERVER } from "../../support/world.ts";

const NONE: WireFault = { type: "none" };
const open: (HttpHost | FaultyProxy)[] = [];

afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close();
});

/** Both sides with real sockets between them, and a proxy that does as the plan says; when it is used up, nothing. */
async function createHttpWorld(plan: readonly WireFault[] = []) {
  const faults = plan.values();
  const cloud = createCloud();
  const handler = createHttpHandler({ receiver: cloud.receiver, authenticate: everyoneIs(SERVER) });
  const listener = getRequestListener(handler);
  const http = createHttpServer((request, response) => {
    // One connection, one request: the proxy need not know where one ends.
    response.shouldKeepAlive = false;
    return listener(request, response);
  });
  const host = await listen(http);
  const state = { isFaulty: false };
  const proxy = await faultyProxy(host.port, () => {
    const { value } = state.isFaulty ? faults.next() : { value: NONE };
    return value ?? NONE;
  });
  open.push(host, proxy);
  const url = `${proxy.origin}/unified-contributions`;
  const server = createServer(cloud, { wireThrough: () => createHttpTransport({ url, timeoutMs: 10_000 }) });
  return { cloud, server, proxy, state };
}

/** Rounds until one gets through, as the stored schedule would have them; every fault is that of the wire. */
async function syncUntilDone(
  server: ReturnType<typeof createServer>,
  scope: "everything" | "deletions" = "everything",
): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const { outcome, fault } = await server.sync(scope);
    if (outcome === "completed") return;
    expect(outcome).toBe("failed");
    expect(fault?.type).toBe("transport-fault");
  }
  throw new Error("no round got through");
}

const USERS = ["ada", "grace", "hedy"].map((name, index) => ({
  user: name as UserId,
  account: `${name}-cloud` as AccountId,
  contributions: index + 1,
}));

/** Three users opt in, one contributes more twice, one opts out, and the owner disables; answers what was shown at each turn. */
async function playStory(plan: readonly WireFault[]) {
  const { cloud, server, proxy, state } = await createHttpWorld(plan);
  const shownOf = (account: AccountId): Promise<readonly number[]> => cloud.shown(account);
  const shown = async () => Promise.all(USERS.map(({ account }) => shownOf(account)));
  await server.enable();
  for (const { user, account, contributions } of USERS) {
    await server.connect(user);
    await server.optIn(user, account);
    const instants = Array.from({ length: contributions }, (_, at) => `2026-02-2${at}T12:00:00Z`);
    await server.contribute(user, ...instants);
  }
  state.isFaulty = true;
  const turns: (readonly (readonly number[])[])[] = [];

  await syncUntilDone(server);
  turns.push(await shown());

  for (const instant of ["2026-02-28T12:00:00Z", "2026-02-28T13:00:00Z"]) {
    // Each is another window of the same link: an old one that comes again must not replace it.
    await server.contribute("ada" as UserId, instant);
    await syncUntilDone(server);
    turns.push(await shown());
  }
  await server.optOut("grace" as UserId);
  await syncUntilDone(server, "deletions");
  const { deletion } = await server.sharing("grace" as UserId);
  expect(deletion.status).toBe("deleted");
  // From here on nothing that arrives late may bring them back.
  expect(await shownOf("grace-cloud" as AccountId)).toEqual([]);
  await syncUntilDone(server);
  turns.push(await shown());

  await server.disable();
  await syncUntilDone(server, "deletions");
  turns.push(await shown());
  // Whatever the proxy still held back arrives with the next.
  await syncUntilDone(server);
  turns.push(await shown());
  return { turns, happened: proxy.happened };
}

const EXPECTED = [
  [[1], [2], [3]],
  [[2], [2], [3]],
  [[3], [2], [3]],
  [[3], [], [3]],
  [[], [], []],
  [[], [], []],
];

const anyFault: fc.Arbitrary<WireFault> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(NONE) },
  fc.record({ type: fc.constant("cut-request" as const), afterBytes: fc.nat(900) }),
  fc.record({ type: fc.constant("cut-answer" as const), afterBytes: fc.nat(500) }),
  fc.constant<WireFault>({ type: "slow" }),
  fc.constant<WireFault>({ type: "twice" }),
  fc.record({ type: fc.constant("late" as const), afterRequests: fc.integer({ min: 1, max: 8 }) }),
);

describe("over a network that cuts, slows down, repeats and delays", () => {
  it.each<[string, WireFault]>([
    ["a request that never arrives", { type: "cut-request", afterBytes: 0 }],
    ["a request cut in its head", { type: "cut-request", afterBytes: 100 }],
    ["a request cut in its body", { type: "cut-request", afterBytes: 330 }],
    ["an answer of which nothing comes", { type: "cut-answer", afterBytes: 0 }],
    ["an answer cut in its head", { type: "cut-answer", afterBytes: 60 }],
    ["an answer cut in its body", { type: "cut-answer", afterBytes: 260 }],
    ["bytes that come one by one", { type: "slow" }],
    ["requests that arrive twice", { type: "twice" }],
    ["requests that come again after the next", { type: "late", afterRequests: 1 }],
    ["requests that come again much later", { type: "late", afterRequests: 4 }],
  ])("%s, at every other request: nothing is lost and nothing is doubled", async (_, fault) => {
    const plan = Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? fault : NONE));

    const { turns, happened } = await playStory(plan);

    expect(turns).toEqual(EXPECTED);
    expect(happened.filter((type) => type === fault.type).length).toBeGreaterThan(2);
  });

  it("any mixture of them: nothing is lost and nothing is doubled", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFault, { minLength: 5, maxLength: 25 }), async (plan) => {
        const { turns } = await playStory(plan);
        for (const { close } of open.splice(0).reverse()) await close();
        expect(turns).toEqual(EXPECTED);
      }),
      { numRuns: 30 },
    );
  });
});
