import { createRequire } from "node:module";
import type { AccountId, InstallationId, UserId } from "unified-contributions";
import { okAsync } from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import { createOpenTelemetryListener, type LibraryEvent } from "unified-contributions/adapters/opentelemetry";
import type { Transport, UserContributions } from "unified-contributions/ghes";
import type { SenderStore } from "unified-contributions/storage";
import type { Message } from "unified-contributions/wire";
import { recordingTelemetry } from "./recording-telemetry.ts";
import { createCloud, createServer } from "./world.ts";

/** Who lives a life, and what they contribute; everything that must not show. */
export interface Inhabitants {
  readonly installation: InstallationId;
  readonly users: readonly { readonly user: UserId; readonly account: AccountId }[];
  /** What a user contributed, before the change in the middle of the life and after it. */
  contributionsOf(user: UserId, isChanged: boolean): UserContributions;
  /** Stands between the sender and the wire. */
  readonly wireThrough?: (transport: Transport) => Transport;
  /** Stands between the sender and its storage. */
  readonly storeThrough?: (store: SenderStore) => SenderStore;
}

/** What was said in a life. */
export interface Life {
  /** Every message, as the bytes that left. */
  readonly messages: readonly string[];
  /** Those, every answer, every Result, what progress was told, the audit log, every event, and every metric and span. */
  readonly everything: string;
}

/** A whole life at noon on 1 March 2026: enable, connect, opt in, send, change, opt out, come back, disable. */
export async function live(inhabitants: Inhabitants): Promise<Life> {
  const { installation, users, contributionsOf, wireThrough, storeThrough } = inhabitants;
  const events: unknown[] = [];
  const telemetry = createOpenTelemetryListener(recordingTelemetry(events));
  const onEvent = (event: LibraryEvent): void => {
    // What was thrown may hold anything, which is why it goes to the host's own listener alone.
    const { cause: _, ...rest } = event as LibraryEvent & { readonly cause?: unknown };
    events.push(rest);
    telemetry(event);
  };
  const cloud = createCloud("2026-03-01T12:00:00Z", 1, { onEvent });
  let isChanged = false;
  const source = {
    ...createMemorySource(),
    read: ({ users: asked }: { readonly users: readonly UserId[] }) =>
      okAsync(new Map(asked.map((user) => [user, contributionsOf(user, isChanged)]))),
  };
  const through = { ...(wireThrough && { wireThrough }), ...(storeThrough && { storeThrough }) };
  const server = createServer(cloud, { installation, source, ...through, onEvent });
  const said: unknown[] = [];
  const onProgress = (progress: unknown): void => void said.push(progress);
  const round = async (scope: "everything" | "deletions" = "everything"): Promise<void> => {
    said.push(await server.sender.sync({ scope, onProgress }).match(same, same));
    said.push(await server.sender.status().match(same, same));
    for (const { user, account } of users) {
      said.push(await server.sender.sharing(user).match(same, same));
      said.push(await cloud.receiver.shownCounts(account).match(same, same));
    }
  };
  const everybody = async (act: (user: UserId, account: AccountId) => Promise<void>): Promise<void> => {
    for (const { user, account } of users) await act(user, account).catch((refused) => said.push(refused));
  };

  await server.enable().catch((refused) => said.push(refused));
  await everybody((user) => server.connect(user));
  await everybody((user, account) => server.optIn(user, account));
  await round();
  isChanged = true;
  said.push(await server.sender.contributionsChanged(users.map(({ user }) => user)).match(same, same));
  await round();
  await everybody((user) => server.optOut(user));
  await round("deletions");
  await everybody((user, account) => server.optIn(user, account));
  await round();
  await server.disable().catch((refused) => said.push(refused));
  await round();

  return {
    messages: server.sent,
    everything: text([server.wire, said, server.senderStore.auditLog(), events]),
  };
}

function same(value: unknown): unknown {
  return value;
}

/** All that can be read of a value: errors say their message, which JSON leaves out. */
export function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Error ? part.message : part)) ?? "";
}

/** A wire on which every report carries what a builder would have taken along that spreads a contribution into it. */
export function spreading(contribution: object): (transport: Transport) => Transport {
  return (transport) => ({
    send: (message, signal) => transport.send(withSpreadRecords(message, contribution), signal),
  });
}

function withSpreadRecords(message: Message, contribution: object): Message {
  if (message.type !== "deliver") return message;
  return { ...message, records: message.records.map((record) => ({ ...contribution, ...record })) };
}

/** A webhook payload as GitHub sends it, full of what must not leave. */
export type WebhookPayload = Readonly<Record<string, unknown>>;

/** All 329 payloads of `@octokit/webhooks-examples`. */
export function webhookPayloads(): readonly WebhookPayload[] {
  const load = createRequire(import.meta.url);
  const events = load("@octokit/webhooks-examples") as readonly {
    readonly examples: readonly WebhookPayload[];
  }[];
  return events.flatMap(({ examples }) => examples);
}

/** Every string of a value that is longer than three characters, names of fields included, each once. */
export function stringsIn(value: unknown): readonly string[] {
  const found = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part === "string" && part.length > 3) found.add(part);
    if (typeof part !== "object" || part === null) return;
    for (const [name, child] of Object.entries(part)) {
      if (!Array.isArray(part)) walk(name);
      walk(child);
    }
  };
  walk(value);
  return [...found];
}

/** The strings of a value that are said in a text, but for those that are said in the other text without it. */
export function leaked(value: unknown, said: string, vocabulary: string): readonly string[] {
  return stringsIn(value).filter((string) => {
    const written = JSON.stringify(string).slice(1, -1);
    return said.includes(written) && !vocabulary.includes(written);
  });
}
