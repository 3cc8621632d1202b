import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { safeTry } from "neverthrow";
import {
  type AccountId,
  type CalendarDate,
  type Clock,
  err,
  ok,
  okAsync,
  ResultAsync,
  type UserId,
} from "unified-contributions";
import type { SigningKey } from "unified-contributions/adapters/http-signatures";
import { createMemorySource } from "unified-contributions/adapters/memory";
import { systemRandom } from "unified-contributions/adapters/system";
import { createSender, runSender, type Terms } from "unified-contributions/ghes";
import { createServerPages } from "../pages/ghes/server-pages.ts";
import { createPretendSignIn } from "../pages/web/pretend-sign-in.ts";
import type { Person } from "../pages/web/session.ts";
import type { Author } from "../sources/git.ts";
import { SERVER } from "./cloud.ts";
import { OWNER } from "./enterprise.ts";
import { type Mistake, mistake } from "./mistake.ts";
import type { Stores } from "./open-stores.ts";
import type { Page } from "./page.ts";
import { createSignedTransport, makeKey } from "./signed-wire.ts";
import { WEB_CLOUD, type WebAnswer, type WebIntroduction } from "./web-cloud.ts";
import { aheadOfSystem, createRunningClock, listenOn } from "./web-surroundings.ts";

/** The settings with which both processes start. */
export interface WebOptions {
  readonly page: Page;
  /** The port of the server's pages; the cloud's is the next one. Any two for 0. */
  readonly port: number;
  readonly today: CalendarDate;
  readonly authors: readonly Author[];
  readonly stores: Stores;
  readonly cloudStore: string | null;
}

/** How many authors can be picked when signing in. */
const AUTHORS = 7;

/** How many messages the page with what has left shows. */
const SENT_MESSAGES = 50;

/** Serves the pages of both sides until the process is told to end: this one is GitHub Enterprise Server. */
export function serveWeb(options: WebOptions): ResultAsync<void, Mistake> {
  const closing: (() => Promise<unknown>)[] = [];
  const served = safeTry<void, Mistake>(async function* () {
    const { server, port } = yield* listenOn(options.port);
    closing.push(() => closeServer(server));
    const { key, shown } = yield* makeKey();
    const serverUrl = `http://127.0.0.1:${port}`;
    const aheadMs = aheadOfSystem(options.today);
    const clock = createRunningClock(aheadMs);
    const cloud = yield* startCloud({
      ...{ key: shown, aheadMs, serverUrl, store: options.cloudStore },
      ...{ accounts: accountsOf(options.authors), port: options.port === 0 ? 0 : options.port + 1 },
    });
    closing.push(() => endCloud(cloud.child));

    // The wire and the question about terms; browsers know the cloud by a name of its own, as another site.
    const urls = { wire: `http://127.0.0.1:${cloud.port}`, cloud: `http://localhost:${cloud.port}` };
    const { sender, pages } = yield* startServer(options, key, clock, urls);
    server.on("request", getRequestListener(pages.fetch));
    options.page.facts([
      ["GitHub Enterprise Server", serverUrl],
      ["GitHub Enterprise Cloud", urls.cloud],
    ]);
    options.page.write(
      "Open the first in a browser, sign in as Olive, who owns the enterprise, and enable unified contributions. " +
        "Then sign in as an author. Ctrl+C ends both.",
    );
    const signal = endOf(cloud.child);
    await runSender(sender, { clock, signal });
    return ok();
  });
  return new ResultAsync(
    Promise.resolve(served).finally(async () => {
      for (const close of closing.reverse()) await close();
    }),
  );
}

/** Makes the sender, with GitHub Connect on, and its pages. */
function startServer(
  { authors, stores }: WebOptions,
  key: SigningKey,
  clock: Clock,
  urls: { readonly wire: string; readonly cloud: string },
) {
  const sent: string[] = [];
  const onSent = (text: string): void => {
    sent.push(text);
    if (sent.length > SENT_MESSAGES) sent.shift();
  };
  const [random, source] = [systemRandom, createMemorySource()];
  for (const { user, commits } of authors) source.add(user, commits);
  const transport = createSignedTransport(`${urls.wire}/unified-contributions`, key, {
    clock,
    random,
    onSent,
  });
  const sender = createSender({
    ...{ installation: SERVER, store: stores.senderStore, transport, source, clock, random },
  });
  const pages = createServerPages({
    ...{ sender, source, clock, random, sent: () => sent },
    signIn: createPretendSignIn(usersOf(authors)),
    cloud: { name: "GitHub.com", url: urls.cloud, installation: SERVER },
    terms: () => askForTerms(urls),
  });
  const platform = { type: "github.com" } as const;
  return sender
    .changeSettings({ type: "connect", by: OWNER, at: clock.now(), platform, isCloudOwner: true })
    .map(() => ({ sender, pages }))
    .mapErr(({ message }) => mistake(message));
}

const OLIVE = { name: "Olive", isEnterpriseOwner: true };

function usersOf(authors: readonly Author[]): readonly Person<UserId>[] {
  const users = authors
    .slice(0, AUTHORS)
    .map(({ user, name }) => ({ id: user, name, isEnterpriseOwner: false }));
  return [{ ...OLIVE, id: OWNER.userId }, ...users];
}

function accountsOf(authors: readonly Author[]): readonly Person<AccountId>[] {
  return usersOf(authors).map((person, index) => ({ ...person, id: `account-${index}` as AccountId }));
}

/** Whether the terms are accepted, as the cloud says; null if it does not answer. */
async function askForTerms(urls: { readonly wire: string; readonly cloud: string }): Promise<Terms | null> {
  try {
    const answer = await fetch(`${urls.wire}/enterprise/terms/status`, {
      signal: AbortSignal.timeout(10_000),
    });
    const { isAccepted } = (await answer.json()) as { readonly isAccepted: unknown };
    return isAccepted === true
      ? { isAccepted }
      : { isAccepted: false, url: `${urls.cloud}/enterprise/terms` };
  } catch {
    return null;
  }
}

interface RunningCloud {
  readonly child: ChildProcess;
  readonly port: number;
}

function startCloud(introduction: WebIntroduction): ResultAsync<RunningCloud, Mistake> {
  const child = fork(fileURLToPath(import.meta.url), [WEB_CLOUD]);
  child.send(introduction);
  const ended: WebAnswer = {
    mistake: mistake("The process of the cloud ended before it listened: see what it says above."),
  };
  const answer = Promise.race([
    once(child, "message").then(([said]): WebAnswer => said),
    once(child, "exit").then(() => ended),
  ]);
  return ResultAsync.fromSafePromise(answer).andThen((said) => {
    if ("port" in said) return okAsync({ child, port: said.port });
    return ResultAsync.fromSafePromise(endCloud(child)).andThen(() => err(said.mistake));
  });
}

async function endCloud(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Speaks when this process is told to end, or when the cloud has ended. */
function endOf(child: ChildProcess): AbortSignal {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  child.once("exit", end);
  return ending.signal;
}
