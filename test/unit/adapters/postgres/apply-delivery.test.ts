import { err, ok } from "neverthrow";
import { describe, expect, it } from "vitest";
import { applyDelivery } from "../../../../src/adapters/postgres/apply-delivery.ts";
import type { Row } from "../../../../src/adapters/postgres/client.ts";
import { LINK_ITSELF } from "../../../../src/adapters/postgres/ended-links.ts";
import type { ReceiverStatements } from "../../../../src/adapters/postgres/receiver-statements.ts";
import { UNREADABLE_ROW } from "../../../../src/adapters/postgres/storage-fault-of.ts";
import type { LinkChoice } from "../../../../src/domain/choice.ts";
import type { DeliveredReport, Delivery } from "../../../../src/ghec/ports.ts";
import { SENDING } from "../../../support/ghec-states.ts";
import { scriptedRun } from "../../../support/postgres/scripted-run.ts";
import { day, HQ, linkId, NOW, requestId, sessionId } from "../../../support/values.ts";

const STATEMENTS = { applyDelivery: "apply", lookAgain: "look" } as ReceiverStatements;
const DELETED_AT = NOW - 1;

/** The row of an installation that is sending, after a delivery of which the reports at these places were kept. */
function applied(kept: string | null, isAdmitted = true): Row {
  const { session } = SENDING;
  return {
    ...{ kept, is_admitted: String(isAdmitted), installation: HQ, version: "3", is_connected: "true" },
    ...{ connection: SENDING.connectionId, epoch: "1", is_on: "true", disabled_at: null },
    ...{ session_id: session.id, session_ordinal: "1", attached_by: null, last_request_id: null },
    ...{ is_completed: "true", read_to: null, read_to_entry: null, recorded_off: "0" },
  };
}

/** The row of a link of which all choices up to one have ended; none has if it is 0. */
function linkRow(link: number, endedTo: number, isRecorded: boolean | null = null): Row {
  return {
    ...{ link: linkId(link), ended_to: String(endedTo), ended_at: endedTo === 0 ? null : String(DELETED_AT) },
    ...{
      removed_first: null,
      removed_last: null,
      is_recorded: isRecorded === null ? null : String(isRecorded),
    },
  };
}

function reportOf(link: number, first: string | null = null): DeliveredReport {
  return {
    linkId: linkId(link),
    choice: 2,
    window: first === null ? null : { first: day(first), counts: [1, 2, 3] },
  };
}

function deliveryOf(reports: readonly DeliveredReport[], withdrawals: readonly LinkChoice[] = []): Delivery {
  return {
    ...{ installation: HQ, sessionId: sessionId(1), requestId: requestId(2), follows: [requestId(1)] },
    ...{ reports, withdrawals, at: NOW },
  };
}

const withdrawal = (link: number, choice: number | null): LinkChoice => ({ linkId: linkId(link), choice });
const gone = (link: number): Row => linkRow(link, LINK_ITSELF, false);
const live = (link: number): Row => linkRow(link, 7, true);
const receipt = { deletedAt: DELETED_AT, removed: null };
const withdrawn = { type: "withdrawn", receipt };

async function deliver(delivery: Delivery, ...answers: readonly (readonly Row[])[]) {
  const { asked, run } = scriptedRun((_, place) => answers[place] ?? []);
  const result = await applyDelivery(run, STATEMENTS, delivery);
  return { asked, result };
}

describe("the values of a delivery", () => {
  it("stand in the order of their links, in which every statement locks them", async () => {
    const delivery = deliveryOf(
      [reportOf(3), reportOf(1, "2026-02-27"), reportOf(2)],
      [withdrawal(6, 1), withdrawal(4, 1), withdrawal(5, null), withdrawal(6, 2)],
    );

    const { asked } = await deliver(delivery, [applied(null)], []);

    const [, ...values] = asked[0] ?? [];
    expect(values[6]).toBe(`{"${linkId(1)}","${linkId(2)}","${linkId(3)}"}`);
    expect(values[10]).toBe(`{"${linkId(4)}","${linkId(5)}","${linkId(6)}"}`);
    expect(values[12]).toBe(`{1,${LINK_ITSELF},2}`);
    // Those that are looked up again, too.
    expect(asked[1]).toEqual([
      "look",
      HQ,
      `{${[1, 2, 3, 4, 5, 6].map((link) => `"${linkId(link)}"`).join()}}`,
    ]);
  });

  it.each([
    [["2026-02-28", "2026-02-26", "2026-02-27"], 20_510],
    [["2026-02-26", null, "2026-02-28"], 20_510],
    [[null, "2026-02-27", null], 20_511],
    [[null, null], null],
    [[], null],
  ])("say which day of %j is the first of all", async (firsts, earliest) => {
    const reports = firsts.map((first, index) => reportOf(index + 1, first));

    const { asked } = await deliver(deliveryOf(reports), [applied(null)], []);

    expect(asked[0]?.[5]).toBe(earliest);
  });
});

describe("the answer to a delivery", () => {
  it("is null for an installation that is not connected", async () => {
    const { asked, result } = await deliver(deliveryOf([reportOf(1)]), []);

    expect(result).toEqual(ok(null));
    expect(asked).toHaveLength(1);
  });

  it("names each report by its place, and looks nothing up if all were kept", async () => {
    const { asked, result } = await deliver(deliveryOf([reportOf(2), reportOf(1)]), [applied("2,1")]);

    expect(result._unsafeUnwrap()).toMatchObject({
      isDetached: false,
      reports: [{ type: "kept" }, { type: "kept" }],
      withdrawals: [],
      unrecorded: [],
    });
    expect(asked).toHaveLength(1);
  });

  it("says of each report that was not kept why, and which endings the ledger may lack, in their order", async () => {
    const reports = [5, 4, 3, 2, 1].map((link) => reportOf(link));

    const { result } = await deliver(
      deliveryOf(reports),
      [applied("1")],
      [linkRow(5, LINK_ITSELF, false), linkRow(4, 1, false), linkRow(3, 2, true), linkRow(2, 0)],
    );

    expect(result._unsafeUnwrap()).toMatchObject({
      reports: [
        { type: "ended", choice: null, receipt },
        { type: "not-applied" },
        { type: "ended", choice: 2, receipt },
        { type: "not-applied" },
        { type: "kept" },
      ],
      unrecorded: [
        { linkId: linkId(4), choice: 1, receipt },
        { linkId: linkId(5), choice: null, receipt },
      ],
    });
  });

  it("applies no report of a request that is detached, whatever became of its links", async () => {
    const { result } = await deliver(
      deliveryOf([reportOf(1), reportOf(2)], [withdrawal(3, 1)]),
      [applied(null, false)],
      [linkRow(1, LINK_ITSELF, true), linkRow(3, 1, true)],
    );

    expect(result._unsafeUnwrap()).toMatchObject({
      isDetached: true,
      reports: [{ type: "not-applied" }, { type: "not-applied" }],
      withdrawals: [withdrawn],
    });
  });

  it.each([
    ["a place that no report has", [applied("2")], []],
    ["a place that is none", [applied("x")], []],
    ["a link that no record names", [applied(null)], [linkRow(9, 0)]],
    ["another installation", [{ ...applied(null), installation: "lab" }], []],
  ])("is a fault if the database names %s", async (_, first, second) => {
    const { result } = await deliver(deliveryOf([reportOf(1)]), first, second);

    expect(result).toEqual(err(UNREADABLE_ROW));
  });
});

describe("a withdrawal", () => {
  it("is acknowledged with what has ended, and unknown without a link", async () => {
    const withdrawals = [withdrawal(1, 2), withdrawal(2, null), withdrawal(3, 1)];

    const { asked, result } = await deliver(
      deliveryOf([], withdrawals),
      [applied(null)],
      [linkRow(1, 3, true), linkRow(2, LINK_ITSELF, true)],
    );

    expect(result._unsafeUnwrap()?.withdrawals).toEqual([withdrawn, withdrawn, { type: "unknown" }]);
    expect(asked.map(([statement]) => statement)).toEqual(["apply", "look"]);
  });

  it("is made once more, without reports, if one of its links was opened meanwhile", async () => {
    const withdrawals = [withdrawal(1, 2), withdrawal(2, null)];

    const { asked, result } = await deliver(
      deliveryOf([reportOf(3, "2026-02-27")], withdrawals),
      [applied("1")],
      [linkRow(1, 3, true), linkRow(2, 7, true)],
      [applied(null)],
      [linkRow(1, 3, true), linkRow(2, LINK_ITSELF, false)],
    );

    expect(asked.map(([statement]) => statement)).toEqual(["apply", "look", "apply", "look"]);
    expect(asked[2]?.slice(5, 9)).toEqual([null, NOW, "{}", "{}"]);
    expect(result._unsafeUnwrap()).toMatchObject({
      reports: [{ type: "kept" }],
      withdrawals: [withdrawn, withdrawn],
      unrecorded: [{ linkId: linkId(2), choice: null }],
    });
  });

  it("is made again for each link that is opened while another one is withdrawn once more", async () => {
    const withdrawals = [1, 2, 3].map((link) => withdrawal(link, null));

    const { asked, result } = await deliver(
      deliveryOf([], withdrawals),
      ...[[applied(null)], [live(1)]],
      ...[[applied(null)], [gone(1), live(2)]],
      ...[[applied(null)], [gone(1), gone(2), live(3)]],
      ...[[applied(null)], [gone(1), gone(2), gone(3)]],
    );

    expect(result._unsafeUnwrap()?.withdrawals).toEqual([withdrawn, withdrawn, withdrawn]);
    expect(asked).toHaveLength(8);
  });

  it("is never acknowledged for a link that comes back after another one was withdrawn", async () => {
    const { asked, result } = await deliver(
      deliveryOf([], [withdrawal(1, null), withdrawal(2, null)]),
      ...[[applied(null)], [live(1)]],
      ...[[applied(null)], [gone(1), live(2)]],
      ...[[applied(null)], [live(1), gone(2)]],
    );

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "corrupt" });
    expect(asked).toHaveLength(6);
  });

  it.each([
    ["the link is live", withdrawal(1, null), linkRow(1, 7, true)],
    ["the link has ended nothing", withdrawal(1, 1), linkRow(1, 0)],
    ["an earlier choice alone has ended", withdrawal(1, 2), linkRow(1, 1, true)],
  ])("is never acknowledged if %s even then", async (_, named, row) => {
    const { asked, result } = await deliver(deliveryOf([], [named]), [applied(null)], [row], [], [row]);

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "corrupt" });
    expect(asked).toHaveLength(4);
  });
});
