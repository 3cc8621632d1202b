import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ok } from "unified-contributions";
import { planMigrations } from "unified-contributions/adapters/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandClient, mistake } from "../../../../src/adapters/postgres/command-connection.ts";
import {
  MIGRATE_USAGE,
  type MigrateArguments,
  runMigrateCommand,
} from "../../../../src/adapters/postgres/command-line.ts";
import { builtExample, runExample, runNode } from "../../../documents/examples/run-example.ts";
import { openPglite } from "../../../support/postgres/pglite.ts";
import type { TestDatabase } from "../../../support/postgres/test-database.ts";

const COMMAND = "src/bin/unified-contributions.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

/** The test's database as the command sees it. */
const makeClient = async (): Promise<CommandClient> => ({
  ...{ host: "db.example", port: 5432, database: "cloud", user: "app" },
  query: (text, values) => database.client.query(text, values),
  connect: async () => undefined,
  end: async () => undefined,
});

/** What the command warned of last. */
let warned = "";

/** Runs the command over the test's database; answers what it printed, or why it failed. */
async function command(args: MigrateArguments): Promise<string> {
  let printed = "";
  warned = "";
  const done = await runMigrateCommand(args, {
    makeClient,
    print: (text) => {
      printed += text;
    },
    warn: (text) => {
      warned += text;
    },
  });
  return done.match(
    () => printed,
    ({ message }) => `failed: ${message}`,
  );
}

describe("unified-contributions migrate", () => {
  it("migrates, says which steps it has run, and finds nothing to do the second time", async () => {
    const schema = "migrated";

    const words = ["receiver", "ledger"];
    expect(await command({ words, schema })).toBe(
      "receiver 1: registrations, links, attempts, audit log and the clock of the sweeps\nledger 1: heads and entries of the ledger\nDone.\n",
    );
    expect(await command({ words, schema })).toBe("Nothing to do.\n");
  });

  it("warns by name if store and ledger would share a server, and of nothing else", async () => {
    const schema = "shared";
    await command({ words: ["receiver", "ledger"], schema });
    const migrating = warned;
    await command({ words: ["check", "receiver", "ledger", "sender"], schema });
    const checking = warned;
    await command({ words: ["check", "ledger"], schema });

    expect(migrating).toMatch(/^shared-server: .* move the ledger to a server of its own\.\n$/);
    expect(checking).toBe(migrating);
    expect(warned).toBe("");
  });

  it("checks: fits, or what is wrong and what to do", async () => {
    const schema = "checked";
    await command({ words: ["ledger"], schema });

    expect(await command({ words: ["check", "ledger"], schema })).toBe("ledger: as this release expects.\n");
    expect(await command({ words: ["check", "ledger", "sender"], schema })).toBe(
      "failed: The tables of sender are not there: run unified-contributions migrate. (The part sender in the schema checked of the database cloud on db.example:5432.)",
    );
    expect(await command({ words: ["check", "sender"], schema: "nowhere" })).toMatch(
      /^failed: There is no such schema/,
    );
  });

  it("plans what migrating runs, and connects to nothing", async () => {
    const schema = "planned";
    const makeClient = () => Promise.reject(mistake("it has connected"));
    let plan = "";
    const planned = await runMigrateCommand(
      { words: ["plan", "sender", "receiver", "ledger"], schema },
      { makeClient, print: (text) => (plan += text), warn: () => undefined },
    );

    expect(planned).toEqual(ok());
    await database.client.query(plan, []);
    const words = ["check", "sender", "receiver", "ledger"];
    expect(await command({ words, schema })).toBe("sender, receiver, ledger: as this release expects.\n");
    expect(await command({ words: ["plan", "ledger"], schema, from: "1" })).toBe("");
    expect(planMigrations(["ledger"], schema)).toMatch(/^CREATE SCHEMA IF NOT EXISTS "planned"/);
  });

  it("makes the links in partitions if it makes them, and says so if it does not", async () => {
    const schema = "partitioned";

    const made = await command({ words: ["receiver"], schema, partitions: "4" });
    const again = await command({ words: ["receiver"], schema, partitions: "4" });

    expect(made).toMatch(/Done\.\n$/);
    expect(await command({ words: ["check", "receiver"], schema })).toBe(
      "receiver: as this release expects.\n",
    );
    expect(again).toBe(
      "failed: The table of links was there already and stays as it is: --partitions counts only when migrate makes it. (The part receiver in the schema partitioned of the database cloud on db.example:5432.)",
    );
    expect(await command({ words: ["plan", "receiver"], partitions: "4" })).toMatch(/MODULUS 4, REMAINDER 3/);
  });

  it("makes the links in partitions though the ledger is there, and says that it has done something", async () => {
    const schema = "later";
    await command({ words: ["ledger"], schema });

    const made = await command({ words: ["ledger", "receiver"], schema, partitions: "16" });
    await command({ words: ["sender"], schema });
    const more = await command({ words: ["sender", "nonces"], schema });

    expect(made).toMatch(/^receiver 1: .*\nDone\.\n$/);
    expect(more).toMatch(/^nonces 1: .*\nDone\.\n$/);
  });

  it("refuses a number of partitions that cannot be made, and partitions of another part", async () => {
    for (const partitions of ["", "1", "257", "1000", "x", "-4", "+4", "4x", "4e0", "4 "]) {
      expect(await command({ words: ["receiver"], partitions })).toBe(
        "failed: --partitions has to be a number from 2 to 256.",
      );
    }
    for (const words of [["ledger"], ["check", "receiver"]]) {
      expect(await command({ words, partitions: "4" })).toBe(
        "failed: --partitions belongs to the part receiver, and not to check: it is about its table of links.",
      );
    }
  });

  it.each<[string, MigrateArguments]>([
    ["nothing", { words: [] }],
    ["no part", { words: ["check"] }],
    ["two words of its own", { words: ["check", "plan", "sender"] }],
    ["an unknown command", { words: ["drop", "sender"] }],
    ["an unknown part", { words: ["check", "sender", "toString"] }],
  ])("given %s, prints its usage", async (_, args) => {
    expect(await command(args)).toBe(`failed: ${MIGRATE_USAGE}`);
  });

  it("refuses an invalid schema name and an invalid number", async () => {
    const words = ["plan", "sender"];

    expect(await command({ words, schema: "a.b" })).toMatch(/^failed: --schema has to be/);
    for (const from of ["", "-1", "x1", "1x", "1e0", "1234567"]) {
      expect(await command({ words, from })).toBe(
        "failed: --from has to be the number of a migration, or 0.",
      );
    }
    expect(await command({ words, from: "123456" })).toBe("");
  });

  it("says in a sentence what it could not reach", async () => {
    const connect = () => Promise.reject(Object.assign(new Error("secret"), { code: "ECONNREFUSED" }));
    const failed = await runMigrateCommand(
      { words: ["check", "sender"] },
      {
        makeClient: async () => ({ ...(await makeClient()), connect }),
        print: () => undefined,
        warn: () => undefined,
      },
    );

    expect(failed._unsafeUnwrapErr().message).toMatch(/^The server cannot be reached, and nothing was done/);
  });
});

describe("its command line", () => {
  it("says what there is if it is given no tool, or one that it does not have", async () => {
    const runs = await Promise.all([runExample(COMMAND), runExample(COMMAND, "toString")]);

    const usage = /^Usage: unified-contributions <tool> [\s\S]*\n {2}migrate {2}[\s\S]*\n {2}keys {5}/m;
    for (const { code, stdout, stderr } of runs) {
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(usage);
    }
    expect(runs[1]?.stderr).toMatch(/^There is no tool "toString"\.\n\nUsage/);
  });

  it("prints a plan, a mistake with exit code 1, and no stack", async () => {
    const plan = await runExample(COMMAND, "migrate", "plan", "ledger", "--schema", "elsewhere");
    const unknown = await runExample(COMMAND, "migrate", "plan", "ledger", "--force");
    const unreachable = await runExample(
      COMMAND,
      "migrate",
      "check",
      "ledger",
      "--url",
      "postgres://127.0.0.1:1/x",
    );

    expect(plan).toEqual({ code: 0, stdout: planMigrations(["ledger"], "elsewhere"), stderr: "" });
    expect(unknown).toEqual({ code: 1, stdout: "", stderr: `${MIGRATE_USAGE}\n` });
    expect(unreachable).toMatchObject({ code: 1, stdout: "" });
    expect(unreachable.stderr).toMatch(/^The server cannot be reached, and nothing was done[^\n]*\n$/);
  });

  it("ends at Ctrl-C though the server never answers, and says what stays", async () => {
    await runExample(COMMAND, "migrate", "plan", "ledger");
    const mute = createServer();
    await new Promise<void>((listening) => mute.listen(0, "127.0.0.1", listening));
    const url = `postgres://127.0.0.1:${(mute.address() as AddressInfo).port}/x`;
    const child = spawn(process.execPath, [builtExample(COMMAND), "migrate", "ledger", "--url", url]);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    mute.once("connection", (socket) => {
      socket.on("error", () => undefined);
      child.kill("SIGINT");
    });
    const code = await new Promise((ended) => child.on("close", ended));
    mute.close();

    expect(code).toBe(1);
    expect(said).toMatch(/^The signal ended it\. Finished migrations stay[^\n]*\n$/);
  });

  it("asks for pg if the project lacks it", async () => {
    await runExample(COMMAND, "migrate", "plan", "ledger");
    const folder = mkdtempSync(join(tmpdir(), "without-pg-"));
    mkdirSync(join(folder, "node_modules"));
    for (const name of ["neverthrow", "date-fns", "@date-fns", "zod"])
      symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
    cpSync(builtExample(COMMAND), join(folder, "command.mjs"));

    const run = await runNode([join(folder, "command.mjs"), "migrate", "check", "ledger"], { cwd: folder });
    rmSync(folder, { recursive: true });

    const stderr = "The command connects with pg, which is not installed here: npm install pg\n";
    expect(run).toEqual({ code: 1, stdout: "", stderr });
  });
});
