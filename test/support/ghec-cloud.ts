import type { AccountId, AttemptId, BrowserId, InstallationId, LinkId } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  type MemoryReceiverStore,
} from "unified-contributions/adapters/memory";
import { createReceiver, type ReceiverOptions } from "unified-contributions/ghec";
import type { DeletionLedger, LedgerEntry, ReceiverStore } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { type Answer, MAX_FOLLOWED, type RequestId, type SessionId } from "unified-contributions/wire";
import { FIRST_CONNECTION, HQ, OCTO_ACCOUNT, requestId } from "./values.ts";

/** The n-th id that the random of {@link createGhec} gives. */
export function minted(n: number): string {
  return `minted-${String(n).padStart(12, "0")}`;
}

/** What a cloud can be given instead of parts of its own, and which of its plugs' methods answer something else. */
export interface GhecParts {
  readonly store?: MemoryReceiverStore;
  readonly ledger?: DeletionLedger;
  readonly broken?: Partial<ReceiverStore>;
  readonly brokenLedger?: Partial<DeletionLedger>;
  readonly receiptSigner?: ReceiverOptions["receiptSigner"];
}

/** What a server says, all but what goes without saying. */
export interface ServerMessage {
  readonly type: string;
  readonly requestId?: RequestId;
  readonly [field: string]: unknown;
}

/** The cloud's side over memory parts, and the words that a server says to it. It is noon of 1 March 2026. */
export function createGhec(parts: GhecParts = {}) {
  const { store = createMemoryReceiverStore(), ledger = createMemoryLedger() } = parts;
  const clock = createTestClock("2026-03-01T12:00:00Z");
  let ids = 0;
  const options = {
    store: { ...store, ...parts.broken },
    ledger: { ...ledger, ...parts.brokenLedger },
    clock,
    random: { id: () => minted(++ids) },
    ...(parts.receiptSigner && { receiptSigner: parts.receiptSigner }),
  };
  const receiver = createReceiver(options);
  const said: RequestId[] = [];

  const cloud = {
    options,
    receiver,
    clock,
    store,
    ledger,
    /** Says anything in the name of a server, and gets the answer; what is chained follows all that was said before. */
    async say(message: ServerMessage, installation: InstallationId = HQ): Promise<Answer> {
      const isChained = message.type === "deliver" || message.type === "complete";
      const follows = isChained ? { follows: said.slice(-MAX_FOLLOWED) } : {};
      const heard = message.type === "complete" ? { heardTo: null } : {};
      const whole = { version: 1, requestId: requestId(said.length + 1), ...follows, ...heard, ...message };
      said.push(whole.requestId);
      return (await receiver.handle(installation, whole))._unsafeUnwrap();
    },
    /** Connects a server, enables the first epoch and attaches; says in which session. */
    async startSending(installation: InstallationId = HQ): Promise<SessionId> {
      const { session } = (
        await receiver.connectInstallation(installation, FIRST_CONNECTION)
      )._unsafeUnwrap();
      await cloud.say({ type: "enable", after: 0 }, installation);
      const attach = { type: "attach", replaces: session.id, featureSwitch: { epoch: 1, status: "on" } };
      const answer = await cloud.say(attach, installation);
      if (answer.type !== "attached") throw new Error(`the server was not attached: ${answer.type}`);
      return answer.sessionId;
    },
    /** A server pushes an attempt, and its user comes to the cloud with a browser and consents. */
    async consent(account: AccountId = OCTO_ACCOUNT, installation: InstallationId = HQ) {
      const attempt = `attempt-${String(++ids).padStart(12, "0")}` as AttemptId;
      const pushed = await cloud.say({ type: "push", attempt }, installation);
      if (pushed.type !== "pushed") throw new Error(`the attempt was not taken: ${pushed.type}`);
      const browser = "browser-of-a-user" as BrowserId;
      const { code } = (await receiver.giveConsent({ attempt, browser, account }))._unsafeUnwrap();
      return { attempt, code };
    },
    /** Opens a link in the epoch that stands. */
    async open(account: AccountId = OCTO_ACCOUNT, installation: InstallationId = HQ): Promise<LinkId> {
      const { attempt, code } = await cloud.consent(account, installation);
      const answer = await cloud.say({ type: "redeem", attempt, code }, installation);
      if (answer.type !== "redeemed") throw new Error(`no link was opened: ${answer.type}`);
      return answer.linkId;
    },
    /** What the ledger has of an installation. */
    async recorded(installation: InstallationId = HQ): Promise<readonly LedgerEntry[]> {
      const entries = (await ledger.read({ installation, from: 1, limit: 1_000 }))._unsafeUnwrap();
      return entries.map(({ entry }) => entry);
    },
  };
  return cloud;
}

/** A report as a server sends it. */
export function report(link: string, first = "2026-03-01", counts: readonly number[] = [1], choice = 1) {
  return { type: "report", linkId: link, choice, source: "GitHub Enterprise Server", first, counts };
}

/** A hold as a server sends it: "still mine", of a link whose counts could not be read. */
export function hold(link: string, choice = 1) {
  return { type: "hold", linkId: link, choice };
}

/** A withdrawal as a server sends it: of a choice, or of the link itself. */
export function withdraw(link: string, choice: number | null = null) {
  return { type: "withdraw", linkId: link, choice };
}
