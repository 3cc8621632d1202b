import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { onTestFinished } from "vitest";
import { serverConnection } from "./project-database.ts";

/** Debian's program; where it is missing, `sh scripts/pgbouncer.sh` installs it. */
const PGBOUNCER = "/usr/sbin/pgbouncer";

/** Why a test of it cannot run, or null. */
export const NO_PGBOUNCER: string | null = existsSync(PGBOUNCER)
  ? null
  : `There is no ${PGBOUNCER}; on Debian sh scripts/pgbouncer.sh installs it.`;

/** It refuses to run as root, as PostgreSQL does. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const IS_ROOT = process.getuid?.() === 0;

/**
 * Starts PgBouncer in transaction mode before the project's server, for one test; answers how to reach it.
 *
 * @param settings as its file has them
 */
export async function startPooler(settings: Readonly<Record<string, string>>): Promise<pg.PoolConfig> {
  const { host, user } = serverConnection();
  const folder = mkdtempSync(join(tmpdir(), "pooler-"));
  const all = {
    ...{ unix_socket_dir: folder, listen_port: "6432", auth_type: "any", pool_mode: "transaction" },
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder, "pgbouncer.ini");
  writeFileSync(file, `[databases]\n* = host=${host} user=${user}\n[pgbouncer]\n${lines.join("\n")}\n`);
  if (IS_ROOT) for (const path of [folder, file]) chownSync(path, NOBODY.uid, NOBODY.gid);
  const pooler = spawn(PGBOUNCER, [file], {
    stdio: ["ignore", "ignore", "pipe"],
    ...(IS_ROOT ? NOBODY : {}),
  });
  const ended = new Promise((resolve) => pooler.once("close", resolve));
  onTestFinished(async () => {
    pooler.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    pooler.once("close", () => reject(new Error(`PgBouncer did not start:\n${said}`)));
    pooler.stderr.on("data", (text: Buffer) => {
      said += text;
      if (said.includes("process up")) resolve();
    });
  });
  return { host: folder, port: 6432, user: `${user}`, database: "postgres" };
}
