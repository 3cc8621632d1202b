import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { err, errAsync, ok, type Result, ResultAsync } from "unified-contributions";
import type { SigningKey } from "unified-contributions/adapters/http-signatures";
import type { CloudPages, ReachCloud, Surroundings } from "./cloud.ts";
import { CLOUD_PROCESS, type Introduction, type PageAnswer, type PageCall } from "./cloud-process.ts";
import { type Mistake, mistake } from "./mistake.ts";
import { createSignedTransport, makeKey } from "./signed-wire.ts";

/** A cloud that runs as a process of its own. */
export interface CloudProcess {
  readonly pid: number;
  readonly url: string;
  readonly reach: ReachCloud;
  /** Ends the process; resolves when it has ended. */
  stop(): Promise<unknown>;
}

/** Starts the cloud and shows it the public half of a key that is made for it; the private half stays here. */
export function startCloudProcess(
  surroundings: Pick<Introduction, "now" | "store">,
): ResultAsync<CloudProcess, Mistake> {
  return makeKey().andThen(({ key, shown }) => new ResultAsync(start(key, { key: shown, ...surroundings })));
}

async function start(key: SigningKey, introduction: Introduction): Promise<Result<CloudProcess, Mistake>> {
  const child = fork(fileURLToPath(import.meta.url), [CLOUD_PROCESS]);
  child.send(introduction);
  const [url] = await Promise.race([once(child, "message"), once(child, "exit").then(() => [null])]);
  if (typeof url !== "string" || child.pid === undefined)
    return err(mistake("The process of the cloud ended before it listened: see what it says above."));
  const reach: ReachCloud = (surroundings) => reachOver(child, url, key, surroundings);
  return ok({ pid: child.pid, url, reach, stop: () => end(child) });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}

function reachOver(child: ChildProcess, url: string, key: SigningKey, surroundings: Surroundings) {
  const { clock, random, onSent } = surroundings;
  const call = createCaller(child, surroundings);
  const http = createSignedTransport(url, key, { clock, random, onSent });
  const page =
    (name: keyof CloudPages) =>
    (...args: readonly unknown[]) =>
      call(name, args) as never;
  return {
    receiver: {
      connectInstallation: page("connectInstallation"),
      offerConsent: page("offerConsent"),
      giveConsent: page("giveConsent"),
      shownCounts: page("shownCounts"),
    },
    transport: {
      // Both clocks show the story's time, whenever it is played.
      send: (message, signal) =>
        call(null, [])
          .orElse(() => errAsync(UNREACHABLE))
          .andThen(() => http.send(message, signal)),
    },
  } satisfies ReturnType<ReachCloud>;
}

const UNREACHABLE = {
  type: "transport-fault",
  reason: "unreachable",
  retryAfterMs: null,
  message: "The process of the cloud has ended.",
} as const;

/** Calls the cloud's pages, and tells it the time with every call. */
function createCaller(child: ChildProcess, { clock }: Surroundings) {
  let calls = 0;
  return (page: keyof CloudPages | null, args: readonly unknown[]): ResultAsync<unknown, unknown> => {
    const call = ++calls;
    return new ResultAsync(
      new Promise<Result<unknown, unknown>>((resolve) => {
        const settle = (answer: PageAnswer): void => {
          if (answer.call !== call) return;
          child.off("message", settle);
          resolve(answer.error === undefined ? ok(answer.value) : err(answer.error));
        };
        child.on("message", settle);
        child.send({ call, now: clock.now(), page, args } satisfies PageCall);
      }),
    );
  };
}
