// You will see the sending half of unified contributions run as a process beside an unchanged GitHub Enterprise Server.
// It asks the server's GraphQL API for the counts. It serves the pages of the enterprise's owner and of its users, who
// sign in with their accounts on the server. It syncs hourly over a signed wire. README.md has a configuration.
//
//   npm run sidecar -- --config <file> [--once | --end-suspended <number> | --end-deleted <number>]
import { okAsync, type ResultAsync } from "unified-contributions";
import type { Mistake } from "../demo/mistake.ts";
import { endUser } from "./end-user.ts";
import { importKeys } from "./import-keys.ts";
import { logLine } from "./log.ts";
import type { Setup } from "./open-sidecar.ts";
import { readConfig } from "./read-config.ts";
import { type Options, readOptions, USAGE } from "./read-options.ts";
import { readSecrets } from "./read-secrets.ts";
import { serve } from "./serve.ts";
import { syncOnce } from "./sync-once.ts";

// A reader of the lines may stop reading; the syncs go on.
process.stdout.on("error", () => undefined);

const ended = await readOptions(process.argv.slice(2)).asyncAndThen(run);
if (ended.isErr()) {
  process.stderr.write(`${ended.error.message}\n`);
  process.exitCode = 1;
}

function run(options: Options | null): ResultAsync<void, Mistake> {
  if (options === null) {
    process.stdout.write(`${USAGE}\n`);
    return okAsync(undefined);
  }
  const { task } = options;
  return setUp(options).andThen((setup) => {
    switch (task.type) {
      case "serve":
        return serve(setup);
      case "sync-once":
        return syncOnce(setup);
      case "end-user":
        return endUser(setup, task);
    }
  });
}

function setUp({ config: configFile }: Options): ResultAsync<Setup, Mistake> {
  return readConfig(configFile).asyncAndThen((config) =>
    readSecrets(config, configFile).asyncAndThen((secrets) =>
      importKeys(config, secrets).map((keys) => ({
        ...{ configFile, config, secrets, keys, log: logLine, signal: untilToldToEnd() },
      })),
    ),
  );
}

/** Speaks when the process is told to end. A second time ends it at once. */
function untilToldToEnd(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}
