import { migrations } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { distributedTables, WAYS_TABLE } from "../../../../src/adapters/postgres/distribute.ts";
import { ledgerStatements } from "../../../../src/adapters/postgres/ledger.ts";
import { receiverReaderStatements } from "../../../../src/adapters/postgres/receiver-reader.ts";
import { receiverStatements } from "../../../../src/adapters/postgres/receiver-statements.ts";
import { type Routing, routingOf, uniqueKeysOf } from "../../../support/postgres/routing.ts";

/** The tables that are distributed by their column `installation`. */
const BY_INSTALLATION = Object.values(distributedTables).flat();
/** These, and the one that is distributed by `account`; the others stay on the coordinator. */
const DISTRIBUTED = [...BY_INSTALLATION, WAYS_TABLE];

/** The statements that no engine can send to one node whole, and why each stays as it is. */
const UNROUTED: Readonly<Record<string, string>> = {
  insertRegistrationAndMore: "It makes the registration and its entries of the audit log in one step.",
  updateRegistrationAndMore: "It writes entries of the audit log in the step that they tell of.",
  pushAttempt: "An attempt is found without its installation, so its table is not distributed.",
  voidConsents: "A consent on the coordinator becomes an ended link, and neither may happen alone.",
  answerAttempt:
    "It is given the attempt alone, and writes the account's way in the step that gives the consent.",
  openLink: "It takes the consent from the coordinator and inserts the link, and neither may happen alone.",
  renewWays: "The links of one installation lead to the shards of many accounts.",
  append: "The head gives the entry its position, and no reader may see one without the other.",
};

/** The statements of one account, which leads to its installations. */
const OF_ACCOUNT = ["findInstallations", "forgetAccount"];

/** The statements of several accounts, and those that are about all installations and ask every node. */
const OF_ALL = [
  ...["findInstallationsTogether", "forgetAccounts", "forgetOldWays", "deleteAccount"],
  ...["findUnswept", "findForgotten", "forgetAudit", "loadLedgerStanding", "loadUnrecorded"],
  ...["loadCursors", "loadInstallations", "loadHeads", "loadDigest"],
];

const STATEMENTS = [receiverStatements, receiverReaderStatements, ledgerStatements].flatMap((write) =>
  Object.entries(write('"s"', true)),
);

/** The statements that name a distributed table. */
const NAMING = await Promise.all(
  STATEMENTS.map(async ([name, sql]): Promise<readonly [string, Routing]> => [name, await routingOf(sql)]),
).then((read) => read.filter(([, { parts }]) => parts.some(({ table }) => DISTRIBUTED.includes(table))));

describe("a statement of one installation on distributed tables", () => {
  const routed = NAMING.filter(([name]) => !(name in UNROUTED) && ![...OF_ALL, ...OF_ACCOUNT].includes(name));

  it.each(routed)(
    "%s names the installation by one parameter wherever it names a table, and inserts in no WITH",
    (_, read) => {
      const named = new Set(read.parts.map(({ keys }) => keys.join()));

      expect(read.insertedInWith).toEqual([]);
      expect([...named], JSON.stringify(read.parts)).toEqual([expect.stringMatching(/^\d+$/)]);
    },
  );

  it.each(routed)("%s names no table that is on another node", (_, { parts }) => {
    expect(parts.map(({ table }) => table).filter((table) => !BY_INSTALLATION.includes(table))).toEqual([]);
  });

  it("includes a delivery, a revocation, a change of the registration, the chunks of a sweep and what is shown", () => {
    const names = routed.map(([name]) => name);

    expect(names).toEqual(
      expect.arrayContaining([
        ...["applyDelivery", "lookAgain", "deleteAccountOnInstallation", "loadRegistration"],
        ...["insertRegistration", "updateRegistration", "updateRegistrationAndLinks", "takeForUnrecorded"],
        ...["sweepInstallation", "forget", "loadInstallation", "loadLink", "loadAudit", "read", "prune"],
        ...["loadShown", "loadShownTogether", "loadAccount"],
      ]),
    );
  });
});

describe("a statement of one account on distributed tables", () => {
  it.each(NAMING.filter(([name]) => OF_ACCOUNT.includes(name)))(
    "%s names the account by one parameter, and no other table",
    (_, { parts, insertedInWith }) => {
      expect(insertedInWith).toEqual([]);
      expect(parts).toEqual([{ table: WAYS_TABLE, keys: [1] }]);
    },
  );
});

describe("the other statements", () => {
  it("are these alone, and each of them could not be routed", () => {
    const names = NAMING.map(([name]) => name);
    const needless = NAMING.filter(
      ([name, { parts, insertedInWith }]) =>
        name in UNROUTED && insertedInWith.length === 0 && parts.every(({ keys }) => keys.length === 1),
    );

    expect(names).toEqual(expect.arrayContaining([...Object.keys(UNROUTED), ...OF_ALL, ...OF_ACCOUNT]));
    expect(needless).toEqual([]);
  });

  it.each(NAMING)("%s has no query without a column, which Citus cannot keep as a result", (_, read) => {
    expect(read.withoutColumns).toBe(0);
  });
});

describe("the migrations", () => {
  const texts = [migrations.receiver, migrations.ledger]
    .flat()
    .map(({ sql }) => sql.replaceAll("{schema}", "s"));

  it("make no row of a distributed table unique over all installations, or over all accounts", async () => {
    const keys = (await Promise.all(texts.map(uniqueKeysOf))).flat();
    const ofDistributed = keys.filter(({ table }) => DISTRIBUTED.includes(table));

    expect(ofDistributed).toHaveLength(8);
    for (const { table, columns } of ofDistributed) {
      expect(columns, table).toContain(table === WAYS_TABLE ? "account" : "installation");
    }
  });
});
