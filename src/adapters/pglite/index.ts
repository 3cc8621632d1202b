/**
 * PostgreSQL in the process, kept in a folder: durable storage without a server to install.
 *
 * It is PGlite behind `pg`. Your project needs both: `npm install @electric-sql/pglite pg`.
 *
 * @packageDocumentation
 */

import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { err, ok, type Result, ResultAsync } from "neverthrow";
import { lockFolder, type Unlock } from "./folder-lock.ts";

/** A database in a folder, for this process alone. */
export interface EmbeddedDatabase {
  /** The client with which the stores of `adapters/postgres` run their statements. */
  readonly client: EmbeddedClient;
  /** Waits for running queries, writes everything and gives the folder back. */
  close(): Promise<void>;
}

/** A pool of `pg` over the database's only session. */
export interface EmbeddedClient {
  /** Runs SQL and returns its rows, as `pg.Pool` does. */
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** The reason why a folder was not opened. */
export interface EmbeddedFault {
  readonly type: "not-installed" | "folder-in-use" | "folder-unusable";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** The used parts of the packages that are not this package's own. */
interface Pglite {
  close(): Promise<void>;
}
interface PgliteModule {
  readonly PGlite: { create(folder: string): Promise<Pglite> };
}
interface WireModule {
  createPgConfig(pglite: Pglite): object;
}
interface DriverModule {
  readonly default: {
    readonly Client: new (config: object) => object;
    readonly Pool: new (
      config: object,
    ) => EmbeddedClient & {
      end(): Promise<void>;
      on(event: "error", listener: () => void): unknown;
    };
  };
}
type Modules = readonly [PgliteModule, WireModule, DriverModule];

// Kept out of the imports, so that no bundler or compiler looks for them.
const PACKAGES: readonly string[] = ["@electric-sql/pglite", "@electric-sql/pglite/node-postgres", "pg"];

const NOT_INSTALLED: EmbeddedFault = {
  type: "not-installed",
  message: "The packages that keep a database in a folder are missing: npm install @electric-sql/pglite pg",
};

const IN_USE: EmbeddedFault = {
  type: "folder-in-use",
  message:
    "Another process uses this folder: stop it first. If no process does, remove the .lock file beside the folder.",
};

const UNUSABLE: EmbeddedFault = {
  type: "folder-unusable",
  message: "The folder holds no database and is not empty, or may not be written: choose another.",
};

/**
 * Opens the database in a folder, which is made if there is none.
 *
 * A second process is refused, because two would lose each other's rows. The folder has to be on a disk of this
 * machine. `migratePostgresSchema` makes the tables.
 */
export function openPglite(folder: string): ResultAsync<EmbeddedDatabase, EmbeddedFault> {
  return ResultAsync.fromPromise(loadPackages(), () => NOT_INSTALLED).andThen(
    (modules) => new ResultAsync(open(resolve(folder), modules)),
  );
}

async function loadPackages(): Promise<Modules> {
  return (await Promise.all(PACKAGES.map((name) => import(name)))) as unknown as Modules;
}

async function open(folder: string, modules: Modules): Promise<Result<EmbeddedDatabase, EmbeddedFault>> {
  const [{ PGlite }, { createPgConfig }, { default: pg }] = modules;
  let unlock: Unlock | null = null;
  try {
    unlock = await lockFolder(folder);
    if (!unlock) return err(IN_USE);
    if (!(await isOurs(folder))) {
      await unlock();
      return err(UNUSABLE);
    }
    const pglite = await PGlite.create(folder);
    return ok(databaseOver(pglite, createPgConfig, pg, unlock));
  } catch {
    await unlock?.();
    return err(UNUSABLE);
  }
}

/** Whether a folder is a database's, empty, or not there yet. PGlite itself would write among any other files. */
async function isOurs(folder: string): Promise<boolean> {
  const files: readonly string[] = await readdir(folder).catch(() => []);
  return files.length === 0 || files.includes("PG_VERSION");
}

function databaseOver(
  pglite: Pglite,
  createPgConfig: WireModule["createPgConfig"],
  { Client, Pool }: DriverModule["default"],
  unlock: Unlock,
): EmbeddedDatabase {
  // A pool drops a client whose query failed. The next client needs a way of its own to the only session.
  class EmbeddedPgClient extends Client {
    constructor() {
      super(createPgConfig(pglite));
    }
  }
  const pool = new Pool({ Client: EmbeddedPgClient, max: 1 });
  // If an idle connection ends, the process must not end: the pool makes another.
  pool.on("error", () => undefined);
  return {
    client: pool,
    close: async () => {
      await pool.end();
      await pglite.close();
      await unlock();
    },
  };
}
