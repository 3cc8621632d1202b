import pg from "pg";
import type { PostgresClient } from "unified-contributions/adapters/postgres";
import { simulate } from "unified-contributions/testing/simulation";
import { distributedTables, WAYS_TABLE } from "../../../src/adapters/postgres/distribute.ts";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { type ContractRun, contractRuns } from "../../support/postgres/contract-runs.ts";
import { grantedRole } from "../../support/postgres/granted-role.ts";
import { guardChecks } from "../../support/postgres/guards.ts";
import { routingOf } from "../../support/postgres/routing.ts";
import { rowChecks } from "../../support/postgres/rows.ts";
import { createSchemaPool } from "../../support/postgres/schema-pool.ts";
import { FORGETFUL, startPostgres } from "../../support/postgres/server.ts";
import { simulatedStores } from "../../support/postgres/simulated-stores.ts";
import { ALL_PARTS, freshSchema, type TestDatabase } from "../../support/postgres/test-database.ts";
import { wayChecks } from "../../support/postgres/way-checks.ts";
import { workChecks } from "../../support/postgres/work.ts";
import { openDatabaseTests } from "./database-tests.ts";
import { loadParser, mutantsOf, rewritten } from "./mutants-of.ts";
import { changeInSchema, SCHEMA } from "./schema-of-test.ts";

/** A change of the statements, and what came of it. */
export interface TriedMutant {
  /** The rule, and what it changed. */
  readonly title: string;
  /** The changed statements, by what they were. */
  readonly statements: ReadonlyMap<string, string>;
}

/** What came of all mutants. */
export interface MutationTally {
  readonly killed: number;
  /** How many of them are killed by the rules of routing, or by a test on a database, and by no contract. */
  readonly killedByRouting: number;
  readonly killedByTests: number;
  /** What PostgreSQL refuses to prepare is no mutant. */
  readonly refused: number;
  readonly survivors: readonly TriedMutant[];
}

/** A run that passes, with what it ran. */
interface PassedRun {
  readonly run: DatabaseRun;
  readonly statements: ReadonlySet<string>;
  readonly queries: number;
  readonly durationMs: number;
}

/** The tables that an engine distributes. */
const DISTRIBUTED = [...Object.values(distributedTables).flat(), WAYS_TABLE];

/** So many mutants are tried at once. */
const AT_ONCE = 3;

const WORLD = { seed: 1, hours: 12 };

/**
 * Changes the statements that the contracts and a simulated world run, one place at a time. It then runs what ran the
 * changed statement, until something fails: the contracts first, the other tests on a database last.
 *
 * @param isTried which mutants are tried
 * @param asksTests whether the other tests are run, which takes long
 */
export async function findSurvivors(
  isTried: (mutant: TriedMutant) => boolean,
  { asksTests }: { readonly asksTests: boolean },
  onProgress: (stage: string, done: number, of: number) => void,
): Promise<MutationTally> {
  await loadParser();
  const server = await startPostgres(18, FORGETFUL);
  // A change can let a recursion go on for ever.
  const pool = new pg.Pool({ ...server.connection, database: "postgres", statement_timeout: 5_000 });
  const database: TestDatabase = { name: "PostgreSQL 18", client: pool, close: () => pool.end() };
  const tests = asksTests ? await openDatabaseTests() : null;
  // The statements for Citus ask for its version.
  const inCitus = new pg.Pool({ ...pool.options, options: "-c citus.version=13.2.2" });
  const owner = await pool.connect();
  try {
    const runs = await passAll({ database, inCitus, owner });
    const mutants = mutantsIn(runs).filter(isTried);
    const tally = { killed: 0, killedByRouting: 0, killedByTests: 0, refused: 0 };
    const left: TriedMutant[] = [];
    const schema = await freshSchema(database, ...ALL_PARTS);
    let done = 0;
    const waiting = mutants[Symbol.iterator]();
    const work = async () => {
      for (const mutant of waiting) {
        if (!(await isPrepared(pool, schema, mutant))) tally.refused++;
        else if (await isKilled(runs, mutant)) tally.killed++;
        else left.push(mutant);
        onProgress("checks", ++done, mutants.length);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const survivors: TriedMutant[] = [];
    for (const mutant of left) {
      if (await losesRouting(mutant)) tally.killedByRouting++;
      else if (await tests?.notice(mutant.statements)) tally.killedByTests++;
      else survivors.push(mutant);
      onProgress("other tests", left.indexOf(mutant) + 1, left.length);
    }
    return { ...tally, killed: tally.killed + tally.killedByRouting + tally.killedByTests, survivors };
  } finally {
    tests?.close();
    owner.release();
    await inCitus.end();
    await database.close();
    await server.stop();
  }
}

/** The adapters whose tables can be distributed. */
const DISTRIBUTED_ADAPTERS = ["the receiver's store", "the receiver's reader", "the ledger"];

/** The connections of the runs. */
interface Databases {
  readonly database: TestDatabase;
  readonly inCitus: PostgresClient;
  readonly owner: pg.ClientBase;
}

/** Returns what is sent in place of a statement. The statement names the schema of the trial. */
type Change = (statement: string) => string;

/** A test that runs statements. Rejects if it fails. */
type DatabaseRun = (change: Change) => Promise<void>;

/**
 * Every check of every contract, what becomes of rows and of ways, what guards have to stop, how much work there may be, and a
 * simulated world, which has to be that of the stores in memory.
 */
async function databaseRuns({ database, inCitus, owner }: Databases): Promise<readonly DatabaseRun[]> {
  const schemas = createSchemaPool(database);
  const lending = async (run: (take: (part: SchemaPart) => Promise<string>) => Promise<void>) => {
    const lent = schemas.lend();
    try {
      await run(lent.take);
    } finally {
      lent.giveBack();
    }
  };
  const checkOf =
    ({ run }: ContractRun, through: PostgresClient, isDistributed: boolean): DatabaseRun =>
    (change) => {
      const client = changing(through, change);
      return lending((take) => run(async (part) => ({ client, schema: await take(part), isDistributed })));
    };
  const checks = [
    ...contractRuns.map((run) => checkOf(run, database.client, false)),
    ...contractRuns
      .filter(({ adapter }) => DISTRIBUTED_ADAPTERS.includes(adapter))
      .map((run) => checkOf(run, inCitus, true)),
  ];
  const expected = JSON.stringify(await simulate(WORLD));
  const world: DatabaseRun = async (change) => {
    const stores = simulatedStores(database, changing(database.client, change), schemas);
    try {
      const result = await simulate({ ...WORLD, ...stores });
      if (JSON.stringify(result) !== expected) throw new Error("The world is not the same as in memory.");
    } finally {
      stores.clear();
    }
  };
  const rows = rowChecks.map(
    ({ part, run }): DatabaseRun =>
      (change) =>
        lending(async (take) => run(changing(database.client, change), await take(part), database.client)),
  );
  const ways = wayChecks.map(
    ({ run }): DatabaseRun =>
      (change) =>
        lending(async (take) => run(changing(inCitus, change), await take("receiver"), database.client)),
  );
  return [...checks, ...rows, ...ways, ...(await ownersRuns(database, owner)), world];
}

/** The checks of guards and of work. They share a connection, so one is run after the other. */
async function ownersRuns(database: TestDatabase, owner: pg.ClientBase): Promise<readonly DatabaseRun[]> {
  const guarded = await freshSchema({ ...database, partitions: 2 }, ...ALL_PARTS);
  const place = { schema: guarded, role: await grantedRole(database.client, guarded) };
  const working = await freshSchema(database, "receiver");
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    (run: DatabaseRun): DatabaseRun =>
    (change) => {
      const done = last.then(() => run((text) => changeInSchema(text, change)));
      last = done.catch(() => undefined);
      return done;
    };
  return [
    ...guardChecks
      .filter(({ isOfText }) => !isOfText)
      .map(({ run }) => inTurn((change) => run(owner, place, change))),
    ...workChecks.map(({ run }) => inTurn((change) => run(owner, working, change))),
  ];
}

/** Runs everything over statements that the parser wrote anew and nobody changed. Rejects if one fails. */
async function passAll(databases: Databases): Promise<readonly PassedRun[]> {
  const passed: PassedRun[] = [];
  const unchanged = new Map<string, string>();
  for (const run of await databaseRuns(databases)) {
    const statements = new Set<string>();
    let queries = 0;
    const startedAtMs = performance.now();
    await run((text) => {
      queries++;
      statements.add(text);
      if (!unchanged.has(text)) unchanged.set(text, rewritten(text));
      return unchanged.get(text) ?? text;
    });
    passed.push({ run, statements, queries, durationMs: performance.now() - startedAtMs });
  }
  return passed.sort((a, b) => a.durationMs - b.durationMs);
}

/** Returns a client that changes each statement before it is sent. */
function changing(client: PostgresClient, change: Change): PostgresClient {
  return {
    query: async (text, values) => await client.query(changeInSchema(text, change), values),
  };
}

function mutantsIn(runs: readonly PassedRun[]): readonly TriedMutant[] {
  const statements = new Set(runs.flatMap((run) => [...run.statements]));
  const found = new Map<string, { title: string; statements: Map<string, string> }>();
  for (const statement of statements) {
    for (const { title, place, sql } of mutantsOf(statement)) {
      const mutant = found.get(place) ?? { title, statements: new Map() };
      mutant.statements.set(statement, sql);
      found.set(place, mutant);
    }
  }
  return [...found.values()];
}

/** Whether PostgreSQL knows the types of all parameters of the changed statements. */
async function isPrepared(pool: pg.Pool, schema: string, { statements }: TriedMutant): Promise<boolean> {
  const client = await pool.connect();
  try {
    for (const sql of statements.values())
      await client.query(`PREPARE tried AS ${sql.replaceAll(SCHEMA, schema)}; DEALLOCATE tried`);
    return true;
  } catch {
    return false;
  } finally {
    client.release();
  }
}

/** Whether an engine could route a statement, and can no longer: the test of the rules of routing holds it. */
async function losesRouting({ statements }: TriedMutant): Promise<boolean> {
  for (const [statement, changed] of statements) {
    const [before, after] = [await distributionKeyOf(statement), await distributionKeyOf(changed)];
    if (before !== null && before !== after) return true;
  }
  return false;
}

/** Returns the parameter that every part of a statement compares the installation with, or null if there is none. */
async function distributionKeyOf(statement: string): Promise<string | null> {
  const { parts, insertedInWith } = await routingOf(statement);
  const keys = parts.flatMap(({ table, keys }) => (DISTRIBUTED.includes(table) ? [keys.join()] : []));
  const [key = ""] = keys;
  return insertedInWith.length === 0 && keys.every((other) => other === key) && key !== "" ? key : null;
}

async function isKilled(runs: readonly PassedRun[], { statements }: TriedMutant): Promise<boolean> {
  const texts = [...statements.keys()];
  for (const { run, queries, statements: ran } of runs) {
    if (!texts.some((text) => ran.has(text))) continue;
    // A loop that makes no progress has to end here.
    let left = 10 * queries + 100;
    try {
      await run((text) => {
        if (left-- <= 0) throw new Error("The check runs on and on.");
        return statements.get(text) ?? text;
      });
    } catch {
      return true;
    }
  }
  return false;
}
