import { createServer as createHttpServer } from "node:http";
import { gzipSync } from "node:zlib";
import { getRequestListener } from "@hono/node-server";
import { okAsync } from "unified-contributions";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import {
  createAnswerSigner,
  createAnswerVerifier,
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
  importCloudKey,
} from "unified-contributions/adapters/http-signatures";
import { afterEach, describe, expect, it } from "vitest";
import { type Forge, forgingProxy, HONEST, type ProxiedAnswer } from "../support/forging-proxy.ts";
import { type HttpHost, listen } from "../support/http-host.ts";
import { createKey } from "../support/signatures.ts";
import { createCloud, createServer, OCTO } from "../support/world.ts";

const open: HttpHost[] = [];

afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close();
});

/** Both sides with real sockets between them, and a proxy there that can read and change everything. */
async function createProxiedWorld({ verifies }: { readonly verifies: boolean }) {
  const cloud = createCloud();
  const [serverKey, cloudKey] = [await createKey("ed25519"), await createKey("ed25519", "cloud-1")];
  const key = { algorithm: "ed25519", keyId: "cloud-1", jwk: cloudKey.pair.publicKey } as const;
  const known = (await importCloudKey(key))._unsafeUnwrap();

  const proxy = await forgingProxy(() => host.origin);
  const authenticate = createRequestVerifier({
    directory: { find: (keyId) => okAsync(keyId === "key-1" ? serverKey.verification : null) },
    ...{ nonces: createMemoryNonceStore(), clock: cloud.clock, publicUrl: proxy.origin },
  });
  const signAnswers = createAnswerSigner({ key: () => cloudKey.signing });
  const handler = createHttpHandler({ receiver: cloud.receiver, authenticate, signAnswers });
  const host = await listen(createHttpServer(getRequestListener(handler)));
  open.push(proxy, host);

  const { clock, random } = cloud;
  const transport = createHttpTransport({
    url: `${proxy.origin}/unified-contributions`,
    timeoutMs: 10_000,
    sign: createRequestSigner({ key: () => serverKey.signing, clock, random }),
    ...(verifies ? { verifyAnswers: createAnswerVerifier({ keys: () => [known] }) } : {}),
  });
  const server = createServer(cloud, { wireThrough: () => transport });
  await server.enable();
  await server.connect();
  await server.optIn();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  await server.sync();
  expect(await cloud.shown()).toEqual([2]);
  return { cloud, server, proxy };
}

/** An answer that says this of every record, as the cloud would say it. */
function saying(outcome: object): (message: Parameters<Forge>[0]) => ProxiedAnswer {
  return ({ requestId, records }) => {
    const outcomes = (records as readonly unknown[]).map(() => outcome);
    const answer = {
      version: 1,
      requestId,
      featureSwitch: { epoch: 1, status: "on" },
      type: "delivered",
      outcomes,
    };
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
  };
}

const RECEIPT = {
  deletedAt: Date.parse("2026-03-01T12:00:00Z"),
  removed: { first: "2025-12-02", last: "2026-03-01" },
};
const withdrawn = saying({ type: "withdrawn", receipt: RECEIPT });
const ended = saying({ type: "ended", choice: 1, receipt: RECEIPT });

/** A proxy that signs as the cloud does, with a key of its own under the id of the cloud's. */
async function signingForger(): Promise<Forge> {
  const { signing } = await createKey("ed25519", "cloud-1");
  const sign = createAnswerSigner({ key: () => signing });
  return async (message, _, request) => {
    const forged = withdrawn(message);
    const head = { status: forged.status, headers: new Headers(forged.headers) };
    const signed = await sign(head, new TextEncoder().encode(String(forged.body)), request);
    return { ...forged, headers: { ...forged.headers, ...signed } };
  };
}

describe("a proxy on the way that answers in the cloud's place", () => {
  it("makes a server without checks report a deletion while the cloud still shows the counts", async () => {
    const { cloud, server, proxy } = await createProxiedWorld({ verifies: false });

    proxy.forge = async (message) => withdrawn(message);
    await server.optOut();
    await server.sync("deletions");

    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([2]);
  });

  it("deletes nothing for a server that checks answers: it stays pending until the cloud's own answer", async () => {
    const { cloud, server, proxy } = await createProxiedWorld({ verifies: true });

    proxy.forge = async (message) => withdrawn(message);
    await server.optOut();
    const forged = await server.sync("deletions");

    expect(forged).toMatchObject({
      outcome: "failed",
      fault: { type: "transport-fault", reason: "untrusted" },
    });
    expect((await server.sharing()).deletion.status).toBe("pending");
    expect(await cloud.shown()).toEqual([2]);

    proxy.forge = HONEST;
    expect(await server.sync("deletions")).toMatchObject({ outcome: "completed" });
    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([]);
  });

  it("ends a link with a forged answer, unless the server checks answers", async () => {
    const statuses: string[] = [];
    for (const verifies of [false, true]) {
      const { server, proxy } = await createProxiedWorld({ verifies });
      proxy.forge = async (message, forward) => (message["type"] === "deliver" ? ended(message) : forward());
      await server.contribute(OCTO, "2026-03-01T11:00:00Z");
      await server.sync();
      statuses.push((await server.sharing()).link.status);
    }

    expect(statuses[0]).not.toBe("sending");
    expect(statuses[1]).toBe("sending");
  });
});

describe("a server that checks answers", () => {
  it("accepts them from a proxy that compresses them and adds headers", async () => {
    const { cloud, server, proxy } = await createProxiedWorld({ verifies: true });
    proxy.forge = async (_, forward) => {
      const { status, headers, body } = await forward();
      const more = {
        "content-encoding": "gzip",
        via: "1.1 proxy",
        server: "proxy",
        "cache-control": "no-transform",
      };
      return { status, headers: { ...headers, ...more }, body: gzipSync(body) };
    };

    await server.optOut();

    expect(await server.sync("deletions")).toMatchObject({ outcome: "completed" });
    expect((await server.sharing()).deletion.status).toBe("deleted");
    expect(await cloud.shown()).toEqual([]);
  });
});

describe("a server that checks answers refuses an answer", () => {
  it("of a proxy that signs with a key of its own", async () => {
    const { server, proxy } = await createProxiedWorld({ verifies: true });
    proxy.forge = await signingForger();
    await server.optOut();

    const forged = await server.sync("deletions");

    expect(forged).toMatchObject({ outcome: "failed", fault: { reason: "untrusted" } });
    expect((await server.sharing()).deletion.status).toBe("pending");
  });

  it("that was changed on the way, or given to an earlier request", async () => {
    const { cloud, server, proxy } = await createProxiedWorld({ verifies: true });
    const kept: ProxiedAnswer[] = [];
    proxy.forge = async (_, forward) => {
      const answer = await forward();
      kept.push(answer);
      return { ...answer, body: String(answer.body).replace('"kept"', '"unknown"') };
    };
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    const changed = await server.sync();
    // The cloud has said of the first request that it keeps the link; the second one asks for its end.
    proxy.forge = async (message) => {
      const body = JSON.stringify({ ...JSON.parse(String(kept[0]?.body)), requestId: message["requestId"] });
      return { ...(kept[0] as ProxiedAnswer), body };
    };
    await server.optOut();
    const replayed = await server.sync("deletions");

    expect([changed, replayed]).toMatchObject([
      { fault: { reason: "untrusted" } },
      { fault: { reason: "untrusted" } },
    ]);
    expect((await server.sharing()).deletion.status).toBe("pending");
    expect(await cloud.shown()).toEqual([3]);
  });
});

describe("an unsigned problem", () => {
  it("delays the next attempt by an hour at most, and by a day if answers are not checked", async () => {
    const delays: number[] = [];
    for (const verifies of [true, false]) {
      const { server, proxy } = await createProxiedWorld({ verifies });
      const headers = { "content-type": "application/problem+json", "retry-after": "86400" };
      proxy.forge = async () => ({ status: 503, headers, body: "{}" });
      await server.contribute(OCTO, "2026-03-01T11:00:00Z");
      const { fault } = await server.sync();
      delays.push(fault?.type === "transport-fault" ? (fault.retryAfterMs ?? 0) : -1);
    }

    expect(delays).toEqual([3_600_000, 86_400_000]);
  });
});
