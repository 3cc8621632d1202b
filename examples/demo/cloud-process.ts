// Runs GitHub Enterprise Cloud as a separate process, which takes signed messages over HTTP. The story acts for people
// on the cloud's pages, over the channel between the two processes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Instant } from "unified-contributions";
import { systemRandom } from "unified-contributions/adapters/system";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { type CloudPages, createCloudReceiver } from "./cloud.ts";
import { openStores } from "./open-stores.ts";
import { createSignedHandler, type ShownKey } from "./signed-wire.ts";

/** The argument with which the demo starts itself again as the cloud. */
export const CLOUD_PROCESS = "--cloud-process";

/** The server's key, and what time it is in the story. */
export interface Introduction {
  readonly key: ShownKey;
  readonly now: Instant;
  /** Where the cloud keeps what it keeps, as `--store` names it; null for memory. */
  readonly store: string | null;
}

/** A call of one of the cloud's pages, or only the passing of time if there is no page. */
export interface PageCall {
  readonly call: number;
  readonly now: Instant;
  readonly page: keyof CloudPages | null;
  readonly args: readonly unknown[];
}

/** The outcome of a {@link PageCall}. */
export interface PageAnswer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Runs the cloud until the story ends. */
export function runCloudProcess(): void {
  process.once("message", (introduction: Introduction) => void listen(introduction));
}

async function listen({ key, now, store }: Introduction): Promise<void> {
  const opened = await openStores(store);
  if (opened.isErr()) {
    process.stderr.write(`${opened.error.message}\n`);
    return process.exit(1);
  }
  const stores = opened.value;
  process.once("disconnect", () => void stores.close().finally(() => process.exit()));
  const clock = createTestClock(now);
  const random = store === null ? createTestRandom(2) : systemRandom;
  const receiver = createCloudReceiver({ clock, random, stores });
  const server = createServer().listen(0, "127.0.0.1", async () => {
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const handler = await createSignedHandler(receiver, clock, publicUrl, key);
    server.on("request", getRequestListener(handler));
    process.on("message", async ({ call, now: present, page, args }: PageCall) => {
      clock.set(present);
      const answer: PageAnswer =
        page === null
          ? { call }
          : await receiver[page](...(args as [never, never])).match(
              (value: unknown) => ({ call, value }),
              (error: unknown) => ({ call, error }),
            );
      process.send?.(answer);
    });
    process.send?.(`${publicUrl}/unified-contributions`);
  });
}
