import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { safeTry } from "neverthrow";
import { type InstallationId, ok, ResultAsync } from "unified-contributions";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { runSender, type SenderRun } from "unified-contributions/ghes";
import { type Mistake, mistake } from "../demo/mistake.ts";
import { createServerPages } from "../pages/ghes/server-pages.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { openSidecar, type Setup, type Sidecar } from "./open-sidecar.ts";
import { createServerSignIn } from "./sign-in.ts";

/** How long a page that is under way may still take when the process was told to end, in milliseconds. */
const GRACE_MS = 10_000;

/** Serves the pages, and syncs whenever that is due, until the signal speaks. */
export function serve(setup: Setup): ResultAsync<void, Mistake> {
  const { config, log, signal } = setup;
  const closing: (() => Promise<void>)[] = [];
  const served = safeTry<void, Mistake>(async function* () {
    const pages = yield* listen(config);
    closing.push(() => closeServer(pages.server));
    const sidecar = yield* openSidecar(setup);
    closing.push(sidecar.close);
    pages.answerWith(pagesOf(sidecar, setup));
    const listening = { type: "listening", ...pages.address };
    log(listening);
    const { sender, syncEverybody } = sidecar;
    const loop = { status: sender.status, sync: syncEverybody };
    await runSender(loop, { clock: systemClock, signal, onRun: (run) => tellFailure(run, log) });
    return ok();
  });
  return new ResultAsync(
    Promise.resolve(served).finally(async () => {
      // The pages first: what they do needs the storage.
      for (const close of closing) await close();
    }),
  );
}

/** Logs that a sync could not begin. The sender itself reports on every sync that began. */
function tellFailure(run: SenderRun, log: Log): void {
  if (run.type !== "failed") return;
  const failure = { type: "storage-failed", task: run.task, message: run.fault.message };
  log(failure);
}

type Answer = (request: Request) => Response | Promise<Response>;

interface Listening {
  readonly server: Server;
  readonly address: AddressInfo;
  /** Sets the function that answers from now on. */
  answerWith(answer: Answer): void;
}

/** Listens at once, so that a port that is taken is told before the storage is opened. */
function listen({ pages: { host, port, publicUrl } }: Config): ResultAsync<Listening, Mistake> {
  let answer: Answer = () =>
    new Response("The sidecar starts: come back in a moment.", {
      status: 503,
      headers: { "retry-after": "5" },
    });
  const listener = getRequestListener((request) => answer(atPublicUrl(request, publicUrl)));
  const server = createServer((incoming, outgoing) => {
    // Of a server that closes, the connections of late answers have to go, too.
    outgoing.once("close", () => server.listening || setImmediate(() => server.closeIdleConnections()));
    void listener(incoming, outgoing);
  });
  server.listen(port, host);
  return ResultAsync.fromPromise(once(server, "listening"), () =>
    mistake(`pages.port: port ${port} of ${host} is taken or not free to use. Choose another.`),
  ).map(() => ({
    server,
    address: server.address() as AddressInfo,
    answerWith: (next) => {
      answer = next;
    },
  }));
}

/** The request as the browser sent it: what ends TLS on the way speaks HTTP to this process. */
function atPublicUrl(request: Request, publicUrl: string): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(`${publicUrl}${pathname}${search}`, request);
}

function pagesOf({ sender, source, users, sent }: Sidecar, { config, secrets, signal }: Setup): Answer {
  const { server, cloud, pages } = config;
  const { name, installation, terms } = cloud;
  const app = createServerPages({
    // A sync that a page has begun ends with the process, and gives its lease back.
    sender: { ...sender, sync: (options) => sender.sync({ signal, ...options }) },
    ...{ source, clock: systemClock, random: systemRandom, sent: () => sent },
    signIn: createServerSignIn({
      ...{ url: server.url, publicUrl: pages.publicUrl, users, enterpriseOwners: server.enterpriseOwners },
      ...{ clientId: server.oauth.clientId, clientSecret: secrets.clientSecret },
    }),
    cloud: { name, url: cloud.pagesUrl, installation: installation as InstallationId },
    terms: () =>
      Promise.resolve(terms.areAccepted ? { isAccepted: true } : { isAccepted: false, url: terms.url }),
  });
  return (request) => app.fetch(request);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(late);
}
