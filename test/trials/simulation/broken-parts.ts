import { okAsync } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
} from "unified-contributions/adapters/memory";
import type { SimulationOptions } from "unified-contributions/testing/simulation";
import type { DeliverMessage } from "../../../src/domain/message.ts";

/** A part that a simulated world is given, with a fault that no single call shows. */
export interface BrokenPart {
  readonly part: "ledger" | "receiver's store" | "sender's store" | "transport";
  readonly fault: string;
  /** The first seed whose world of {@link HOURS} hours notices the fault, and the invariant that breaks there. */
  readonly noticed: { readonly seed: number; readonly breaks: string };
  readonly parts: Partial<SimulationOptions>;
}

/** How long faults happen in each world, in hours. */
export const HOURS = 100;

type Backup<Make extends (backup?: never) => unknown> = Parameters<Make>[0];

const receiverStore = (backup: unknown) =>
  createMemoryReceiverStore(backup as Backup<typeof createMemoryReceiverStore>);
const senderStore = (backup: unknown) =>
  createMemorySenderStore(backup as Backup<typeof createMemorySenderStore>);
const ledgerOf = (backup: unknown) => createMemoryLedger(backup as Backup<typeof createMemoryLedger>);

export const BROKEN_PARTS: readonly BrokenPart[] = [
  {
    part: "ledger",
    fault: "answers an append, and keeps nothing",
    noticed: { seed: 1, breaks: "I7" },
    parts: {
      makeLedger: (backup) => ({
        ...ledgerOf(backup),
        append: (_, entryId) => okAsync({ position: 1, entryId }),
      }),
    },
  },
  {
    part: "receiver's store",
    fault: "forgets a revocation that it has answered",
    noticed: { seed: 2, breaks: "I2" },
    parts: {
      makeReceiverStore: (backup) => ({ ...receiverStore(backup), deleteLinks: () => okAsync([]) }),
    },
  },
  {
    part: "receiver's store",
    fault: "shows what it showed first",
    noticed: { seed: 2, breaks: "I2" },
    parts: {
      makeReceiverStore: (backup) => {
        const sound = receiverStore(backup);
        const first = new Map<string, ReturnType<typeof sound.loadShown>>();
        return {
          ...sound,
          loadShown: (account) => {
            const known = first.get(account);
            if (known) return known;
            return sound.loadShown(account).map((shown) => {
              if (shown.length > 0) first.set(account, okAsync(shown) as never);
              return shown;
            });
          },
        };
      },
    },
  },
  {
    part: "receiver's store",
    fault: "is empty after each restore, whatever the backup holds",
    noticed: { seed: 2, breaks: "I3" },
    parts: { makeReceiverStore: () => createMemoryReceiverStore() },
  },
  {
    part: "sender's store",
    fault: "forgets the withdrawals that wait",
    noticed: { seed: 2, breaks: "I7" },
    parts: {
      makeSenderStore: (backup) => ({ ...senderStore(backup), pendingWithdrawals: () => okAsync([]) }),
    },
  },
  {
    part: "sender's store",
    fault: "keeps the signature of an earlier receipt",
    noticed: { seed: 2, breaks: "signature" },
    parts: {
      makeSenderStore: (backup) => {
        const sound = senderStore(backup);
        let earlier: string | undefined;
        return {
          ...sound,
          commitServer: (commit) => {
            const withdrawn = commit.withdrawn.map((answer) => {
              const { receipt } = answer;
              if (receipt?.signature === undefined) return answer;
              const signature = earlier ?? receipt.signature;
              earlier = receipt.signature;
              return { ...answer, receipt: { ...receipt, signature } };
            });
            return sound.commitServer({ ...commit, withdrawn });
          },
        };
      },
    },
  },
  {
    part: "transport",
    fault: "cuts each count at 9",
    noticed: { seed: 2, breaks: "I1" },
    parts: {
      carry: async (message, handle) => {
        const { records = [] } = message as Partial<DeliverMessage>;
        const cut = records.map((record) =>
          record.type === "report"
            ? { ...record, counts: record.counts.map((count) => Math.min(count, 9)) }
            : record,
        );
        return handle(message.type === "deliver" ? { ...message, records: cut } : message);
      },
    },
  },
];
