import { err, ok } from "neverthrow";
import { endAllLinks } from "./links.js";

/** @import { Result } from "neverthrow" */
/** @import { Refusal, SenderDocument, Settings, SettingsCommand } from "./types.d.ts" */

/** @typedef {{ settings: Settings, isDeletionPending: boolean }} ChangedSettings */

/**
 * Carries out an owner's command.
 *
 * @param {SenderDocument} document
 * @param {SettingsCommand} command
 * @returns {Result<ChangedSettings, Refusal>}
 */
export function changeSettings(document, command) {
  if (command?.by?.isEnterpriseOwner !== true)
    return refuse("not-an-owner", "Only an enterprise owner may do this.");
  const done = carryOut(document, command);
  if (done) return err(done);
  const { settings, disabling } = document;
  return ok({ settings, isDeletionPending: disabling !== null && disabling.receipt === null });
}

/**
 * @param {SenderDocument} document
 * @param {SettingsCommand} command
 * @returns {Refusal | null}
 */
function carryOut(document, command) {
  const { settings } = document;
  const isConnected = settings.status !== "disconnected";
  switch (command.type) {
    case "connect":
      if (isConnected) return refusal("already-connected", "GitHub Connect is on already.");
      document.settings = { status: "disabled", connectionOrdinal: settings.connectionOrdinal + 1 };
      document.plan = null;
      return null;
    case "disconnect":
      disconnect(document);
      return null;
    case "enable":
      if (!isConnected) return refusal("not-connected", "Turn on GitHub Connect first.");
      if (command.terms?.isAccepted !== true) return refusal("terms-not-accepted", "Accept the terms first.");
      if (settings.status === "disabled")
        document.settings = {
          status: "enabling",
          connectionOrdinal: settings.connectionOrdinal,
          asked: null,
        };
      return null;
    case "disable":
      disable(document);
      return null;
    default:
      return refusal("invalid-command", "There is no such command.");
  }
}

/**
 * The choice and what follows from it are one write. An `enable` that is still on its way is told off in advance.
 *
 * @param {SenderDocument} document
 */
function disable(document) {
  const { settings, heard, disabling } = document;
  if (settings.status !== "enabling" && settings.status !== "enabled") return;
  const asked = settings.status === "enabling" && settings.asked !== null ? settings.asked + 1 : 0;
  document.settings = { status: "disabled", connectionOrdinal: settings.connectionOrdinal };
  document.disabling = { epoch: Math.max(heard.epoch, asked, disabling?.epoch ?? 0), receipt: null };
  endAllLinks(document, "disabled", "disabling");
}

/**
 * The cloud deletes by itself what it has of a connection that is over; nobody could be told any more.
 *
 * @param {SenderDocument} document
 */
function disconnect(document) {
  const { settings, disabling } = document;
  if (settings.status === "disconnected") return;
  document.settings = { status: "disconnected", connectionOrdinal: settings.connectionOrdinal };
  if (disabling && disabling.receipt === null) document.disabling = null;
  document.withdrawals = document.withdrawals.filter(({ receipt }) => receipt !== null);
  for (const withdrawal of document.withdrawals) withdrawal.isDone = true;
  document.redemptions = [];
  for (const user of document.users) Object.assign(user, { connection: "none", attempt: null, held: null });
  endAllLinks(document, "disconnected", "connect");
}

/**
 * @param {string} type
 * @param {string} message
 * @returns {Result<never, Refusal>}
 */
function refuse(type, message) {
  return err(refusal(type, message));
}

/**
 * @param {string} type
 * @param {string} message
 * @returns {Refusal}
 */
function refusal(type, message) {
  return { type, message };
}
