import { Worker } from "node:worker_threads";
import type { PoolOptions, PoolWorker, TestProject, WorkerRequest } from "vitest/node";

/** How many changes one thread runs, so that what one of them leaves behind does not last. */
const MANY = 25;

/** A thread of Vitest that may run the tests of several changes. */
interface Kept {
  readonly thread: Worker;
  runs: number;
}

type Listener = Parameters<PoolWorker["on"]>[1];

/**
 * A plugin of Vitest that runs the tests of one change after another in one thread, which loads the library once.
 * Stryker activates a change when its tests begin. A change of code that runs while it is loaded gets a thread of its
 * own.
 */
export function keepThread() {
  return {
    name: "keep-thread",
    configureVitest({ project }: { readonly project: TestProject }): void {
      let kept: Kept | undefined;
      const take = (options: PoolOptions): Kept => {
        const { thread, runs } = kept ?? { thread: startThread(options), runs: 0 };
        return { thread, runs: runs + 1 };
      };
      project.config.pool = "kept" as typeof project.config.pool;
      project.config.poolRunner = {
        name: "kept",
        createPoolWorker: (options) => {
          const listeners: [event: string, listener: Listener][] = [];
          let taken: Kept | undefined;
          return {
            name: "threads",
            on: (event, listener) => {
              listeners.push([event, listener]);
              taken?.thread.on(event, listener);
            },
            off: (event, listener) => {
              taken?.thread.off(event, listener);
            },
            send: (message: WorkerRequest) => {
              if (message.type !== "stop") return taken?.thread.postMessage(message);
              for (const [event, listener] of listeners) {
                if (event === "message") listener({ type: "stopped", __vitest_worker_response__: true });
              }
            },
            start: async () => {
              if (kept && !(mayKeep(project) && kept.runs < MANY)) {
                await kept.thread.terminate();
                kept = undefined;
              }
              taken = take(options);
              if (mayKeep(project)) kept = taken;
            },
            stop: async () => {
              for (const [event, listener] of listeners) taken?.thread.off(event, listener);
              if (taken !== kept) await taken?.thread.terminate();
            },
            deserialize: (data) => data,
          };
        },
      };
    },
  };
}

function startThread({ distPath, env, execArgv }: PoolOptions): Worker {
  const thread = new Worker(`${distPath}/workers/threads.js`, {
    env: env as NodeJS.ProcessEnv,
    execArgv,
    stdout: true,
    stderr: true,
  });
  return thread.setMaxListeners(0);
}

/** Whether Stryker runs a change that it activates when its tests begin. */
function mayKeep(project: TestProject): boolean {
  const provided: Readonly<Record<string, unknown>> = { ...project.getProvidedContext() };
  return provided["mode"] === "mutant" && provided["mutantActivation"] === "runtime";
}
