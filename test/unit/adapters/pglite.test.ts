import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { transform } from "esbuild";
import { openPglite } from "unified-contributions/adapters/pglite";
import { migratePostgresSchema } from "unified-contributions/adapters/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../../../src/adapters/pglite/folder-lock.ts";

let parent = "";
let folder = "";
const children: ChildProcess[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "pglite-"));
  folder = join(parent, "database");
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(parent, { recursive: true, force: true });
});

/** Another process that holds the folder. */
async function hold(): Promise<ChildProcess> {
  const args = ["scripts/run.js", "test/support/hold-folder.ts", folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

/** As the system does when memory runs out: nothing is asked, nothing is tidied up. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("a database in a folder", () => {
  it("keeps its data when it is closed and opened again", async () => {
    const first = (await openPglite(folder))._unsafeUnwrap();
    (await migratePostgresSchema({ client: first.client, parts: ["ledger"] }))._unsafeUnwrap();
    await first.close();

    const second = (await openPglite(folder))._unsafeUnwrap();
    const again = (await migratePostgresSchema({ client: second.client, parts: ["ledger"] }))._unsafeUnwrap();
    await second.close();

    expect(again).toEqual([]);
    expect(readdirSync(parent)).toEqual(["database"]);
  });

  it("goes on after a failed statement, as a server does", async () => {
    const { client, close } = (await openPglite(folder))._unsafeUnwrap();

    await expect(client.query("SELECT $1::int4 / 0", [1])).rejects.toMatchObject({ code: "22012" });

    expect(await client.query("SELECT $1::int4 AS one", [1])).toMatchObject({ rows: [{ one: 1 }] });
    await close();
  });

  it("is refused to a second process while the first lives, and keeps its data when that is killed", async () => {
    const holder = await hold();

    const refused = await openPglite(folder);
    await kill(holder);
    const opened = (await openPglite(folder))._unsafeUnwrap();

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "folder-in-use" });
    expect(await opened.client.query("SELECT value FROM written", [])).toMatchObject({
      rows: [{ value: "before the kill" }],
    });
    await opened.close();
  });

  it("is refused a second time to the same process, and free again once it is closed", async () => {
    const first = (await openPglite(folder))._unsafeUnwrap();

    const second = await openPglite(join(parent, ".", "database"));
    await first.close();
    const third = (await openPglite(folder))._unsafeUnwrap();
    await third.close();

    expect(second._unsafeUnwrapErr().type).toBe("folder-in-use");
  });

  it("is refused if the folder holds other files, which stay as they are", async () => {
    writeFileSync(join(parent, "letter.txt"), "Dear reader");

    const refused = await openPglite(parent);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "folder-unusable" });
    expect(readdirSync(parent)).toEqual(["letter.txt"]);
    expect(existsSync(`${parent}.lock`)).toBe(false);
  });
});

describe("the lock of a folder", () => {
  it.each([
    ["a process that has died", "2147483646"],
    ["an earlier life of this process's number", String(process.pid)],
    ["nobody", "not a number"],
  ])("of %s is taken over", async (_, holder) => {
    writeFileSync(`${folder}.lock`, holder);

    const unlock = await lockFolder(folder);

    expect(unlock).not.toBeNull();
    await unlock?.();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("of a living process is left alone", async () => {
    writeFileSync(`${folder}.lock`, String(process.ppid));

    expect(await lockFolder(folder)).toBeNull();
    expect(readdirSync(parent)).toEqual(["database.lock"]);
  });

  it("does not write through a symbolic link in its place", async () => {
    const target = join(parent, "letter.txt");
    writeFileSync(target, "Dear reader");
    symlinkSync(target, `${folder}.lock.${process.pid}`);
    symlinkSync(target, `${folder}.lock.${process.pid}.broken`);

    const unlock = await lockFolder(folder);
    await unlock?.();

    expect(unlock).not.toBeNull();
    expect(readFileSync(target, "utf8")).toBe("Dear reader");
    expect(readdirSync(parent).sort()).toEqual([
      `database.lock.${process.pid}`,
      `database.lock.${process.pid}.broken`,
      "letter.txt",
    ]);
  });

  it("that is a symbolic link is removed without its target", async () => {
    const target = join(parent, "letter.txt");
    writeFileSync(target, "Dear reader");
    symlinkSync(target, `${folder}.lock`);

    const unlock = await lockFolder(folder);
    expect(readFileSync(`${folder}.lock`, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    await unlock?.();

    expect(readFileSync(target, "utf8")).toBe("Dear reader");
    expect(readdirSync(parent)).toEqual(["letter.txt"]);
  });

  it("is refused to another thread of the same process", async () => {
    const unlock = await lockFolder(folder);

    expect(await lockInThread()).toBe("in use");

    await unlock?.();
    expect(await lockInThread()).toBe("taken");
  });

  // Only there can it be told when a process began.
  it.skipIf(process.platform !== "linux")(
    "of a process that has died is taken over, although a living process has its number",
    async () => {
      const other = spawn(process.execPath, ["--eval", "setInterval(() => undefined, 1e6)"]);
      children.push(other);
      const unlock = await lockFolder(folder);
      const left = readFileSync(`${folder}.lock`, "utf8");
      await unlock?.();
      // As if a process of that number had taken the folder when this one began, and had died since.
      writeFileSync(`${folder}.lock`, left.replace(/^\d+/, String(other.pid)));

      const again = await lockFolder(folder);

      expect(again).not.toBeNull();
      await again?.();
    },
  );

  it("goes to one of the processes that ask at the same moment", async () => {
    const unlocks = await Promise.all(Array.from({ length: 10 }, () => lockFolder(folder)));

    expect(unlocks.filter((unlock) => unlock !== null)).toHaveLength(1);
  });
});

/** What a thread of this process comes to that asks for the folder and, if it gets it, gives it back. */
async function lockInThread(): Promise<unknown> {
  const source = readFileSync("src/adapters/pglite/folder-lock.ts", "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  const program = `${code}
    import { parentPort } from "node:worker_threads";
    const giveBack = await lockFolder(${JSON.stringify(folder)});
    await giveBack?.();
    parentPort.postMessage(giveBack ? "taken" : "in use");`;
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  const [said] = await once(thread, "message");
  await thread.terminate();
  return said;
}
