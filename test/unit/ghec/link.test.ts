import type { ContributionWindow, DeletionReceipt } from "unified-contributions";
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
import {
  endingOf,
  type KeptReport,
  type LinkEnding,
  type LinkTransition,
  type WithdrawnChoice,
} from "../../../src/ghec/link.ts";
import { docTable } from "../../support/ghec-doc-table.ts";
import { LIVE, SENDING } from "../../support/ghec-states.ts";
import { day, HQ, instant, LAB, linkId, OCTO_ACCOUNT } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const EARLIER = instant("2026-02-01T12:00:00Z");

const KEPT: KeptReport = {
  choice: 2,
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
/** The receipt of the last ending. */
const LAST = DELETED.receipt;
const SECOND: WithdrawnChoice = { choice: 2, receipt: LAST, isRecorded: false };
/** A link whose user has deselected twice, and one whose user has selected a third time and sent. */
const WITHDRAWN: LiveLink = { ...LIVE, withdrawn: SECOND };
const SELECTED_AGAIN: LiveLink = { ...WITHDRAWN, report: { ...KEPT, choice: 3 } };
const WINDOW: ContributionWindow = { first: day("2026-02-28"), counts: [1, 2] };

/** A report and a hold, as a user sends under choice 2. */
const REPORT = { choice: 2, window: WINDOW };
const HOLD = { choice: 2, window: null };

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
      reported: () => ({ outcome: { type: "ended", choice: null, receipt: LAST }, link: null }),
      held: () => ({ outcome: { type: "ended", choice: null, receipt: LAST }, link: null }),
    },
    {
      cells: ["live, the choice has ended", "`ended` with the last receipt", "`ended` with the last receipt"],
      links: [
        [WITHDRAWN, SENDING],
        [SELECTED_AGAIN, SENDING],
        [{ ...WITHDRAWN, withdrawn: { ...SECOND, isRecorded: true } }, SENDING],
        [{ ...WITHDRAWN, epoch: 1 }, SENDING],
        [WITHDRAWN, { ...SENDING, isConnected: false }],
      ],
      reported: () => ({ outcome: { type: "ended", choice: 2, receipt: LAST }, link: null }),
      held: () => ({ outcome: { type: "ended", choice: 2, receipt: LAST }, link: null }),
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
      cells: ["live", "`kept`, the window replaces what was there", "`kept`, what the choice had stays"],
      links: [
        [LIVE, SENDING],
        [REPORTED, SENDING],
        [HIDDEN, SENDING],
        [{ ...REPORTED, report: { ...KEPT, session: 2 } }, SENDING],
        [{ ...REPORTED, withdrawn: { ...SECOND, choice: 1 } }, SENDING],
        [{ ...LIVE, withdrawn: { ...SECOND, choice: 1, isRecorded: true } }, SENDING],
      ],
      reported: (link) => ({
        outcome: { type: "kept" },
        link: {
          ...(link as LiveLink),
          report: { choice: 2, session: 3, window: WINDOW, receivedAt: NOON },
        },
      }),
      held: (link) => ({
        outcome: { type: "kept" },
        link: {
          ...(link as LiveLink),
          report: {
            choice: 2,
            session: 3,
            window: (link as LiveLink).report?.window ?? null,
            receivedAt: (link as LiveLink).report?.receivedAt ?? null,
          },
        },
      }),
    },
  ];

  test("is what the documented table says", () => {
    expect(ROWS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyReport"));
    for (const { links, reported, held, cells } of ROWS) {
      for (const [link, registration] of links) {
        expect(applyReport(link, registration, REPORT, NOON), cells[0]).toEqual(reported(link));
        expect(applyReport(link, registration, HOLD, NOON), cells[0]).toEqual(held(link));
      }
    }
  });

  test("answers unknown and foreign links alike, whether those live or not", () => {
    const unknown = applyReport(null, SENDING, REPORT, NOON);

    expect(applyReport({ ...LIVE, installation: LAB }, SENDING, REPORT, NOON)).toEqual(unknown);
    expect(applyReport({ ...DELETED, installation: LAB }, SENDING, REPORT, NOON)).toEqual(unknown);
  });

  test("shows a hidden link again with a report, and not with a hold", () => {
    expect(applyReport(HIDDEN, SENDING, HOLD, NOON).link).toMatchObject({ report: { window: null } });
    expect(applyReport(HIDDEN, SENDING, REPORT, NOON).link).toMatchObject({ report: { window: WINDOW } });
  });

  test.each([
    ["a later choice, which it opens", REPORTED, 3],
    ["an earlier choice, which has not ended", REPORTED, 1],
    ["a choice after the last that has ended", { ...REPORTED, withdrawn: { ...SECOND, choice: 1 } }, 3],
  ])("with a report under %s, takes the place of what was there", (_, link, choice) => {
    const report = { choice, session: 3, window: WINDOW, receivedAt: NOON };

    expect(applyReport(link, SENDING, { choice, window: WINDOW }, NOON)).toEqual({
      outcome: { type: "kept" },
      link: { ...link, report },
    });
  });

  test("drops the counts of another choice with a hold, since their withdrawal may be on its way", () => {
    const report = { choice: 3, session: 3, window: null, receivedAt: null };

    expect(applyReport(REPORTED, SENDING, { choice: 3, window: null }, NOON)).toEqual({
      outcome: { type: "kept" },
      link: { ...LIVE, report },
    });
  });

  test("keeps a link from being hidden with a hold, though nothing was ever reported of it", () => {
    const held = applyReport(LIVE, SENDING, HOLD, NOON).link as LiveLink;

    expect([isUnreported(LIVE, SENDING.session), isUnreported(held, SENDING.session)]).toEqual([true, false]);
  });
});

describe("what a withdrawal does (R3)", () => {
  const removed = { first: day("2026-02-27"), last: day("2026-03-01") };
  const deletedWith = (receipt: DeletionReceipt): LinkTransition => ({
    outcome: { type: "withdrawn", receipt },
    link: {
      status: "deleted",
      linkId: linkId(1),
      installation: HQ,
      openedAt: LIVE.openedAt,
      cause: "withdrawn",
      receipt,
      isRecorded: false,
      account: OCTO_ACCOUNT,
    },
  });
  const endedWith = (
    choice: number,
    receipt: DeletionReceipt,
    report: KeptReport | null,
  ): LinkTransition => ({
    outcome: { type: "withdrawn", receipt },
    link: { ...LIVE, report, withdrawn: { choice, receipt, isRecorded: false } },
  });
  const unchanged = (receipt: DeletionReceipt): LinkTransition => ({
    outcome: { type: "withdrawn", receipt },
    link: null,
  });
  /** Each row of the documented table, with links, and what withdrawals of choice 2 and of the link make of each. */
  const ROWS: readonly {
    readonly cells: readonly [link: string, choice: string, link: string];
    readonly links: readonly (readonly [
      link: ReceiverLink | null,
      ofChoice: LinkTransition,
      ofLink: LinkTransition,
    ])[];
  }[] = [
    {
      cells: ["unknown, of another installation", "`unknown`", "`unknown`"],
      links: [null, { ...REPORTED, installation: LAB }, { ...DELETED, installation: LAB }].map((link) => [
        link,
        UNKNOWN,
        UNKNOWN,
      ]),
    },
    {
      cells: ["deleted", "`withdrawn` with the first receipt", "`withdrawn` with the first receipt"],
      links: [DELETED, UNRECORDED].map((link) => [link, unchanged(link.receipt), unchanged(link.receipt)]),
    },
    {
      cells: [
        "live, the choice has ended",
        "`withdrawn` with the last receipt",
        "→ deleted, `withdrawn` with what was removed",
      ],
      links: [
        [WITHDRAWN, unchanged(LAST), deletedWith({ deletedAt: NOON, removed: null })],
        [SELECTED_AGAIN, unchanged(LAST), deletedWith({ deletedAt: NOON, removed })],
        [
          { ...SELECTED_AGAIN, withdrawn: { ...SECOND, choice: 3, isRecorded: true } },
          unchanged(LAST),
          deletedWith({ deletedAt: NOON, removed }),
        ],
      ],
    },
    {
      cells: [
        "live",
        "→ the choice has ended, `withdrawn` with what was removed",
        "→ deleted, `withdrawn` with what was removed",
      ],
      links: [
        [
          LIVE,
          endedWith(2, { deletedAt: NOON, removed: null }, null),
          deletedWith({ deletedAt: NOON, removed: null }),
        ],
        [
          REPORTED,
          endedWith(2, { deletedAt: NOON, removed }, null),
          deletedWith({ deletedAt: NOON, removed }),
        ],
        [
          { ...REPORTED, withdrawn: { ...SECOND, choice: 1 } },
          endedWith(2, { deletedAt: NOON, removed }, null),
          deletedWith({ deletedAt: NOON, removed }),
        ],
        [
          { ...REPORTED, report: { ...KEPT, choice: 1 } },
          endedWith(2, { deletedAt: NOON, removed }, null),
          deletedWith({ deletedAt: NOON, removed }),
        ],
        [
          { ...LIVE, report: { ...KEPT, choice: 3 } },
          endedWith(2, { deletedAt: NOON, removed: null }, { ...KEPT, choice: 3 }),
          deletedWith({ deletedAt: NOON, removed }),
        ],
      ],
    },
  ];

  test("is what the documented table says", () => {
    expect(ROWS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyWithdrawal"));
    for (const { links, cells } of ROWS) {
      for (const [link, ofChoice, ofLink] of links) {
        expect(applyWithdrawal(link, HQ, 2, NOON), `${cells[0]}: a choice`).toEqual(ofChoice);
        expect(applyWithdrawal(link, HQ, null, NOON), `${cells[0]}: the link`).toEqual(ofLink);
      }
    }
  });

  test("does not depend on whether the link's epoch is open", () => {
    const { link } = applyWithdrawal({ ...REPORTED, epoch: 1 }, HQ, 2, NOON);

    expect(link).toMatchObject({ status: "live", report: null, withdrawn: { choice: 2 } });
    expect(applyWithdrawal({ ...REPORTED, epoch: 1 }, HQ, null, NOON).link).toMatchObject({
      status: "deleted",
    });
  });
});

describe("what has ended of a link", () => {
  test.each<[string, ReceiverLink, LinkEnding | null]>([
    ["nothing of one that lives", REPORTED, null],
    ["the last choice of one that was deselected", SELECTED_AGAIN, SECOND],
    [
      "the link itself of one that is deleted",
      UNRECORDED,
      { choice: null, receipt: LAST, isRecorded: false },
    ],
    ["the same where it is recorded", DELETED, { choice: null, receipt: LAST, isRecorded: true }],
  ])("is %s", (_, link, ending) => {
    expect(endingOf(link)).toEqual(ending);
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
  const ended = { choice: null, receipt };
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
    [
      "ends one of which a choice has ended",
      { ...SELECTED_AGAIN, withdrawn: { ...SECOND, isRecorded: true } },
    ],
    ["ends one of an epoch that is over", { ...REPORTED, epoch: 1 }],
    ["records one that was deleted here, whose cause is known", UNRECORDED],
  ])("%s, with the receipt that was acknowledged first", (_, link) => {
    const cause = link.status === "deleted" ? link.cause : "recorded";
    expect(endRecorded(link, HQ, ended)).toEqual({ ...recorded, cause });
  });

  test.each<[string, ReceiverLink]>([
    ["that it has recorded already", DELETED],
    ["of another installation", { ...REPORTED, installation: LAB }],
    ["of another installation that is deleted", { ...UNRECORDED, installation: LAB }],
  ])("changes nothing of a link %s", (_, link) => {
    expect(endRecorded(link, HQ, ended)).toBeNull();
  });
});

describe("the ledger's word that a choice has ended (RS11)", () => {
  const ended = { choice: 2, receipt: { deletedAt: NOON, removed: null } };
  const withdrawn = { ...ended, isRecorded: true };
  const later = { ...KEPT, choice: 3 };

  test.each<[string, LiveLink, LiveLink]>([
    ["deletes the counts that came under it", REPORTED, { ...LIVE, withdrawn }],
    [
      "deletes the counts that came before it",
      { ...LIVE, report: { ...KEPT, choice: 1 } },
      { ...LIVE, withdrawn },
    ],
    ["leaves the counts of a later one", { ...LIVE, report: later }, { ...LIVE, report: later, withdrawn }],
    [
      "takes the place of an earlier one",
      { ...LIVE, withdrawn: { ...SECOND, choice: 1 } },
      { ...LIVE, withdrawn },
    ],
    [
      "takes the place of an earlier one that is recorded",
      { ...LIVE, withdrawn: { ...SECOND, choice: 1, isRecorded: true } },
      { ...LIVE, withdrawn },
    ],
    ["records it, with the receipt that was acknowledged", SELECTED_AGAIN, { ...SELECTED_AGAIN, withdrawn }],
    ["ends it in an epoch that is over", { ...REPORTED, epoch: 1 }, { ...LIVE, epoch: 1, withdrawn }],
  ])("%s", (_, link, after) => {
    expect(endRecorded(link, HQ, ended)).toEqual(after);
  });

  test.each<[string, ReceiverLink]>([
    ["of which it is recorded already", { ...SELECTED_AGAIN, withdrawn: { ...SECOND, isRecorded: true } }],
    ["of which a later one has ended", { ...LIVE, withdrawn: { ...SECOND, choice: 3 } }],
    ["that is deleted", DELETED],
    ["that is deleted and unrecorded", UNRECORDED],
    ["of another installation", { ...REPORTED, installation: LAB }],
  ])("changes nothing of a link %s", (_, link) => {
    expect(endRecorded(link, HQ, ended)).toBeNull();
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
    ["it was never reported", LIVE],
    ["it was last reported in an earlier session", { ...REPORTED, report: { ...KEPT, session: 2 } }],
  ])("where %s", (_, link) => {
    expect(isUnreported(link, session)).toBe(true);
  });

  test.each([
    ["it was reported in the session", REPORTED],
    [
      "it was reported in the session and its counts aged out",
      { ...REPORTED, report: { ...KEPT, window: null } },
    ],
  ])("but not where %s", (_, link) => {
    expect(isUnreported(link, session)).toBe(false);
  });
});
