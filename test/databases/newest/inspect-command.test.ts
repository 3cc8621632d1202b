import type { AccountId, ConnectionId, Instant, UserId } from "unified-contributions";
import { beforeEach, describe, expect, it } from "vitest";
import { INSPECT_USAGE } from "../../../src/adapters/postgres/inspect-command.ts";
import { type Run, runExample } from "../../documents/examples/run-example.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { createSidesOver } from "../../support/postgres/sides.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { type Cloud, OCTO, OCTO_CLOUD, type Server, START } from "../../support/world.ts";

const COMMAND = "src/bin/unified-contributions.ts";
const AT = "2026-03-01T12:00:00Z";

let schema: string;
let cloud: Cloud;
let server: Server;

beforeEach(async () => {
  schema = await freshSchema(await projectDatabase(), "sender", "receiver", "ledger");
  ({ cloud, server } = createSidesOver({ client: poolOfTest(), schema }));
});

/** Runs the command of the package over the schema of the test. */
function inspect(...words: readonly string[]): Promise<Run> {
  const { host, user } = serverConnection();
  const url = `postgres://${user}@localhost/postgres?host=${encodeURIComponent(`${host}`)}`;
  return runExample(COMMAND, "inspect", "--url", url, "--schema", schema, ...words);
}

/** What it says, line by line; it has to end well. */
async function linesOf(...words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await inspect(...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

/** What it says as JSON. */
async function jsonOf(...words: readonly string[]): Promise<unknown> {
  return JSON.parse((await linesOf(...words, "--json")).join("\n"));
}

/** A user whose counts are shown. */
async function showCounts(): Promise<void> {
  await server.enable();
  await server.optIn();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.sync();
}

describe("inspect server", () => {
  it("names the first gate that is closed, and that nothing is planned", async () => {
    expect(await linesOf("server")).toEqual([
      "Gate 1 of 4 (github-connect) is closed: GitHub Connect is off, and an enterprise owner has to enable it.",
      "The server holds no session: the next sync asks for one, and then reports every user anew.",
      "No sync runs.",
      "No sync has reached its end yet.",
      "No sync is planned while GitHub Connect is off.",
      "0 users send. Of these 0 are due to be reported, and 0 were never reported.",
      "0 withdrawals wait for their receipts.",
      "0 redemptions wait for an answer.",
    ]);
    await server.connectEnterprise();
    expect((await linesOf("server"))[0]).toMatch(/^Gate 2 of 4 \(unified-contributions\) is closed: unified/);
  });

  it("says what to do, and since when an opt-out waits", async () => {
    await showCounts();
    await server.optIn("mona" as UserId, "mona-cloud" as AccountId);
    await server.optOut();

    const lines = await linesOf("server");

    expect(lines).toContain("Gates 1 and 2 of 4 are open: unified contributions is on, in epoch 1.");
    expect(lines).toContain("The server holds its session at GitHub Enterprise Cloud.");
    expect(lines).toContain(`The last sync that reached its end did so at ${AT}.`);
    expect(lines).toContain("1 user sends. Of these 1 is due to be reported, and 1 was never reported.");
    expect(lines).toContain(`1 withdrawal waits for its receipt, the oldest since ${AT}.`);
  });

  it("says that a disabling waits for its receipt, and when it has come", async () => {
    await showCounts();
    await server.disable();
    expect(await linesOf("server")).toContain(`The disabling of epoch 1 waits for its receipt since ${AT}.`);

    await server.sync();

    expect(await linesOf("server")).toContain(
      `GitHub Enterprise Cloud has disabled epoch 1 at ${AT}, by its receipt.`,
    );
  });

  it("describes the last syncs, and the holder of a contested session, from the stored state", async () => {
    await showCounts();
    const store = server.senderStore;
    const { value: state, version } = (await store.loadServer())._unsafeUnwrap();
    const now = Date.now() as Instant;
    (
      await store.commitServer({
        expectedVersion: version,
        server: {
          ...state,
          failures: 2,
          lastFault: {
            type: "transport-fault",
            reason: "unreachable",
            retryAfterMs: null,
            message: "No way.",
          },
          session: { status: "contested", current: "another_session_of_it" as never },
          lease: {
            id: "sync_0123456789abcdef" as never,
            until: (now + 500_000) as Instant,
            leaseMs: 600_000,
          },
        },
        audit: null,
        reported: [],
        withdrawn: [],
      })
    )._unsafeUnwrap();

    const lines = await linesOf("server");

    expect(lines).toContain("The last 2 syncs failed. No way.");
    expect(lines).toContainEqual(expect.stringMatching(/^Another copy of this server holds the session/));
    expect(lines).toContainEqual(expect.stringMatching(/^A sync runs, and has its lease until 20\d\d-/));
  });
});

describe("inspect user", () => {
  it("names every closed gate", async () => {
    const decisions: (string | undefined)[] = [];
    const decide = async () => decisions.push((await linesOf("user", OCTO))[1]);
    await server.enable();
    await server.connect();
    await server.goToCloud();
    await decide();
    (await server.select())._unsafeUnwrap();
    await decide();
    await server.disable();
    await decide();
    await server.disconnectEnterprise();
    await decide();

    expect(decisions).toEqual([
      'Gate 4 of 4 (send-contribution-counts) is closed: The user has to select "Send my contribution counts".',
      "All 4 gates are open: the counts are sent.",
      "Gate 2 of 4 (unified-contributions) is closed: Unified contributions is off: an enterprise owner has to enable it.",
      "Gate 1 of 4 (github-connect) is closed: GitHub Connect is off: an enterprise owner has to enable it.",
    ]);
  });

  it("says when the last report came, and whether one is due", async () => {
    await showCounts();
    const { sessionId } = JSON.parse(server.sent.at(-1) ?? "{}");
    expect(sessionId).toEqual(expect.any(String));
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");

    expect(await linesOf("user", OCTO)).toEqual([
      'The link of the user "octo" is sending.',
      "All 4 gates are open: the counts are sent.",
      // The command asks the machine's own clock, which is far ahead of the server's.
      "No report has arrived for 26 hours. Check that the syncs run, then look for the user in the failures of their reports.",
      `GitHub Enterprise Cloud took the last report at ${AT}.`,
      "A report is due: the next sync sends it.",
      "No deletion was asked for.",
      expect.stringMatching(/^The next sync is due at 20/),
    ]);
  });

  it("follows an opt-out from the choice to its receipt", async () => {
    await showCounts();
    await server.optOut();
    const asked = await linesOf("user", OCTO);
    await server.sync("deletions");
    const answered = await linesOf("user", OCTO);

    expect(asked).toContain(
      `A deletion was asked for at ${AT} and is not acknowledged yet: the counts may still be shown.`,
    );
    expect(asked).toContain(
      `The withdrawal waits since ${AT}, and no answer has come: the next sync sends it.`,
    );
    expect(answered).toContain(
      `The last deletion is acknowledged: deleted at ${AT}, the days 2025-12-02 to 2026-03-01.`,
    );
    expect(answered).toContain("The receipt is asked for once more at 2026-03-02T12:00:00Z, to be sure.");
    expect(await jsonOf("user", OCTO)).toMatchObject({
      user: OCTO,
      status: "connected",
      decision: { isAllowed: false, gate: "send-contribution-counts" },
      deletion: { status: "deleted" },
      withdrawal: { hasReceipt: true },
    });
  });
});

describe("inspect installation", () => {
  it("shows connection and switch, the stored rows, and waiting work", async () => {
    await showCounts();
    const connected = await linesOf("installation", server.installation);
    await server.disable();
    await server.sync();
    const off = await linesOf("installation", server.installation);

    expect(connected).toEqual([
      'The installation "server-1" is connected, by a connection without an id.',
      "The switch is on, in epoch 1.",
      "A server holds the session, and has completed a sync in it.",
      `1 account lets it send, and the counts of 1 are held. The newest came at ${AT}.`,
      "0 links of epochs that are over wait for the sweep.",
      "0 deleted links wait for the ledger, and nothing is acknowledged before.",
    ]);
    expect(off).toContain(
      `The switch is off since ${AT}, in epoch 1: nothing of it is shown, and no report is taken.`,
    );
    expect(off).toContain("0 accounts let it send, and the counts of 0 are held.");
    expect(off).toContain("1 link of an epoch that is over waits for the sweep.");
  });

  it("says that no server has called, and what waits for the ledger", async () => {
    const id = "connection-1" as ConnectionId;
    (await cloud.receiver.connectInstallation(server.installation, id))._unsafeUnwrap();
    const fresh = await linesOf("installation", server.installation);
    const { value: registration, version } =
      (await cloud.receiverStore.loadRegistration(server.installation))._unsafeUnwrap() ?? expect.fail();
    const epochOver = {
      ...registration,
      isConnected: false,
      featureSwitch: { epoch: 3, status: "off" },
    } as const;
    const commit = { registration: epochOver, hidesUnreported: false, ended: [], audit: [] };
    (await cloud.receiverStore.commitRegistration({ expectedVersion: version, ...commit }))._unsafeUnwrap();
    const over = await linesOf("installation", server.installation);

    expect(fresh.slice(0, 3)).toEqual([
      'The installation "server-1" is connected, by the connection "connection-1".',
      "The switch was never on: the owner has not enabled the feature, or the server has not said so.",
      "No server holds the session: none has called since the installation was registered.",
    ]);
    expect(over[0]).toBe(
      'The installation "server-1" is not connected: GitHub Connect is off, and nothing of it is shown.',
    );
    expect(over).toContain("The end of an epoch waits for the ledger.");
  });
});

describe("inspect account and receipts", () => {
  it("show the servers that may send for the account, and that no receipt names it", async () => {
    await server.enable();
    await server.optIn();
    const before = await linesOf("account", OCTO_CLOUD);
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.sync();
    const after = await linesOf("account", OCTO_CLOUD);
    const receipts = await linesOf("receipts", OCTO_CLOUD);
    await server.disable();
    await server.sync();

    const named = `The account lets "server-1" send since ${AT}`;
    expect(before).toEqual([
      `${named}, and no counts of it are there: none have come yet, or its user has opted out.`,
    ]);
    expect(after).toEqual([`${named}, and its last counts came at ${AT}.`]);
    expect(receipts).toEqual([
      "No receipt stands under the account. Once the ledger has a deletion, its receipt names no account.",
    ]);
    expect(await linesOf("account", OCTO_CLOUD)).toEqual([
      `${named}, but the installation is off or was enabled anew: nothing of it is shown.`,
    ]);
  });

  it("show a receipt that the ledger lacks, and never any counts", async () => {
    await showCounts();
    const selection = { account: OCTO_CLOUD, installation: null };
    (await cloud.receiverStore.deleteLinks(selection, Date.parse(START) as Instant))._unsafeUnwrap();

    expect(await linesOf("receipts", OCTO_CLOUD)).toEqual([
      `"server-1": deleted at ${AT}, the days 2025-12-02 to 2026-03-01. The ledger is not known to have it yet.`,
    ]);
    expect(await linesOf("account", OCTO_CLOUD)).toEqual([
      expect.stringMatching(/^The account lets no server send: it never connected, or every consent ended\./),
      "Deleted links that wait for the ledger: 1. `inspect receipts` shows them.",
    ]);
    for (const words of [
      ["server"],
      ["user", OCTO],
      ["installation", server.installation],
      ["account", OCTO_CLOUD],
    ]) {
      expect(JSON.stringify(await jsonOf(...words))).not.toMatch(/window|"counts"|\[\d+,/);
    }
  });
});

describe("a mistake is one sentence, and the exit code 1:", () => {
  it.each([
    [["user", "ann\u001b[2J"], /^Not a valid user: /],
    [["user", "ann"], /^Nothing is stored about the user "ann": /],
    [["installation", "server-9"], /^The installation "server-9" is not registered: /],
    [["account", "ann"], /^Nothing is stored under the account "ann": /],
    [["receipts", "ann"], /^Nothing is stored under the account "ann": /],
    [["server", "--schema", "nowhere_at_all"], /^The tables are not there/],
    [["server", "--schema", "a.b"], /^--schema has to be /],
  ])("%j", async (words, sentence) => {
    const { code, stdout, stderr } = await inspect(...words);

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(stderr.split("\n")).toEqual([expect.any(String), ""]);
    expect(stderr).not.toContain("\u001b");
  });

  it.each([[[]], [["user"]], [["server", "ann"]], [["user", "ann", "bob"]], [["toString", "ann"]]])(
    "%j is answered with the usage",
    async (words) => {
      expect(await inspect(...words)).toEqual({ code: 1, stdout: "", stderr: `${INSPECT_USAGE}\n` });
    },
  );
});
