import type { DeletionStatus } from "unified-contributions/ghes";
import type { InstallationDetails, ServerInspection, UserInspection } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  accountLines,
  installationLines,
  serverLines,
  userLines,
} from "../../../../src/adapters/postgres/inspect-text.ts";
import { DISABLED, ENABLED } from "../../../support/ghes-states.ts";
import { day, EARLIER, HQ, NOW, OCTO } from "../../../support/values.ts";

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

describe("what is said of a server", () => {
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
    const lines = userLines({ ...USER, decision });

    expect(lines).toContain("Gate 3 of 4 (connected-account) is closed: Connect.");
    expect(lines.join("\n")).not.toMatch(/report is due/);
  });
});

describe("what is said of an installation", () => {
  const INSTALLATION: InstallationDetails = {
    installation: HQ,
    isConnected: true,
    connectionId: null,
    featureSwitch: { epoch: 4, status: "off" },
    disabledAt: null,
    session: { isAttached: true, isCompleted: false },
    isRecorded: true,
    links: { open: NONE, withCounts: NONE, unswept: NONE, unrecorded: NONE, newestCountsAt: null },
  };

  it("leaves out an unknown time, and says that no sync was completed", () => {
    const lines = installationLines(INSTALLATION);

    expect(lines).toContain("The switch is off, in epoch 4: nothing of it is shown, and no report is taken.");
    expect(lines).toContain("A server holds the session, and has not completed a sync in it yet.");
  });
});

describe("what is said of an account", () => {
  const SENDER = { installation: HQ, openedAt: EARLIER, heardAt: null, countsAt: null, isOpen: true };

  it.each([
    ["no counts of it are there: none have come yet, or its user has opted out.", SENDER],
    [
      "its last counts came at 2026-03-01T12:00:00Z. They have aged out, or they are hidden until the server reports them anew.",
      { ...SENDER, heardAt: NOW },
    ],
    ["its last counts came at 2026-03-01T12:00:00Z.", { ...SENDER, heardAt: NOW, countsAt: NOW }],
  ])("%s", (words, sender) => {
    expect(accountLines({ senders: [sender], unrecorded: [] })).toEqual([
      `The account lets ${JSON.stringify(HQ)} send since 2026-02-01T12:00:00Z, and ${words}`,
    ]);
  });

  it("is that it never connected or has ended every consent, if it lets no server send", () => {
    expect(accountLines({ senders: [], unrecorded: [] })).toEqual([
      "The account lets no server send: it never connected, or every consent ended. `inspect user` on the server says which.",
    ]);
  });
});
