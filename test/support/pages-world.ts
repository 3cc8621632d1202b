import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type AccountId, errAsync, type InstallationId, type UserId } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
  type MemorySource,
} from "unified-contributions/adapters/memory";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createSender, type Sender } from "unified-contributions/ghes";
import type { SenderStore } from "unified-contributions/storage";
import { createTestClock, createTestRandom, type TestClock } from "unified-contributions/testing";
import { createCloudPages } from "../../examples/pages/ghec/cloud-pages.ts";
import { createServerPages } from "../../examples/pages/ghes/server-pages.ts";
import { createPretendSignIn } from "../../examples/pages/web/pretend-sign-in.ts";
import type { Person } from "../../examples/pages/web/session.ts";

const INSTALLATION = "the-server" as InstallationId;

/** The pages of both hosts on sockets of this machine, on noon of 1 March 2026. */
export interface PagesWorld {
  readonly clock: TestClock;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly source: MemorySource;
  /** Makes a copy of the server as it is now, as a restored clone would be. */
  copyServer(): Sender;
  /** The addresses of the pages; two sites, as far as a browser can tell. */
  readonly serverUrl: string;
  readonly cloudUrl: string;
  /** Every message that has left the server, as it left. */
  readonly sent: readonly string[];
  /** Whether the wire works; true at first. */
  isWireUp: boolean;
  close(): Promise<void>;
}

/** Ada and Grace are users, and Olivia owns the enterprise; each has an account on the cloud. */
const NAMES = ["Olivia", "Ada", "Grace"] as const;

/** Opens the pages, with GitHub Connect on and the feature off. */
export async function openPagesWorld(): Promise<PagesWorld> {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const random = createTestRandom(1);
  const sent: string[] = [];
  const source = createMemorySource();
  source.add("ada" as UserId, [
    { occurredAt: "2025-12-01T12:00:00Z" },
    { occurredAt: "2026-02-28T23:30:00-08:00" },
    { occurredAt: "2026-03-01T09:00:00Z" },
  ]);
  source.add("grace" as UserId, [{ occurredAt: "2026-02-10T09:00:00Z" }]);
  const receiver = createReceiver({
    ...{ store: createMemoryReceiverStore(), ledger: createMemoryLedger(), clock, random },
  });
  const wire = createMemoryTransport({
    handle: (message) => (world.isWireUp ? receiver.handle(INSTALLATION, message) : errAsync("it is cut")),
    onBytes: (direction, text) => {
      if (direction === "sent") sent.push(text);
    },
  });
  const store = createMemorySenderStore();
  const senderOver = (senderStore: SenderStore): Sender =>
    createSender({
      ...{
        installation: INSTALLATION,
        store: senderStore,
        transport: wire,
        source,
        clock,
        random,
        pauseMs: 0,
      },
    });
  const sender = senderOver(store);
  const [serverSocket, cloudSocket] = [await listen(), await listen()];
  const [serverUrl, cloudUrl] = [
    `http://127.0.0.1:${portOf(serverSocket)}`,
    `http://localhost:${portOf(cloudSocket)}`,
  ];
  let isAccepted = false;
  const world: PagesWorld = {
    ...{ clock, sender, receiver, source, serverUrl, cloudUrl, sent, isWireUp: true },
    copyServer: () => senderOver(createMemorySenderStore(store.snapshot())),
    close: async () => {
      for (const socket of [serverSocket, cloudSocket]) {
        socket.close();
        socket.closeAllConnections();
        await once(socket, "close");
      }
    },
  };
  const people = NAMES.map((name) => ({ name, isEnterpriseOwner: name === "Olivia" }));
  const users = people.map(
    (person): Person<UserId> => ({ ...person, id: person.name.toLowerCase() as UserId }),
  );
  const accounts = people.map(
    (person): Person<AccountId> => ({
      isEnterpriseOwner: person.isEnterpriseOwner,
      id: `account-of-${person.name}` as AccountId,
      name: `${person.name} on the cloud`,
    }),
  );
  const server = createServerPages({
    ...{ sender, source, clock, random },
    signIn: createPretendSignIn(users),
    cloud: { name: "GitHub.com", url: cloudUrl, installation: INSTALLATION },
    terms: () =>
      Promise.resolve(isAccepted ? { isAccepted } : { isAccepted, url: `${cloudUrl}/enterprise/terms` }),
    sent: () => sent,
  });
  const cloud = createCloudPages({
    ...{ receiver, clock, random, accounts },
    signIn: createPretendSignIn(accounts),
    server: { installation: INSTALLATION, enterprise: "Analytical Engines", url: serverUrl },
    terms: {
      isAccepted: () => isAccepted,
      accept: () => {
        isAccepted = true;
      },
    },
  });
  serverSocket.on("request", getRequestListener(server.fetch));
  cloudSocket.on("request", getRequestListener(cloud.fetch));
  const by = { userId: "olivia" as UserId, isEnterpriseOwner: true };
  const connect = { type: "connect", by, at: clock.now(), platform: { type: "github.com" } } as const;
  (await receiver.connectInstallation(INSTALLATION))._unsafeUnwrap();
  (await sender.changeSettings({ ...connect, isCloudOwner: true }))._unsafeUnwrap();
  return world;
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
