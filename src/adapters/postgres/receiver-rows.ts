import type { RecordOutcome } from "../../domain/answer.ts";
import type { Versioned } from "../../domain/decision.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { DeletedLink } from "../../ghec/link.ts";
import type { ShownWindow } from "../../ghec/ports.ts";
import type { Registration } from "../../ghec/registration.ts";
import type { Row } from "./client.ts";
import { dateOfDay } from "./pack.ts";
import { flagIn, numberIn, numberOrNullIn, sameTextIn, textIn, textOrNullIn, windowIn } from "./read-row.ts";

/** The columns of a registration behind its installation and version, in the order of the statements' parameters. */
export function valuesOfRegistration({
  isConnected,
  connectionId,
  featureSwitch: current,
  ...rest
}: Registration): unknown[] {
  const { disabledAt, session } = rest;
  const { id, ordinal, attachedBy, lastRequestId, isCompleted } = session;
  const isOn = current.status === "on";
  return [
    ...[isConnected, connectionId, current.epoch, isOn, disabledAt],
    ...[id, ordinal, attachedBy, lastRequestId, isCompleted],
  ];
}

/** The registration of this installation as its row says. */
export function registrationIn(row: Row, installation: InstallationId): Versioned<Registration> {
  const registration: Registration = {
    installation: sameTextIn(row, "installation", installation),
    isConnected: flagIn(row, "is_connected"),
    connectionId: textOrNullIn(row, "connection"),
    featureSwitch: { epoch: numberIn(row, "epoch"), status: flagIn(row, "is_on") ? "on" : "off" },
    disabledAt: numberOrNullIn(row, "disabled_at"),
    session: {
      id: textIn(row, "session_id"),
      ordinal: numberIn(row, "session_ordinal"),
      attachedBy: textOrNullIn(row, "attached_by"),
      lastRequestId: textOrNullIn(row, "last_request_id"),
      isCompleted: flagIn(row, "is_completed"),
    },
  };
  return { value: registration, version: numberIn(row, "version") };
}

/** A link that has just been deleted. */
export function deletedLinkIn(row: Row): DeletedLink {
  return {
    status: "deleted",
    linkId: textIn(row, "link"),
    installation: textIn(row, "installation"),
    receipt: receiptIn(row),
  };
}

/** The outcomes of these withdrawals, by link, of the receipts of what they name. Throws where another link has one. */
export function withdrawnIn(
  rows: readonly Row[],
  withdrawals: readonly string[],
): ReadonlyMap<string, RecordOutcome> {
  const named = new Set(withdrawals);
  return new Map(
    rows.map((row) => {
      const linkId = textIn(row, "link");
      if (!named.has(linkId)) throw new TypeError("a link that no withdrawal names");
      return [linkId, { type: "withdrawn", receipt: receiptIn(row) }];
    }),
  );
}

/** What may be shown of a link. */
export function shownWindowIn(row: Row): ShownWindow {
  const window = windowIn(row);
  const days = numberIn(row, "last_day") - numberIn(row, "first_day") + 1;
  if (window.counts.length !== days) throw new TypeError("counts of other days");
  return { installation: textIn(row, "installation"), window, receivedAt: numberIn(row, "received_at") };
}

function receiptIn(row: Row): DeletionReceipt {
  const first = numberOrNullIn(row, "first_day");
  const deletedAt = numberIn<DeletionReceipt["deletedAt"]>(row, "deleted_at");
  if (first === null) return { deletedAt, removed: null };
  const last = dateOfDay(numberIn(row, "last_day"));
  return {
    deletedAt,
    removed: { first: dateOfDay(first), last, contributions: numberIn(row, "contributions") },
  };
}
