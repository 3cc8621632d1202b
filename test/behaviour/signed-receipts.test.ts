import { type AccountId, type InstallationId, type Instant, type LinkId, ok } from "unified-contributions";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import {
  createReceiptSigner,
  importCloudKey,
  importSigningKey,
  verifyReceipt,
} from "unified-contributions/adapters/http-signatures";
import { createReceiver } from "unified-contributions/ghec";
import { type Message, parseAnswer, type RequestId } from "unified-contributions/wire";
import { afterEach, describe, expect, it } from "vitest";
import { openLinkIn } from "../support/consents.ts";
import { type HttpHost, host } from "../support/http-host.ts";
import { createKey } from "../support/signatures.ts";
import { createCloud, createServer, OCTO } from "../support/world.ts";

const open: HttpHost[] = [];

afterEach(async () => {
  for (const { close } of open.splice(0)) await close();
});

/** A cloud behind a real socket that signs its receipts, and takes every request for this installation's. */
async function createSigningCloud(
  installation: string,
  algorithm: "ed25519" | "ecdsa-p256-sha256" = "ed25519",
) {
  const { pair } = await createKey(algorithm);
  const key = (await importSigningKey({ algorithm, jwk: pair.privateKey }))._unsafeUnwrap();
  const known = (await importCloudKey({ algorithm, jwk: pair.publicKey }))._unsafeUnwrap();
  const cloud = createCloud();
  const receiptSigner = createReceiptSigner({ key: () => key });
  const receiver = createReceiver({ ...cloud.options, receiptSigner });
  const authenticate = async () => ok(installation as InstallationId);
  const { origin, close, port } = await host(createHttpHandler({ receiver, authenticate }));
  open.push({ origin, close, port });
  const transport = createHttpTransport({ url: `${origin}/unified-contributions`, timeoutMs: 60_000 });
  return { cloud, known, transport };
}

describe("a signed receipt over a socket", () => {
  it.each(["ed25519", "ecdsa-p256-sha256"] as const)(
    "is kept by the server, which shows it to anyone with the cloud's public key: %s",
    async (algorithm) => {
      const { cloud, known, transport } = await createSigningCloud("server-1", algorithm);
      const server = createServer(cloud, { wireThrough: () => transport });
      await server.enable();
      await server.connect();
      await server.optIn();
      await server.contribute(OCTO, "2026-03-01T09:00:00Z");
      await server.sync();
      const { link } = (await server.sender.sharing(OCTO))._unsafeUnwrap();
      await server.optOut();
      await server.sync();

      const { deletion } = (await server.sender.sharing(OCTO))._unsafeUnwrap();
      if (deletion.status !== "deleted" || !("consent" in link)) throw new Error(deletion.status);
      const { deletedAt, removed, signature } = deletion.receipt;
      expect((await verifyReceipt([known], signature))._unsafeUnwrap()).toEqual({
        ...{ type: "deletion", installation: "server-1", linkId: link.consent.linkId, choice: 1 },
        ...{ deletedAt, removed },
      });
    },
  );

  it("comes with each of 1,000 at once, of the longest ids, in one answer of less than 1 MiB", async () => {
    const installation = "i".repeat(255) as InstallationId;
    const { cloud, known, transport } = await createSigningCloud(installation);
    const connected = (await cloud.receiver.connectInstallation(installation))._unsafeUnwrap();
    const say = async (message: object) => {
      const whole = { version: 1, requestId: cloud.random.id() as RequestId, ...message } as Message;
      const answered = (await transport.send(whole, new AbortController().signal))._unsafeUnwrap();
      return { answer: parseAnswer(whole, answered)._unsafeUnwrap(), bytes: JSON.stringify(answered).length };
    };
    await say({ type: "enable", after: 0 });
    const featureSwitch = { epoch: 1, status: "on" };
    const attached = await say({ type: "attach", replaces: connected.session.id, featureSwitch });
    if (attached.answer.type !== "attached") throw new Error(attached.answer.type);
    const { sessionId, requestId } = attached.answer;
    const links = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(64, "l") as LinkId);
    for (const [n, linkId] of links.entries()) {
      const account = `account-${n}` as AccountId;
      const at = cloud.clock.now() as Instant;
      (await openLinkIn(cloud.receiverStore, { linkId, installation, account, at }))._unsafeUnwrap();
    }
    const report = { type: "report", choice: 1, source: "GitHub Enterprise Server", first: "2026-02-28" };
    const session = { sessionId, follows: [requestId] };
    const reports = links.map((linkId) => ({ ...report, linkId, counts: [1, 2] }));
    const kept = await say({ type: "deliver", ...session, records: reports });
    expect(kept.answer).toMatchObject({ type: "delivered", outcomes: reports.map(() => ({ type: "kept" })) });

    const records = links.map((linkId) => ({ type: "withdraw", linkId, choice: 1_000 }));
    const withdrawn = await say({ type: "deliver", sessionId: null, follows: [], records });
    const completed = await say({
      ...{ type: "complete", sessionId, heardTo: null },
      follows: "requestId" in kept.answer ? [kept.answer.requestId] : [],
    });

    const outcomes = "outcomes" in withdrawn.answer ? withdrawn.answer.outcomes : [];
    const receipts = outcomes.flatMap((outcome) => ("receipt" in outcome ? [outcome.receipt] : []));
    const ended = completed.answer.type === "completed" ? completed.answer.ended : [];
    expect([receipts.length, ended.length]).toEqual([1_000, 1_000]);
    for (const { bytes } of [withdrawn, completed]) expect(bytes).toBeLessThan(1_048_576);
    for (const [index, linkId] of links.entries()) {
      const { deletedAt, removed, signature } = receipts[index] ?? {};
      const statement = { type: "deletion", installation, linkId, choice: 1_000, deletedAt, removed };
      expect((await verifyReceipt([known], signature))._unsafeUnwrap()).toEqual(statement);
    }
    const { signature } = ended[999]?.receipt ?? {};
    expect((await verifyReceipt([known], signature))._unsafeUnwrap()).toMatchObject({ installation });
  }, 60_000);
});
