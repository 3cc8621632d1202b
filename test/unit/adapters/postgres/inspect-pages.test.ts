import type { Result } from "unified-contributions";
import { describe, expect, it } from "vitest";
import type { Row } from "../../../../src/adapters/postgres/client.ts";
import { type Mistake, mistake } from "../../../../src/adapters/postgres/command-connection.ts";
import {
  type LookAtPage,
  lookAtAudit,
  lookAtInstallationAudit,
  lookAtInstallations,
  lookAtWithdrawals,
  type PageOptions,
} from "../../../../src/adapters/postgres/inspect-pages.ts";
import { receiverReaderStatements } from "../../../../src/adapters/postgres/receiver-reader.ts";
import { senderReaderStatements } from "../../../../src/adapters/postgres/sender-reader.ts";
import { REPORTING } from "../../../support/ghes-states.ts";
import { type Asked, scriptedRun } from "../../../support/postgres/scripted-run.ts";
import { EARLIER, HQ, linkId, MONA, NOW, OCTO, OWNER } from "../../../support/values.ts";

const SENDER = senderReaderStatements('"s"');
const RECEIVER = receiverReaderStatements('"s"', false);
const NOT_AFTER = mistake("--after has to be what the page before has printed as its last line.");
const NOT_LIMIT = mistake("--limit has to be a whole number from 1 to 1,000.");
const [FIRST, SECOND] = [linkId(1), linkId(2)];

/** The four looks, by the words that ask for them. */
const LOOKS: readonly (readonly [string, (page: PageOptions) => Result<LookAtPage, Mistake>])[] = [
  ["installations", lookAtInstallations],
  ["withdrawals", lookAtWithdrawals],
  ["audit server", (page) => lookAtAudit(null, page)],
  ["audit user", (page) => lookAtAudit(OCTO, page)],
  ["audit installation", (page) => lookAtInstallationAudit(HQ, page)],
];

const SERVER_ROW: Row = { state: JSON.stringify(REPORTING) };

/** Carries out a look over a database with these rows, and with the row of a server that reports. */
async function lookOver(look: Result<LookAtPage, Mistake>, rows: readonly Row[] = [], server = SERVER_ROW) {
  const { asked, client } = scriptedRun((statement) => (statement === SENDER.loadServer ? [server] : rows));
  const found = await look._unsafeUnwrap()({ client, schema: "s" });
  return { ...found._unsafeUnwrap(), asked };
}

const withdrawalRow = (changed: Row = {}): Row => ({
  ...{ link: FIRST, user_id: OCTO, ended_to: "1", connection: "1" },
  ...{ requested_at: `${EARLIER}`, next_ask_at: "0", has_receipt: "false" },
  ...changed,
});

const installationRow = (changed: Row = {}): Row => ({
  ...{ installation: "hq", connection: null, is_connected: "true", epoch: "2", is_on: "true" },
  ...{ disabled_at: null, is_completed: "true", is_attached: "true", is_recorded: "true" },
  ...changed,
});

const auditRow = (changed: Row = {}): Row => ({
  ...{ id: "7", action: "unified_contributions_link.create", actor: OWNER, user_id: OCTO },
  created_at: `${NOW}`,
  ...changed,
});

const installationAuditRow = (changed: Row = {}): Row => ({
  ...{ id: "7", installation: HQ, action: "unified_contributions.enable", actor: "server", epoch: "2" },
  created_at: `${NOW}`,
  ...changed,
});

/** The last statement that was asked, with its values. */
const lastOf = (asked: Asked): Asked[number] | undefined => asked.at(-1);

describe.each(LOOKS)("the limit of %s", (_, look) => {
  it.each([
    [undefined, 50],
    ["1", 1],
    ["10", 10],
    ["1000", 1_000],
    ["0007", 7],
  ])("of %j is %j, and one more is read, which tells of a next page", async (limit, most) => {
    const { asked } = await lookOver(look({ limit }));

    expect(lastOf(asked)?.slice(1)).toContain(most + 1);
  });

  it.each(["", "0", "1001", "10000", "-1", "+5", "1.5", "1e2", " 5", "5 ", "0x5", "x"])(
    "cannot be %j",
    (limit) => {
      expect(look({ limit })._unsafeUnwrapErr()).toEqual(NOT_LIMIT);
    },
  );
});

describe("installations", () => {
  it("are read behind the last one of the page before, or from the first on", async () => {
    const first = await lookOver(lookAtInstallations({}));
    const second = await lookOver(lookAtInstallations({ after: "hq" }));

    expect(first.asked).toEqual([[RECEIVER.loadInstallations, "", 51]]);
    expect(second.asked).toEqual([[RECEIVER.loadInstallations, "hq", 51]]);
    expect(first.lines).toEqual(["No installation is registered."]);
    expect(first.value).toEqual({ items: [], next: null });
  });

  it.each(["", "a\u0007", "a".repeat(256)])("are not behind %j", (after) => {
    expect(lookAtInstallations({ after })._unsafeUnwrapErr()).toEqual(NOT_AFTER);
  });

  it("are a line each, and the last line leads to the next page if there is one", async () => {
    const rows = [
      installationRow(),
      installationRow({ installation: "lab", is_connected: "false", is_on: "false" }),
      installationRow({ installation: "pub", epoch: "0", is_on: "false", is_attached: "false" }),
    ];
    const whole = await lookOver(lookAtInstallations({ limit: "3" }), rows);
    const cut = await lookOver(lookAtInstallations({ limit: "2" }), rows);

    const lines = [
      '"hq": connected, on in epoch 2, a server holds the session.',
      '"lab": not connected, off in epoch 2, a server holds the session.',
      '"pub": connected, never switched on, no server holds the session.',
    ];
    expect(whole.lines).toEqual(lines);
    expect(whole.value.next).toBeNull();
    expect(cut.lines).toEqual([...lines.slice(0, 2), "Next page: --after lab"]);
    expect(cut.value.next).toBe("lab");
    expect(cut.value.items).toEqual(whole.value.items.slice(0, 2));
  });
});

describe("withdrawals", () => {
  it("are none while GitHub Connect is off, and none are read", async () => {
    const { asked, lines, value } = await lookOver(lookAtWithdrawals({}), [], { state: null });

    expect(asked).toEqual([[SENDER.loadServer]]);
    expect(lines).toEqual(["No withdrawal waits."]);
    expect(value).toEqual({ items: [], next: null });
  });

  it("are those of the present connection, behind the last one of the page before", async () => {
    const first = await lookOver(lookAtWithdrawals({}));
    const after = `${NOW}:${FIRST}`;
    const second = await lookOver(lookAtWithdrawals({ after, limit: "7" }));
    const never = await lookOver(lookAtWithdrawals({ after: `0:${FIRST}` }));

    expect(first.asked).toEqual([[SENDER.loadServer], [SENDER.loadWithdrawals, 1, 0, "", 51]]);
    expect(lastOf(second.asked)).toEqual([SENDER.loadWithdrawals, 1, NOW, FIRST, 8]);
    expect(lastOf(never.asked)).toEqual([SENDER.loadWithdrawals, 1, 0, FIRST, 51]);
    expect(first.lines).toEqual(["No withdrawal waits."]);
  });

  it.each(
    [
      ["", "page-2", FIRST, `:${FIRST}`, "5:", "5:short", `x:${FIRST}`, `x5:${FIRST}`, `-5:${FIRST}`],
      [`5;${FIRST}`, `5: ${FIRST}`, `5:${FIRST}\n`, `5:${FIRST}\n${SECOND}`, `\n5:${FIRST}`],
      [`1234567890123456:${FIRST}`, `5:${"a".repeat(65)}`],
    ].flat(),
  )("are not behind %j", (after) => {
    expect(lookAtWithdrawals({ after })._unsafeUnwrapErr()).toEqual(NOT_AFTER);
  });

  it("are a line each, and the last line leads to the next page if there is one", async () => {
    const rows = [
      withdrawalRow(),
      withdrawalRow({ user_id: null, link: SECOND, next_ask_at: `${NOW}` }),
      withdrawalRow({ user_id: MONA, link: linkId(3), next_ask_at: `${NOW}`, has_receipt: "true" }),
    ];
    const whole = await lookOver(lookAtWithdrawals({}), rows);
    const cut = await lookOver(lookAtWithdrawals({ limit: "2" }), rows);

    const lines = [
      '"octo": withdrawn at 2026-02-01T12:00:00Z, no receipt yet, asked for with the next sync.',
      "A forgotten user: withdrawn at 2026-02-01T12:00:00Z, no receipt yet, asked for at 2026-03-01T12:00:00Z.",
      '"mona": withdrawn at 2026-02-01T12:00:00Z, the receipt is here, and is asked for once more at 2026-03-01T12:00:00Z.',
    ];
    const next = `1772366400000:${SECOND}`;
    expect(whole.lines).toEqual(lines);
    expect(whole.value.next).toBeNull();
    expect(cut.lines).toEqual([...lines.slice(0, 2), `Next page: --after ${next}`]);
    expect(cut.value).toEqual({ items: whole.value.items.slice(0, 2), next });
    expect(lookAtWithdrawals({ after: next }).isOk()).toBe(true);
  });
});

describe("an audit log", () => {
  it("is read from its first entry, or behind the last one of the page before", async () => {
    const server = await lookOver(lookAtAudit(null, {}));
    const next = await lookOver(lookAtAudit(null, { after: "123456789012345", limit: "1" }));
    const user = await lookOver(lookAtAudit(OCTO, { after: "7" }));
    const installation = await lookOver(lookAtInstallationAudit(HQ, { after: "7" }));

    expect(server.asked).toEqual([[SENDER.loadAudit, 0, 51]]);
    expect(next.asked).toEqual([[SENDER.loadAudit, 123_456_789_012_345, 2]]);
    expect(user.asked).toEqual([[SENDER.loadAuditOf, 7, 51, "octo"]]);
    expect(installation.asked).toEqual([[RECEIVER.loadAudit, HQ, 7, 51]]);
    for (const { lines, value } of [server, next, user, installation]) {
      expect(lines).toEqual(["The audit log has no entry here."]);
      expect(value).toEqual({ items: [], next: null });
    }
  });

  it.each(["", "x", "x5", "5x", "-5", "+5", "5e0", "1234567890123456", "5 "])(
    "has nothing behind %j",
    (after) => {
      expect(lookAtAudit(null, { after })._unsafeUnwrapErr()).toEqual(NOT_AFTER);
      expect(lookAtInstallationAudit(HQ, { after })._unsafeUnwrapErr()).toEqual(NOT_AFTER);
    },
  );

  it("of a server is a line per entry, and the last line leads to the next page if there is one", async () => {
    const rows = [auditRow(), auditRow({ id: "8", actor: null }), auditRow({ id: "9", user_id: null })];
    const whole = await lookOver(lookAtAudit(null, {}), rows);
    const cut = await lookOver(lookAtAudit(null, { limit: "2" }), rows);

    const lines = [
      '7  2026-03-01T12:00:00Z  unified_contributions_link.create, by "owner", of "octo"',
      '8  2026-03-01T12:00:00Z  unified_contributions_link.create, by the host or the cloud, of "octo"',
      '9  2026-03-01T12:00:00Z  unified_contributions_link.create, by "owner"',
    ];
    expect(whole.lines).toEqual(lines);
    expect(whole.value.next).toBeNull();
    expect(cut.lines).toEqual([...lines.slice(0, 2), "Next page: --after 8"]);
    expect(cut.value).toEqual({ items: whole.value.items.slice(0, 2), next: "8" });
  });

  it("of an installation is a line per entry, with its actor and its epoch", async () => {
    const rows = [installationAuditRow(), installationAuditRow({ id: "8", actor: "host", epoch: "3" })];
    const whole = await lookOver(lookAtInstallationAudit(HQ, {}), rows);
    const cut = await lookOver(lookAtInstallationAudit(HQ, { limit: "1" }), rows);

    const lines = [
      "7  2026-03-01T12:00:00Z  unified_contributions.enable, by the server, in epoch 2",
      "8  2026-03-01T12:00:00Z  unified_contributions.enable, by the host, in epoch 3",
    ];
    expect(whole.lines).toEqual(lines);
    expect(cut.lines).toEqual([...lines.slice(0, 1), "Next page: --after 7"]);
  });
});
