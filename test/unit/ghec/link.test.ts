import type { ContributionWindow } from "unified-contributions";
import type { DeletedLink as DeadLink, Registration } from "unified-contributions/ghec";
import {
  applyReport,
  applyWithdrawal,
  isUnreported,
  killLink,
  type LiveLink,
  type ReceiverLink,
} from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import type { KeptReport, LinkTransition } from "../../../src/ghec/link.ts";
import { docTable } from "../../support/ghec-doc-table.ts";
import { LIVE, SENDING } from "../../support/ghec-states.ts";
import { day, HQ, instant, LAB, linkId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const EARLIER = instant("2026-02-01T12:00:00Z");

const KEPT: KeptReport = {
  session: 3,
  window: { first: day("2026-02-27"), counts: [4, 0, 3] },
  receivedAt: EARLIER,
};
const REPORTED: LiveLink = { ...LIVE, report: KEPT };
const DEAD: DeadLink = {
  status: "deleted",
  linkId: linkId(1),
  installation: HQ,
  receipt: { deletedAt: EARLIER, removed: null },
};
const WINDOW: ContributionWindow = { first: day("2026-02-28"), counts: [1, 2] };

const GONE: LinkTransition = { outcome: { type: "gone" }, link: null };

describe("what a report does (R1, R2)", () => {
  /** Each cell of the documented table, with the links that it speaks of and what comes of them. */
  const CELLS: readonly {
    readonly cells: readonly [link: string, report: string];
    readonly links: readonly (readonly [ReceiverLink | null, Registration])[];
    readonly becomes: LinkTransition;
  }[] = [
    {
      cells: ["unknown, of another installation, deleted, of an epoch not open", "`gone`"],
      links: [
        [null, SENDING],
        [{ ...LIVE, installation: LAB }, SENDING],
        [DEAD, SENDING],
        [{ ...REPORTED, epoch: 1 }, SENDING],
        [{ ...REPORTED, epoch: 3 }, SENDING],
        [REPORTED, { ...SENDING, featureSwitch: { epoch: 2, status: "off" } }],
        [REPORTED, { ...SENDING, isConnected: false }],
      ],
      becomes: GONE,
    },
    {
      cells: ["live", "`kept`, the window replaces what was there"],
      links: [
        [LIVE, SENDING],
        [REPORTED, SENDING],
        [{ ...REPORTED, report: { ...KEPT, window: null } }, SENDING],
        [{ ...REPORTED, report: { ...KEPT, session: 2 } }, SENDING],
      ],
      becomes: {
        outcome: { type: "kept" },
        link: { ...LIVE, report: { session: 3, window: WINDOW, receivedAt: NOON } },
      },
    },
  ];

  test("is what the documented table says", () => {
    expect(CELLS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyReport"));
    for (const { links, becomes, cells } of CELLS) {
      for (const [link, registration] of links) {
        expect(applyReport(link, registration, WINDOW, NOON), cells[0]).toEqual(becomes);
      }
    }
  });

  test("answers unknown, deleted and foreign links alike", () => {
    const foreign = applyReport({ ...LIVE, installation: LAB }, SENDING, WINDOW, NOON);

    expect(applyReport(null, SENDING, WINDOW, NOON)).toEqual(foreign);
    expect(applyReport(DEAD, SENDING, WINDOW, NOON)).toEqual(foreign);
  });
});

describe("what a withdrawal does (R3)", () => {
  const REMOVED: DeadLink = {
    status: "deleted",
    linkId: linkId(1),
    installation: HQ,
    receipt: {
      deletedAt: NOON,
      removed: { first: day("2026-02-27"), last: day("2026-03-01"), contributions: 7 },
    },
  };
  const CELLS: readonly {
    readonly cells: readonly [link: string, withdraw: string];
    readonly links: readonly (ReceiverLink | null)[];
    readonly becomes: LinkTransition;
  }[] = [
    {
      cells: ["unknown, of another installation", "`gone`"],
      links: [null, { ...REPORTED, installation: LAB }, { ...DEAD, installation: LAB }],
      becomes: GONE,
    },
    {
      cells: ["deleted", "`withdrawn` with the first receipt"],
      links: [DEAD],
      becomes: { outcome: { type: "withdrawn", receipt: { deletedAt: EARLIER, removed: null } }, link: null },
    },
    {
      cells: ["live", "→ deleted, `withdrawn` with what was removed"],
      links: [REPORTED, { ...REPORTED, epoch: 1 }],
      becomes: { outcome: { type: "withdrawn", receipt: REMOVED.receipt }, link: REMOVED },
    },
  ];

  test("is what the documented table says", () => {
    expect(CELLS.map(({ cells }) => cells)).toEqual(docTable("src/ghec/link.ts", "applyWithdrawal"));
    for (const { links, becomes, cells } of CELLS) {
      for (const link of links) expect(applyWithdrawal(link, HQ, NOON), cells[0]).toEqual(becomes);
    }
  });
});

describe("a link that is killed", () => {
  test("keeps its receipt, and neither the account nor the counts", () => {
    expect(killLink(REPORTED, NOON)).toEqual({
      status: "deleted",
      linkId: linkId(1),
      installation: HQ,
      receipt: { deletedAt: NOON, removed: { first: "2026-02-27", last: "2026-03-01", contributions: 7 } },
    });
  });

  test.each([
    ["was never reported", LIVE],
    ["has counts that aged out", { ...LIVE, report: { ...KEPT, window: null } }],
  ])("removes nothing where it %s", (_, link) => {
    expect(killLink(link, NOON).receipt).toEqual({ deletedAt: NOON, removed: null });
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
