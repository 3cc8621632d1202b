import type { ResultAsync } from "neverthrow";
import type { InvalidCalendarDate } from "../domain/calendar-date.ts";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { AccountId, InvalidIdentifier } from "../domain/identifiers.ts";
import { callInTime } from "../domain/in-time.ts";
import type { ShownWindow } from "./ports.ts";
import type { AccountStanding, ReceiverReader } from "./reader.ts";
import type { Receiver } from "./receiver.ts";

/** All data that the cloud keeps of one account, for an access request. */
export interface AccountExport extends AccountStanding {
  readonly account: AccountId;
  /** The counts that are shown of it, one window per installation. */
  readonly counts: readonly ShownWindow[];
}

/** The sources of an export. The reader may take two minutes. */
interface AccountExportParts {
  readonly receiver: Pick<Receiver, "shownCounts">;
  readonly reader: Pick<ReceiverReader, "loadAccount">;
  readonly clock: Clock;
}

/**
 * Returns all data that the cloud keeps under an account. It is plain data, to be written as JSON.
 *
 * Counts that are no longer shown are left out. The next sweep removes them.
 */
export function exportAccount(
  { receiver, reader, clock }: AccountExportParts,
  account: AccountId,
): ResultAsync<AccountExport, InvalidIdentifier | InvalidCalendarDate | StorageFault> {
  return receiver.shownCounts(account).andThen((counts) =>
    callInTime(clock, () => reader.loadAccount(account)).map((standing) => ({
      account,
      ...standing,
      counts,
    })),
  );
}
