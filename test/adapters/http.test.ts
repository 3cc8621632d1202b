import type { InstallationId } from "unified-contributions";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import { type MessageHandler, transportContract } from "unified-contributions/testing";
import { afterEach, describe, test } from "vitest";
import { everyoneIs, type HttpHost, host } from "../support/http-host.ts";

const hosts: HttpHost[] = [];

afterEach(async () => {
  for (const { close } of hosts.splice(0)) await close();
});

describe("the transport and the handler over a socket", () => {
  test.each(transportContract)("$rule $title", ({ run }) =>
    run(async (handle: MessageHandler) => {
      const handler = createHttpHandler({
        // The contract answers what no receiver would.
        receiver: { handle: (_, input) => handle(input) as never },
        authenticate: everyoneIs("server-1" as InstallationId),
        maxConcurrentEach: 64,
      });
      const listening = await host(handler);
      hosts.push(listening);
      return createHttpTransport({ url: `${listening.origin}/unified-contributions` });
    }),
  );
});
