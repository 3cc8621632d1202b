import type { Instant } from "unified-contributions";
import type { DeletionStatus } from "unified-contributions/ghes";
import type { ServerInspection, UserInspection } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { quoted, serverLines, timeOf, userLines } from "../../../../src/adapters/postgres/inspect-text.ts";
import { DISABLED, ENABLED } from "../../../support/ghes-states.ts";
import { day, EARLIER, NOW, OCTO } from "../../../support/values.ts";

const NONE = { atLeast: 0, isExact: true };
const SERVER: ServerInspection = {
  settings: ENABLED,
  featureSwitch: { epoch: 2, status: "on" },
  disabling: null,
  failures: 0,
  lastFault: null,
  lastSyncAt: NOW,
  lastFailed: 0,
  nextSyncAt: NOW,
  isContested: false,
  session: "attached",
  leasedUntil: null,
  sending: NONE,
  due: NONE,
  neverReported: NONE,
  withdrawals: NONE,
  oldestWithdrawalAt: null,
  redemptions: NONE,
};
const USER: UserInspection = {
  user: OCTO,
  status: "sending",
  decision: { isAllowed: true },
  attention: null,
  lastReportAt: null,
  isDue: false,
  deletion: { status: "none" },
  withdrawal: null,
  nextSyncAt: NOW,
};

const deleted = (removed: DeletionStatus & { status: "deleted" }) => removed;
const exactly = (atLeast: number) => ({ atLeast, isExact: true });

describe("what is said of a server", () => {
  it("is one line per thing while all is quiet", () => {
    expect(serverLines(SERVER)).toEqual([
      "Gates 1 and 2 of 4 are open: unified contributions is on, in epoch 2.",
      "The server holds its session at GitHub Enterprise Cloud.",
      "No sync runs.",
      "The last sync that reached its end did so at 2026-03-01T12:00:00Z.",
      "The next sync is due at 2026-03-01T12:00:00Z.",
      "0 users send. Of these 0 are due to be reported, and 0 were never reported.",
      "0 withdrawals wait for their receipts.",
      "0 redemptions wait for an answer.",
    ]);
  });

  it("is everything that is in the way, in the order of the gates", () => {
    const server: ServerInspection = {
      ...SERVER,
      settings: { status: "disconnected", connectionOrdinal: 1 },
      disabling: { epoch: 2, requestedAt: EARLIER, receipt: null },
      ...{ failures: 2, lastFailed: 1, lastSyncAt: null, nextSyncAt: null },
      ...{ session: "contested", leasedUntil: NOW },
      ...{ sending: exactly(1), due: exactly(1), neverReported: exactly(1) },
      ...{ withdrawals: exactly(1), oldestWithdrawalAt: EARLIER, redemptions: exactly(1) },
    };

    expect(serverLines(server)).toEqual([
      "Gate 1 of 4 (github-connect) is closed: GitHub Connect is off, and an enterprise owner has to enable it.",
      "The disabling of epoch 2 waits for its receipt since 2026-02-01T12:00:00Z.",
      "Another copy of this server holds the session, so reports wait and deletions go on. Stop the wrong copy, then call takeOver on the right one.",
      "A sync runs, and has its lease until 2026-03-01T12:00:00Z.",
      "The last 2 syncs got no answer.",
      "No sync has reached its end yet.",
      "It could not send the counts of 1 user: its report's failures say why.",
      "No sync is planned while GitHub Connect is off.",
      "1 user sends. Of these 1 is due to be reported, and 1 was never reported.",
      "1 withdrawal waits for its receipt, the oldest since 2026-02-01T12:00:00Z.",
      "1 redemption waits for an answer.",
    ]);
  });

  it.each<readonly [string, Partial<ServerInspection>]>([
    [
      "Gate 2 of 4 (unified-contributions) is closed: unified contributions is off, and an enterprise owner has to enable it.",
      { settings: DISABLED },
    ],
    [
      "Gate 2 of 4 (unified-contributions) is closed: GitHub Enterprise Cloud has not confirmed the enabling yet. The next sync asks for it.",
      { settings: { ...ENABLED, epoch: null } },
    ],
    ["The last sync got no answer.", { failures: 1 }],
    [
      "The last sync failed. Upgrade it.",
      { failures: 1, lastFault: { type: "rejected", reason: "unexpected-key", message: "Upgrade it." } },
    ],
    [
      "The server holds no session: the next sync asks for one, and then reports every user anew.",
      { session: "detached" },
    ],
    [
      "GitHub Enterprise Cloud has disabled epoch 3 at 2026-03-01T12:00:00Z, by its receipt.",
      { disabling: { epoch: 2, requestedAt: EARLIER, receipt: { epoch: 3, disabledAt: NOW } } },
    ],
    ["It could not send the counts of 1 user: its report's failures say why.", { lastFailed: 1 }],
    ["It could not send the counts of 2 users: its report's failures say why.", { lastFailed: 2 }],
    [
      "The last 3 syncs failed. Upgrade it.",
      { failures: 3, lastFault: { type: "rejected", reason: "unexpected-key", message: "Upgrade it." } },
    ],
    [
      "At least 10000 users send. Of these at least 10000 are due to be reported, and 1 was never reported.",
      {
        sending: { atLeast: 10_000, isExact: false },
        due: { atLeast: 10_000, isExact: false },
        neverReported: { atLeast: 1, isExact: true },
      },
    ],
  ])("%s", (line, changed) => {
    expect(serverLines({ ...SERVER, ...changed })).toContain(line);
  });
});

describe("what is said of a user", () => {
  it("is one line per thing while all is quiet", () => {
    expect(userLines({ ...USER, lastReportAt: EARLIER })).toEqual([
      'The link of the user "octo" is sending.',
      "All 4 gates are open: the counts are sent.",
      "GitHub Enterprise Cloud took the last report at 2026-02-01T12:00:00Z.",
      "No report is due: the host has announced no change since the last one.",
      "No deletion was asked for.",
      "The next sync is due at 2026-03-01T12:00:00Z.",
    ]);
  });

  it("is everything that is in the way, with a deletion and its withdrawal", () => {
    const user: UserInspection = {
      ...USER,
      ...{ attention: "another-copy-is-running", isDue: true },
      deletion: { status: "pending", requestedAt: EARLIER },
      withdrawal: { requestedAt: EARLIER, nextAskAt: 0 as Instant, hasReceipt: false },
    };

    expect(userLines(user)).toEqual([
      'The link of the user "octo" is sending.',
      "All 4 gates are open: the counts are sent.",
      "Another copy of this server holds the session, so reports wait and deletions go on. Stop the wrong copy, then call takeOver on the right one.",
      "GitHub Enterprise Cloud has no report of this user.",
      "A report is due: the next sync sends it.",
      "A deletion was asked for at 2026-02-01T12:00:00Z and is not acknowledged yet: the counts may still be shown.",
      "The withdrawal waits since 2026-02-01T12:00:00Z, and no answer has come: the next sync sends it.",
      "The next sync is due at 2026-03-01T12:00:00Z.",
    ]);
  });

  it.each<readonly [string, Partial<UserInspection>]>([
    ["GitHub Enterprise Cloud has no report of this user.", {}],
    ["No report is due: the host has announced no change since the last one.", {}],
    ["The last syncs got no answer: `inspect server` says why.", { attention: "sync-is-failing" }],
    [
      "GitHub Enterprise Cloud does not know the link. Check which installation the server's key belongs to; else the user has to connect again.",
      { attention: "link-not-found" },
    ],
    [
      "No report has arrived for 26 hours. Check that the syncs run, then look for the user in the failures of their reports.",
      { attention: "report-is-overdue" },
    ],
    [
      "A deletion was asked for at 2026-02-01T12:00:00Z. Since 2026-03-01T12:00:00Z GitHub Enterprise Cloud does not know the link, which is not a receipt.",
      { deletion: { status: "not-found", requestedAt: EARLIER, since: NOW } },
    ],
    [
      "GitHub Connect was turned off: GitHub Enterprise Cloud deletes the counts by itself.",
      { deletion: { status: "left-to-cloud", requestedAt: null } },
    ],
    [
      "An enterprise owner disabled the feature: GitHub Enterprise Cloud has deleted the counts.",
      { deletion: { status: "by-owner", receipt: null } },
    ],
    [
      "The connection was ended on GitHub Enterprise Cloud, which has deleted the counts.",
      { deletion: { status: "by-cloud", receipt: { deletedAt: NOW, removed: null } } },
    ],
    [
      "GitHub Enterprise Cloud did not know the connection for 90 days. The days that it had are past.",
      { deletion: { status: "aged-out", endedAt: NOW } },
    ],
    [
      "A deletion was asked for at 2026-02-01T12:00:00Z. GitHub Connect was turned off: GitHub Enterprise Cloud deletes the counts by itself.",
      { deletion: { status: "left-to-cloud", requestedAt: EARLIER } },
    ],
    [
      "The last deletion is acknowledged: deleted at 2026-03-01T12:00:00Z, no counts were kept.",
      { deletion: deleted({ status: "deleted", receipt: { deletedAt: NOW, removed: null } }) },
    ],
    [
      "The last deletion is acknowledged: deleted at 2026-03-01T12:00:00Z, no counts were kept, with a signature that --json shows.",
      {
        deletion: deleted({
          status: "deleted",
          receipt: { deletedAt: NOW, removed: null, signature: "a.b.c" },
        }),
      },
    ],
    [
      "The last deletion is acknowledged: deleted at 2026-03-01T12:00:00Z, the days 2026-02-28 to 2026-03-01.",
      {
        deletion: deleted({
          status: "deleted",
          receipt: { deletedAt: NOW, removed: { first: day("2026-02-28"), last: day("2026-03-01") } },
        }),
      },
    ],
    [
      "The withdrawal waits since 2026-02-01T12:00:00Z, and the last answer was no receipt: it is sent again at 2026-03-01T12:00:00Z.",
      { withdrawal: { requestedAt: EARLIER, nextAskAt: NOW, hasReceipt: false } },
    ],
    [
      "The receipt is asked for once more at 2026-03-01T12:00:00Z, to be sure.",
      { withdrawal: { requestedAt: EARLIER, nextAskAt: NOW, hasReceipt: true } },
    ],
    ["No sync is planned while GitHub Connect is off.", { nextSyncAt: null }],
  ])("%s", (line, changed) => {
    expect(userLines({ ...USER, ...changed })).toContain(line);
  });

  it("is nothing about a report while a gate is closed", () => {
    const decision = {
      isAllowed: false,
      gate: "connected-account",
      reason: "never-connected",
      message: "Connect.",
    } as const;

    expect(userLines({ ...USER, decision, isDue: true })).toEqual([
      'The link of the user "octo" is sending.',
      "Gate 3 of 4 (connected-account) is closed: Connect.",
      "GitHub Enterprise Cloud has no report of this user.",
      "No deletion was asked for.",
      "The next sync is due at 2026-03-01T12:00:00Z.",
    ]);
  });
});

describe("a value in a line", () => {
  it("is a time in UTC without its milliseconds", () => {
    expect(timeOf((NOW + 999) as Instant)).toBe("2026-03-01T12:00:00Z");
  });

  it("is an id in quotes, whose control characters are spelled out", () => {
    expect(quoted('a"\u001b[2J')).toBe('"a\\"\\u001b[2J"');
  });
});
