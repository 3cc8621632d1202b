import { describe, expect, it } from "vitest";
import { LINK_ITSELF } from "../../../../src/adapters/postgres/ended-links.ts";
import {
  byInstallation,
  shownLinkIn,
  unrecordedIn,
} from "../../../../src/adapters/postgres/receiver-rows.ts";
import { HQ, LAB, linkId, NOW } from "../../../support/values.ts";

const NO_COUNTS = { removed_first: null, removed_last: null };

/** The row of an epoch that is over. */
function epochRow(installation: string, epoch: number, disabledAt: number | null = null) {
  const at = disabledAt === null ? null : String(disabledAt);
  return { installation, link: null, epoch: String(epoch), disabled_at: at };
}

/** The row of a link that has ended. */
function linkRow(installation: string, link: number, endedTo = LINK_ITSELF) {
  const ended = { ended_to: String(endedTo), ended_at: String(NOW), ...NO_COUNTS };
  return { installation, link: linkId(link), ...ended };
}

const ended = (link: number, choice: number | null = null) => ({
  ...{ linkId: linkId(link), choice, receipt: { deletedAt: NOW, removed: null } },
});

describe("unrecorded deletions", () => {
  it("are entries by installation, each with the epochs first, and its links in order in one entry", () => {
    const rows = [
      linkRow(LAB, 3),
      epochRow(LAB, 2, NOW),
      linkRow(HQ, 2, 4),
      linkRow(LAB, 1, 2),
      linkRow(HQ, 1),
      epochRow(HQ, 1),
    ];

    expect(unrecordedIn(rows)).toEqual([
      { type: "epochs-off", installation: HQ, epoch: 1, disabledAt: null },
      { type: "links-ended", installation: HQ, links: [ended(1), ended(2, 4)] },
      { type: "epochs-off", installation: LAB, epoch: 2, disabledAt: NOW },
      { type: "links-ended", installation: LAB, links: [ended(1, 2), ended(3)] },
    ]);
  });

  it("are none without rows", () => {
    expect(unrecordedIn([])).toEqual([]);
  });
});

it("installations are in the order of their ids, and one keeps the order of its own", () => {
  const [a, b] = [{ installation: "a" }, { installation: "b" }];

  expect([byInstallation(a, b), byInstallation(b, a), byInstallation(a, { ...a })]).toEqual([-1, 1, 0]);
});

describe("the row of a shown link", () => {
  const row = {
    ...{ installation: HQ, link: linkId(1), choice: "2", epoch: "3", received_at: String(NOW) },
    ...{ first_day: "20510", last_day: "20511", counts: "00010102" },
  };

  it("is read with its counts", () => {
    expect(shownLinkIn(row)).toEqual({
      ...{ installation: HQ, linkId: linkId(1), choice: 2, epoch: 3, receivedAt: NOW },
      window: { first: "2026-02-26", counts: [1, 258] },
    });
  });

  it.each([{ last_day: "20510" }, { last_day: "20512" }, { first_day: "20511" }])(
    "is damaged if its days are not those of its counts: %j",
    (damage) => {
      expect(() => shownLinkIn({ ...row, ...damage })).toThrow(TypeError);
    },
  );
});
