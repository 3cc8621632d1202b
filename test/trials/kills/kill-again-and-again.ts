import { spawn } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import pg from "pg";
import { createTestRandom } from "unified-contributions/testing";
import { bundle } from "../../../scripts/bundle.js";
import { type PostgresServer, startPostgres } from "../../support/postgres/server.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { after, type Deed, type Doer, deletionsOf, NOTHING, type State } from "./deed.ts";
import type { Beginning, Line } from "./load.ts";
import { openStores, type Stores } from "./stores.ts";

const SERVERS: readonly Doer[] = ["hq", "lab", "shop"];
const DOERS: readonly Doer[] = [...SERVERS, "sender"];

/** How many acknowledgements a life may see at the most before it is killed. */
const MOST_DEEDS = 60;

/** What was killed, and what was found of what had been acknowledged and of what had not. */
export interface Tally {
  readonly seed: number;
  /** Kills of our process, and of every process of PostgreSQL. */
  readonly kills: { readonly process: number; readonly postgres: number };
  /** What was acknowledged, each found to be there after the next kill unless something acknowledged later undid it. */
  readonly acknowledged: { readonly batches: number; readonly deletions: number; readonly choices: number };
  /** What was under way when it was deleted: it was found to be done whole, or not at all. */
  readonly interrupted: { readonly whole: number; readonly notAtAll: number };
  /** What was lost, half done or back again: one sentence each. */
  readonly violations: readonly string[];
}

/** What stands of a doer by what it has said. */
interface Told {
  state: State;
  /** The deed under way, or null. */
  pending: Deed | null;
}

/**
 * Kills the load or its database at random moments, and looks each time whether what is stored is what was acknowledged,
 * with or without what was under way. The seed decides whom it kills and after how many deeds; the very moment is random.
 *
 * @param settings of the server, as `postgres -c` takes them
 */
export async function killAgainAndAgain(
  kills: number,
  seed: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Tally> {
  const random = createTestRandom(seed);
  const below = (end: number): number => Math.floor(random.fraction() * end);
  const program = await bundle("test/trials/kills/load.ts");
  // PostgreSQL's own settings unless told: what is acknowledged has waited for the disk.
  const server = await startPostgres(18, settings);
  const pool = new pg.Pool({ ...server.connection, database: "postgres", application_name: "judge" });
  pool.on("error", () => {});
  const tally = {
    seed,
    kills: { process: 0, postgres: 0 },
    acknowledged: { batches: 0, deletions: 0, choices: 0 },
    interrupted: { whole: 0, notAtAll: 0 },
    violations: [] as string[],
  };
  const told = new Map<Doer, Told>(DOERS.map((doer) => [doer, { state: NOTHING, pending: null }]));
  const revoked = new Set<number>();
  try {
    const database = { name: "PostgreSQL 18", client: pool, close: async () => {} };
    const schema = await freshSchema(database, "receiver", "sender", "ledger");
    const stores = openStores(pool, schema);
    await stores.begin(SERVERS);
    for (let kill = 0; kill < kills && tally.violations.length === 0; kill++) {
      const states = Object.fromEntries([...told].map(([doer, { state }]) => [doer, state]));
      const beginning: Beginning = {
        connection: server.connection,
        schema,
        seed: below(2 ** 31),
        next: 1 + kill * 100_000,
        states: states as Beginning["states"],
      };
      const victim = below(2) === 0 ? "process" : "postgres";
      const lines = await liveAndDie(program, beginning, server, victim, 1 + below(MOST_DEEDS));
      tally.kills[victim]++;
      for (const line of lines) hear(line);
      await quiet(pool);
      for (const [doer, { state }] of told) await compare(stores, doer, state);
      await compareLedger(stores);
    }
    return tally;
  } finally {
    await pool.end();
    await server.stop();
  }

  function hear(line: Line): void {
    const { doer } = line;
    const own = told.get(doer) as Told;
    if ("begun" in line) own.pending = line.begun;
    else if (line.ended === "acknowledged" && own.pending) {
      tally.acknowledged.deletions += deletionsOf(own.state, own.pending);
      if (own.pending.type === "deliver" || own.pending.type === "prove") tally.acknowledged.batches++;
      if (own.pending.type === "choose") tally.acknowledged.choices++;
      if (own.pending.type === "revoke") revoked.add(own.pending.link);
      told.set(doer, { state: after(own.state, own.pending), pending: null });
    } else if (!line.ended.startsWith("storage-fault")) {
      tally.violations.push(`${doer} was answered: ${line.ended}`);
    }
  }

  async function compare(stores: Stores, doer: Doer, expected: State): Promise<void> {
    const { pending } = told.get(doer) as Told;
    const found = await stores.read(doer);
    const isDone = pending !== null && isDeepStrictEqual(found, after(expected, pending));
    if (pending) tally.interrupted[isDone ? "whole" : "notAtAll"]++;
    if (!isDone && !isDeepStrictEqual(found, expected)) {
      const [was, is] = [JSON.stringify(expected), JSON.stringify(found)];
      tally.violations.push(
        `${doer}: acknowledged ${was}, then ${JSON.stringify(pending)}, but stored ${is}`,
      );
    }
    told.set(doer, { state: found, pending: null });
  }

  async function compareLedger(stores: Stores): Promise<void> {
    const known = new Set(await stores.ended(SERVERS));
    for (const link of revoked) {
      if (!known.has(link)) tally.violations.push(`The ledger has lost the revocation of link ${link}.`);
    }
  }
}

/** One life of the load, killed after so many acknowledgements; answers what it has said. */
async function liveAndDie(
  program: string,
  beginning: Beginning,
  server: PostgresServer,
  victim: keyof Tally["kills"],
  deeds: number,
): Promise<readonly Line[]> {
  const load = spawn(process.execPath, [program, JSON.stringify(beginning)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const ended = new Promise((resolve) => load.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    load.once("close", () => reject(new Error(`The load ended before it was killed:\n${said}`)));
    load.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.split('"acknowledged"').length > deeds) resolve();
    });
  });
  if (victim === "process") {
    load.kill("SIGKILL");
    await ended;
  } else {
    await server.kill();
    // It ends by itself: every doer meets a fault.
    await ended;
    await server.start();
  }
  return said
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line): Line => JSON.parse(line));
}

/** Waits until the server has ended what the killed process had asked for. */
async function quiet(pool: pg.Pool): Promise<void> {
  const others = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> 'judge'`;
  for (;;) {
    const { rows } = await pool.query<{ n: number }>(others);
    if (rows[0]?.n === 0) return;
  }
}
