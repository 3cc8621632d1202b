import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import type { Row } from "../../../../src/adapters/postgres/client.ts";
import { mistake } from "../../../../src/adapters/postgres/command-connection.ts";
import { INSPECT_USAGE, runInspectCommand } from "../../../../src/adapters/postgres/inspect-command.ts";
import { receiverReaderStatements } from "../../../../src/adapters/postgres/receiver-reader.ts";
import { senderReaderStatements } from "../../../../src/adapters/postgres/sender-reader.ts";
import { REPORTING, SENDING } from "../../../support/ghes-states.ts";
import { scriptedRun } from "../../../support/postgres/scripted-run.ts";
import { EARLIER, HQ, linkId, NOW, OCTO_ACCOUNT, OWNER, sessionId } from "../../../support/values.ts";

const SENDER = senderReaderStatements('"s"');
const RECEIVER = receiverReaderStatements('"s"', false);
const FIRST = linkId(1);

const SERVER_ROW: Row = { state: JSON.stringify(REPORTING) };

const TALLY_ROW: Row = {
  ...{ sending: "3", never_reported: "1", redemptions: "10001", due: "2" },
  ...{ looked: "4", waiting: "1", oldest: `${EARLIER}` },
};

const USER_ROW: Row = {
  ...{
    user_id: "octo",
    user_link: JSON.stringify(SENDING),
    link_id: FIRST,
    reported_session: "",
    changes: "1",
  },
  ...{ choice: "1", reported_changes: null, reported_at: null, refresh_at: null, unknown_since: null },
  ...{ deletion_link: null, link: null },
};

const INSTALLATION_ROW: Row = {
  ...{ installation: HQ, connection: null, is_connected: "true", epoch: "2", is_on: "true" },
  ...{ disabled_at: null, is_completed: "true", is_attached: "true", is_recorded: "true" },
  ...{ looked: "1", open: "1", with_counts: "1", unswept: "0", newest_counts_at: null, unrecorded: "0" },
};

const LINK_ROW: Row = {
  ...{ installation: HQ, link: FIRST, account: OCTO_ACCOUNT, opened_at: `${EARLIER}`, is_open: "true" },
  ...{ received_at: null, first_day: null },
  ...{ ended_to: "0", end_cause: null, ended_at: null, removed_first: null, removed_last: null },
};

const DELETED_ROW: Row = {
  ...LINK_ROW,
  ...{ ended_to: "2147483647", end_cause: "account-deleted", ended_at: `${NOW}`, is_open: "false" },
};

const AUDIT_ROW: Row = {
  ...{ id: "7", action: "unified_contributions.enable", actor: OWNER, user_id: null },
  ...{ created_at: `${NOW}`, installation: HQ, epoch: "2" },
};

/** The rows that the database answers a statement with. */
type Rows = Readonly<Record<string, readonly Row[]>>;

interface Options {
  readonly after?: string;
  readonly limit?: string;
  readonly isJson?: boolean;
  readonly schema?: string;
}

/** Runs the command over a database that has these rows, and says what it has done. */
async function inspect(words: string, rows: Rows, options: Options = {}) {
  const { asked, client } = scriptedRun((statement) => {
    const found = rows[statement];
    if (found === undefined) throw Object.assign(new Error("secret"), { code: "42P01" });
    return found;
  });
  const printed: string[] = [];
  let closed = 0;
  const urls: unknown[] = [];
  const done = await runInspectCommand(
    { words: words.split(" ").filter((word) => word !== ""), schema: "s", url: "postgres://db", ...options },
    {
      makeClient: async (url) => {
        urls.push(url);
        return {
          ...{ host: "db.example", port: 5432, database: "cloud", user: "app" },
          ...{ ...client, connect: async () => undefined, end: async () => ++closed },
        };
      },
      print: (text) => printed.push(text),
      clock: createTestClock("2026-03-01T12:00:00Z"),
    },
  );
  const message = done.match(
    () => null,
    (error) => error.message,
  );
  return { message, printed, asked, closed, urls };
}

/** What the command prints; it has to end well, after one connection to the address. */
async function said(...given: Parameters<typeof inspect>): Promise<string> {
  const { message, printed, closed, urls } = await inspect(...given);
  expect({ message, closed, urls }).toEqual({ message: null, closed: 1, urls: ["postgres://db"] });
  expect(printed).toHaveLength(1);
  return printed.join("");
}

describe("inspect server", () => {
  const rows = { [SENDER.loadServer]: [SERVER_ROW], [SENDER.loadTally]: [TALLY_ROW] };

  it("prints a line per thing", async () => {
    expect(await said("server", rows)).toBe(
      `Gates 1 and 2 of 4 are open: unified contributions is on, in epoch 2.
The server holds its session at GitHub Enterprise Cloud.
No sync runs.
No sync has reached its end yet.
The next sync is due at 2026-03-01T12:00:00Z.
3 users send. Of these 2 are due to be reported, and 1 was never reported.
1 withdrawal waits for its receipt, the oldest since 2026-02-01T12:00:00Z.
At least 10000 redemptions wait for an answer.
`,
    );
  });

  it("looks at 10,000 of each, by the clock of the machine, and at one more", async () => {
    const { asked } = await inspect("server", rows);

    expect(asked).toEqual([[SENDER.loadServer], [SENDER.loadTally, 1, 2, sessionId("own"), -NOW, 10_001]]);
  });

  it("prints as JSON for a program, with spaces and a line's end", async () => {
    const text = await said("server", rows, { isJson: true });

    expect(text).toMatch(/^\{\n {2}"settings": \{\n {4}"status": "enabled",\n/);
    expect(text).toMatch(/\n\}\n$/);
    expect(JSON.parse(text)).toMatchObject({
      session: "attached",
      sending: { atLeast: 3, isExact: true },
      redemptions: { atLeast: 10_000, isExact: false },
    });
  });
});

describe("inspect user", () => {
  it("prints a line per thing", async () => {
    const rows = { [SENDER.loadServer]: [SERVER_ROW], [SENDER.loadUser]: [USER_ROW] };

    expect(await said("user octo", rows)).toBe(
      `The link of the user "octo" is sending.
All 4 gates are open: the counts are sent.
No report has arrived for 26 hours. Check that the syncs run, then look for the user in the failures of their reports.
GitHub Enterprise Cloud has no report of this user.
A report is due: the next sync sends it.
No deletion was asked for.
The next sync is due at 2026-03-01T12:00:00Z.
`,
    );
  });
});

describe("inspect installation", () => {
  const rows = { [RECEIVER.loadInstallation]: [INSTALLATION_ROW] };

  it("prints a line per thing, and looks at 10,000 links and at one more", async () => {
    const { asked, printed } = await inspect("installation hq", rows);

    expect(printed).toEqual([
      `The installation "hq" is connected, by a connection without an id.
The switch is on, in epoch 2.
A server holds the session, and has completed a sync in it.
1 account lets it send, and the counts of 1 are held.
0 links of epochs that are over wait for the sweep.
0 deleted links wait for the ledger, and nothing is acknowledged before.
`,
    ]);
    expect(asked).toEqual([[RECEIVER.loadInstallation, "hq", 10_001]]);
  });
});

describe("inspect account and receipts", () => {
  const LETS =
    'The account lets "hq" send since 2026-02-01T12:00:00Z, and no counts of it are there: none have come yet, or its user has opted out.\n';
  const NO_RECEIPT =
    "No receipt stands under the account. Once the ledger has a deletion, its receipt names no account.\n";
  const LETS_NONE =
    "The account lets no server send: it never connected, or every consent ended. `inspect user` on the server says which.\n";
  const WAITS = "Deleted links that wait for the ledger: 1. `inspect receipts` shows them.\n";
  const RECEIPT =
    '"hq": deleted at 2026-03-01T12:00:00Z, no counts were kept. The ledger is not known to have it yet.\n';

  it.each([
    ["account", "it lets a server send", LINK_ROW, LETS],
    ["receipts", "it lets a server send", LINK_ROW, NO_RECEIPT],
    ["account", "a receipt stands under it", DELETED_ROW, `${LETS_NONE}${WAITS}`],
    ["receipts", "a receipt stands under it", DELETED_ROW, RECEIPT],
  ])("of an account: `%s` if %s", async (word, _, row, text) => {
    expect(await said(`${word} octo`, { [RECEIVER.loadAccount]: [row] })).toBe(text);
  });

  it("show both if an account lets a server send and has a receipt, too", async () => {
    const rows = { [RECEIVER.loadAccount]: [LINK_ROW, DELETED_ROW] };

    expect(await said("account octo", rows)).toBe(`${LETS}${WAITS}`);
    expect(await said("receipts octo", rows)).toBe(RECEIPT);
  });

  it("are the same as JSON", async () => {
    const rows = { [RECEIVER.loadAccount]: [LINK_ROW] };

    const account = await said("account octo", rows, { isJson: true });

    expect(account).toBe(`{
  "senders": [
    {
      "installation": "hq",
      "openedAt": 1769947200000,
      "heardAt": null,
      "countsAt": null,
      "isOpen": true
    }
  ],
  "unrecorded": []
}
`);
    expect(await said("receipts octo", rows, { isJson: true })).toBe(account);
  });
});

describe("inspect of a page", () => {
  it.each<readonly [string, Rows, string]>([
    [
      "installations",
      { [RECEIVER.loadInstallations]: [INSTALLATION_ROW] },
      '"hq": connected, on in epoch 2, a server holds the session.\n',
    ],
    [
      "withdrawals",
      { [SENDER.loadServer]: [SERVER_ROW], [SENDER.loadWithdrawals]: [] },
      "No withdrawal waits.\n",
    ],
    [
      "audit server",
      { [SENDER.loadAudit]: [AUDIT_ROW] },
      '7  2026-03-01T12:00:00Z  unified_contributions.enable, by "owner"\n',
    ],
    ["audit user octo", { [SENDER.loadAuditOf]: [] }, "The audit log has no entry here.\n"],
    [
      "audit installation hq",
      { [RECEIVER.loadAudit]: [{ ...AUDIT_ROW, actor: "server" }] },
      "7  2026-03-01T12:00:00Z  unified_contributions.enable, by the server, in epoch 2\n",
    ],
  ])("%s prints it", async (words, rows, text) => {
    expect(await said(words, rows)).toBe(text);
  });

  it.each<readonly [string, string, Options, readonly unknown[]]>([
    ["installations", RECEIVER.loadInstallations, { after: "hq", limit: "2" }, ["hq", 3]],
    ["audit server", SENDER.loadAudit, { after: "5", limit: "2" }, [5, 3]],
    ["audit user octo", SENDER.loadAuditOf, { after: "5", limit: "2" }, [5, 3, "octo"]],
    ["audit installation hq", RECEIVER.loadAudit, { after: "5", limit: "2" }, ["hq", 5, 3]],
  ])("%s takes its options from the command line", async (words, statement, options, values) => {
    const { asked } = await inspect(words, { [statement]: [] }, options);

    expect(asked).toEqual([[statement, ...values]]);
  });
});

describe("inspect of words that it does not know", () => {
  it.each([
    ...["", "toString", "toString ann", "server ann", "server server", "installations hq", "withdrawals ann"],
    ...["user", "installation", "account", "receipts", "user ann bob", "installation hq lab"],
    ...["account ann bob", "receipts ann bob", "server ann bob", "installations hq lab", "user ann bob eve"],
    ...["audit", "audit server ann", "audit user", "audit installation", "audit account ann"],
    ...["audit toString", "audit server ann bob", "audit user ann bob", "audit installation hq lab"],
  ])("%j prints its usage, and connects to nothing", async (words) => {
    const { message, printed, urls } = await inspect(words, {});

    expect({ message, printed, urls }).toEqual({ message: INSPECT_USAGE, printed: [], urls: [] });
  });
});

describe("inspect is answered with a mistake", () => {
  const INVALID = "give 1 to 255 characters without control characters.";
  const NO_PAGES = "--after and --limit are for installations, withdrawals and audit, which have pages.";

  it.each<readonly [string, Options, string]>([
    ["user a\u0007", {}, `Not a valid user: ${INVALID}`],
    ["installation a\u0007", {}, `Not a valid installation: ${INVALID}`],
    ["account a\u0007", {}, `Not a valid account: ${INVALID}`],
    ["receipts a\u0007", {}, `Not a valid account: ${INVALID}`],
    ["audit user a\u0007", {}, `Not a valid user: ${INVALID}`],
    ["audit installation a\u0007", {}, `Not a valid installation: ${INVALID}`],
    ["server", { limit: "5" }, NO_PAGES],
    ["server", { after: "5" }, NO_PAGES],
    ["user octo", { limit: "5" }, NO_PAGES],
    ["receipts octo", { after: "5" }, NO_PAGES],
    ["installations", { limit: "0" }, "--limit has to be a whole number from 1 to 1,000."],
    ["audit server", { limit: "0" }, "--limit has to be a whole number from 1 to 1,000."],
    [
      "audit user octo",
      { after: "x" },
      "--after has to be what the page before has printed as its last line.",
    ],
    [
      "server",
      { schema: "a.b" },
      "--schema has to be 1 to 63 of a–z 0–9 _, not begin with a digit or with pg_.",
    ],
  ])("before it connects: %j with %j", async (words, options, sentence) => {
    const { message, printed, urls } = await inspect(words, {}, options);

    expect({ message, printed, urls }).toEqual({ message: sentence, printed: [], urls: [] });
  });

  const place = (part: string) =>
    ` (The part ${part} in the schema s of the database cloud on db.example:5432.)`;

  it.each<readonly [string, Rows, string]>([
    [
      "user ann",
      { [SENDER.loadUser]: [], [SENDER.loadServer]: [SERVER_ROW] },
      `Nothing is stored about the user "ann": they never began to connect, or the id is another.${place("sender")}`,
    ],
    [
      "installation lab",
      { [RECEIVER.loadInstallation]: [] },
      `The installation "lab" is not registered: its server has never called and its owner has not connected it, or the id is another.${place("receiver")}`,
    ],
    ...["account ann", "receipts ann"].map(
      (words) =>
        [
          words,
          { [RECEIVER.loadAccount]: [] },
          `Nothing is stored under the account "ann": no server sends for it, the ledger has all of its deletions, or the id is another.${place("receiver")}`,
        ] as const,
    ),
  ])("if nothing is stored: %s", async (words, rows, sentence) => {
    const { message, printed, closed } = await inspect(words, rows);

    expect({ message, printed, closed }).toEqual({ message: sentence, printed: [], closed: 1 });
  });

  it.each([
    ...["server", "user octo", "withdrawals", "audit server", "audit user octo"].map((words) => [
      words,
      "sender",
    ]),
    ...["installations", "installation hq", "account octo", "receipts octo", "audit installation hq"].map(
      (words) => [words, "receiver"],
    ),
  ])("if there are no tables: %s needs those of the %s", async (words = "", part = "") => {
    const { message, printed, closed } = await inspect(words, {});

    const sentence =
      "The tables are not there: check the schema option, then run unified-contributions migrate.";
    expect({ message, printed, closed }).toEqual({
      ...{ message: `${sentence}${place(part)}`, printed: [], closed: 1 },
    });
  });

  it("if no client can be made", async () => {
    const done = await runInspectCommand(
      { words: ["server"] },
      {
        makeClient: () => Promise.reject(mistake("npm install pg")),
        print: () => expect.fail(),
        clock: createTestClock(NOW),
      },
    );

    expect(done._unsafeUnwrapErr()).toEqual(mistake("npm install pg"));
  });
});
