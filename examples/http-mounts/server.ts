import { safeTry } from "neverthrow";
import {
  type AccountId,
  type BrowserId,
  type Clock,
  ok,
  type ResultAsync,
  type UserId,
} from "unified-contributions";
import { createHttpTransport, type HttpFetch } from "unified-contributions/adapters/http";
import { createMemorySenderStore, createMemorySource } from "unified-contributions/adapters/memory";
import { systemRandom } from "unified-contributions/adapters/system";
import type { Receiver } from "unified-contributions/ghec";
import { createSender } from "unified-contributions/ghes";
import { SERVER, TOKEN } from "./cloud.ts";

const OWNER = { userId: "the-owner" as UserId, isEnterpriseOwner: true };
const USER = "octocat" as UserId;
const ACCOUNT = "octocat-in-the-cloud" as AccountId;

/** The outcome of a server's story. */
export interface Told {
  readonly outcome: string;
  readonly kept: number;
  /** How many contributions the cloud shows at the end. */
  readonly shown: number;
}

/** A server's story over a real socket: its owner enables the feature, a user opts in, and an hourly sync sends. */
export function playServer(
  url: string,
  clock: Clock,
  receiver: Receiver,
  fetch?: HttpFetch,
): ResultAsync<Told, { readonly type: string }> {
  const source = createMemorySource();
  source.add(USER, [{ occurredAt: "2026-02-28T23:30:00-08:00" }, { occurredAt: "2026-03-01T09:00:00Z" }]);
  const transport = createHttpTransport({
    url,
    // If you need a proxy or a private CA, pass a `fetch` that uses it. This one is undici's:
    // `fetch: (address, init) => undici.fetch(address, { ...init, dispatcher }),`
    ...(fetch ? { fetch } : {}),
    sign: (request) => {
      request.headers.set("authorization", `Bearer ${TOKEN}`);
      return request;
    },
  });
  const sender = createSender({
    installation: SERVER,
    store: createMemorySenderStore(),
    transport,
    source,
    clock,
    random: systemRandom,
    pauseMs: 0,
  });
  return safeTry(async function* () {
    const at = clock.now();
    const platform = { type: "github.com" } as const;
    yield* sender.changeSettings({ type: "connect", by: OWNER, at, platform, isCloudOwner: true });
    yield* sender.changeSettings({ type: "enable", by: OWNER, at, terms: { isAccepted: true } });
    yield* sender.sync();

    const { attempt } = yield* sender.connect(USER);
    const request = { attempt, browser: systemRandom.id() as BrowserId };
    yield* receiver.offerConsent(request);
    const { code } = yield* receiver.giveConsent({ ...request, account: ACCOUNT });
    yield* sender.redeem({ user: USER, attempt, code });
    yield* sender.changeLink(USER, { type: "opt-in", by: USER, at });
    const { outcome, kept } = yield* sender.sync();

    const windows = yield* receiver.shownCounts(ACCOUNT);
    const shown = windows.flatMap(({ window }) => window.counts).reduce((total, count) => total + count, 0);
    return ok({ outcome, kept, shown });
  });
}
