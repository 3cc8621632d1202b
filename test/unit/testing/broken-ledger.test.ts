import { errAsync, okAsync, ResultAsync } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import type { DeletionLedger, LedgerEntry } from "unified-contributions/storage";
import { ledgerContract } from "unified-contributions/testing";
import { type Broken, testBroken } from "./break-adapter.ts";

function broken(
  rule: string,
  mistake: string,
  breakIt: (sound: DeletionLedger) => Partial<DeletionLedger>,
): Broken<() => DeletionLedger> {
  const make = (): DeletionLedger => {
    const sound = createMemoryLedger();
    return { ...sound, ...breakIt(sound) };
  };
  return { rule, mistake, make };
}

/** The entries are not read as they were appended. */
function reading(
  sound: DeletionLedger,
  change: (entries: readonly LedgerEntry[]) => readonly LedgerEntry[],
): Partial<DeletionLedger> {
  return { entriesSince: (at) => sound.entriesSince(at).map(change) };
}

testBroken(ledgerContract, [
  broken("L1", "loses the epoch", (sound) =>
    reading(sound, (entries) =>
      entries.map((entry) => (entry.type === "installation-disabled" ? { ...entry, epoch: 0 } : entry)),
    ),
  ),
  broken("L1", "takes two spellings of one letter for the same", (sound) => ({
    append: (entry) =>
      sound.append(
        entry.type === "account-deleted"
          ? { ...entry, account: entry.account.normalize() as typeof entry.account }
          : entry,
      ),
  })),
  broken("L1", "loses an entry that is appended while another is", (sound) => {
    let isAppending = false;
    return {
      append: (entry) => {
        if (isAppending) return okAsync(undefined);
        isAppending = true;
        return ResultAsync.fromSafePromise(Promise.resolve()).andThen(() => {
          isAppending = false;
          return sound.append(entry);
        });
      },
    };
  }),
  broken("L1", "takes an entry that is there already for a fault", (sound) => {
    const known = new Set<string>();
    return {
      append: (entry) => {
        const text = JSON.stringify(entry);
        if (known.has(text))
          return errAsync({ type: "storage-fault", reason: "corrupt", message: "It is there already." });
        known.add(text);
        return sound.append(entry);
      },
    };
  }),
  broken("L2", "takes an empty ledger for a fault", (sound) => ({
    entriesSince: (at) => {
      return sound.entriesSince(0 as typeof at).andThen((entries) =>
        entries.length === 0
          ? errAsync({
              type: "storage-fault" as const,
              reason: "corrupt" as const,
              message: "It is empty.",
            })
          : sound.entriesSince(at),
      );
    },
  })),
  broken("L2", "leaves out the entries of the instant itself", (sound) => ({
    entriesSince: (at) =>
      sound
        .entriesSince(at)
        .map((entries) => entries.filter((entry) => entry.at > at || entries.length === 3)),
  })),
  broken("L2", "puts entries in the order of their instants", (sound) =>
    reading(sound, (entries) => entries.toSorted((one, other) => one.at - other.at)),
  ),
]);
