import type { ResultAsync } from "neverthrow";
import type { InvalidCalendarDate } from "../domain/calendar-date.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { AccountId, InvalidIdentifier } from "../domain/identifiers.ts";
import type { ShownWindow } from "./ports.ts";
import type { AccountStanding, ReceiverReader } from "./reader.ts";
import type { Receiver } from "./receiver.ts";

/** All that is kept of one account, for an access request. */
export interface AccountExport extends AccountStanding {
  readonly account: AccountId;
  /** The counts that are shown of it, apart by installation. */
  readonly counts: readonly ShownWindow[];
}

/** What an export is made from. */
interface AccountExportParts {
  readonly receiver: Pick<Receiver, "shownCounts">;
  readonly reader: Pick<ReceiverReader, "loadAccount">;
}

/**
 * Returns all that the cloud keeps under an account: plain data, to be written as JSON. Counts that are not shown any more
 * are not among it: the next sweep removes them.
 */
export function exportAccount(
  { receiver, reader }: AccountExportParts,
  account: AccountId,
): ResultAsync<AccountExport, InvalidIdentifier | InvalidCalendarDate | StorageFault> {
  return receiver.shownCounts(account).andThen((counts) =>
    callPort(() => reader.loadAccount(account), STORAGE_THREW).map((standing) => ({
      account,
      ...standing,
      counts,
    })),
  );
}
