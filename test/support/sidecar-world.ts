import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountId, BrowserId, UserId } from "unified-contributions";
import {
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import type { Receiver } from "unified-contributions/ghec";
import { createSender, type Sender } from "unified-contributions/ghes";
import { openStorage } from "../../examples/sidecar/open-storage.ts";
import { type GhesInstance, OAUTH_APP, startGhes } from "./ghes-instance.ts";
import { nodeIdOf } from "./graphql-instance.ts";
import { type HttpHost, host } from "./http-host.ts";
import { SIDECAR_SERVER, type SidecarCloud, startSidecarCloud } from "./sidecar-cloud.ts";
import { type SidecarProcess, startSidecar } from "./sidecar-process.ts";

/** A server that stays as it is, a sidecar beside it, and a cloud: each behind real sockets of this machine. */
export interface SidecarWorld {
  readonly instance: GhesInstance;
  readonly cloud: SidecarCloud;
  /** The pages of the sidecar, behind a proxy. */
  readonly pagesUrl: string;
  readonly folder: string;
  readonly configFile: string;
  /** Starts a sidecar; its pages answer once it listens. */
  start(): Promise<SidecarProcess>;
  close(): Promise<void>;
}

/**
 * Makes a world with a configuration, and nothing in its storage.
 *
 * @param postgres the address of a database; a folder of the world's own if it is null
 */
export async function createSidecarWorld(postgres: string | null): Promise<SidecarWorld> {
  const folder = mkdtempSync(join(tmpdir(), "sidecar-"));
  const instance = await startGhes();
  let port: unknown = 0;
  const proxy: HttpHost = await host(async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "POST" ? await request.arrayBuffer() : null;
    const { method, headers } = request;
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method,
      headers,
      body,
      redirect: "manual",
    });
  });
  const cloud = await startSidecarCloud(proxy.origin);
  const running: SidecarProcess[] = [];

  const write = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  write("token", "the-token-for-the-counts\n");
  write("client-secret", OAUTH_APP.clientSecret);
  write("database-url", postgres ?? "");
  write("server-key.json", cloud.serverKey);
  write("cloud-key.json", cloud.cloudKey);
  const configFile = write("config.json", {
    server: {
      url: instance.url,
      token: { file: "token" },
      oauth: { clientId: OAUTH_APP.clientId, clientSecret: { file: "client-secret" } },
      enterpriseOwners: ["olivia"],
    },
    cloud: {
      name: "GitHub.com",
      platform: { type: "github.com" },
      ...{ pagesUrl: cloud.pagesUrl, wireUrl: cloud.wireUrl, installation: SIDECAR_SERVER },
      signingKey: { algorithm: "ed25519", keyId: "server-1-2026", privateKey: { file: "server-key.json" } },
      answerKeys: [{ algorithm: "ed25519", keyId: "cloud-2026", publicKey: { file: "cloud-key.json" } }],
      terms: { areAccepted: true, url: `${cloud.pagesUrl}/terms` },
    },
    pages: { publicUrl: proxy.origin, port: 0 },
    storage: postgres === null ? { folder: "database" } : { postgres: { file: "database-url" } },
    sync: { pauseMs: 0, leaseMs: 1_000 },
  });

  return {
    ...{ instance, cloud, folder, configFile, pagesUrl: proxy.origin },
    start: async () => {
      const sidecar = startSidecar("--config", configFile);
      running.push(sidecar);
      port = (await sidecar.next("listening"))["port"];
      return sidecar;
    },
    close: async () => {
      for (const { child } of running) child.kill("SIGKILL");
      for (const server of [proxy, cloud, instance]) await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The account that a user of {@link letSend} has connected. */
export function accountOf(user: UserId): AccountId {
  return `account-of-${user}` as AccountId;
}

/** Fills a database as if each of these users had signed in, connected an account and selected to send. */
export async function letSend(receiver: Receiver, ids: readonly number[], postgres: string): Promise<void> {
  const memory = createMemorySenderStore();
  const sender = createSender({
    ...{ installation: SIDECAR_SERVER, store: memory, source: createMemorySource(), pauseMs: 0 },
    ...{ clock: systemClock, random: systemRandom },
    transport: createMemoryTransport({ handle: (message) => receiver.handle(SIDECAR_SERVER, message) }),
  });
  const by = { userId: "the-configuration" as UserId, isEnterpriseOwner: true };
  const at = systemClock.now();
  const platform = { type: "github.com" } as const;
  (await sender.changeSettings({ type: "connect", by, at, platform, isCloudOwner: true }))._unsafeUnwrap();
  (await sender.changeSettings({ type: "enable", by, at, terms: { isAccepted: true } }))._unsafeUnwrap();
  (await sender.sync())._unsafeUnwrap();
  for (const id of ids) await connect(sender, receiver, `${id}` as UserId);

  const { server, links } = memory.snapshot();
  const { store, users, close } = (await openStorage({ postgres }))._unsafeUnwrap();
  // Due at once, not at the hour's own phase.
  const due = { ...server.value, nextSyncAt: null };
  const nothing = { audit: null, reported: [], withdrawn: [] };
  (await store.commitServer({ expectedVersion: 0, server: due, ...nothing }))._unsafeUnwrap();
  const waiting = links.values();
  const writeWaiting = async (): Promise<void> => {
    for (const { value } of waiting) {
      const commit = { expectedVersion: 0, user: value.user, link: value.link, withdraw: null, audit: null };
      (await store.commitLink(commit))._unsafeUnwrap();
      (await users.save(value.user, nodeIdOf(Number(value.user))))._unsafeUnwrap();
    }
  };
  await Promise.all(Array.from({ length: 8 }, writeWaiting));
  await close();
}

/** Connects an account and selects to send, without the browser between the two sides. */
async function connect(sender: Sender, receiver: Receiver, user: UserId): Promise<void> {
  const { attempt } = (await sender.connect(user))._unsafeUnwrap();
  const request = { attempt, browser: systemRandom.id() as BrowserId };
  (await receiver.offerConsent(request))._unsafeUnwrap();
  const { code } = (await receiver.giveConsent({ ...request, account: accountOf(user) }))._unsafeUnwrap();
  (await sender.redeem({ user, attempt, code }))._unsafeUnwrap();
  (await sender.changeLink(user, { type: "opt-in", by: user, at: systemClock.now() }))._unsafeUnwrap();
}
