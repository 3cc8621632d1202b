import type { AccountId, InstallationId, UserId } from "unified-contributions";
import { createTestClock } from "unified-contributions/testing";
import { beforeEach, expect, it } from "vitest";
import { runInspectCommand } from "../../../src/adapters/postgres/inspect-command.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { createSidesOver } from "../../support/postgres/sides.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { type Cloud, OCTO, type Server, START } from "../../support/world.ts";

const AT = "2026-03-01T12:00:00Z";
const MONA = "mona" as UserId;

let schema: string;
let cloud: Cloud;
let server: Server;

beforeEach(async () => {
  schema = await freshSchema(await projectDatabase(), "sender", "receiver", "ledger");
  ({ cloud, server } = createSidesOver({ client: poolOfTest(), schema }));
});

interface Asked {
  readonly after?: string;
  readonly limit?: string;
  readonly isJson?: boolean;
}

/** What the command says over the schema of the test. */
async function said(words: string, asked: Asked = {}): Promise<string> {
  let printed = "";
  const { client } = await projectDatabase();
  const done = await runInspectCommand(
    { words: words.split(" "), schema, ...asked },
    {
      makeClient: async () => ({
        ...{ host: "db.example", port: 5432, database: "server", user: "app" },
        query: (text, values) => client.query(text, values),
        connect: async () => undefined,
        end: async () => undefined,
      }),
      print: (text) => {
        printed += text;
      },
      clock: createTestClock(START),
    },
  );
  return done.match(
    () => printed.trimEnd(),
    ({ message }) => `failed: ${message}`,
  );
}

it("installations come by their ids, page by page", async () => {
  await server.connectEnterprise();
  for (const id of ["server-2", "server-3"])
    (await cloud.receiver.connectInstallation(id as InstallationId))._unsafeUnwrap();
  await server.enable();

  const first = await said("installations", { limit: "2" });
  const last = await said("installations", { limit: "2", after: "server-2" });

  expect(first.split("\n")).toEqual([
    '"server-1": connected, on in epoch 1, a server holds the session.',
    '"server-2": connected, never switched on, no server holds the session.',
    "Next page: --after server-2",
  ]);
  expect(last).toBe('"server-3": connected, never switched on, no server holds the session.');
  expect(JSON.parse(await said("installations", { limit: "1", isJson: true }))).toMatchObject({
    items: [{ installation: "server-1", isConnected: true }],
    next: "server-1",
  });
});

it("withdrawals come in the order in which the sender asks for them, page by page", async () => {
  expect(await said("withdrawals")).toBe("No withdrawal waits.");
  await server.enable();
  await server.optIn();
  await server.optIn(MONA, "mona-cloud" as AccountId);
  await server.sync();
  await server.optOut();
  await server.sync("deletions");
  await server.optOut(MONA);

  const first = await said("withdrawals", { limit: "1" });
  const [line, next = ""] = first.split("\n");
  const second = await said("withdrawals", { after: next.replace("Next page: --after ", "") });

  expect(line).toBe(`"mona": withdrawn at ${AT}, no receipt yet, asked for with the next sync.`);
  expect(second).toBe(
    `"octo": withdrawn at ${AT}, the receipt is here, and is asked for once more at 2026-03-02T12:00:00Z.`,
  );
  expect(JSON.parse(await said("withdrawals", { isJson: true })).next).toBeNull();
});

it("the audit of a server names who changed what, of everybody or of one user", async () => {
  await server.enable();
  await server.optIn();
  await server.sync();

  const all = (await said("audit server")).split("\n");
  const [first = ""] = all;
  const rest = (await said("audit server", { after: first.split(" ")[0] ?? "" })).split("\n");
  const ofOcto = (await said("audit user octo")).split("\n");

  expect(first).toMatch(new RegExp(`^\\d+  ${AT}  enterprise_installation\\.create, by "[\\w-]+"$`));
  expect(rest).toEqual(all.slice(1));
  expect(ofOcto).toEqual(all.filter((line) => line.endsWith(`, of "${OCTO}"`)));
  expect(ofOcto).not.toEqual([]);
  expect(await said("audit user nobody-here")).toBe("The audit log has no entry here.");
});

it("the audit of an installation says whose word each change was", async () => {
  await server.enable();
  await server.disable();
  await server.sync();

  const lines = (await said("audit installation server-1")).split("\n");

  expect(lines.map((line) => line.replace(/^\d+ {2}/, ""))).toEqual([
    `${AT}  enterprise_installation.create, by the host, in epoch 0`,
    `${AT}  unified_contributions_session.create, by the server, in epoch 0`,
    `${AT}  unified_contributions.enable, by the server, in epoch 1`,
    `${AT}  unified_contributions.disable, by the server, in epoch 1`,
  ]);
  expect(await said("audit installation server-1", { after: "x" })).toBe(
    "failed: --after has to be what the page before has printed as its last line.",
  );
});
