import type { ContributionWindow } from "unified-contributions";
import type { DeletedLink, Registration } from "unified-contributions/ghec";
import {
  applyReport,
  applyWithdrawal,
  deleteLink,
  endRecorded,
  hideLink,
  isUnreported,
  type LiveLink,
  type ReceiverLink,
} from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import type { KeptReport, LinkTransition } from "../../../src/ghec/link.ts";
import { docTable } from "../../support/ghec-doc-table.ts";
import { LIVE, SENDING } from "../../support/ghec-states.ts";
import { day, HQ, instant, LAB, linkId, OCTO_ACCOUNT } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const EARLIER = instant("2026-02-01T12:00:00Z");

const KEPT: KeptReport = {
  session: 3,
  window: { first: day("2026-02-27"), counts: [4, 0, 3] },
  receivedAt: EARLIER,
};
const REPORTED: LiveLink = { ...LIVE, report: KEPT };
const HIDDEN: LiveLink = { ...LIVE, report: { ...KEPT, session: 2, window: null } };
const DELETED: DeletedLink = {
  status: "deleted",
  linkId: linkId(1),
  installation: HQ,
  openedAt: LIVE.openedAt,
  cause: "authorization-revoked",
  receipt: { deletedAt: EARLIER, removed: { first: day("2026-01-01"), last: day("2026-01-31") } },
  isRecorded: true,
  account: null,
};
const UNRECORDED: DeletedLink = { ...DELETED, isRecorded: false, account: OCTO_ACCOUNT };
const WINDOW: ContributionWindow = { first: day("2026-02-28"), counts: [1, 2] };

const UNKNOWN: LinkTransition = { outcome: { type: "unknown" }, link: null };

describe("what a report or a hold does (R1, R2)", () => {
  /** Each row of the documented table, with the links that it speaks of and what comes of each. */
  const ROWS: readonly {
    readonly cells: readonly [link: string, report: string, hold: string];
    readonly links: readonly (readonly [ReceiverLink | null, Registration])[];
    readonly reported: (link: ReceiverLink | null) => LinkTransition;
    readonly held: (link: ReceiverLink | null) => LinkTransition;
  }[] = [
    {
      cells: ["unknown, of another installation", "`unknown`", "`unknown`"],
      links: [
        [null, SENDING],
        [{ ...REPORTED, installation: LAB }, SENDING],
        [{ ...DELETED, installation: LAB }, SENDING],
        [{ ...UNRECORDED, installation: LAB }, SENDING],
      ],
      reported: () => UNKNOWN,
      held: () => UNKNOWN,
    },
    {
      cells: ["deleted", "`ended` with its receipt", "`ended` with its receipt"],
      links: [
        [DELETED, SENDING],
        [UNRECORDED, SENDING],
        [DELETED, { ...SENDING, featureSwitch: { epoch: 2, status: "off" } }],
      ],
      reported: () => ({ outcome: { type: "ended", receipt: DELETED.receipt }, link: null }),
      held: () => ({ outcome: { type: "ended", receipt: DELETED.receipt }, link: null }),
    },
    {
      cells: ["of an epoch that is not open", "`not-applied`", "`not-applied`"],
      links: [
        [{ ...REPORTED, epoch: 1 }, SENDING],
        [{ ...REPORTED, epoch: 3 }, SENDING],
        [REPORTED, { ...SENDING, featureSwitch: { epoch: 2, status: "off" } }],
        [REPORTED, { ...SENDING, isConnected: false }],
      ],
      reported: () => ({ outcome: { type: "not-applied" }, link: null }),
      held: () => ({ outcome: { type: "not-applied" }, link: null }),
    },
    {
      cells: ["live", "`kept`, the window replaces what was there", "`kept`, what was there stays"],
      links: [
        [LIVE, SENDING],
        [REPORTED, SENDING],
        [HIDDEN, SENDING],
        [{ ...REPORTED, report: { ...KEPT, session: 2 } }, SENDING],
      ],
      reported: () => ({
        outcome: { type: "kept" },
        link: { ...LIVE, report: { session: 3, window: WINDOW, receivedAt: NOON } },
      }),
      held: (link) => ({
        outcome: { type: "kept" },
        link: {
          ...LIVE,
          report: {
            session: 3,
            window: (link as LiveLink).report?.window ?? null,
            receivedAt: link === LIVE ? null : EARLIER,
          },
        },
      }),
    },
  ];

  test("is what the documented table says", () => {
    expect(ROWS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyReport"));
    for (const { links, reported, held, cells } of ROWS) {
      for (const [link, registration] of links) {
        expect(applyReport(link, registration, WINDOW, NOON), cells[0]).toEqual(reported(link));
        expect(applyReport(link, registration, null, NOON), cells[0]).toEqual(held(link));
      }
    }
  });

  test("answers unknown and foreign links alike, whether those live or not", () => {
    const unknown = applyReport(null, SENDING, WINDOW, NOON);

    expect(applyReport({ ...LIVE, installation: LAB }, SENDING, WINDOW, NOON)).toEqual(unknown);
    expect(applyReport({ ...DELETED, installation: LAB }, SENDING, WINDOW, NOON)).toEqual(unknown);
  });

  test("shows a hidden link again with a report, and not with a hold", () => {
    expect(applyReport(HIDDEN, SENDING, null, NOON).link).toMatchObject({ report: { window: null } });
    expect(applyReport(HIDDEN, SENDING, WINDOW, NOON).link).toMatchObject({ report: { window: WINDOW } });
  });

  test("keeps a link from being hidden with a hold, though nothing was ever reported of it", () => {
    const old: LiveLink = { ...LIVE, openedIn: 1 };

    const held = applyReport(old, SENDING, null, NOON).link as LiveLink;

    expect([isUnreported(old, SENDING.session), isUnreported(held, SENDING.session)]).toEqual([true, false]);
  });
});

describe("what a withdrawal does (R3)", () => {
  const REMOVED: DeletedLink = {
    status: "deleted",
    linkId: linkId(1),
    installation: HQ,
    openedAt: LIVE.openedAt,
    cause: "withdrawn",
    receipt: { deletedAt: NOON, removed: { first: day("2026-02-27"), last: day("2026-03-01") } },
    isRecorded: false,
    account: OCTO_ACCOUNT,
  };
  const ROWS: readonly {
    readonly cells: readonly [link: string, withdraw: string];
    readonly links: readonly (ReceiverLink | null)[];
    readonly becomes: LinkTransition;
  }[] = [
    {
      cells: ["unknown, of another installation", "`unknown`"],
      links: [null, { ...REPORTED, installation: LAB }, { ...DELETED, installation: LAB }],
      becomes: UNKNOWN,
    },
    {
      cells: ["deleted", "`withdrawn` with the first receipt"],
      links: [DELETED, UNRECORDED],
      becomes: { outcome: { type: "withdrawn", receipt: DELETED.receipt }, link: null },
    },
    {
      cells: ["live", "→ deleted, `withdrawn` with what was removed"],
      links: [REPORTED, { ...REPORTED, epoch: 1 }],
      becomes: { outcome: { type: "withdrawn", receipt: REMOVED.receipt }, link: REMOVED },
    },
  ];

  test("is what the documented table says", () => {
    expect(ROWS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyWithdrawal"));
    for (const { links, becomes, cells } of ROWS) {
      for (const link of links) expect(applyWithdrawal(link, HQ, NOON), cells[0]).toEqual(becomes);
    }
  });
});

describe("a link that is deleted", () => {
  test("keeps its receipt and no counts, and its account until the ledger has it", () => {
    expect(deleteLink(REPORTED, "replaced", NOON)).toEqual({
      status: "deleted",
      linkId: linkId(1),
      installation: HQ,
      openedAt: LIVE.openedAt,
      cause: "replaced",
      receipt: { deletedAt: NOON, removed: { first: "2026-02-27", last: "2026-03-01" } },
      isRecorded: false,
      account: OCTO_ACCOUNT,
    });
  });

  test.each([
    ["was never reported", LIVE],
    ["has counts that aged out", { ...LIVE, report: { ...KEPT, window: null } }],
  ])("removes nothing where it %s", (_, link) => {
    expect(deleteLink(link, "withdrawn", NOON).receipt).toEqual({ deletedAt: NOON, removed: null });
  });
});

describe("the ledger's word that a link is dead (RS11)", () => {
  const receipt = { deletedAt: NOON, removed: null };
  const recorded: DeletedLink = {
    status: "deleted",
    linkId: linkId(1),
    installation: HQ,
    openedAt: LIVE.openedAt,
    cause: "recorded",
    receipt,
    isRecorded: true,
    account: null,
  };

  test.each<[string, ReceiverLink]>([
    ["ends one that lives", REPORTED],
    ["ends one of an epoch that is over", { ...REPORTED, epoch: 1 }],
    ["records one that was deleted here, whose cause is known", UNRECORDED],
  ])("%s, with the receipt that was acknowledged first", (_, link) => {
    const cause = link.status === "deleted" ? link.cause : "recorded";
    expect(endRecorded(link, HQ, receipt)).toEqual({ ...recorded, cause });
  });

  test.each<[string, ReceiverLink]>([
    ["that it has recorded already", DELETED],
    ["of another installation", { ...REPORTED, installation: LAB }],
    ["of another installation that is deleted", { ...UNRECORDED, installation: LAB }],
  ])("changes nothing of a link %s", (_, link) => {
    expect(endRecorded(link, HQ, receipt)).toBeNull();
  });
});

describe("a link that is hidden (R9)", () => {
  test("loses its counts and stays", () => {
    expect(hideLink(REPORTED)).toEqual({ ...LIVE, report: { ...KEPT, window: null } });
  });

  test.each([
    ["that was never reported", LIVE],
    ["that is hidden", HIDDEN],
  ])("is the same where it is one %s", (_, link) => {
    expect(hideLink(link)).toBe(link);
  });
});

describe("a link is unreported (R9)", () => {
  const { session } = SENDING;

  test.each([
    ["it is older than the session and was never reported", { ...LIVE, openedIn: 2 }],
    [
      "it was last reported in an earlier session",
      { ...REPORTED, openedIn: 1, report: { ...KEPT, session: 2 } },
    ],
  ])("where %s", (_, link) => {
    expect(isUnreported(link, session)).toBe(true);
  });

  test.each([
    ["it was opened in the session, and its id may still be on its way", LIVE],
    ["it was reported in the session", { ...REPORTED, openedIn: 2 }],
    ["it was opened and reported in the session", REPORTED],
    [
      "it was reported in the session and its counts aged out",
      { ...REPORTED, report: { ...KEPT, window: null } },
    ],
  ])("but not where %s", (_, link) => {
    expect(isUnreported(link, session)).toBe(false);
  });
});
