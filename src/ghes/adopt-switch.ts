import type { Instant } from "../domain/identifiers.ts";
import { newerSwitch, type Switch } from "../domain/switch.ts";
import type { AuditEntry } from "./audit.ts";
import type { ServerState } from "./server-state.ts";
import { disabledSettings, type Enabled } from "./settings.ts";

/** The state after hearing of the receiver's switch, and what to write in the audit log. */
export interface SwitchAdoption {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
}

/**
 * Adopts the receiver's switch where it is newer than what was believed (S6). Pure.
 *
 * | the owner wants          | and hears of                        | then                                           |
 * |--------------------------|-------------------------------------|------------------------------------------------|
 * | on, asked for            | an epoch after the one named, on    | it is this enabling's epoch                    |
 * | on, not asked for yet    | on                                  | it is an earlier enabling's: off is sent first |
 * | on, confirmed            | a later epoch, on                   | that is the epoch (another copy enabled)       |
 * | on, confirmed            | its epoch or a later one, off       | disabled on the cloud's side                   |
 * | off                      | on                                  | off is asked for, until its receipt            |
 *
 * A receiver that says less than was believed was restored from a backup. Where what it forgot is an off, it is told
 * again: otherwise an enabling that follows it could never fit.
 */
export function adoptSwitch(before: ServerState, heard: Switch, at: Instant): SwitchAdoption {
  const adopted = newerSwitch(before.switch, heard);
  const heardOf = adopted === before.switch ? before : { ...before, switch: adopted };
  const server = isBehind(heard, adopted) ? askForOff(heardOf, adopted.epoch, at) : heardOf;
  const { settings } = server;
  switch (settings.status) {
    case "disconnected":
      return { server, audit: null };
    case "disabled":
      return { server: adopted.status === "on" ? askForOff(server, adopted.epoch, at) : server, audit: null };
    case "enabled":
      if (adopted.status === "on" && isConfirmation(settings, adopted.epoch)) {
        return { server: { ...server, settings: { ...settings, epoch: adopted.epoch } }, audit: null };
      }
      if (adopted.status === "off" && settings.epoch !== null && adopted.epoch >= settings.epoch) {
        return {
          server: { ...server, settings: disabledSettings(settings, at, null) },
          audit: { action: "unified_contributions.disable", actor: null, user: null, createdAt: at },
        };
      }
      return { server, audit: null };
  }
}

function isBehind(heard: Switch, believed: Switch): boolean {
  return believed.status === "off" && (heard.epoch < believed.epoch || heard.status === "on");
}

function isConfirmation({ epoch, askedAfter }: Enabled, heard: number): boolean {
  return epoch === null ? askedAfter !== null && heard > askedAfter : heard > epoch;
}

function askForOff(server: ServerState, epoch: number, at: Instant): ServerState {
  if (server.disabling && server.disabling.receipt === null && server.disabling.epoch >= epoch) return server;
  return { ...server, disabling: { epoch, requestedAt: at, receipt: null } };
}
