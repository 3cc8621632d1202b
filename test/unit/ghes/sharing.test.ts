import type { Instant } from "unified-contributions";
import {
  type DeletionStatus,
  type Ended,
  GATES,
  type Redeeming,
  SETTINGS_SENTENCES,
  type SharingDecision,
  sharingOf,
  type UserLink,
} from "unified-contributions/ghes";
import {
  type LinkRecord,
  NEW_SERVER,
  newLinkRecord,
  type Reported,
  type ServerState,
} from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  CONNECTED,
  DESELECTED,
  DISABLED,
  ENABLED,
  OPTED_OUT,
  REPORTING,
  SENDING,
  SUSPENDED,
} from "../../support/ghes-states.ts";
import {
  attemptId,
  consentCode,
  day,
  EARLIER,
  instant,
  linkId,
  NOW,
  OCTO,
  sessionId,
} from "../../support/values.ts";

/** Began to send just now, so no report is overdue. */
const SENDER: LinkRecord = { ...newLinkRecord(OCTO), link: { ...SENDING, sendingAt: NOW } };
const REPORTED: Reported = {
  type: "kept",
  linkId: linkId("link-1"),
  choice: 1,
  sessionId: sessionId("own"),
  changes: 0,
  window: { first: day("2025-11-04"), counts: [1] },
  reportedAt: EARLIER,
  refreshAt: NOW,
};

const REDEEMING: Redeeming = {
  status: "redeeming",
  connectionOrdinal: 1,
  attempt: attemptId(1),
  code: consentCode(1),
  before: { status: "never-connected" },
  instead: null,
};

function decisionOn(server: ServerState, stored: UserLink): SharingDecision {
  return sharingOf(server, { ...SENDER, link: stored }, NOW).decision;
}

function closed(gate: string, reason: string, message: string): object {
  return { isAllowed: false, gate, reason, message };
}

it("there are four gates, in this order", () => {
  expect(GATES).toEqual([
    "github-connect",
    "unified-contributions",
    "connected-account",
    "send-contribution-counts",
  ]);
});

describe("counts may be sent", () => {
  it("where all four gates are open", () => {
    expect(sharingOf(REPORTING, SENDER, NOW)).toEqual({
      link: SENDER.link,
      decision: { isAllowed: true },
      deletion: { status: "none" },
      earlierDeletion: { status: "none" },
      attention: null,
      lastReportAt: null,
      nextSyncAt: NOW,
    });
  });
});

describe("counts may not be sent", () => {
  it.each<[string, ServerState, object]>([
    [
      "while GitHub Connect is off",
      { ...REPORTING, settings: { status: "disconnected", connectionOrdinal: 1 } },
      closed(
        "github-connect",
        "github-connect-disabled",
        "GitHub Connect is off: an enterprise owner has to enable it.",
      ),
    ],
    [
      "while the feature is off",
      { ...REPORTING, settings: DISABLED },
      closed(
        "unified-contributions",
        "unified-contributions-disabled",
        "Unified contributions is off: an enterprise owner has to enable it.",
      ),
    ],
    [
      "until the enabling is confirmed",
      { ...REPORTING, settings: { ...ENABLED, epoch: null } },
      closed(
        "unified-contributions",
        "enabling-unconfirmed",
        "GitHub Enterprise Cloud has not confirmed the enabling yet: wait for the next sync.",
      ),
    ],
  ])("%s", (_, server, decision) => {
    expect(decisionOn(server, SENDING)).toEqual(decision);
  });

  it.each<[string, UserLink, object]>([
    [
      "without an account",
      { status: "never-connected" },
      closed(
        "connected-account",
        "never-connected",
        "The user has to connect an account on GitHub Enterprise Cloud.",
      ),
    ],
    [
      "while the account is being connected",
      {
        status: "connecting",
        connectionOrdinal: 1,
        attempt: attemptId(1),
        expiresAt: (NOW + 1) as typeof NOW,
        before: { status: "never-connected" },
      },
      closed("connected-account", "connecting", "The user has to finish connecting their account."),
    ],
    [
      "while GitHub Enterprise Cloud is asked for the link",
      REDEEMING,
      closed(
        "connected-account",
        "redeeming",
        "GitHub Enterprise Cloud has not confirmed the connection yet: wait for the next sync.",
      ),
    ],
    [
      "while the connection is being undone",
      { ...REDEEMING, instead: { status: "opted-out", optedOutAt: EARLIER } },
      closed(
        "connected-account",
        "being-undone",
        "The connection is being undone: the user has to connect an account again.",
      ),
    ],
    [
      "when the attempt to connect has expired",
      {
        status: "connecting",
        connectionOrdinal: 1,
        attempt: attemptId(1),
        expiresAt: NOW,
        before: { status: "never-connected" },
      },
      closed(
        "connected-account",
        "never-connected",
        "The user has to connect an account on GitHub Enterprise Cloud.",
      ),
    ],
    [
      "of an account that is only connected",
      CONNECTED,
      closed(
        "send-contribution-counts",
        "not-selected",
        'The user has to select "Send my contribution counts".',
      ),
    ],
    [
      "of who deselected it",
      DESELECTED,
      closed(
        "send-contribution-counts",
        "opted-out",
        'The user opted out: they have to select "Send my contribution counts" again to send.',
      ),
    ],
    [
      "of who disconnected",
      { status: "opted-out", optedOutAt: EARLIER },
      closed(
        "connected-account",
        "disconnected",
        "The user disconnected their account: they have to connect it again.",
      ),
    ],
    [
      "of who sent in an epoch that is over",
      { ...SENDING, consent: { linkId: linkId("link-1"), epoch: 1 } },
      closed(
        "connected-account",
        "suspended",
        "An enterprise owner disabled the feature since: the user has to reconnect.",
      ),
    ],
    [
      "of whom the other side ended",
      { status: "ended", reason: "authorization-revoked", endedAt: EARLIER, receipt: null },
      closed(
        "connected-account",
        "authorization-revoked",
        "The authorization was revoked on GitHub Enterprise Cloud: the user has to reconnect.",
      ),
    ],
  ])("%s", (_, stored, decision) => {
    expect(decisionOn(REPORTING, stored)).toEqual(decision);
  });
});

describe("the last report", () => {
  it("is when the counts of this link were last taken", () => {
    expect(sharingOf(REPORTING, { ...SENDER, reported: REPORTED }, NOW).lastReportAt).toBe(EARLIER);
  });

  it("is none of another link's", () => {
    const reported = { ...REPORTED, linkId: linkId("link-0") };

    expect(sharingOf(REPORTING, { ...SENDER, reported }, NOW).lastReportAt).toBeNull();
  });

  it("is none where nothing is sent any more", () => {
    const record: LinkRecord = { ...SENDER, link: CONNECTED, reported: REPORTED };

    expect(sharingOf(REPORTING, record, NOW).lastReportAt).toBeNull();
  });
});

describe("the next sync", () => {
  const planned: ServerState = {
    ...REPORTING,
    nextSyncAt: instant("2026-03-01T12:34:00Z"),
    nextSyncWaitMs: 3_600_000,
  };

  it("is when it is planned", () => {
    expect(sharingOf(planned, SENDER, NOW).nextSyncAt).toBe(Date.parse("2026-03-01T12:34:00Z"));
  });

  it("is none while GitHub Connect is off", () => {
    const server: ServerState = { ...planned, settings: { status: "disconnected", connectionOrdinal: 1 } };

    expect(sharingOf(server, SENDER, NOW).nextSyncAt).toBeNull();
  });
});

describe("what needs attention", () => {
  it("is that syncs get no answer", () => {
    expect(sharingOf({ ...REPORTING, failures: 1 }, SENDER, NOW).attention).toBe("sync-is-failing");
  });

  describe("of a link that the receiver does not know", () => {
    const unknown: Reported = {
      type: "unknown",
      linkId: linkId("link-1"),
      choice: 1,
      sessionId: sessionId("own"),
      since: EARLIER,
      refreshAt: NOW,
    };

    it("is that it is not found, and nothing was taken", () => {
      expect(sharingOf(REPORTING, { ...SENDER, reported: unknown }, NOW)).toMatchObject({
        decision: { isAllowed: true },
        attention: "link-not-found",
        lastReportAt: null,
      });
    });

    it.each<[string, LinkRecord]>([
      ["of another link of theirs", { ...SENDER, reported: { ...unknown, linkId: linkId("link-0") } }],
      ["of one that sends no more", { ...SENDER, link: CONNECTED, reported: unknown }],
    ])("is nothing %s", (_, record) => {
      expect(sharingOf(REPORTING, record, NOW).attention).toBeNull();
    });

    it("is what keeps the whole server from sending, where something does", () => {
      const record: LinkRecord = { ...SENDER, reported: unknown };

      expect(sharingOf({ ...REPORTING, failures: 1 }, record, NOW).attention).toBe("sync-is-failing");
    });
  });

  describe("of a user whose reports stay away", () => {
    const HOUR_MS = 3_600_000;
    const attentionAfter = (hours: number, since: Instant, record: LinkRecord) =>
      sharingOf(REPORTING, record, (since + hours * HOUR_MS) as Instant).attention;

    it("is that none has come for more than 26 hours since the choice to send", () => {
      expect(attentionAfter(26, NOW, SENDER)).toBeNull();
      expect(attentionAfter(26.001, NOW, SENDER)).toBe("report-is-overdue");
    });

    it("is that none has come for more than 26 hours since the last one", () => {
      const reportedAt = (NOW + 1_000 * HOUR_MS) as Instant;
      const record: LinkRecord = { ...SENDER, reported: { ...REPORTED, reportedAt } };

      expect(attentionAfter(26, reportedAt, record)).toBeNull();
      expect(attentionAfter(26.001, reportedAt, record)).toBe("report-is-overdue");
    });

    it("is nothing while the user sends nothing", () => {
      expect(attentionAfter(1_000, NOW, { ...SENDER, link: CONNECTED })).toBeNull();
    });
  });

  it("is before all that another copy of the server is running", () => {
    const server: ServerState = {
      ...REPORTING,
      failures: 1,
      session: { status: "contested", current: sessionId("theirs") },
    };

    expect(sharingOf(server, SENDER, NOW).attention).toBe("another-copy-is-running");
  });
});

describe("the deletion that was asked for", () => {
  const deletion = {
    linkId: linkId("link-1"),
    choice: null,
    connectionOrdinal: 1,
    requestedAt: EARLIER,
    receipt: null,
    notFoundSince: null,
  };
  const receipt = { deletedAt: NOW, removed: null };
  const GONE: LinkRecord = { ...newLinkRecord(OCTO), link: OPTED_OUT };

  it("is pending until it is acknowledged", () => {
    expect(sharingOf(REPORTING, { ...GONE, deletion }, NOW).deletion).toEqual({
      status: "pending",
      requestedAt: EARLIER,
    });
  });

  it.each([
    { status: "opted-out", optedOutAt: EARLIER } as const,
    { status: "ended", reason: "user-deleted", endedAt: EARLIER, receipt: null } as const,
  ])("is pending while the link that it is for is not known yet: $status", (instead) => {
    const record: LinkRecord = { ...SENDER, link: { ...REDEEMING, instead } };

    expect(sharingOf(REPORTING, record, NOW).deletion).toEqual({ status: "pending", requestedAt: EARLIER });
  });

  it("is proved by its receipt, also when GitHub Connect is gone", () => {
    const sharing = sharingOf(NEW_SERVER, { ...GONE, deletion: { ...deletion, receipt } }, NOW);

    expect(sharing.deletion).toEqual({ status: "deleted", receipt: { deletedAt: NOW, removed: null } });
  });

  it.each([null, receipt])("is not found since an instant, also after a receipt: %o", (given) => {
    const lost = { ...deletion, receipt: given, notFoundSince: NOW };

    expect(sharingOf(REPORTING, { ...GONE, deletion: lost }, NOW).deletion).toEqual({
      status: "not-found",
      requestedAt: EARLIER,
      since: NOW,
    });
  });

  it.each([
    ["is left to the cloud", null, { status: "left-to-cloud", requestedAt: EARLIER }],
    ["is proved by its receipt", receipt, { status: "deleted", receipt }],
  ])("of a link that was not found %s where GitHub Connect is gone", (_, given, status) => {
    const lost = { ...deletion, receipt: given, notFoundSince: NOW };

    expect(sharingOf(NEW_SERVER, { ...GONE, deletion: lost }, NOW).deletion).toEqual(status);
  });

  it.each<[string, ServerState]>([
    ["is off", NEW_SERVER],
    ["is another connection by now", { ...REPORTING, settings: { ...ENABLED, connectionOrdinal: 2 } }],
  ])("is left to the cloud where GitHub Connect %s", (_, server) => {
    expect(sharingOf(server, { ...GONE, deletion }, NOW).deletion).toEqual({
      status: "left-to-cloud",
      requestedAt: EARLIER,
    });
  });
});

describe("a user who opted out and is still connected", () => {
  const receipt = { deletedAt: NOW, removed: null };
  const deletion = {
    linkId: linkId("link-1"),
    choice: 1,
    connectionOrdinal: 1,
    requestedAt: EARLIER,
    receipt: null,
    notFoundSince: null,
  };
  const RECORD: LinkRecord = { ...newLinkRecord(OCTO), link: DESELECTED, deletion };

  it("is told that the last gate is closed, and sees the deletion of this choice pending", () => {
    expect(sharingOf(REPORTING, RECORD, NOW)).toEqual({
      link: DESELECTED,
      decision: closed("send-contribution-counts", "opted-out", SETTINGS_SENTENCES.closed["opted-out"]),
      deletion: { status: "pending", requestedAt: EARLIER },
      earlierDeletion: { status: "none" },
      attention: null,
      lastReportAt: null,
      nextSyncAt: NOW,
    });
  });

  it("sees it deleted once its receipt has come", () => {
    const sharing = sharingOf(REPORTING, { ...RECORD, deletion: { ...deletion, receipt } }, NOW);

    expect([sharing.deletion, sharing.earlierDeletion]).toEqual([
      { status: "deleted", receipt },
      { status: "none" },
    ]);
  });

  it("sees it as an earlier one after opting in again", () => {
    const link: UserLink = { ...SENDING, choice: 2, sendingAt: NOW };
    const again = (last: LinkRecord["deletion"]) =>
      sharingOf(REPORTING, { ...RECORD, link, deletion: last }, NOW);

    expect(again(deletion)).toMatchObject({
      decision: { isAllowed: true },
      deletion: { status: "none" },
      earlierDeletion: { status: "pending", requestedAt: EARLIER },
    });
    expect(again({ ...deletion, receipt })).toMatchObject({
      deletion: { status: "none" },
      earlierDeletion: { status: "deleted", receipt },
    });
  });
});

describe("a deletion is told of the link that it was of", () => {
  const receipt = { deletedAt: EARLIER, removed: null };
  const deletion = {
    linkId: linkId("link-0"),
    choice: null,
    connectionOrdinal: 1,
    requestedAt: EARLIER,
    receipt,
    notFoundSince: null,
  };
  const earlier = { status: "deleted", receipt } as const;
  const ended: Ended = { status: "ended", reason: "link-ended", endedAt: NOW, receipt: null };

  function deletionsOf(link: UserLink, server: ServerState = REPORTING) {
    const sharing = sharingOf(server, { ...SENDER, link, deletion }, NOW);
    return [sharing.deletion, sharing.earlierDeletion];
  }

  it.each<[string, UserLink]>([
    ["sends", SENDING],
    ["is connected", CONNECTED],
  ])("nothing of a link that %s was deleted, whatever became of the one before", (_, link) => {
    expect(deletionsOf(link)).toEqual([{ status: "none" }, earlier]);
  });

  it("of a user who disconnected, it is the last one", () => {
    expect(deletionsOf(OPTED_OUT)).toEqual([earlier, { status: "none" }]);
  });

  it("of a link that was ended on the cloud, it is the cloud's", () => {
    const cloud = { deletedAt: NOW, removed: null };

    expect(deletionsOf({ ...ended, receipt: cloud })).toEqual([
      { status: "by-cloud", receipt: cloud },
      earlier,
    ]);
  });

  it("of a link that the cloud did not know for 90 days, its days are past", () => {
    expect(deletionsOf({ ...ended, reason: "link-not-found" })).toEqual([
      { status: "aged-out", endedAt: NOW },
      earlier,
    ]);
  });

  it("of a link that the host has ended, it is the one that was asked for", () => {
    expect(deletionsOf({ ...ended, reason: "user-suspended" })).toEqual([earlier, { status: "none" }]);
  });

  describe("of a link that the owner has ended", () => {
    const disabling = { epoch: 2, requestedAt: NOW, receipt: null };
    const disabled = { epoch: 2, disabledAt: NOW };

    it.each<[string, ServerState, DeletionStatus]>([
      [
        "is pending while the disabling is not acknowledged",
        { ...REPORTING, settings: DISABLED, disabling },
        { status: "pending", requestedAt: NOW },
      ],
      [
        "is pending while it is enabled again and not confirmed",
        { ...REPORTING, settings: { ...ENABLED, epoch: null }, disabling },
        { status: "pending", requestedAt: NOW },
      ],
      [
        "is the owner's, with the receipt of the disabling",
        { ...REPORTING, settings: DISABLED, disabling: { ...disabling, receipt: disabled } },
        { status: "by-owner", receipt: disabled },
      ],
      [
        "is the owner's without one, if it was disabled on the cloud",
        { ...REPORTING, settings: DISABLED },
        { status: "by-owner", receipt: null },
      ],
      [
        "is the owner's once a later epoch is on",
        { ...REPORTING, settings: { ...ENABLED, epoch: 9 }, disabling },
        { status: "by-owner", receipt: null },
      ],
      [
        "is left to the cloud without GitHub Connect",
        NEW_SERVER,
        { status: "left-to-cloud", requestedAt: null },
      ],
    ])("it %s", (_, server, status) => {
      expect(deletionsOf(SENDING, server)[0]).toEqual(status);
    });

    it("it stays so while the user connects anew", () => {
      const link: UserLink = { ...REDEEMING, before: SUSPENDED };

      expect(deletionsOf(link)[0]).toEqual({ status: "by-owner", receipt: null });
    });
  });
});

it("a sentence of a settings page is whole, and speaks of no rule, id or type", () => {
  const sentences = Object.values(SETTINGS_SENTENCES).flatMap((group) =>
    typeof group === "string" ? [group] : Object.values<string>(group),
  );

  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][\w ",.:%'-]+\.$/);
  expect(new Set(sentences).size).toBe(sentences.length);
});
