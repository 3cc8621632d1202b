import type { InstallationId } from "../domain/identifiers.ts";
import { CALL_DEADLINE_MS, requireCallDeadline } from "../domain/in-time.ts";
import { refuseUnknownOptions, requirePorts } from "../domain/require-ports.ts";
import type { ReceiverOptions } from "./ports.ts";
import { LEDGER_METHODS, RECEIVER_STORE_METHODS, watched } from "./telling.ts";

/** The options with all omitted ones filled in, except a signer and a listener, which watches the parts. */
export type ReceiverConfiguration = Required<Omit<ReceiverOptions, "onEvent" | "receiptSigner">> &
  Pick<ReceiverOptions, "onEvent" | "receiptSigner">;

const OPTIONS: Readonly<Record<keyof ReceiverOptions, true>> = {
  store: true,
  ledger: true,
  clock: true,
  random: true,
  receiptSigner: true,
  onEvent: true,
  auditDays: true,
  callDeadlineMs: true,
};

/** How long entries of the audit log are kept if the host does not say, in days. */
const AUDIT_DAYS = 180;

/** Checks the options and fills in those that are left out. A wrong option throws a `TypeError`. */
export function configure(given: ReceiverOptions): ReceiverConfiguration {
  requirePorts("createReceiver", given, {
    store: RECEIVER_STORE_METHODS,
    ledger: LEDGER_METHODS,
    clock: ["now", "wait"],
    random: ["id"],
    ...(given?.receiptSigner === undefined ? {} : { receiptSigner: ["sign"] }),
  });
  refuseUnknownOptions("createReceiver", given, OPTIONS);
  const { auditDays = AUDIT_DAYS, callDeadlineMs = CALL_DEADLINE_MS } = given;
  if (!Number.isSafeInteger(auditDays) || auditDays < 1) {
    throw new TypeError("createReceiver: `auditDays` has to be a whole number from 1 on.");
  }
  requireCallDeadline("createReceiver", callDeadlineMs);
  return { ...watched(given), auditDays, callDeadlineMs };
}

/** The options within a receiver, which remembers the news for its host. */
export interface ReceiverParts extends ReceiverOptions {
  /**
   * A listener for each installation that was switched off because unread entries were pruned, whichever call found it.
   */
  readonly onCutOff?: (installation: InstallationId) => void;
}
