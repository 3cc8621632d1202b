import { errAsync, okAsync } from "neverthrow";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver, type ReceiverEvent } from "unified-contributions/ghec";
import type { Answer } from "unified-contributions/wire";
import { describe, expect, it, test } from "vitest";
import { stating } from "../../../src/testing/simulation/receipts.ts";
import { createGhec, hold, report, withdraw } from "../../support/ghec-cloud.ts";
import { never, turn } from "../../support/hung-parts.ts";
import { type Statement, statingSigner } from "../../support/stating-signer.ts";
import { HQ, instant, linkId, requestId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const REMOVED = { first: "2026-03-01", last: "2026-03-01" };

/** A receipt of the present that {@link statingSigner} has signed. */
function signed(link: string, choice: number | null, removed: object | null = REMOVED): object {
  const receipt = { deletedAt: NOON, removed };
  const about = { type: "deletion", installation: HQ, linkId: link, choice };
  return { ...receipt, signature: stating({ ...about, ...receipt }) };
}

function outcomesIn(answer: Answer): readonly unknown[] {
  if (!("outcomes" in answer)) throw new Error(`there are no outcomes in ${answer.type}`);
  return answer.outcomes;
}

describe("a cloud that signs receipts", () => {
  it("signs what each withdrawal is told, over its own link and choice", async () => {
    const cloud = createGhec({ receiptSigner: statingSigner });
    const sessionId = await cloud.startSending();
    const first = await cloud.open();
    const second = await cloud.open("mona-in-the-cloud" as never);
    await cloud.say({ type: "deliver", sessionId, records: [report(first), hold(second)] });

    const records = [withdraw(first, 1), withdraw(linkId(9)), withdraw(second), withdraw(first, 1)];
    const answer = await cloud.say({ type: "deliver", sessionId, records });

    expect(outcomesIn(answer)).toEqual([
      { type: "withdrawn", receipt: signed(first, 1) },
      { type: "unknown" },
      { type: "withdrawn", receipt: signed(second, null, null) },
      { type: "withdrawn", receipt: signed(first, 1) },
    ]);
  });

  it("signs the first receipt again when a withdrawal is repeated, and stores no signature", async () => {
    const cloud = createGhec({ receiptSigner: statingSigner });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(link)] });
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(link)] });
    cloud.clock.advance(3_600_000);

    const again = await cloud.say({ type: "deliver", sessionId: null, records: [withdraw(link)] });

    expect(outcomesIn(again)).toEqual([{ type: "withdrawn", receipt: signed(link, null) }]);
    expect(JSON.stringify([cloud.store.snapshot(), await cloud.recorded()])).not.toContain("signature");
  });

  it("signs what a report of an ended choice and of a deleted link is told", async () => {
    const cloud = createGhec({ receiptSigner: statingSigner });
    const sessionId = await cloud.startSending();
    const chosen = await cloud.open();
    const gone = await cloud.open("mona-in-the-cloud" as never);
    await cloud.say({ type: "deliver", sessionId, records: [report(chosen), report(gone)] });
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(chosen, 2), withdraw(gone)] });

    const records = [report(chosen), report(gone), report(chosen, "2026-03-01", [1], 3)];
    const answer = await cloud.say({ type: "deliver", sessionId, records });

    expect(outcomesIn(answer)).toMatchObject([
      { type: "ended", choice: 2, receipt: signed(chosen, 2) },
      { type: "ended", choice: null, receipt: signed(gone, null) },
      { type: "refused" },
    ]);
  });

  it("signs what `complete` names, and the receipt of a disabling", async () => {
    const cloud = createGhec({ receiptSigner: statingSigner });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(link)] });
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(link, 1)] });

    const completed = await cloud.say({ type: "complete", sessionId });
    const disabled = await cloud.say({ type: "disable", epoch: 1 });

    expect(completed).toMatchObject({
      type: "completed",
      ended: [{ linkId: link, choice: 1, receipt: signed(link, 1) }],
    });
    const receipt = { epoch: 1, disabledAt: NOON };
    const signature = stating({ type: "disabling", installation: HQ, ...receipt });
    expect(disabled).toMatchObject({ type: "disabled", receipt: { ...receipt, signature } });
  });

  it("leaves a receipt without a signature if the signer gives none", async () => {
    const cloud = createGhec({ receiptSigner: { sign: (asked) => okAsync(asked.map(() => null)) } });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();

    const answer = await cloud.say({ type: "deliver", sessionId, records: [withdraw(link)] });

    expect(outcomesIn(answer)).toEqual([{ type: "withdrawn", receipt: { deletedAt: NOON, removed: null } }]);
  });

  it("asks for nothing where an answer names no deletion", async () => {
    const asked: (readonly Statement[])[] = [];
    const receiptSigner = {
      sign: (statements: readonly Statement[]) => {
        asked.push(statements);
        return statingSigner.sign(statements);
      },
    };
    const cloud = createGhec({ receiptSigner });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();

    await cloud.say({ type: "deliver", sessionId, records: [report(link), hold(linkId(9))] });
    await cloud.say({ type: "complete", sessionId });

    expect(asked).toEqual([]);
  });
});

describe("a signer that fails", () => {
  const FAILED = errAsync({ type: "signing-fault", message: "The key is gone." } as const);
  const UNSIGNED = {
    type: "storage-fault",
    reason: "outcome-unknown",
    message: expect.stringContaining("The receipts could not be signed"),
  };

  test.each<[string, () => unknown]>([
    ["with a fault", () => FAILED],
    [
      "by throwing",
      () => {
        throw new Error("no key");
      },
    ],
    ["by rejecting", () => Promise.reject(new Error("no key"))],
    ["with no Result", () => ["a.b.c"]],
    ["with too few", () => okAsync([])],
    ["with too many", () => okAsync(["a.b.c", "a.b.c"])],
    ["with no list", () => okAsync("a.b.c")],
    ["with no signature", () => okAsync([undefined])],
    ["with a signature that is none", () => okAsync(["a.b"])],
    ["with one that is too long", () => okAsync([`a.b.${"c".repeat(843)}`])],
  ])("leaves the deletion done and its answer unknown, and a repetition is signed: %s", async (_, sign) => {
    let fails = true;
    const cloud = createGhec({
      receiptSigner: { sign: (asked) => (fails ? sign() : statingSigner.sign(asked)) as never },
    });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(link)] });
    const message = {
      ...{ version: 1, requestId: requestId(100), type: "deliver", sessionId: null, follows: [] },
      records: [withdraw(link)],
    };

    expect((await cloud.receiver.handle(HQ, message))._unsafeUnwrapErr()).toEqual(UNSIGNED);
    expect(await cloud.recorded()).toMatchObject([{ type: "links-ended", links: [{ linkId: link }] }]);

    fails = false;
    cloud.clock.advance(1_000);
    const again = (await cloud.receiver.handle(HQ, message))._unsafeUnwrap();
    expect(outcomesIn(again)).toEqual([{ type: "withdrawn", receipt: signed(link, null) }]);
  });

  it("fails a disabling in the same way, and it stands", async () => {
    const cloud = createGhec({ receiptSigner: { sign: () => FAILED } });
    await cloud.startSending();

    const message = { version: 1, requestId: requestId(100), type: "disable", epoch: 1 };
    expect((await cloud.receiver.handle(HQ, message))._unsafeUnwrapErr()).toEqual(UNSIGNED);
    expect(await cloud.say({ type: "enable", after: 0 })).toMatchObject({
      featureSwitch: { epoch: 1, status: "off" },
    });
  });

  it("makes `complete` name nothing yet, and a later one names it signed", async () => {
    let fails = false;
    const receiptSigner = {
      sign: (asked: readonly Statement[]) => (fails ? FAILED : statingSigner.sign(asked)),
    };
    const cloud = createGhec({ receiptSigner });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(link)] });

    fails = true;
    const unsigned = await cloud.say({ type: "complete", sessionId });
    fails = false;
    const later = await cloud.say({ type: "complete", sessionId });

    expect(unsigned).toMatchObject({ type: "completed", ended: [], heardTo: null, hasMore: false });
    expect(later).toMatchObject({ ended: [{ linkId: link, receipt: signed(link, null, null) }] });
  });

  it("does so after two seconds if the signer hangs", async () => {
    let hangs = false;
    const receiptSigner = {
      sign: (asked: readonly Statement[]) => (hangs ? never() : statingSigner.sign(asked)),
    };
    const cloud = createGhec({ receiptSigner });
    const sessionId = await cloud.startSending();
    const link = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [withdraw(link)] });

    hangs = true;
    const completed = cloud.say({ type: "complete", sessionId });
    await turn();
    cloud.clock.advance(2_000);

    expect(await completed).toMatchObject({ type: "completed", ended: [] });
  });

  it("is told to the host's listener, with what was thrown", async () => {
    const told: ReceiverEvent[] = [];
    const { clock, random } = createGhec().options;
    const receiver = createReceiver({
      ...{ clock, random, store: createMemoryReceiverStore(), ledger: createMemoryLedger() },
      receiptSigner: { sign: () => Promise.reject(new Error("no key")) as never },
      onEvent: (event) => told.push(event),
    });

    const message = { version: 1, requestId: requestId(1), type: "disable", epoch: 0 };
    expect((await receiver.handle(HQ, message))._unsafeUnwrapErr()).toEqual(UNSIGNED);

    expect(told).toContainEqual({
      ...{ type: "port-failed", port: "receipt-signer", method: "sign", durationMs: 0 },
      fault: { type: "signing-fault", reason: null, message: expect.stringContaining("threw") },
      cause: new Error("no key"),
    });
  });
});

test("a signer without the method is a mistake in the program", () => {
  const { options } = createGhec();

  expect(() => createReceiver({ ...options, receiptSigner: {} as never })).toThrow(
    new TypeError("createReceiver: `receiptSigner` has to have the method `sign`."),
  );
});
