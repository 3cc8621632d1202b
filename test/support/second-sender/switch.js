import { endAllLinks, endLinksBefore } from "./links.js";

/** @import { SenderDocument, Switch } from "./types.d.ts" */

/**
 * Which of two switches is newer: a later epoch, and within an epoch off, which is final.
 *
 * @param {Switch} a
 * @param {Switch} b
 * @returns {number} above 0 if the first one is
 */
function compareSwitches(a, b) {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  return Number(a.status === "off") - Number(b.status === "off");
}

/**
 * Hears how the switch stands at the receiver.
 *
 * @param {SenderDocument} document
 * @param {Switch} told
 */
export function hearSwitch(document, told) {
  const order = compareSwitches(told, document.heard);
  if (order > 0) document.heard = told;
  switch (document.settings.status) {
    case "enabled":
      return hearWhileOn(document, told, order);
    case "enabling":
      return hearWhileEnabling(document, told, order);
    case "disabled":
      // What is on though the owner wants it off, or has forgotten that it is off, is told.
      if (told.status === "on" || order < 0) askForOff(document);
  }
}

/**
 * @param {SenderDocument} document
 * @param {Switch} told
 * @param {number} order
 */
function hearWhileOn(document, told, order) {
  const { connectionOrdinal } = document.settings;
  if (order < 0) {
    // The receiver has forgotten; attaching tells it the newer switch.
    if (document.session) loseSession(document, document.session.id);
    return;
  }
  if (order === 0) return;
  if (told.status === "on") {
    document.settings = { status: "enabled", connectionOrdinal, epoch: told.epoch };
    endLinksBefore(document, told.epoch);
    return;
  }
  document.settings = { status: "disabled", connectionOrdinal };
  endAllLinks(document, "switched-off", "disabling");
  askForOff(document);
}

/**
 * @param {SenderDocument} document
 * @param {Switch} told
 * @param {number} order
 */
function hearWhileEnabling(document, told, order) {
  const { settings } = document;
  if (settings.status !== "enabling") return;
  const isOffPending = document.disabling !== null && document.disabling.receipt === null;
  const follows = settings.asked !== null && told.epoch === settings.asked + 1;
  if (told.status === "on" && order >= 0 && follows && !isOffPending)
    document.settings = {
      status: "enabled",
      connectionOrdinal: settings.connectionOrdinal,
      epoch: told.epoch,
    };
  // An epoch that somebody else began is ended before one can follow it; so is one that the receiver has forgotten.
  else if (told.status === "on" || order < 0) askForOff(document);
}

/** @param {SenderDocument} document */
function askForOff(document) {
  const { disabling, heard } = document;
  document.disabling = { epoch: Math.max(heard.epoch, disabling?.epoch ?? 0), receipt: null };
}

/**
 * The session is lost; the next `attach` replaces this one.
 *
 * @param {SenderDocument} document
 * @param {string} replaces
 */
export function loseSession(document, replaces) {
  document.session = null;
  document.replaces = replaces;
}
