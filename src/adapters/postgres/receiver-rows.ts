import type { Versioned } from "../../domain/decision.ts";
import type { InstallationId, Instant } from "../../domain/identifiers.ts";
import type { LedgerPlace } from "../../domain/ledger-place.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { DeletedLink } from "../../ghec/link.ts";
import type { LedgerCursor, LedgerEntry, ShownLink } from "../../ghec/ports.ts";
import type { Registration } from "../../ghec/registration.ts";
import type { SweepClock } from "../../ghec/sweep-clock.ts";
import type { Row } from "./client.ts";
import { byLinkId, endedLinkIn, receiptIn } from "./ended-links.ts";
import { flagIn, numberIn, numberOrNullIn, sameTextIn, textIn, textOrNullIn, windowIn } from "./read-row.ts";

/**
 * Returns the columns of a registration behind its installation and version, in the order of the statements'
 * parameters.
 */
export function valuesOfRegistration({
  isConnected,
  connectionId,
  featureSwitch: current,
  ...rest
}: Registration): unknown[] {
  const { disabledAt, session, readTo, recordedOff } = rest;
  const { id, ordinal, attachedBy, lastRequestId, isCompleted } = session;
  const isOn = current.status === "on";
  return [
    ...[isConnected, connectionId, current.epoch, isOn, disabledAt],
    ...[id, ordinal, attachedBy, lastRequestId, isCompleted],
    ...[readTo?.position ?? null, readTo?.entryId ?? null, recordedOff, digestOf([readTo])],
  ];
}

/** Returns the registration of this installation from its row. */
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
    readTo: placeIn(row),
    recordedOff: numberIn(row, "recorded_off"),
  };
  return { value: registration, version: numberIn(row, "version") };
}

/** Returns a deleted link that the ledger is not known to have. */
export function deletedLinkIn(row: Row): DeletedLink {
  return {
    status: "deleted",
    linkId: textIn(row, "link"),
    receipt: receiptIn(row),
    installation: textIn(row, "installation"),
    openedAt: numberIn(row, "opened_at"),
    cause: textIn(row, "end_cause"),
    isRecorded: false,
    account: textIn(row, "account"),
  };
}

/** Returns the counts of a link that may be shown. */
export function shownLinkIn(row: Row): ShownLink {
  const window = windowIn(row);
  const days = numberIn(row, "last_day") - numberIn(row, "first_day") + 1;
  if (window.counts.length !== days) throw new TypeError("counts of other days");
  return {
    installation: textIn(row, "installation"),
    linkId: textIn(row, "link"),
    choice: numberIn(row, "choice"),
    epoch: numberIn(row, "epoch"),
    window,
    receivedAt: numberIn(row, "received_at"),
  };
}

/** Returns how far an installation's entries in the ledger were read. */
export function cursorIn(row: Row): LedgerCursor {
  return { installation: textIn(row, "installation"), readTo: placeIn(row) };
}

/** Returns the unrecorded deletions as entries. A row is an epoch that is over, or a deleted link. */
export function unrecordedIn(rows: readonly Row[]): readonly LedgerEntry[] {
  const epochs = rows.flatMap((row): LedgerEntry[] => {
    if (row["link"] !== null) return [];
    const disabledAt = numberOrNullIn<Instant>(row, "disabled_at");
    return [
      {
        type: "epochs-off",
        installation: textIn(row, "installation"),
        epoch: numberIn(row, "epoch"),
        disabledAt,
      },
    ];
  });
  const links = new Map<InstallationId, EndedLink[]>();
  for (const row of rows) {
    if (row["link"] === null) continue;
    const installation = textIn<InstallationId>(row, "installation");
    const others = links.get(installation) ?? [];
    links.set(installation, others);
    others.push(endedLinkIn(row));
  }
  const ended = [...links].map(
    ([installation, some]): LedgerEntry => ({
      type: "links-ended",
      installation,
      links: some.sort(byLinkId),
    }),
  );
  return [...epochs, ...ended].sort(byInstallation);
}

/** Compares by installation. A sort keeps the order within one installation. */
export function byInstallation(
  a: { readonly installation: string },
  b: { readonly installation: string },
): number {
  if (a.installation === b.installation) return 0;
  return a.installation < b.installation ? -1 : 1;
}

/** Returns the times of the sweeps. */
export function sweepClockIn(row: Row): SweepClock {
  return { lastAt: numberIn(row, "last_at"), doubtedAt: numberOrNullIn(row, "doubted_at") };
}

function placeIn(row: Row): LedgerPlace | null {
  const position = numberOrNullIn(row, "read_to");
  return position === null ? null : { position, entryId: textIn(row, "read_to_entry") };
}
