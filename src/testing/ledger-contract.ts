import type { AccountId, ConnectionId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { MAX_RECORDS } from "../domain/message.ts";
import type { DeletionLedger, LedgerEntry } from "../ghec/ports.ts";
import { answerOf, type ContractCheck, check, expectEqual, expectThat, type MakeFresh } from "./contract.ts";
import { ODD_IDS } from "./odd-ids.ts";

/** A check of a ledger of deletions. */
export type LedgerCheck = ContractCheck<MakeFresh<DeletionLedger>>;

const ledgerCheck: typeof check<DeletionLedger> = check;

/** 2026-03-01T12:00:00Z, the present of every check, and instants so many milliseconds after it. */
const NOW = 1_772_366_400_000;
const after = (milliseconds: number): Instant => (NOW + milliseconds) as Instant;

const OCTO = "octo-cloud" as AccountId;
const SERVER = "server-1" as InstallationId;
const CONNECTION = "connection-1" as ConnectionId;

/** As many links as one request can withdraw. */
const LINKS = Array.from({ length: MAX_RECORDS }, (_, index) => `link_${index}_0123456789` as LinkId);

/** One entry of each type, all of the same instant. */
const ENTRIES: readonly LedgerEntry[] = [
  { type: "authorization-revoked", account: OCTO, installation: SERVER, at: after(5) },
  { type: "account-deleted", account: OCTO, at: after(5) },
  { type: "installation-disconnected", installation: SERVER, connectionId: CONNECTION, at: after(5) },
  { type: "installation-disabled", installation: SERVER, epoch: 2_147_483_647, at: after(5) },
  { type: "links-withdrawn", installation: SERVER, linkIds: LINKS, at: after(5) },
];

function deletionOf(account: string, milliseconds: number): LedgerEntry {
  return { type: "account-deleted", account: account as AccountId, at: after(milliseconds) };
}

/** Appends entries one after another. */
async function append(ledger: DeletionLedger, entries: readonly LedgerEntry[]): Promise<void> {
  for (const entry of entries) await answerOf(ledger.append(entry));
}

/** What every `DeletionLedger` keeps to, under the numbers L1 and L2 of its doc comments. Each check wants an empty one. */
export const ledgerContract: readonly LedgerCheck[] = [
  ledgerCheck("L1", "an entry that was appended is found, whole", async (ledger) => {
    await append(ledger, ENTRIES);

    expectEqual("the entries", await answerOf(ledger.entriesSince(after(0))), ENTRIES);
  }),

  ledgerCheck("L1", "ids are kept to the last character", async (ledger) => {
    const entries = ODD_IDS.map((account) => deletionOf(account, 5));
    await append(ledger, entries);

    expectEqual("the entries", await answerOf(ledger.entriesSince(after(0))), entries);
  }),

  ledgerCheck("L1", "entries that are appended at once are all found", async (ledger) => {
    const accounts = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    await Promise.all(accounts.map((account) => answerOf(ledger.append(deletionOf(account, 5)))));

    const entries = await answerOf(ledger.entriesSince(after(0)));
    const found = entries.map((entry) => (entry.type === "account-deleted" ? entry.account : "")).sort();
    expectEqual("their accounts", found, accounts);
  }),

  ledgerCheck("L1", "an entry that is appended again is no fault", async (ledger) => {
    await append(ledger, [deletionOf("a", 5), deletionOf("a", 5)]);

    const entries = await answerOf(ledger.entriesSince(after(0)));
    expectThat("the entry is found once or twice", entries.length === 1 || entries.length === 2);
    expectEqual("the first entry", entries[0], deletionOf("a", 5));
  }),

  ledgerCheck("L2", "a ledger that nothing was appended to has no entries", async (ledger) => {
    expectEqual("the entries", await answerOf(ledger.entriesSince(after(0))), []);
  }),

  ledgerCheck(
    "L2",
    "entries before the instant are left out, those of the instant are not",
    async (ledger) => {
      await append(ledger, [deletionOf("a", 4), deletionOf("b", 5), deletionOf("c", 6)]);

      const entries = await answerOf(ledger.entriesSince(after(5)));

      expectEqual("the entries", entries, [deletionOf("b", 5), deletionOf("c", 6)]);
      expectEqual("those since a later instant", await answerOf(ledger.entriesSince(after(7))), []);
    },
  ),

  ledgerCheck(
    "L2",
    "they come in the order they were appended, not in that of their instants",
    async (ledger) => {
      const entries = [deletionOf("c", 6), deletionOf("a", 7), deletionOf("b", 5)];
      await append(ledger, entries);

      expectEqual("the entries", await answerOf(ledger.entriesSince(after(5))), entries);
    },
  ),
];
