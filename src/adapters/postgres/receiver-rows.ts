import type { RecordOutcome } from "../../domain/answer.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { DeletedLink } from "../../ghec/link.ts";
import type { ShownWindow, StoredRegistration } from "../../ghec/ports.ts";
import type { Registration } from "../../ghec/registration.ts";
import type { Row } from "./client.ts";
import { dateOfDay } from "./pack.ts";
import { numberIn, numberOrNullIn, textIn, textOrNullIn, windowIn } from "./read-row.ts";

/** The columns of a registration behind its installation and version, in the order of the statements' parameters. */
export function valuesOfRegistration({
  isConnected,
  connectionId,
  featureSwitch: stands,
  ...rest
}: Registration): unknown[] {
  const { disabledAt, session } = rest;
  const { id, ordinal, attachedBy, lastRequestId, isCompleted } = session;
  const isOn = stands.status === "on";
  return [
    ...[isConnected, connectionId, stands.epoch, isOn, disabledAt],
    ...[id, ordinal, attachedBy, lastRequestId, isCompleted],
  ];
}

/** A registration as its row says. */
export function registrationIn(row: Row): StoredRegistration {
  const registration: Registration = {
    installation: textIn(row, "installation"),
    isConnected: row["is_connected"] === true,
    connectionId: textOrNullIn(row, "connection"),
    featureSwitch: { epoch: numberIn(row, "epoch"), status: row["is_on"] === true ? "on" : "off" },
    disabledAt: numberOrNullIn(row, "disabled_at"),
    session: {
      id: textIn(row, "session_id"),
      ordinal: numberIn(row, "session_ordinal"),
      attachedBy: textOrNullIn(row, "attached_by"),
      lastRequestId: textOrNullIn(row, "last_request_id"),
      isCompleted: row["is_completed"] === true,
    },
  };
  return { value: registration, version: numberIn(row, "version") };
}

/** A link that has just died. */
export function killedLinkIn(row: Row): DeletedLink {
  return {
    status: "deleted",
    linkId: textIn(row, "link"),
    installation: textIn(row, "installation"),
    receipt: receiptIn(row),
  };
}

/** The outcomes of withdrawals, by link, of the receipts of what they name. */
export function withdrawnIn(rows: readonly Row[]): ReadonlyMap<string, RecordOutcome> {
  return new Map(rows.map((dead) => [textIn(dead, "link"), { type: "withdrawn", receipt: receiptIn(dead) }]));
}

/** Rows that a statement has packed into one column, or none. */
export function packedRowsIn(row: Row, column: string): readonly Row[] {
  return JSON.parse(textOrNullIn(row, column) ?? "[]");
}

/** What may be shown of a link. */
export function shownWindowIn(row: Row): ShownWindow {
  const window = windowIn(row);
  if (!window) throw new TypeError("counts are null");
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
