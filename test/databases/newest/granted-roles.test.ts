import { readFileSync } from "node:fs";
import type pg from "pg";
import type { AccountId } from "unified-contributions";
import {
  createPostgresKeyDirectory,
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverStore,
} from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import type { DeletionLedger, ReceiverStore } from "unified-contributions/storage";
import {
  createTestWorld,
  ledgerContract,
  nonceStoreContract,
  receiverStoreContract,
} from "unified-contributions/testing";
import { afterAll, describe, expect, it, onTestFinished, test } from "vitest";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { openPool } from "../../support/postgres/server-pool.ts";
import { ALL_PARTS, copyRows, freshSchema } from "../../support/postgres/test-database.ts";

const ROLES = ["calendar", "ingest", "sweeper", "ledger_reader", "ledger_writer", "ledger_pruner"] as const;
type Role = (typeof ROLES)[number];

/** The grants of a role for each process, as docs/postgres-operation.md has them. */
const GRANTS = [
  ...readFileSync("docs/postgres-operation.md", "utf8").matchAll(
    /^GRANT .+ TO (?:calendar|ingest|sweeper|ledger_\w+).*;$/gm,
  ),
].map(([grant]) => grant);

/** A schema, and connections to it as each of the documented roles, made when they are asked for. */
interface Roles {
  readonly schema: string;
  as(role: Role): pg.Pool;
}

/** Roles that no test has now, each in a schema of its own. */
const free: Roles[] = [];
const pools: pg.Pool[] = [];
let pristine: Promise<string> | undefined;

afterAll(() => Promise.all(pools.map((pool) => pool.end())));

/** Answers roles of the test's own over empty tables. A role belongs to the whole server, so they are used again. */
async function openRoles(): Promise<Roles> {
  const roles = free.pop() ?? (await makeRoles());
  onTestFinished(() => {
    free.push(roles);
  });
  const database = await projectDatabase();
  pristine ??= freshSchema(database, ...ALL_PARTS);
  await copyRows(database, await pristine, roles.schema, ...ALL_PARTS);
  return roles;
}

async function makeRoles(): Promise<Roles> {
  const database = await projectDatabase();
  const schema = await freshSchema(database, ...ALL_PARTS);
  // A role belongs to the whole server, so each schema has roles of its own.
  const own = (grant: string): string =>
    grant
      .replaceAll("unified_contributions", schema)
      .replace(
        / TO (.+);$/,
        (_, roles: string) => ` TO ${roles.replaceAll(/\w+/g, (role) => `${schema}_${role}`)}`,
      );
  const made = ROLES.map((role) => `CREATE ROLE ${schema}_${role}`);
  await database.client.query([...made, ...GRANTS.map(own)].join(";\n"), []);
  const opened = new Map<Role, pg.Pool>();
  const as = (role: Role): pg.Pool => {
    const known = opened.get(role);
    if (known) return known;
    // The statements for Citus ask for its version, and the others do not.
    const pool = openPool({ role: `${schema}_${role}`, "citus.version": "13.2.2" });
    opened.set(role, pool);
    pools.push(pool);
    return pool;
  };
  return { schema, as };
}

const storeAs = ({ schema, as }: Roles, role: Role, isDistributed = false): ReceiverStore =>
  createPostgresReceiverStore({ client: as(role), schema, isDistributed });
const ledgerAs = ({ schema, as }: Roles, role: Role): DeletionLedger =>
  createPostgresLedger({ client: as(role), schema });

/** The store of a cloud whose processes have a role each, every method by the process that calls it. */
async function sharedStore(
  reconcilingRole: "ingest" | "sweeper",
  isDistributed = false,
): Promise<ReceiverStore> {
  const roles = await openRoles();
  const own = (role: Role) => storeAs(roles, role, isDistributed);
  const { loadShown, loadLedgerStanding, loadCursors } = own("calendar");
  const { sweep, loadSweepClock, saveSweepClock } = own("sweeper");
  const { loadRegistration, commitRegistration, loadUnrecorded, takeForUnrecorded } = own(reconcilingRole);
  return {
    ...own("ingest"),
    ...{ loadShown, loadLedgerStanding, loadCursors },
    ...{ sweep, loadSweepClock, saveSweepClock },
    ...{ loadRegistration, commitRegistration, loadUnrecorded, takeForUnrecorded },
  };
}

it("each documented role has grants", () => {
  for (const role of ROLES) expect(GRANTS.filter((grant) => grant.includes(` TO ${role};`))).not.toEqual([]);
});

describe("a cloud with a role for each process", () => {
  test.each(receiverStoreContract)("keeps $rule $title", ({ run }) => run(() => sharedStore("ingest")));
});

/** The rules of the methods that a reconciliation calls. */
const RECONCILED = ["RS1", "RS2", "RS3", "RS10", "RS11", "RS12", "RS13"];

describe("a cloud that its sweeper reconciles", () => {
  test.each(receiverStoreContract.filter(({ rule }) => RECONCILED.includes(rule)))(
    "keeps $rule $title",
    ({ run }) => run(() => sharedStore("sweeper")),
  );
});

// The rules of the methods that use the ways from an account to its installations.
describe.each<[role: "ingest" | "sweeper", rules: readonly string[]]>([
  ["ingest", ["RS6", "RS7", "RS8", "RS11", "RS15"]],
  ["sweeper", ["RS11"]],
])("a distributed cloud that its %s reconciles", (role, rules) => {
  test.each(receiverStoreContract.filter(({ rule }) => rules.includes(rule)))(
    "keeps $rule $title",
    ({ run }) => run(() => sharedStore(role, true)),
  );
});

describe.each(["ledger_reader", "ledger_writer"] as const)(
  "a ledger that only grows, read by the role %s",
  (reader) => {
    test.each(ledgerContract)("keeps $rule $title", ({ run }) =>
      run(async () => {
        const roles = await openRoles();
        const { read, loadHeads, loadDigest } = ledgerAs(roles, reader);
        const { append } = ledgerAs(roles, "ledger_writer");
        return { append, read, loadHeads, loadDigest, prune: ledgerAs(roles, "ledger_pruner").prune };
      }),
    );
  },
);

test.each(nonceStoreContract)("ingest remembers nonces: $rule $title", ({ run }) =>
  run(async () => {
    const { schema, as } = await openRoles();
    return createPostgresNonceStore({ client: as("ingest"), schema });
  }),
);

test("each process does its work in one life of a link, and no other process's", async () => {
  const roles = await openRoles();
  const { schema, as } = roles;
  const store = storeAs(roles, "ingest");
  const ledger = ledgerAs(roles, "ledger_writer");
  const world = createTestWorld({ receiverStore: store, ledger });
  const { clock, random } = world;
  const process = (role: Role, ledgerRole: Role) =>
    createReceiver({ store: storeAs(roles, role), ledger: ledgerAs(roles, ledgerRole), clock, random });
  const calendar = process("calendar", "ledger_reader");
  const sweeper = process("sweeper", "ledger_writer");
  await world.enable();
  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  const account = "ann" as AccountId;

  expect((await calendar.shownCounts(account))._unsafeUnwrap()).toHaveLength(1);
  expect((await world.receiver.deleteAccount(account))._unsafeUnwrap()).toHaveLength(1);
  expect((await calendar.shownCounts(account))._unsafeUnwrap()).toEqual([]);
  expect((await sweeper.reconcile())._unsafeUnwrap()).toMatchObject({ cutOff: [] });
  expect((await sweeper.sweep())._unsafeUnwrap()).toMatchObject({ isDone: true });

  // What a process is not for is refused, and changes nothing.
  expect((await calendar.deleteAccount(account)).isErr()).toBe(true);
  expect((await world.receiver.sweep()).isErr()).toBe(true);
  const cursors = (await store.loadCursors({ after: null, limit: 10 }))._unsafeUnwrap();
  expect((await world.receiver.pruneLedger(cursors)).isErr()).toBe(true);
  expect((await process("sweeper", "ledger_pruner").pruneLedger(cursors)).isOk()).toBe(true);
  const keys = createPostgresKeyDirectory({ client: as("ingest"), schema });
  expect((await keys.find("no-such-key"))._unsafeUnwrap()).toBeNull();
  expect((await keys.revokeAll(world.installation, clock.now())).isErr()).toBe(true);
});

const REFUSED: readonly [Role, string][] = [
  ["calendar", "UPDATE links SET counts = NULL"],
  ["calendar", "SELECT FROM attempts"],
  ["calendar", "SELECT FROM keys"],
  ["calendar", "UPDATE account_installations SET written_at = 0"],
  ["calendar", "DELETE FROM account_installations"],
  ["ingest", "DELETE FROM links"],
  ["ingest", "DELETE FROM registrations"],
  ["ingest", "DELETE FROM installation_audit_log"],
  ["ingest", "SELECT FROM installation_audit_log"],
  ["ingest", "UPDATE keys SET revoked_at = NULL"],
  ["ingest", "INSERT INTO keys DEFAULT VALUES"],
  ["ingest", "SELECT FROM sweep_clock"],
  ["sweeper", "INSERT INTO links DEFAULT VALUES"],
  ["sweeper", "DELETE FROM registrations"],
  ["sweeper", "UPDATE attempts SET account = NULL"],
  ["sweeper", "SELECT FROM keys"],
  ["sweeper", "UPDATE installation_audit_log SET epoch = 0"],
  ["ledger_reader", "INSERT INTO ledger_entries DEFAULT VALUES"],
  ["ledger_reader", "UPDATE ledger_heads SET position = 0"],
  ["ledger_writer", "DELETE FROM ledger_entries"],
  ["ledger_writer", "UPDATE ledger_entries SET epoch = 0"],
  ["ledger_writer", "TRUNCATE ledger_entries"],
  ["ledger_writer", "DELETE FROM ledger_heads"],
  ["ledger_pruner", "UPDATE ledger_entries SET epoch = 0"],
  ["ledger_pruner", "INSERT INTO ledger_entries DEFAULT VALUES"],
  ["ledger_pruner", "UPDATE ledger_heads SET position = 0"],
  ...ROLES.map((role): [Role, string] => [role, "SELECT FROM user_links"]),
  ...ROLES.map((role): [Role, string] => [role, "CREATE TABLE own (id int4)"]),
];

test.each(REFUSED)("%s may not: %s", async (role, statement) => {
  const { schema, as } = await openRoles();
  const named = statement.replace(/(FROM|UPDATE|INTO|TRUNCATE|TABLE) (\w+)/, `$1 ${schema}.$2`);

  await expect(as(role).query(named)).rejects.toMatchObject({ code: "42501" });
});
